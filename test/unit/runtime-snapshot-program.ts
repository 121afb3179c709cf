/**
 * A program for the tests of snapshots: makes the system calls of its first argument, a JSON list of a name
 * and arguments each, one after another, and ends with the last one's result.
 */
import type { Attachment, Machine, Syscalls } from "../../runtime/index.ts";

/** `["read", 3, { bytes: 10 }]`; `{ message: 10 }` is one of so many bytes, `{ mutex: [shmid, offset] }` a mutex. */
export type Step = readonly [call: string, ...args: unknown[]];

type Calls = Readonly<Record<string, (...args: unknown[]) => unknown>>;

export async function main(
  sys: Syscalls,
  [, steps = "[]", ...more]: readonly string[],
  machine: Machine,
): Promise<number> {
  const attached = new Map<number, Attachment>();
  const value = (argument: unknown): unknown => {
    if (typeof argument !== "object" || argument === null) return argument;
    if ("bytes" in argument) return new Uint8Array(argument.bytes as number);
    if ("message" in argument)
      return { mtype: 0, mtext: new Uint8Array(argument.message as number) };
    if (!("mutex" in argument)) return argument;
    const [shmid, offset] = argument.mutex as [number, number];
    const attachment = attached.get(shmid) ?? sys.shmat(shmid);
    attached.set(shmid, attachment);
    return { attachment, offset };
  };
  let result: unknown = 0;
  for (const [call, ...args] of JSON.parse(steps) as Step[]) {
    if (call === "spawn") await machine.spawn(import.meta.url, [more.shift()!]);
    else if (call === "async") {
      const [name, ...rest] = args.map(value);
      result = await (sys.async as unknown as Calls)[name as string]!(...rest);
    } else result = (sys as unknown as Calls)[call]!(...args.map(value));
  }
  return typeof result === "number" ? result : 0;
}
