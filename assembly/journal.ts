/**
 * Undo records that make a half-done change reversible after its owner died.
 *
 * A transaction starts when its task takes a lock (lock_enter resets the journal and names the
 * lock). Each 8- or 4-byte cell is logged with its old value before it is changed. The journal
 * counts while journal_count > 0 and journal_lock is held by the task: so journal_commit() commits,
 * and so does releasing that lock. Whoever finds the owner dead restores the cells, newest first.
 *
 *   entry, 16 bytes: 0 address, bit 0 set for a 4-byte cell, bit 1 for a guard; 8 old value (i64),
 *                    of a guard the new one
 *
 * A guarded journal starts with two entries for one versioned cell: what it was and what it becomes.
 * Its entries were written before the lock was taken, so they count only while the cell is one of the
 * two: any other value says that somebody changed it first and that the owner stored nothing.
 *
 * Order: the count is stored atomically after the entries and before the cells change. One path
 * publishes earlier: entries written before the lock's compare-and-swap are published by it.
 * The number of entries is bounded by REGION_JOURNAL_MAX, which boot sizes for SEMOPM operations, for
 * an entry a process, and for every task asleep on one queue.
 * Crash: this is the journal: an entry counts by the one store of the count.
 */
import { current, current_journal } from "./current.ts";
import { REGION_JOURNAL_MAX, REGION_TASK_JOURNAL, region } from "./region.ts";
import { Task } from "./task.ts";

export const JOURNAL_ENTRY: usize = 16;
const WORD: usize = 1;
const GUARD: usize = 2;
/** Where a guard looks in the set's slot, whose first word is the lock: SemSet.tag and SemSet.base. */
export const GUARD_TAG: usize = 4;
export const GUARD_BASE: usize = 44;

/** Entries that any call but semop needs at most, beside one a process (SETVAL clears those). */
export const JOURNAL_BASE: i32 = 48;

/** Entries for a sleeper that is completed: msgsnd may tell every task in one transaction. */
export const JOURNAL_SLEEPER: i32 = 7;

/** Address of a task's journal entries. */
function journal_at(task: Task): usize {
  return changetype<usize>(task) + region(REGION_TASK_JOURNAL);
}

/** Writes an entry without publishing it. */
function journal_write(at: usize, old: i64): void {
  const task = current;
  assert(<usize>task.journal_count < region(REGION_JOURNAL_MAX));
  const entry = current_journal + <usize>task.journal_count * JOURNAL_ENTRY;
  store<u32>(entry, <u32>at);
  store<i64>(entry, old, 8);
}

/** Logs the 8-byte cell at `at`; unpublished until journal_publish(). */
export function journal_log64(at: usize): void {
  assert((at & 7) == 0);
  journal_write(at, load<i64>(at));
  current.journal_count += 1;
}

/**
 * Starts a guarded journal: the versioned cell at `at` is `old` and will be `next`. The lock is that
 * of a semaphore set, whose tag and array must still be `tag` and `base`. Unpublished.
 */
export function journal_guard(at: usize, old: i64, next: i64, tag: i32, base: u32): void {
  const task = current;
  assert(task.journal_count == 0);
  const entry = current_journal;
  store<u32>(entry, <u32>(at | GUARD));
  store<i32>(entry, tag, 4);
  store<i64>(entry, next, 8);
  store<u32>(entry, <u32>at, JOURNAL_ENTRY);
  store<u32>(entry, base, JOURNAL_ENTRY + 4);
  store<i64>(entry, old, JOURNAL_ENTRY + 8);
  task.journal_count = 2;
}

/** Makes the logged entries count. Precondition: the lock named by journal_lock is held. */
export function journal_publish(): void {
  const task = current;
  atomic.store<i32>(changetype<usize>(task) + offsetof<Task>("journal_count"), task.journal_count);
}

function journal_push(at: usize, old: i64): void {
  journal_write(at, old);
  const task = current;
  atomic.store<i32>(
    changetype<usize>(task) + offsetof<Task>("journal_count"),
    task.journal_count + 1,
  );
}

/** Stores a 4-byte cell, logged. */
export function put32(at: usize, value: i32): void {
  assert((at & 3) == 0);
  journal_push(at | WORD, <i64>load<i32>(at));
  store<i32>(at, value);
}

/** Stores an 8-byte cell, logged. */
export function put64(at: usize, value: i64): void {
  assert((at & 7) == 0);
  journal_push(at, load<i64>(at));
  store<i64>(at, value);
}

/** Stores an f64 cell, logged: the times of the ipc structures. */
export function putf64(at: usize, value: f64): void {
  put64(at, reinterpret<i64>(value));
}

/** Ends the transaction: what was stored stays. */
export function journal_commit(): void {
  atomic.store<i32>(changetype<usize>(current) + offsetof<Task>("journal_count"), 0);
}

/** Restores every logged cell of `task`, newest first. Repeatable: a restore may itself be cut off. */
export function journal_undo(task: Task): void {
  const entries = journal_at(task);
  const valid = task.journal_count > 0 && journal_guard_holds(task.journal_lock, entries);
  for (let index = valid ? task.journal_count - 1 : -1; index >= 0; index--) {
    const entry = entries + <usize>index * JOURNAL_ENTRY;
    const at = <usize>load<u32>(entry);
    if ((at & GUARD) != 0) continue;
    if ((at & WORD) != 0) store<i32>(at & ~WORD, <i32>load<i64>(entry, 8));
    else store<i64>(at, load<i64>(entry, 8));
  }
  atomic.store<i32>(changetype<usize>(task) + offsetof<Task>("journal_count"), 0);
}

/** Whether the entries are those of a change that was really begun. */
function journal_guard_holds(lock: usize, entries: usize): bool {
  const at = <usize>load<u32>(entries);
  if ((at & GUARD) == 0) return true;
  if (load<i32>(lock + GUARD_TAG) != load<i32>(entries, 4)) return false;
  if (load<u32>(lock + GUARD_BASE) != load<u32>(entries, JOURNAL_ENTRY + 4)) return false;
  const cell = load<i64>(at & ~GUARD);
  return cell == load<i64>(entries, 8) || cell == load<i64>(entries + JOURNAL_ENTRY, 8);
}
