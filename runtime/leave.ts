/** How a process leaves a machine that goes on, and how a machine ends. */
import { ELOCK } from "../assembly/abi/errno.ts";
import {
  LIMIT_TASK_MAX,
  SB_LIMITS,
  SB_POOL,
  SB_REAP_DONE,
  SB_STATE,
  STATE_DOWN,
} from "../assembly/abi/layout.ts";
import type { KernelExports } from "./instance.ts";
import { enter } from "./steps.ts";
import type { Thread } from "./thread.ts";
import { persistAsync } from "./wait.ts";
import { lookAgain } from "./wake.ts";

/** How long a page that goes away may be held up by a lock; its supervisor does the rest. */
const LEAVE_MS = 20;

/** Ends this thread's process; its task is free for others, so the thread is retired. */
export async function leaveMachine(thread: Thread): Promise<void> {
  thread.leaving = true;
  for (const { park } of thread.borrowed) lookAgain(thread.i32, park);
  await Promise.allSettled(thread.pending);
  await persistAsync(thread, () => thread.kernel.sys_exit(0));
  thread.freeTasks();
  thread.retire();
}

/**
 * Ends this thread's process now, if the locks that this takes are free soon: the page goes away, and
 * nothing of it will run any more. Its tasks are freed by its burial.
 */
export function leaveAtOnce(thread: Thread): void {
  thread.leaving = true;
  const until = performance.now() + LEAVE_MS;
  while (enter(thread, () => thread.kernel.sys_exit(0)) === -ELOCK) {
    if (performance.now() >= until) return;
  }
}

/** Ends the machine for this thread and everybody else. Its workers have ended already. */
export async function endMachine(thread: Thread): Promise<void> {
  markDown(thread.kernel, thread.i32);
  await Promise.allSettled(thread.pending);
  thread.retire();
}

/** Marks the machine as ended and wakes everybody in it: whoever waits looks at the mark. */
export function markDown(kernel: KernelExports, i32: Int32Array): void {
  Atomics.store(i32, SB_STATE >> 2, STATE_DOWN);
  const tasks = i32[(SB_LIMITS >> 2) + LIMIT_TASK_MAX]!;
  for (let task = 1; task <= tasks; task += 1) {
    lookAgain(i32, kernel.task_park_at(task) >>> 2);
  }
  for (const word of [SB_POOL, SB_REAP_DONE]) {
    Atomics.add(i32, word >> 2, 1);
    Atomics.notify(i32, word >> 2);
  }
}
