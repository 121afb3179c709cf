/** A call to be cut off at every store, and what stands in the machine before it. */
import { MSGBUF_MTEXT, MSGBUF_MTYPE } from "../../assembly/abi/msg.ts";
import type { TestTask } from "../support/machine.ts";
import type { Scene } from "./scene.ts";

export interface Scenario {
  /** The call, then what is special: `semop() that wakes three sleepers`. */
  name: string;
  prepare(scene: Scene): void;
  /** One call of A; negative results are failures of the scenario itself unless they are waits. */
  call(scene: Scene): number;
}

/** Permission for everybody, so that every process of a scene may look. */
export const SHARED = 0o1666;

/** A text whose bytes tell where they come from. */
export function text(size: number, first: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (first + index) & 0xff);
}

export function send(task: TestTask, msqid: number, mtype: number, bytes: Uint8Array): number {
  const { i32, u8 } = task.machine;
  i32[(task.transfer + MSGBUF_MTYPE) >> 2] = mtype;
  u8.set(bytes, task.transfer + MSGBUF_MTEXT);
  return task.call((kernel) => kernel.sys_msgsnd(msqid, bytes.length, 0));
}

export function receive(task: TestTask, msqid: number, size: number, msgtyp: number): number {
  return task.call((kernel) => kernel.sys_msgrcv(msqid, size, msgtyp, 0));
}

/** A call that gives an id or an address; it must succeed. */
export function made(result: number): number {
  if (result < 0) throw new Error(`a preparation failed: ${result}`);
  return result;
}
