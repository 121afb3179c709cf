/**
 * Undo entries: what SEM_UNDO will add to a semaphore when a process ends (semadj of semop(2)).
 *
 *   entry   free (pid 0) -> in use: filled, then published by one store of pid -> free at the
 *           process's exit, or swept when the table is full and its set is gone
 *
 * Crash: one store commits, of pid; adj and epoch are journalled.
 *
 * Guard of an entry's life: LOCK_UNDO. `adj` counts only while `epoch` is the set's, so SETALL and
 * IPC_RMID clear every entry of a set by one store. Guard of adj and epoch (one 8-byte cell): the
 * set's lock, logged.
 */
import { ENOMEM } from "./abi/errno.ts";
import { LIMIT_SEMMNU } from "./abi/layout.ts";
import { lock_enter, lock_leave, lock_nest, RANK_LEAF, RANK_TABLE } from "./lock.ts";
import { Proc, UNDO_CACHE } from "./proc.ts";
import {
  LOCK_SEM,
  LOCK_UNDO,
  limit,
  REGION_UNDO,
  region,
  TABLE_SEM,
  WORD_UNDO_HIGH,
} from "./region.ts";
import { table_find } from "./table.ts";

@unmanaged
export class Undo {
  /** 0 */ pid: i32; // atomic, 0 for a free entry
  /** 4 */ semid: i32;
  /** 8 */ num: i32;
  /** 12 */ order: i32; // of the set among those the process touched: exit goes newest first
  /** 16 */ adj: i32; // -SEMAEM - 1 to SEMAEM
  /** 20 */ epoch: i32;
}

export const UNDO_SIZE: usize = 24;

export function undo_at(index: i32): Undo {
  return changetype<Undo>(region(REGION_UNDO) + <usize>index * UNDO_SIZE);
}

/** Entries that have ever been used lie below. */
export function undo_high(): i32 {
  return atomic.load<i32>(WORD_UNDO_HIGH);
}

/** Address of the 8-byte cell that holds adj and epoch. */
export function undo_cell(entry: Undo): usize {
  return changetype<usize>(entry) + offsetof<Undo>("adj");
}

/** adj and epoch as the cell's value. */
export function undo_value(adj: i32, epoch: i32): i64 {
  return ((<i64>epoch) << 32) | <i64>(<u32>adj);
}

function cache_at(proc: Proc, semid: i32, num: i32): usize {
  const slot = (semid ^ (num * 5)) & (UNDO_CACHE - 1);
  return changetype<usize>(proc) + offsetof<Proc>("undo_cache") + ((<usize>slot) << 2);
}

/** The entry of a process for a semaphore where the last look found it, or null. Any address is checked. */
export function undo_cached(proc: Proc, semid: i32, num: i32): Undo | null {
  const at = <usize>load<u32>(cache_at(proc, semid, num));
  if (at == 0) return null;
  const entry = changetype<Undo>(at);
  return entry.pid == proc.pid && entry.semid == semid && entry.num == num ? entry : null;
}

/** The entry of a process for a semaphore, or null. */
export function undo_find(proc: Proc, semid: i32, num: i32): Undo | null {
  const cached = undo_cached(proc, semid, num);
  if (cached != null) return cached;
  const high = undo_high();
  for (let index = 0; index < high; index++) {
    const entry = undo_at(index);
    if (entry.pid != proc.pid || entry.semid != semid || entry.num != num) continue;
    store<u32>(cache_at(proc, semid, num), <u32>changetype<usize>(entry));
    return entry;
  }
  return null;
}

/**
 * Makes the entry when there is none. Precondition: the set's lock is held.
 * @returns 0, -ENOMEM (the table is full), -ELOCK or -EINTR
 */
export function undo_ensure(proc: Proc, semid: i32, num: i32, epoch: i32): i32 {
  if (undo_find(proc, semid, num) != null) return 0;
  const locked = lock_nest(LOCK_UNDO, RANK_LEAF);
  if (locked != 0) return locked;
  const entry = undo_free_slot();
  if (entry != null) {
    entry.semid = semid;
    entry.num = num;
    entry.order = undo_order(proc, semid);
    entry.adj = 0;
    entry.epoch = epoch;
    atomic.store<i32>(changetype<usize>(entry), proc.pid);
    store<u32>(cache_at(proc, semid, num), <u32>changetype<usize>(entry));
  }
  lock_leave(LOCK_UNDO, RANK_LEAF);
  return entry == null ? -ENOMEM : 0;
}

function undo_free_slot(): Undo | null {
  const count = limit(LIMIT_SEMMNU);
  for (let index = 0; index < count; index++) {
    const entry = undo_at(index);
    if (entry.pid != 0) continue;
    // First, so that an entry in use is never past it, whenever its taker dies.
    if (index >= undo_high()) atomic.store<i32>(WORD_UNDO_HIGH, index + 1);
    return entry;
  }
  return null;
}

/** The order number of a set in a process: that of its other entries, or the next. */
function undo_order(proc: Proc, semid: i32): i32 {
  const high = undo_high();
  for (let index = 0; index < high; index++) {
    const entry = undo_at(index);
    if (entry.pid == proc.pid && entry.semid == semid) return entry.order;
  }
  proc.undo_order += 1;
  return proc.undo_order;
}

/**
 * Frees the entries of sets that are gone; under the table's lock, because a removal that is not
 * committed may be undone. No lock may be held. @returns whether there was one, -ELOCK or -EINTR.
 */
export function undo_sweep(): i32 {
  const locked = lock_enter(LOCK_SEM, RANK_TABLE);
  if (locked != 0) return locked;
  const nested = lock_nest(LOCK_UNDO, RANK_LEAF);
  const freed = nested == 0 ? undo_sweep_locked() : nested;
  if (nested == 0) lock_leave(LOCK_UNDO, RANK_LEAF);
  lock_leave(LOCK_SEM, RANK_TABLE);
  return freed;
}

function undo_sweep_locked(): i32 {
  const high = undo_high();
  let freed = 0;
  for (let index = 0; index < high; index++) {
    const entry = undo_at(index);
    if (entry.pid == 0 || table_find(TABLE_SEM, entry.semid) != null) continue;
    atomic.store<i32>(changetype<usize>(entry), 0);
    freed = 1;
  }
  return freed;
}

/** Frees a process's entries for a set at its end. No lock may be held. @returns 0, -ELOCK or -EINTR. */
export function undo_forget(pid: i32, semid: i32): i32 {
  const locked = lock_enter(LOCK_UNDO, RANK_LEAF);
  if (locked != 0) return locked;
  const high = undo_high();
  for (let index = 0; index < high; index++) {
    const entry = undo_at(index);
    if (entry.pid == pid && entry.semid == semid) atomic.store<i32>(changetype<usize>(entry), 0);
  }
  lock_leave(LOCK_UNDO, RANK_LEAF);
  return 0;
}
