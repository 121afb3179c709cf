/** How a process leaves a machine that goes on, and how a machine ends. */
import { LIMIT_TASK_MAX, SB_POOL, SB_STATE, STATE_DOWN } from "../assembly/abi/layout.ts";
import type { Thread } from "./thread.ts";
import { persistAsync } from "./wait.ts";
import { lookAgain } from "./wake.ts";

/** Ends this thread's process; its task is free for others, so the thread is retired. */
export async function leaveMachine(thread: Thread): Promise<void> {
  thread.leaving = true;
  for (const { park } of thread.borrowed) lookAgain(thread.i32, park);
  await Promise.allSettled(thread.pending);
  await persistAsync(thread, () => thread.kernel.sys_exit(0));
  thread.freeTasks();
  thread.retire();
}

/** Marks the machine as ended and wakes everybody in it. Its workers have ended already. */
export async function endMachine(thread: Thread): Promise<void> {
  const { i32, kernel } = thread;
  Atomics.store(i32, SB_STATE >> 2, STATE_DOWN);
  for (let task = 1; task <= thread.limit(LIMIT_TASK_MAX); task += 1) {
    lookAgain(i32, kernel.task_park_at(task) >>> 2);
  }
  Atomics.add(i32, SB_POOL >> 2, 1);
  Atomics.notify(i32, SB_POOL >> 2);
  await Promise.allSettled(thread.pending);
  thread.retire();
}
