/**
 * Who sleeps on robust mutexes: one queue for the machine, under LOCK_MUTEX. A sleeper that is woken
 * competes for the mutex again, so to wake one too many is harmless. Each wake is a transaction.
 * Crash: journalled, one transaction a sleeper.
 */
import { ERETRY } from "./abi/errno.ts";
import { LIMIT_TASK_MAX } from "./abi/layout.ts";
import { journal_commit } from "./journal.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import { GONE, mutex_owner_lives, OWNER_MASK, WAITERS } from "./mutex-word.ts";
import { LOCK_MUTEX, limit, WORD_MUTEX_QUEUE } from "./region.ts";
import { TASK_FREE, Task, task_at, WAIT_DONE, WAIT_MUTEX } from "./task.ts";
import { waitq_first, waitq_next, waitq_wake } from "./waitq.ts";

/** The result of a sleeper that is woken: it calls again. */
const LOOK_AGAIN: i32 = -ERETRY;

/** The first sleeper on the mutex from `task` on, or null. */
function sleeper_from(at: usize, task: Task | null): Task | null {
  while (task != null && task.wait_object != at) task = waitq_next(task);
  return task;
}

/** Wakes the first sleeper of a mutex. @returns whether another one is left. LOCK_MUTEX is held. */
export function mutex_wake_one(at: usize): bool {
  const first = sleeper_from(at, waitq_first(WORD_MUTEX_QUEUE));
  if (first == null) return false;
  const more = sleeper_from(at, waitq_next(first)) != null;
  waitq_wake(first, LOOK_AGAIN);
  journal_commit();
  return more;
}

/** Wakes every sleeper of a mutex. LOCK_MUTEX is held. */
export function mutex_wake_of(at: usize): void {
  let task = sleeper_from(at, waitq_first(WORD_MUTEX_QUEUE));
  while (task != null) {
    waitq_wake(task, LOOK_AGAIN);
    journal_commit();
    task = sleeper_from(at, waitq_first(WORD_MUTEX_QUEUE));
  }
}

/** Wakes every sleeper of every mutex. LOCK_MUTEX is held. */
export function mutex_wake_all_locked(): void {
  let task = waitq_first(WORD_MUTEX_QUEUE);
  while (task != null) {
    waitq_wake(task, LOOK_AGAIN);
    journal_commit();
    task = waitq_first(WORD_MUTEX_QUEUE);
  }
}

/**
 * The same: one of those that it concerns may have been woken and cannot go on. @returns 0, -ELOCK or
 * -EINTR.
 */
export function mutex_wake_all(): i32 {
  const locked = lock_enter(LOCK_MUTEX, RANK_TABLE);
  if (locked != 0) return locked;
  mutex_wake_all_locked();
  lock_leave(LOCK_MUTEX, RANK_TABLE);
  return 0;
}

/**
 * For the check: a sleeper's mutex says WAITERS and has a living owner, or somebody was woken for it.
 */
export function mutex_sleeper_holds(task: Task): bool {
  const at = task.wait_object;
  const seen = atomic.load<i32>(at);
  if ((seen & GONE) != 0 || (seen & WAITERS) == 0) return false;
  const owner = seen & OWNER_MASK;
  return owner != 0 ? mutex_owner_lives(at, owner) : mutex_woken(at);
}

function mutex_woken(at: usize): bool {
  const count = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= count; id++) {
    const task = task_at(id);
    if (task.state == TASK_FREE || task.wait_kind != WAIT_MUTEX || task.wait_object != at) continue;
    if (task.wait_state == WAIT_DONE) return true;
  }
  return false;
}
