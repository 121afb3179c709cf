/**
 * The lock. Its word names the owner, so that a dead owner can be found and its change undone.
 *
 *   0                free
 *   id               task `id` holds it
 *   id | SLEEPERS    the same, and somebody sleeps on the word
 *
 * Order: RANK_TABLE (one lock for each kind of object, and one for processes) before RANK_OBJECT (a
 * semaphore set's own) before RANK_LEAF (page frames; the undo table). A call holds at most one of each rank.
 * The kernel does not wait for a lock: the call undoes nothing, because it has changed nothing, and
 * returns ELOCK. A sleeper looks again after a bounded time, so a release that dies before it could
 * list its sleepers is only slow.
 * Crash: one store commits, a compare-and-swap of the word.
 */
import { EINTR, ELOCK } from "./abi/errno.ts";
import { DEBUG } from "./config.ts";
import { current } from "./current.ts";
import { TASK_LIVE } from "./task.ts";

export const RANK_TABLE: i32 = 1;
export const RANK_OBJECT: i32 = 2;
export const RANK_LEAF: i32 = 3;

const SLEEPERS: i32 = 1 << 16;
const OWNER_MASK: i32 = SLEEPERS - 1;

/** Takes the first lock of a call and starts its transaction. @returns 0, -ELOCK or -EINTR. */
export function lock_enter(at: usize, rank: i32): i32 {
  const task = current;
  // Before the compare-and-swap, which orders them: an old journal must not count under this lock.
  task.journal_count = 0;
  task.journal_lock = at;
  return lock_nest(at, rank);
}

/** Takes a further lock of a higher rank; the transaction stays that of the first. */
export function lock_nest(at: usize, rank: i32): i32 {
  const task = current;
  if (DEBUG) assert(task.held_ranks >> rank == 0);
  if (atomic.cmpxchg<i32>(at, 0, task.id) != 0) {
    return lock_is_busy(at);
  }
  // Read under the lock: proc_exit marks the task first and looks at every lock afterwards, so a
  // thread that outlives its process changes nothing that exit has already left.
  if (atomic.load<i32>(changetype<usize>(task)) != TASK_LIVE) {
    lock_release(at, rank);
    return -EINTR;
  }
  if (DEBUG) task.held_ranks |= 1 << rank;
  return 0;
}

/** Makes the lock at `at` the one that the caller is told to wait for. @returns -ELOCK. */
export function lock_is_busy(at: usize): i32 {
  current.lock_busy = at;
  return -ELOCK;
}

/** Releases a lock; with the transaction's first lock this commits. */
export function lock_leave(at: usize, rank: i32): void {
  if (DEBUG) assert((load<i32>(at) & OWNER_MASK) == current.id);
  lock_release(at, rank);
  if (DEBUG) current.held_ranks &= ~(1 << rank);
}

function lock_release(at: usize, rank: i32): void {
  const old = atomic.xchg<i32>(at, 0);
  if ((old & SLEEPERS) != 0) lock_list_sleepers(at, rank);
}

function lock_list_sleepers(at: usize, rank: i32): void {
  const task = current;
  if (rank == RANK_TABLE) task.wake_lock0 = at;
  else if (rank == RANK_OBJECT) task.wake_lock1 = at;
  else task.wake_lock2 = at;
  task.wake_any = 1;
}

/** Marks the busy lock as slept on. @returns the value to sleep on, or 0 when it is free by now. */
export function lock_sleep(): i32 {
  const at = current.lock_busy;
  let seen = atomic.load<i32>(at);
  while (seen != 0 && (seen & SLEEPERS) == 0) {
    const before = atomic.cmpxchg<i32>(at, seen, seen | SLEEPERS);
    if (before == seen) return seen | SLEEPERS;
    seen = before;
  }
  return seen;
}

/** The task that holds the lock at `at`, 0 for none. */
export function lock_owner_of(at: usize): i32 {
  return atomic.load<i32>(at) & OWNER_MASK;
}

/** Makes the current task the owner of a lock whose owner is dead. @returns whether that one had it. */
export function lock_inherit(at: usize, dead: i32, rank: i32): bool {
  let seen = atomic.load<i32>(at);
  while ((seen & OWNER_MASK) == dead) {
    const before = atomic.cmpxchg<i32>(at, seen, (seen & SLEEPERS) | current.id);
    if (before == seen) {
      if (DEBUG) current.held_ranks |= 1 << rank;
      return true;
    }
    seen = before;
  }
  return false;
}
