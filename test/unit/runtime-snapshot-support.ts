/** Processes that wait as a test wants it, and the snapshot that shows them so. */
import {
  type Child,
  type Machine,
  type MachineSnapshot,
  type ProcessSnapshot,
  SIGKILL,
  type SpawnOptions,
} from "../../runtime/index.ts";
import type { Step } from "./runtime-snapshot-program.ts";

export type { Step } from "./runtime-snapshot-program.ts";

const PROGRAM = new URL("./runtime-snapshot-program.js", import.meta.url);

/** A semaphore operation as a step's argument. */
export const by = (sem_num: number, sem_op: number, sem_flg = 0) => [{ sem_num, sem_op, sem_flg }];

/** Starts a process that makes these calls; `others` are the steps of those that it spawns. */
export function start(
  machine: Machine,
  steps: readonly Step[],
  options: SpawnOptions = {},
  ...others: readonly (readonly Step[])[]
): Promise<Child> {
  const args = [steps, ...others].map((each) => JSON.stringify(each));
  return machine.spawn(PROGRAM, args, options);
}

export function processIn({ processes }: MachineSnapshot, pid: number): ProcessSnapshot {
  const found = processes.find((process) => process.pid === pid);
  if (found === undefined) throw new Error(`no process ${pid}`);
  return found;
}

/** The first snapshot in which these processes sleep in these calls, and in all but poll() for good. */
export async function asleep(
  machine: Machine,
  calls: ReadonlyMap<number, string>,
): Promise<MachineSnapshot> {
  for (;;) {
    await new Promise(setImmediate);
    const snapshot = machine.snapshot();
    const isThere = [...calls].every(([pid, call]) => {
      const { state, waits } = processIn(snapshot, pid);
      if (state === "zombie") throw new Error(`process ${pid} has ended`);
      return waits.some((wait) => wait.call === call && (wait.forever || call === "poll"));
    });
    if (isThere) return snapshot;
  }
}

/** Ends processes that would not end. */
export async function end(...children: readonly Child[]): Promise<void> {
  for (const child of children) child.kill(SIGKILL);
  await Promise.all(children.map((child) => child.wait()));
}
