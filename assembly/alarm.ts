/**
 * The timer of real time that every process has: setitimer(2), getitimer(2). The supervisor, which has the
 * clock, sends SIGALRM when it is due. Times are milliseconds of a clock that all threads share, and only
 * grows; in the slot they are whole microseconds.
 *
 * Guard: LOCK_PROC. Crash: one store commits, of when it is due. The signal is sent before that is
 * stored, so who goes on sends it again, which is one signal.
 */
import { LIMIT_PROC_MAX, SB_SUPERVISOR } from "./abi/layout.ts";
import { SIGALRM } from "./abi/signal.ts";
import { current } from "./current.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import { PROC_LIVE, Proc, proc_current, proc_slot } from "./proc.ts";
import { LOCK_PROC, limit } from "./region.ts";
import { signal_send } from "./signal.ts";
import { task_transfer } from "./task.ts";
import { wake_word } from "./wake.ts";

const US_PER_MS: f64 = 1000;

function alarm_at(proc: Proc): usize {
  return changetype<usize>(proc) + offsetof<Proc>("alarm_at");
}

/** What is left of the timer, and its period, go to the transfer area: two f64. */
export function sys_getitimer(now: f64): i32 {
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  alarm_tell(proc_current(), now);
  lock_leave(LOCK_PROC, RANK_TABLE);
  return 0;
}

/** A timer that is set and due says at least a microsecond: 0 would mean that it is not set. */
function alarm_tell(proc: Proc, now: f64): void {
  const at = atomic.load<i64>(alarm_at(proc));
  const left = at == 0 ? 0 : max(<f64>at / US_PER_MS - now, 1 / US_PER_MS);
  store<f64>(task_transfer(current), left);
  store<f64>(task_transfer(current) + 8, <f64>proc.alarm_every / US_PER_MS);
}

/**
 * SIGALRM in `value` milliseconds, 0 for never, and then every `every`, 0 for once. What was set before
 * goes to the transfer area, as with sys_getitimer(). Precondition: both are 0 or more, and finite.
 */
export function sys_setitimer(value: f64, every: f64, now: f64): i32 {
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  const proc = proc_current();
  alarm_tell(proc, now);
  proc.alarm_every = <i64>(every * US_PER_MS);
  const due = value == 0 ? 0 : max(<i64>((now + value) * US_PER_MS), 1);
  atomic.store<i64>(alarm_at(proc), due);
  wake_word(SB_SUPERVISOR);
  lock_leave(LOCK_PROC, RANK_TABLE);
  return 0;
}

/** For the supervisor: when the next timer is due, 0 for none. */
export function alarm_next(): f64 {
  const count = limit(LIMIT_PROC_MAX);
  let next: i64 = 0;
  for (let index = 0; index < count; index++) {
    const proc = proc_slot(index);
    const at = proc.state == PROC_LIVE ? atomic.load<i64>(alarm_at(proc)) : 0;
    if (at != 0 && (next == 0 || at < next)) next = at;
  }
  return <f64>next / US_PER_MS;
}

/** For the supervisor: sends SIGALRM to every process whose timer is due. */
export function alarm_fire(now: f64): i32 {
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  const count = limit(LIMIT_PROC_MAX);
  const us = <i64>(now * US_PER_MS);
  for (let index = 0; index < count; index++) {
    const proc = proc_slot(index);
    const at = atomic.load<i64>(alarm_at(proc));
    if (proc.state != PROC_LIVE || at == 0 || at > us) continue;
    signal_send(proc, SIGALRM);
    const every = proc.alarm_every;
    // Periods that have gone by are one signal.
    const next = every == 0 ? 0 : at + ((us - at) / every + 1) * every;
    atomic.store<i64>(alarm_at(proc), next);
  }
  lock_leave(LOCK_PROC, RANK_TABLE);
  return 0;
}
