/**
 * A program that takes semaphore 0 with SEM_UNDO, says so at semaphore 1, and ends as it is told; or one
 * that only asks who lives, or does nothing.
 */
import { type Machine, SEM_UNDO, type Syscalls } from "../../runtime/index.ts";
import { op } from "./runtime-support.ts";

/** (module (func (export "f") unreachable)) */
const UNREACHABLE = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
  ...[7, 5, 1, 1, 0x66, 0, 0, 0x0a, 5, 1, 3, 0, 0, 0x0b],
]);

const ENDS: Readonly<Record<string, (sys: Syscalls, set: number) => unknown>> = {
  trap: () => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(UNREACHABLE));
    (exports.f as () => void)();
  },
  overflow: function again(): number {
    return (ENDS.overflow as () => number)() + 1;
  },
  throw: () => {
    throw new Error("thrown by main");
  },
  "throw-later": () =>
    new Promise(() => {
      setTimeout(() => {
        throw new Error("thrown by a timer");
      });
    }),
  "reject-later": () =>
    new Promise(() => {
      void Promise.reject(new Error("rejected by nobody's promise"));
    }),
  exit: () => process.exit(7),
  return: () => 8,
  spin: () => {
    for (;;);
  },
  sleep: (sys, set) => sys.semop(set, op(0, -9)),
};

export async function main(sys: Syscalls, argv: string[], machine: Machine): Promise<unknown> {
  const [, how, semid] = argv;
  if (how === "reap") return machine.reap();
  if (how === "idle") return 8;
  const set = Number(semid);
  sys.semop(set, op(0, -1, SEM_UNDO));
  sys.semop(set, op(1, 1));
  return ENDS[how!]!(sys, set);
}
