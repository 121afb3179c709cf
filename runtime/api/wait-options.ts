/**
 * Options of the calls that may wait, and how they become a timespec or an AbortSignal. A time
 * limit that passes is ETIMEDOUT, as sem_timedwait(3) and pthread_mutex_timedlock(3) have it;
 * an aborted signal rejects with the signal's own reason.
 */
import { EAGAIN, EINTR, ETIMEDOUT } from "../../assembly/abi/errno.ts";
import type { CallOptions, Timespec } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";

/** A time limit. */
export interface TimeoutOptions {
  /** Milliseconds, 0 to 2^31-1; ETIMEDOUT when they pass. Without it the call waits for ever. */
  timeoutMs?: number;
}

/** What every asynchronous call takes. */
export interface AsyncOptions extends TimeoutOptions {
  /** Aborting it gives up the wait and rejects with its reason. */
  signal?: AbortSignal;
}

/** What setTimeout() can wait for at most, 24.8 days: it takes more for 1. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;

/** @throws {TypeError} for what is not a number. @throws {RangeError} if out of its range. */
export function checkTimeout(timeoutMs: number): number {
  if (typeof timeoutMs !== "number") {
    throw new TypeError(`timeoutMs is ${typeof timeoutMs}, wanted: a number of milliseconds`);
  }
  if (!(timeoutMs >= 0 && timeoutMs <= TIMEOUT_MAX_MS)) {
    throw new RangeError(`timeoutMs is ${timeoutMs}, wanted: 0 to ${TIMEOUT_MAX_MS}`);
  }
  return timeoutMs;
}

/** The instant at which a wait ends, on the clock of performance.now(); null: never. */
export function deadlineOf(options: TimeoutOptions | undefined): number | null {
  if (options?.timeoutMs === undefined) return null;
  return performance.now() + checkTimeout(options.timeoutMs);
}

/** What is left until a deadline, as semtimedop() takes it. */
export function timeLeft(deadline: number | null): Timespec | null {
  if (deadline === null) return null;
  const leftMs = Math.max(0, deadline - performance.now());
  const tv_sec = Math.floor(leftMs / 1000);
  return { tv_sec, tv_nsec: Math.floor((leftMs - tv_sec * 1000) * 1e6) };
}

/**
 * What to throw for an error of semtimedop(): without IPC_NOWAIT its EAGAIN can only mean that the
 * time limit passed (semop(2)).
 */
export function timedOut(error: unknown, options: TimeoutOptions): unknown {
  if (!hasErrno(error, EAGAIN)) return error;
  return new SystemError(ETIMEDOUT, "semtimedop", `after ${options.timeoutMs} ms`);
}

/** The options of an asynchronous call of the C-shaped layer. */
export function callOptions(signal: AbortSignal | undefined): CallOptions {
  return signal === undefined ? {} : { signal };
}

/**
 * Makes a call again for as long as signals interrupt it: the handler has run by then, and whoever
 * asked for a lock wants the lock (System V calls are never restarted by SA_RESTART, signal(7)).
 */
export function uninterrupted<T>(call: () => T): T {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (!hasErrno(error, EINTR)) throw error;
    }
  }
}

/** The same for an asynchronous call. */
export async function uninterruptedAsync<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!hasErrno(error, EINTR)) throw error;
    }
  }
}

export function hasErrno(error: unknown, errno: number): boolean {
  return error instanceof SystemError && error.errno === errno;
}

/**
 * Runs an asynchronous call that knows no time limit of its own under one: a signal of its own
 * aborts the call when the time is up, and ETIMEDOUT is thrown in place of its reason.
 */
export async function withTimeout<T>(
  syscall: string,
  options: AsyncOptions,
  call: (options: CallOptions) => Promise<T>,
): Promise<T> {
  if (options.timeoutMs === undefined) return await call(callOptions(options.signal));
  const timeoutMs = checkTimeout(options.timeoutMs);
  const late = new SystemError(ETIMEDOUT, syscall, `after ${timeoutMs} ms`);
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(late), timeoutMs);
  // By hand: AbortSignal.any() is younger than some browsers here, and on Node 20 it keeps what a
  // long-lived signal was combined with.
  const { signal } = options;
  const relay = () => controller.abort(signal?.reason);
  if (signal?.aborted) relay();
  signal?.addEventListener("abort", relay, { once: true });
  try {
    return await call({ signal: controller.signal });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", relay);
  }
}
