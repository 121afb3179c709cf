/** What a task's call has left in its transfer area, and how it ended. */
import { EWAIT } from "../../assembly/abi/errno.ts";
import { MSGBUF_MTEXT } from "../../assembly/abi/msg.ts";
import type { TestTask } from "../support/machine.ts";
import type { Scene } from "./scene.ts";

export function ints(task: TestTask, size: number): number[] {
  const at = task.transfer >> 2;
  return Array.from(task.machine.i32.subarray(at, at + (size >> 2)));
}

export function textOf(task: TestTask, size: number): string {
  const from = task.transfer + MSGBUF_MTEXT;
  const bytes = task.machine.u8.subarray(from, from + size);
  return `${ints(task, 4)[0]}:${Array.from(bytes).join()}`;
}

/** The bystanders whose calls may be asleep, without those who have been buried. */
export function sleepers({ b, c, d, more }: Scene): TestTask[] {
  return [b, c, d, ...more.filter((task) => task.kernel.task_serial(task.id) === task.serial)];
}

/**
 * How a sleeper's call ended, with the message that it may have received, or that it sleeps on; and whether
 * it was woken: one that polls would find what is ready without that too, but never look.
 */
export function outcomeOf(task: TestTask): unknown {
  const asleep = task.park !== 0;
  const result = task.waitResult();
  if (asleep && result !== -EWAIT) return ["nobody has woken it", result];
  return result > 0 ? [result, task.park, textOf(task, result)] : [result, task.park];
}
