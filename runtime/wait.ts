/**
 * Waiting: the only file that does. One driver of the protocol in steps.ts blocks the thread, the
 * other awaits a promise.
 */
import { host } from "#host";
import { EAGAIN, ECANCELED, EINTR, ELOCK, EPIPE, EWAIT } from "../assembly/abi/errno.ts";
import { WNOHANG } from "../assembly/abi/wait.ts";
import { SystemError } from "../host/errno.ts";
import type { KernelExports } from "./instance.ts";
import { slept, spin } from "./spin.ts";
import { type Ask, type Attempt, type Control, enter, steps, unlocked } from "./steps.ts";
import type { Thread } from "./thread.ts";
import { ASLEEP, AWAKE, notify, notifyListed, runHandlers } from "./wake.ts";

/** Process 1: to wait for it changes nothing, and tells whether the kernel serves the caller. */
const NOBODYS_CHILD = 1;

/** Whether a signal has ended the process, so that no call of it may return any more. */
function hasEnded(thread: Thread): boolean {
  if (!thread.supervised || thread.isClosed()) return false;
  return persist(thread, () => thread.kernel.sys_waitpid(NOBODYS_CHILD, WNOHANG)) === -EINTR;
}

/** Whether SIGPIPE, which comes before EPIPE, is about to end this process. */
function isDoomed(thread: Thread): boolean {
  return thread.supervised && thread.kernel.proc_doomed() !== 0;
}

/** The supervisor ends this worker; until then it is still, as a dead process is. */
function stayDead(): never {
  const word = new Int32Array(new SharedArrayBuffer(4));
  for (;;) Atomics.wait(word, 0, 0);
}

function failure(thread: Thread, errno: number, syscall: string): SystemError {
  const interrupted = errno === ECANCELED || errno === EINTR;
  if (interrupted && thread.isDown()) {
    return new SystemError(ECANCELED, syscall, "the machine was shut down");
  }
  if (interrupted && thread.leaving) {
    return new SystemError(ECANCELED, syscall, "this process has left the machine");
  }
  return new SystemError(errno, syscall);
}

/**
 * Brings a call to its end on this thread, sleeping when it must.
 *
 * @param first what the first entry returned
 * @param take reads the result out of the transfer area, before any handler can use that again
 * @param deadline when to give up with EAGAIN, on performance.now()'s scale
 * @param pthread see Control
 */
export function finish<T>(
  thread: Thread,
  syscall: string,
  first: number,
  attempt: Attempt,
  take: (result: number) => T,
  deadline = Number.POSITIVE_INFINITY,
  pthread = false,
): T {
  notify(thread);
  let result = first;
  if (result <= -EWAIT) {
    const control: Control = { deadline, mayWait: thread.canBlock, aborted: false, pthread };
    const protocol = steps(thread, first, attempt, control);
    let step = protocol.next();
    while (!step.done) {
      block(thread, step.value);
      step = protocol.next();
    }
    result = step.value;
    if (control.busy) throw new SystemError(EAGAIN, syscall, BUSY);
    if (result === -ECANCELED && !thread.canBlock && !thread.isClosed()) throw mayNotBlock(syscall);
  }
  if (result < 0) {
    if (result === -EINTR && hasEnded(thread)) stayDead();
    if (result === -EPIPE && isDoomed(thread)) stayDead();
    runHandlers(thread);
    throw failure(thread, -result, syscall);
  }
  const taken = take(result);
  runHandlers(thread);
  return taken;
}

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

function block(thread: Thread, { index, value, until }: Ask): void {
  if (spin(thread.i32, index, value) || !thread.canBlock) return;
  const start = performance.now();
  const ms = until - start;
  if (ms <= 0) return;
  Atomics.wait(thread.i32, index, value, ms);
  slept(performance.now() - start);
}

/** In a page a worker's end may be heard only when the page's own thread is free. */
const BUSY = "whoever holds a lock may just have ended; call again when the event loop has turned";

function mayNotBlock(syscall: string): Error {
  return new Error(
    `${syscall}: this call must wait, and this thread may not block; ` +
      `use \`await sys.async.${syscall}()\` with the same arguments`,
  );
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

/** Options of a call that is brought to its end without blocking. */
export interface AsyncOptions {
  signal?: AbortSignal | undefined;
  deadline?: number | undefined;
  pthread?: boolean | undefined;
  /** Whether the call's task may hold something at its end, and is not to be used for another. */
  holds?: boolean;
}

/**
 * The same without blocking, with a task of the call's own. The first entry is made at once.
 * Rejects with the signal's reason when an abort came before the call's end.
 */
export function finishAsync<T>(
  thread: Thread,
  syscall: string,
  attempt: Attempt,
  take: (result: number) => T,
  options: AsyncOptions = {},
): Promise<T> {
  const call = settleAsync(thread, syscall, attempt, take, options);
  thread.pending.add(call);
  const forget = () => thread.pending.delete(call);
  call.then(forget, forget);
  return call;
}

async function settleAsync<T>(
  thread: Thread,
  syscall: string,
  attempt: Attempt,
  take: (result: number) => T,
  options: AsyncOptions,
): Promise<T> {
  const { signal, deadline = Number.POSITIVE_INFINITY, pthread = false } = options;
  signal?.throwIfAborted();
  const area = thread.borrow(syscall);
  const control: Control = { deadline, mayWait: true, aborted: false, pthread };
  const abort = () => {
    control.aborted = true;
    Atomics.notify(thread.i32, area.park);
  };
  signal?.addEventListener("abort", abort);
  const letGo = host.keepAlive();
  try {
    const within = <R>(work: () => R): R => {
      thread.enter(area);
      try {
        return work();
      } finally {
        thread.enter(thread.main);
      }
    };
    const first = within(() => enter(thread, attempt));
    const protocol = steps(thread, first, attempt, control);
    let step = within(() => protocol.next());
    while (!step.done) {
      await elapse(thread, step.value);
      step = within(() => protocol.next());
    }
    const result = step.value;
    if (result === -EINTR && hasEnded(thread)) await new Promise<never>(() => {});
    if (result === -EPIPE && isDoomed(thread)) await new Promise<never>(() => {});
    const taken = result < 0 ? undefined : within(() => take(result));
    runHandlers(thread);
    if (result >= 0) return taken as T;
    if (result === -ECANCELED && control.aborted) throw signal?.reason;
    throw failure(thread, -result, syscall);
  } finally {
    letGo();
    signal?.removeEventListener("abort", abort);
    // A call that was given up at a held lock may hold page frames, which the task's end gives back.
    const kept = thread.giveBack(area, !control.aborted && options.holds !== true);
    if (!kept) await persistAsync(thread, () => thread.kernel.task_free(area.id));
  }
}

/** Resolves when the word may have changed, or the time has come. */
export async function elapse(thread: Thread, { index, value, until }: Ask): Promise<void> {
  const ms = until === Infinity ? until : Math.max(0, until - performance.now());
  const wait = Atomics.waitAsync(thread.i32, index, value, ms);
  if (wait.async) await wait.value;
}
