/**
 * Robust mutexes, in the page frames: PTHREAD_MUTEX_ERRORCHECK, ROBUST and PROCESS_SHARED, see
 * pthread_mutex_lock(3p), pthread_mutexattr_setrobust(3), pthread_mutex_consistent(3).
 *
 *   word    0 free | serial of the owner's thread, with INCONSISTENT, and with WAITERS also when free
 *           | NOT_RECOVERABLE, DESTROYED: alone. A mutex of zeros is free.
 *
 * Crash: one compare-and-swap of the word commits; nothing is written at a death, who finds the mutex
 * locked asks whether the owner lives. Sleepers are on one queue under LOCK_MUTEX, where they see a
 * living owner and set WAITERS first: so its unlock comes here and wakes one, who competes. The wake
 * may be lost with the owner, or with the one woken: every death, process end and repair of the lock
 * wakes all sleepers, after the dead thread's tasks were freed under the lock. They look again.
 */
import { EBUSY, EINTR, EINVAL, EPERM, EWAIT } from "./abi/errno.ts";
import { PAGE_SIZE } from "./abi/limits.ts";
import { ROBUST_MUTEX_ALIGN, ROBUST_MUTEX_SIZE } from "./abi/mutex.ts";
import { current } from "./current.ts";
import { journal_commit } from "./journal.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import { mutex_wake_of, mutex_wake_one } from "./mutex-wake.ts";
import {
  DESTROYED,
  GONE,
  INCONSISTENT,
  mutex_owner_lives,
  mutex_take,
  NOT_RECOVERABLE,
  OWNER_MASK,
  WAITERS,
} from "./mutex-word.ts";
import { LOCK_MUTEX, REGION_PAGE, REGION_PAGE_COUNT, region, WORD_MUTEX_QUEUE } from "./region.ts";
import { TASK_LIVE, WAIT_MUTEX } from "./task.ts";
import { waitq_sleep } from "./waitq.ts";

/** pthread_mutex_init(3p) of the mutex at address `at`: free, whatever it was. */
export function sys_mutex_init(at: usize): i32 {
  return mutex_refused(at) || mutex_set(at, 0);
}

/** pthread_mutex_destroy(3p). EBUSY: somebody who lives holds it (POSIX allows that, glibc does not look). */
export function sys_mutex_destroy(at: usize): i32 {
  const refused = mutex_refused(at);
  if (refused != 0) return refused;
  const seen = atomic.load<i32>(at);
  const owner = (seen & GONE) != 0 ? 0 : seen & OWNER_MASK;
  if (owner != 0 && mutex_owner_lives(at, owner)) return -EBUSY;
  return mutex_set(at, DESTROYED);
}

/**
 * pthread_mutex_lock(3p). @returns 0 or EOWNERDEAD: it is held, and in the second case its last
 * owner died; -EDEADLK, -ENOTRECOVERABLE, -EINVAL (no mutex), -EWAIT (then -ERETRY), -ELOCK.
 */
export function sys_mutex_lock(at: usize): i32 {
  const refused = mutex_refused(at);
  if (refused != 0) return refused;
  const result = mutex_take(at);
  return result == -EBUSY ? mutex_sleep(at) : result;
}

/** pthread_mutex_trylock(3p): the same without a wait, -EBUSY. */
export function sys_mutex_trylock(at: usize): i32 {
  return mutex_refused(at) || mutex_take(at);
}

/** pthread_mutex_unlock(3p). EPERM: the caller's thread does not hold it. */
export function sys_mutex_unlock(at: usize): i32 {
  const refused = mutex_refused(at);
  if (refused != 0) return refused;
  const seen = atomic.load<i32>(at);
  // EINVAL: it was destroyed, or is none. EPERM: somebody else holds it, or nobody.
  if ((seen & GONE) != 0 && seen != NOT_RECOVERABLE) return -EINVAL;
  if ((seen & GONE) != 0 || (seen & OWNER_MASK) != current.serial) return -EPERM;
  if ((seen & WAITERS) == 0) {
    // Left inconsistent, it can be nobody's any more: pthread_mutex_consistent(3p).
    const next = (seen & INCONSISTENT) != 0 ? NOT_RECOVERABLE : 0;
    if (atomic.cmpxchg<i32>(at, seen, next) == seen) return 0;
  }
  return mutex_unlock_waiters(at);
}

/** pthread_mutex_consistent(3p). EINVAL: the caller has not got it with EOWNERDEAD. */
export function sys_mutex_consistent(at: usize): i32 {
  const refused = mutex_refused(at);
  if (refused != 0) return refused;
  const mine = current.serial | INCONSISTENT;
  if ((atomic.load<i32>(at) & ~WAITERS) != mine) return -EINVAL;
  atomic.and<i32>(at, ~INCONSISTENT);
  return 0;
}

/** Wakes one more sleeper: by a caller that was woken and gives up instead of competing. */
export function sys_mutex_pass(at: usize): i32 {
  const locked = lock_enter(LOCK_MUTEX, RANK_TABLE);
  if (locked != 0) return locked;
  mutex_wake_one(at);
  lock_leave(LOCK_MUTEX, RANK_TABLE);
  return 0;
}

/** EINTR: the process has ended. EINVAL: misaligned, or not inside the page frames. */
function mutex_refused(at: usize): i32 {
  if (current.state != TASK_LIVE) return -EINTR;
  const first = region(REGION_PAGE);
  const end = first + region(REGION_PAGE_COUNT) * PAGE_SIZE;
  if (at % ROBUST_MUTEX_ALIGN != 0 || at < first || at > end - ROBUST_MUTEX_SIZE) return -EINVAL;
  return 0;
}

/** Queues the caller, unless the mutex can be taken by now. */
function mutex_sleep(at: usize): i32 {
  const locked = lock_enter(LOCK_MUTEX, RANK_TABLE);
  if (locked != 0) return locked;
  let result = mutex_take(at);
  while (result == -EBUSY) {
    if (mutex_mark(at)) {
      waitq_sleep(WORD_MUTEX_QUEUE, WAIT_MUTEX, at);
      result = -EWAIT;
    } else {
      result = mutex_take(at);
    }
  }
  journal_commit();
  lock_leave(LOCK_MUTEX, RANK_TABLE);
  return result;
}

/**
 * Sets WAITERS on a mutex whose owner lives. LOCK_MUTEX is held: from now on the owner cannot unlock
 * without it, nor can its tasks be freed. @returns false when the word has changed.
 */
function mutex_mark(at: usize): bool {
  const seen = atomic.load<i32>(at);
  const owner = seen & OWNER_MASK;
  if ((seen & GONE) != 0 || owner == 0 || !mutex_owner_lives(at, owner)) return false;
  return atomic.cmpxchg<i32>(at, seen, seen | WAITERS) == seen;
}

/** Unlocks the caller's mutex, on which somebody may sleep. */
function mutex_unlock_waiters(at: usize): i32 {
  const locked = lock_enter(LOCK_MUTEX, RANK_TABLE);
  if (locked != 0) return locked;
  if ((atomic.load<i32>(at) & INCONSISTENT) != 0) {
    mutex_wake_of(at);
    atomic.store<i32>(at, NOT_RECOVERABLE);
  } else {
    const more = mutex_wake_one(at);
    atomic.store<i32>(at, more ? WAITERS : 0);
  }
  lock_leave(LOCK_MUTEX, RANK_TABLE);
  return 0;
}

/** Stores a word that names no owner, and lets everybody who sleeps on the mutex look at it. */
function mutex_set(at: usize, word: i32): i32 {
  let seen = atomic.load<i32>(at);
  while ((seen & WAITERS) == 0) {
    const before = atomic.cmpxchg<i32>(at, seen, word);
    if (before == seen) return 0;
    seen = before;
  }
  const locked = lock_enter(LOCK_MUTEX, RANK_TABLE);
  if (locked != 0) return locked;
  mutex_wake_of(at);
  atomic.store<i32>(at, word);
  lock_leave(LOCK_MUTEX, RANK_TABLE);
  return 0;
}
