/**
 * Waiting: the only file that does. What a thread waits for is asked by the protocol in steps.ts: one
 * way blocks the thread, the other awaits a promise.
 */
import { host } from "#host";
import { EINTR, ELOCK } from "../assembly/abi/errno.ts";
import { WNOHANG } from "../assembly/abi/wait.ts";
import type { KernelExports } from "./instance.ts";
import { slept, spin } from "./spin.ts";
import { type Ask, type Attempt, unlocked } from "./steps.ts";
import type { Thread } from "./thread.ts";
import { ASLEEP, AWAKE, notifyListed } from "./wake.ts";

/** Process 1: to wait for it changes nothing, and tells whether the kernel serves the caller. */
export const NOBODYS_CHILD = 1;

/** Makes an entry that only a held lock can delay, and blocks meanwhile. */
export function persist(thread: Thread, attempt: Attempt): number {
  const protocol = unlocked(thread, attempt);
  for (;;) {
    const step = protocol.next();
    if (step.done) return step.value;
    block(thread, step.value);
  }
}

/**
 * The same for a thread that must not block. A worker that may block does so: on Node a promise would be
 * a danger to all while the worker is terminated, see RATIONALE.md, "waits for a lock without a promise".
 */
export async function persistAsync(thread: Thread, attempt: Attempt): Promise<number> {
  if (thread.canBlock && host.canBeTerminated()) return persist(thread, attempt);
  const protocol = unlocked(thread, attempt);
  for (;;) {
    const step = protocol.next();
    if (step.done) return step.value;
    await elapse(thread, step.value);
  }
}

/** Waits for what is asked; a thread that may not be put to sleep returns at once. */
export function block(thread: Thread, { index, value, until }: Ask): void {
  if (spin(thread.i32, index, value) || !thread.canBlock) return;
  const start = performance.now();
  const ms = until - start;
  if (ms <= 0) return;
  Atomics.wait(thread.i32, index, value, ms);
  slept(performance.now() - start);
}

/**
 * A pooled worker's sleep, from its pool_join() until it has become a process: only then does the
 * kernel serve its task. The word is set to asleep before the question, and the spawner clears it
 * after the answer has changed, so a spawn between the question and the sleep is not lost.
 */
export function park(i32: Int32Array, kernel: KernelExports, task: number): void {
  const index = kernel.task_park_at(task) >>> 2;
  for (;;) {
    const answer = kernel.sys_waitpid(NOBODYS_CHILD, WNOHANG);
    notifyListed(i32, kernel);
    if (answer === -ELOCK) continue;
    if (answer !== -EINTR) {
      // From here on the word says 1 only while a call waits.
      Atomics.store(i32, index, AWAKE);
      return;
    }
    Atomics.wait(i32, index, ASLEEP);
    Atomics.store(i32, index, ASLEEP);
  }
}

/** Resolves when the word may have changed, or the time has come. */
export async function elapse(thread: Thread, { index, value, until }: Ask): Promise<void> {
  const ms = until === Infinity ? until : Math.max(0, until - performance.now());
  const wait = Atomics.waitAsync(thread.i32, index, value, ms);
  if (wait.async) await wait.value;
}
