/**
 * Undo entries: what SEM_UNDO will add to a semaphore when a process ends (semadj of semop(2)).
 *
 *   entry   free (pid 0) -> taken by one compare-and-swap of pid -> in use: semid and num are fixed
 *           -> free at the process's exit, at the removal of its set, or swept when the table is full
 *
 * `adj` counts only while `epoch` is the set's: SETALL and IPC_RMID clear every entry of a set by one
 * store of its epoch. Guard of adj and epoch (one 8-byte cell): the set's lock, logged.
 */
import { LIMIT_SEMMNU } from "./abi/layout.ts";
import { Proc, UNDO_CACHE } from "./proc.ts";
import { limit, REGION_UNDO, region, TABLE_SEM, WORD_UNDO_HIGH } from "./region.ts";
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

/** The same, made when there is none; null when the table is full. Precondition: the set's lock is held. */
export function undo_ensure(proc: Proc, semid: i32, num: i32, epoch: i32): Undo | null {
  const found = undo_find(proc, semid, num);
  if (found != null) return found;
  let entry = undo_take(proc.pid);
  if (entry == null && undo_sweep()) entry = undo_take(proc.pid);
  if (entry == null) return null;
  entry.adj = 0;
  entry.epoch = epoch;
  entry.num = num;
  entry.order = undo_order(proc, semid);
  // Last: an entry of a set that does not exist is nobody's (ids are never negative).
  atomic.store<i32>(changetype<usize>(entry) + offsetof<Undo>("semid"), semid);
  store<u32>(cache_at(proc, semid, num), <u32>changetype<usize>(entry));
  return entry;
}

function undo_take(pid: i32): Undo | null {
  const count = limit(LIMIT_SEMMNU);
  for (let index = 0; index < count; index++) {
    const entry = undo_at(index);
    if (entry.pid != 0) continue;
    // First, so that an entry in use is never past it, whenever its taker dies.
    undo_raise_high(index + 1);
    const at = changetype<usize>(entry);
    if (atomic.cmpxchg<i32>(at, 0, pid) != 0) continue;
    entry.semid = -1;
    return entry;
  }
  return null;
}

function undo_raise_high(wanted: i32): void {
  let high = undo_high();
  while (high < wanted) {
    const seen = atomic.cmpxchg<i32>(WORD_UNDO_HIGH, high, wanted);
    if (seen == high) return;
    high = seen;
  }
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

export function undo_free(entry: Undo): void {
  entry.semid = -1;
  atomic.store<i32>(changetype<usize>(entry), 0);
}

/** Frees the entries of sets that are gone. @returns whether there was one. */
function undo_sweep(): bool {
  const high = undo_high();
  let freed = false;
  for (let index = 0; index < high; index++) {
    const entry = undo_at(index);
    if (entry.pid == 0 || entry.semid < 0 || table_find(TABLE_SEM, entry.semid) != null) continue;
    undo_free(entry);
    freed = true;
  }
  return freed;
}

/** Frees every entry of a set that has just been removed. */
export function undo_forget_set(semid: i32): void {
  const high = undo_high();
  for (let index = 0; index < high; index++) {
    const entry = undo_at(index);
    if (entry.pid != 0 && entry.semid == semid) undo_free(entry);
  }
}
