/** A call to be cut off at every store, and what stands in the machine before it. */
import { MSGBUF_MTEXT, MSGBUF_MTYPE } from "../../assembly/abi/msg.ts";
import type { Limits, TestKernel, TestTask } from "../support/machine.ts";
import type { MortalTask } from "./mortal.ts";
import type { Scene } from "./scene.ts";

export interface Scenario {
  /** The call, then what is special: `semop() that wakes three sleepers`. */
  name: string;
  limits?: Partial<Limits>;
  prepare(scene: Scene): void;
  /** One call of A. */
  call(scene: Scene): number;
  /** Who makes the call, and dies: A unless said otherwise. */
  caller?(scene: Scene): MortalTask;
  /** Whose threads have ended then: the caller's alone unless said otherwise. */
  dead?(scene: Scene): readonly { serial: number }[];
  /** The call's second is that of the preparation: for the path that needs it. */
  sameSecond?: boolean;
  /** Calls that this one is a row of: it may end after each. */
  steps?: readonly ((scene: Scene) => number)[];
}

/** Permission for everybody, so that every process of a scene may look. */
export const SHARED = 0o1666;

/** A text whose bytes tell where they come from. */
export function text(size: number, first: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (first + index) & 0xff);
}

export function send(
  task: TestTask,
  msqid: number,
  mtype: number,
  bytes: Uint8Array,
  flags = 0,
): number {
  const { i32, u8 } = task.machine;
  i32[(task.transfer + MSGBUF_MTYPE) >> 2] = mtype;
  u8.set(bytes, task.transfer + MSGBUF_MTEXT);
  return task.call((kernel) => kernel.sys_msgsnd(msqid, bytes.length, flags));
}

export function receive(
  task: TestTask,
  msqid: number,
  size: number,
  msgtyp: number,
  flags = 0,
): number {
  return task.call((kernel) => kernel.sys_msgrcv(msqid, size, msgtyp, flags));
}

/** An entry that returns nothing. */
export function voidOf(entry: (kernel: TestKernel) => void): (kernel: TestKernel) => number {
  return (kernel) => {
    entry(kernel);
    return 0;
  };
}

/** What the runtime does at a held lock: sleeps on it, and asks after a while. */
export function sleepOnBusy(task: TestTask): number {
  return task.call((kernel) => {
    const value = kernel.lock_sleep();
    kernel.lock_ask();
    return value;
  });
}

/** A call that gives an id or an address; it must succeed. */
export function made(result: number): number {
  if (result < 0) throw new Error(`a preparation failed: ${result}`);
  return result;
}
