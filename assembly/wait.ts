/**
 * How a wait ends, seen from the waiter: wait_result() after its park word left PARK_ASLEEP, or
 * wait_cancel() for a timeout, a signal or an abort. Both look under the lock of the object waited
 * for, so a wait ends once: a cancel that loses the race returns the result.
 * Crash: journalled.
 */
import { EINTR, EINVAL, ERETRY, EWAIT } from "./abi/errno.ts";
import { current } from "./current.ts";
import { journal_commit, put32 } from "./journal.ts";
import { lock_enter, lock_leave, RANK_NAME, RANK_OBJECT, RANK_TABLE } from "./lock.ts";
import { poll_wait_end } from "./poll.ts";
import { LOCK_MSG, LOCK_MUTEX, LOCK_NAME, LOCK_PROC, LOCK_RECORD } from "./region.ts";
import {
  PARK_ASLEEP,
  PARK_AWAKE,
  TASK_LIVE,
  Task,
  WAIT_ASLEEP,
  WAIT_CHILD,
  WAIT_DONE,
  WAIT_IDLE,
  WAIT_MUTEX,
  WAIT_OPEN,
  WAIT_PIPE,
  WAIT_POLL,
  WAIT_RECORD,
  WAIT_SEM,
  WAIT_VOLUME,
} from "./task.ts";
import { waitq_remove } from "./waitq.ts";

/** The lock that guards a task's wait: a set's own, or that of the kind. */
export function wait_lock(task: Task): usize {
  if (task.wait_kind == WAIT_SEM || task.wait_kind == WAIT_PIPE) return task.wait_object;
  if (task.wait_kind == WAIT_MUTEX) return LOCK_MUTEX;
  if (task.wait_kind == WAIT_RECORD) return LOCK_RECORD;
  if (task.wait_kind == WAIT_VOLUME) return LOCK_NAME;
  if (task.wait_kind == WAIT_CHILD || task.wait_kind == WAIT_OPEN) return LOCK_PROC;
  return LOCK_MSG;
}

export function wait_rank(task: Task): i32 {
  if (task.wait_kind == WAIT_VOLUME) return RANK_NAME;
  return task.wait_kind == WAIT_SEM || task.wait_kind == WAIT_PIPE ? RANK_OBJECT : RANK_TABLE;
}

/** The result of the current task's completed wait; -EWAIT when it still sleeps (a spurious wake). */
export function wait_result(): i32 {
  return wait_end(0);
}

/** Ends the current task's wait with -`errno`, unless a waker was first: then its result. */
export function wait_cancel(errno: i32): i32 {
  return errno <= 0 ? -EINVAL : wait_end(errno);
}

/**
 * The current task's thread goes to sleep, and nothing but a wake or a signal will end that: a wait with
 * a deadline, or one of a thread that has yet to sleep, is nobody's deadlock. One store.
 */
export function wait_forever(): void {
  current.wait_turn |= 1;
}

function wait_end(errno: i32): i32 {
  const task = current;
  // EINTR: the process was ended meanwhile, which has ended the wait.
  if (task.wait_state == WAIT_IDLE) return task.state == TASK_LIVE ? -EINVAL : -EINTR;
  if (task.wait_kind == WAIT_POLL) return poll_wait_end(errno);
  const lock = wait_lock(task);
  const rank = wait_rank(task);
  const locked = lock_enter(lock, rank);
  if (locked != 0) return locked;
  let result = -EWAIT;
  const state = changetype<usize>(task) + offsetof<Task>("wait_state");
  const park = changetype<usize>(task) + offsetof<Task>("park");
  if (task.wait_state == WAIT_DONE) {
    result = task.wait_result;
    put32(state, WAIT_IDLE);
  } else if (errno != 0) {
    result = wait_stop_locked(task, errno);
    atomic.store<i32>(park, PARK_AWAKE);
  } else {
    atomic.store<i32>(park, PARK_ASLEEP);
  }
  journal_commit();
  lock_leave(lock, rank);
  return result;
}

/** Takes a sleeper off its queue. Part of a transaction under its wait's lock. @returns -errno. */
export function wait_stop_locked(task: Task, errno: i32): i32 {
  assert(task.wait_state == WAIT_ASLEEP);
  waitq_remove(task);
  put32(changetype<usize>(task) + offsetof<Task>("wait_state"), WAIT_IDLE);
  // A wait for a disk is no interruptible one: the call goes on after the handler.
  return task.wait_kind == WAIT_VOLUME && errno == EINTR ? -ERETRY : -errno;
}
