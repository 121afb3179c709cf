/**
 * The protocol of a call that must wait. The kernel never waits: it returns EWAIT (the call's task is
 * queued), ELOCK (a lock is held, nothing changed) or ERETRY (call again). `steps` asks for each
 * wait and goes on after it; how to wait is its driver's, in wait.ts.
 *
 * No wakeup is lost: the park word is set to asleep under the lock under which the task is queued,
 * a waker clears it before it notifies, and Atomics.wait compares it. The pending signals and the
 * machine's state are looked at after queueing, and who changes those clears the park word as well.
 */
import {
  EAGAIN,
  ECANCELED,
  EINTR,
  ELOCK,
  ERETRY,
  ETIMEDOUT,
  EWAIT,
} from "../assembly/abi/errno.ts";
import type { Thread } from "./thread.ts";
import { ASLEEP, AWAKE, notify } from "./wake.ts";

/** A lock's sleeper looks again after this long: a release may die before it lists its sleepers. */
const LOCK_SLEEP_MS = 10;
/** How long a held lock is tried before the thread sleeps on it; it is held for less than that. */
const LOCK_SPIN_MS = 0.005;

/** How long the same lock is found held before somebody is asked whether its owner lives, and again. */
const ASK_AFTER_MS = 200;
const ASK_AGAIN_MS = 1000;
/**
 * How long a thread that may not block tries a held lock. In a page it must not try for ever: the
 * death of a lock's owner may be heard only when the page's main thread is free.
 */
const HELD_MOST_MS = 1000;

/** One entry into the kernel: writes the transfer area, calls an export, returns its result. */
export type Attempt = () => number;

/** What a waiting call may still be told. */
export interface Control {
  /** On performance.now()'s scale; Infinity for none. */
  readonly deadline: number;
  /** False: the call is cancelled instead of put to sleep. */
  readonly mayWait: boolean;
  aborted: boolean;
  /** Set when the call was given up at a held lock: nothing has changed. */
  busy?: boolean;
  /** As pthread functions wait: after a signal's handler the wait goes on, and a deadline is ETIMEDOUT. */
  readonly pthread?: boolean;
}

/** A request to wait until the word is no longer `value`, or until the time has come. */
export interface Ask {
  readonly index: number;
  readonly value: number;
  readonly until: number;
}

/** What a wait asks for before it goes on after a signal: its task is on no queue meanwhile. */
export const HANDLERS = "handlers";

/** Makes an attempt, and notifies whom it woke. */
export function enter(thread: Thread, attempt: Attempt): number {
  const result = attempt();
  notify(thread);
  return result;
}

/** Repeats an attempt that found a lock held; with a control it may be given up meanwhile. */
export function* unlocked(
  thread: Thread,
  attempt: Attempt,
  control?: Control,
): Generator<Ask, number> {
  let lock = 0;
  let askAt = 0;
  const giveUpAt = control?.mayWait === false ? performance.now() + HELD_MOST_MS : Infinity;
  for (;;) {
    const stop = performance.now() + LOCK_SPIN_MS;
    do {
      const result = enter(thread, attempt);
      if (result !== -ELOCK) return result;
    } while (performance.now() < stop);
    // What has no control must be done, and is, unless the lock's owner ended with the machine.
    if (control === undefined ? thread.isDown() : control.aborted || thread.isClosed()) {
      return -ECANCELED;
    }
    const value = thread.kernel.lock_sleep();
    if (value === 0) continue;
    const index = thread.kernel.lock_busy_at() >>> 2;
    const now = performance.now();
    if (control !== undefined && now >= giveUpAt) {
      control.busy = true;
      return -ECANCELED;
    }
    if (index !== lock) {
      lock = index;
      askAt = now + ASK_AFTER_MS;
    } else if (now >= askAt) {
      // Time asks, and the supervisor answers from what it knows: a slow or stopped owner is not dead.
      thread.kernel.lock_ask();
      notify(thread);
      askAt = now + ASK_AGAIN_MS;
    }
    yield { index, value, until: now + LOCK_SLEEP_MS };
  }
}

/** Leaves the queue: the result is -errno, or the call's own when that was there first. */
function cancel(thread: Thread, errno: number): Generator<Ask, number> {
  return unlocked(thread, () => thread.kernel.wait_cancel(errno));
}

/** The errno that ends this wait now, or 0. */
function reasonToStop(thread: Thread, control: Control): number {
  if (!control.mayWait || control.aborted || thread.isClosed()) return ECANCELED;
  if (Atomics.load(thread.i32, thread.signal) !== 0) return control.pthread ? ERETRY : EINTR;
  if (control.deadline !== Infinity && performance.now() >= control.deadline) {
    return control.pthread ? ETIMEDOUT : EAGAIN;
  }
  return 0;
}

/** From EWAIT to the call's result. */
function* asleep(thread: Thread, control: Control): Generator<Ask | typeof HANDLERS, number> {
  const { i32, kernel, park } = thread;
  for (;;) {
    const errno = reasonToStop(thread, control);
    if (errno !== 0) {
      const result = yield* cancel(thread, errno);
      // Whoever looks at the word sees that this task sleeps no more.
      Atomics.store(i32, park, AWAKE);
      // A wait that is made again, whatever came: a mutex, a disk.
      if (errno === ERETRY || result === -ERETRY) yield HANDLERS;
      return result;
    }
    thread.sleeps?.();
    if (control.deadline === Infinity) kernel.wait_forever();
    yield { index: park, value: ASLEEP, until: control.deadline };
    if (Atomics.load(i32, park) === ASLEEP) continue;
    const result = yield* unlocked(thread, kernel.wait_result);
    // Else it was a signal, or a notification meant for an earlier wait: the word is ASLEEP again.
    if (result !== -EWAIT) return result;
  }
}

/** From a kernel entry's first result to the call's last. */
export function* steps(
  thread: Thread,
  first: number,
  attempt: Attempt,
  control: Control,
): Generator<Ask | typeof HANDLERS, number> {
  let result = first;
  for (;;) {
    if (result === -EWAIT) result = yield* asleep(thread, control);
    else if (result === -ELOCK) result = yield* unlocked(thread, attempt, control);
    else if (result === -ERETRY) result = enter(thread, attempt);
    else return result;
  }
}
