/** The timer that sends SIGALRM: setitimer(2), alarm(2). */
import { host } from "#host";
import { EINVAL } from "../../assembly/abi/errno.ts";
import { ITIMER_REAL } from "../../assembly/abi/signal.ts";
import { int } from "../../host/arguments.ts";
import { itimerval } from "../../host/arguments-signal.ts";
import type { Timeval } from "../../host/contract-poll.ts";
import type { Itimerval, TimerCalls } from "../../host/contract-signal.ts";
import { SystemError } from "../../host/errno.ts";
import { finish } from "../finish.ts";
import type { Thread } from "../thread.ts";

const US_PER_SECOND = 1_000_000;

function checkTimer(which: number, call: string): void {
  // EINVAL: a timer of processor time, which nobody counts here.
  if (int(which, call, "which") !== ITIMER_REAL) throw new SystemError(EINVAL, call);
}

function milliseconds({ tv_sec, tv_usec }: Timeval, call: string): number {
  // EINVAL: a negative time, or more than a second of microseconds.
  if (tv_sec < 0 || tv_usec < 0 || tv_usec >= US_PER_SECOND) throw new SystemError(EINVAL, call);
  return tv_sec * 1000 + tv_usec / 1000;
}

function timeOf(ms: number): Timeval {
  const us = Math.round(ms * 1000);
  return { tv_sec: Math.floor(us / US_PER_SECOND), tv_usec: us % US_PER_SECOND };
}

/** What the kernel has left in the transfer area of a timer. */
function readTimer(thread: Thread): Itimerval {
  const [value, every] = new Float64Array(thread.buffer, thread.transfer, 2) as unknown as number[];
  return { it_interval: timeOf(every!), it_value: timeOf(value!) };
}

function setTimer(thread: Thread, call: string, value: number, every: number): Itimerval {
  const attempt = () => thread.kernel.sys_setitimer(value, every, host.clock());
  return finish(thread, call, attempt(), attempt, () => readTimer(thread));
}

/**
 * Sets the timer that sends SIGALRM, to the millisecond or so.
 *
 * @param which ITIMER_REAL
 * @param value it_value: when, zero for never; it_interval: how often after that, zero for once
 * @returns what was left of the timer that was set before
 * @throws {SystemError} EINVAL another timer; a negative time; microseconds past a second
 * @see setitimer(2)
 * @example
 * sys.setitimer(ITIMER_REAL, { it_value: { tv_sec: 0, tv_usec: 50_000 }, it_interval: { tv_sec: 0, tv_usec: 0 } });
 */
function setitimer(thread: Thread, which: number, value: Readonly<Itimerval>): Itimerval {
  checkTimer(which, "setitimer");
  const { it_value, it_interval } = itimerval(value, "setitimer");
  const every = milliseconds(it_interval, "setitimer");
  return setTimer(thread, "setitimer", milliseconds(it_value, "setitimer"), every);
}

function getitimer(thread: Thread, which: number): Itimerval {
  checkTimer(which, "getitimer");
  const attempt = () => thread.kernel.sys_getitimer(host.clock());
  return finish(thread, "getitimer", attempt(), attempt, () => readTimer(thread));
}

/**
 * Sends SIGALRM in so many seconds; the timer is that of setitimer().
 *
 * @param seconds 0 to 4294967295; 0 sends none
 * @returns the seconds that were left of the timer that was set before, 0 when there was none
 * @see alarm(2)
 * @example
 * sys.alarm(5);
 */
function alarm(thread: Thread, seconds: number): number {
  const value = int(seconds, "alarm", "seconds") >>> 0;
  const { tv_sec, tv_usec } = setTimer(thread, "alarm", value * 1000, 0).it_value;
  // As Linux rounds; but who has any time left has a second.
  const isRoundedUp = tv_usec >= US_PER_SECOND / 2 || (tv_sec === 0 && tv_usec > 0);
  return tv_sec + (isRoundedUp ? 1 : 0);
}

/** The timer calls of one thread. */
export function timerCalls(thread: Thread): TimerCalls {
  return {
    alarm: (seconds) => alarm(thread, seconds),
    setitimer: (which, value) => setitimer(thread, which, value),
    getitimer: (which) => getitimer(thread, which),
  };
}
