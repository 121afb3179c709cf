/**
 * Waiting: the only file that does. The kernel never waits; a call that must returns EWAIT (its
 * task is queued), ELOCK (a lock is held, nothing changed) or ERETRY (call again). One protocol,
 * `steps`, asks for each wait; one driver blocks the thread, the other awaits a promise.
 *
 * No wakeup is lost: the park word is set to asleep under the lock under which the task is queued,
 * a waker clears it before it notifies, and Atomics.wait compares it. The pending signals and the
 * machine's state are looked at after queueing, and who changes those clears the park word as well.
 */
import { host } from "#host";
import { EAGAIN, ECANCELED, EINTR, ELOCK, ERETRY, EWAIT } from "../assembly/abi/errno.ts";
import { WNOHANG } from "../assembly/abi/wait.ts";
import { SystemError } from "../host/errno.ts";
import type { KernelExports } from "./instance.ts";
import { slept, spin } from "./spin.ts";
import type { Thread } from "./thread.ts";

/** The park word while its task may sleep; any other value: look again. */
const ASLEEP = 1;
const LOOK = 2;

/** A lock's sleeper looks again after this long: a release may die before it lists its sleepers. */
const LOCK_SLEEP_MS = 10;
/** How long a held lock is tried before the thread sleeps on it; it is held for less than that. */
const LOCK_SPIN_MS = 0.005;

/** One entry into the kernel: writes the transfer area, calls an export, returns its result. */
export type Attempt = () => number;

/** What a waiting call may still be told. */
interface Control {
  /** On performance.now()'s scale; Infinity for none. */
  readonly deadline: number;
  /** False: the call is cancelled instead of put to sleep. */
  readonly mayWait: boolean;
  aborted: boolean;
}

/** A request to wait until the word is no longer `value`, or until the time has come. */
export interface Ask {
  readonly index: number;
  readonly value: number;
  readonly until: number;
}

/** Notifies everybody whom the last kernel entry listed. */
export function notify(thread: Thread): void {
  if (thread.i32[thread.wake] !== 0) notifyListed(thread.i32, thread.kernel);
}

function notifyListed(i32: Int32Array, kernel: KernelExports): void {
  for (let at = kernel.wake_next(); at !== 0; at = kernel.wake_next()) {
    Atomics.notify(i32, at >>> 2);
  }
}

/** Runs the handlers of every caught signal that is pending. */
export function runHandlers(thread: Thread): void {
  while (thread.i32[thread.signal] !== 0) {
    const signal = thread.kernel.signal_take();
    if (signal === 0) return;
    thread.handlers.get(signal)?.(signal);
  }
}

/** What follows a call that has succeeded and returns nothing. */
export function end(thread: Thread): 0 {
  notify(thread);
  runHandlers(thread);
  return 0;
}

function enter(thread: Thread, attempt: Attempt): number {
  const result = attempt();
  notify(thread);
  return result;
}

/** Repeats an attempt that found a lock held. A control without which it may not be given up. */
function* unlocked(thread: Thread, attempt: Attempt, control?: Control): Generator<Ask, number> {
  for (;;) {
    const stop = performance.now() + LOCK_SPIN_MS;
    do {
      const result = enter(thread, attempt);
      if (result !== -ELOCK) return result;
    } while (performance.now() < stop);
    if (control?.aborted || thread.isClosed()) return -ECANCELED;
    const value = thread.kernel.lock_sleep();
    if (value === 0) continue;
    const index = thread.kernel.lock_busy_at() >>> 2;
    yield { index, value, until: performance.now() + LOCK_SLEEP_MS };
  }
}

/** Leaves the queue: the result is -errno, or the call's own when that was there first. */
function cancel(thread: Thread, errno: number): Generator<Ask, number> {
  return unlocked(thread, () => thread.kernel.wait_cancel(errno));
}

/** The errno that ends this wait now, or 0. */
function reasonToStop(thread: Thread, control: Control): number {
  if (!control.mayWait || control.aborted || thread.isClosed()) return ECANCELED;
  if (Atomics.load(thread.i32, thread.signal) !== 0) return EINTR;
  if (control.deadline !== Infinity && performance.now() >= control.deadline) return EAGAIN;
  return 0;
}

/** From EWAIT to the call's result. */
function* asleep(thread: Thread, control: Control): Generator<Ask, number> {
  const { i32, kernel, park } = thread;
  for (;;) {
    const errno = reasonToStop(thread, control);
    if (errno !== 0) return yield* cancel(thread, errno);
    yield { index: park, value: ASLEEP, until: control.deadline };
    if (Atomics.load(i32, park) === ASLEEP) continue;
    const result = yield* unlocked(thread, kernel.wait_result);
    // Else it was a signal, or a notification meant for an earlier wait: the word is ASLEEP again.
    if (result !== -EWAIT) return result;
  }
}

/** From a kernel entry's first result to the call's last. */
function* steps(
  thread: Thread,
  first: number,
  attempt: Attempt,
  control: Control,
): Generator<Ask, number> {
  let result = first;
  for (;;) {
    if (result === -EWAIT) result = yield* asleep(thread, control);
    else if (result === -ELOCK) result = yield* unlocked(thread, attempt, control);
    else if (result === -ERETRY) result = enter(thread, attempt);
    else return result;
  }
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
 */
export function finish<T>(
  thread: Thread,
  syscall: string,
  first: number,
  attempt: Attempt,
  take: (result: number) => T,
  deadline = Number.POSITIVE_INFINITY,
): T {
  notify(thread);
  let result = first;
  if (result <= -EWAIT) {
    const control = { deadline, mayWait: thread.canBlock, aborted: false };
    const protocol = steps(thread, first, attempt, control);
    let step = protocol.next();
    while (!step.done) {
      block(thread, step.value);
      step = protocol.next();
    }
    result = step.value;
    if (result === -ECANCELED && !thread.canBlock && !thread.isClosed()) throw mayNotBlock(syscall);
  }
  if (result < 0) {
    runHandlers(thread);
    throw failure(thread, -result, syscall);
  }
  const taken = take(result);
  runHandlers(thread);
  return taken;
}

/** Wakes who sleeps on the park word, and who is about to: both look at the state of things. */
export function lookAgain(i32: Int32Array, park: number): void {
  Atomics.store(i32, park, LOOK);
  Atomics.notify(i32, park);
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

/** The same for a thread that must not block. */
export async function persistAsync(thread: Thread, attempt: Attempt): Promise<number> {
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
    const answer = kernel.sys_waitpid(-1, WNOHANG);
    notifyListed(i32, kernel);
    if (answer === -ELOCK) continue;
    if (answer !== -EINTR) return;
    Atomics.wait(i32, index, ASLEEP);
    Atomics.store(i32, index, ASLEEP);
  }
}

/** Options of a call that is brought to its end without blocking. */
export interface AsyncOptions {
  signal?: AbortSignal | undefined;
  deadline?: number | undefined;
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
  const { signal, deadline = Number.POSITIVE_INFINITY } = options;
  signal?.throwIfAborted();
  const area = thread.borrow(syscall);
  const control: Control = { deadline, mayWait: true, aborted: false };
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
    const taken = result < 0 ? undefined : within(() => take(result));
    runHandlers(thread);
    if (result >= 0) return taken as T;
    if (result === -ECANCELED && control.aborted) throw signal?.reason;
    throw failure(thread, -result, syscall);
  } finally {
    letGo();
    signal?.removeEventListener("abort", abort);
    thread.giveBack(area);
  }
}

/** Resolves when the word may have changed, or the time has come. */
export async function elapse(thread: Thread, { index, value, until }: Ask): Promise<void> {
  const ms = until === Infinity ? until : Math.max(0, until - performance.now());
  const wait = Atomics.waitAsync(thread.i32, index, value, ms);
  if (wait.async) await wait.value;
}
