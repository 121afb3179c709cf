/**
 * Locks on files: one table for record locks, open file description locks and flock(2).
 *
 *   entry   free (object 0) -> held: filled, then published by the store of object -> free
 *
 * An owner's locks on one file do not overlap, and neighbours of one type are one entry. No two
 * entries conflict. A record lock is its process's, which has the file open; the others are of a
 * description, which is open.
 * Guard: LOCK_RECORD, of rank table and taken alone. What a description holds is looked for without
 * it by who has the description's last descriptor. Crash: journalled, part of the caller's
 * transaction; an entry is released, and the table's end set, by one store. See fcntl(2), flock(2).
 */
import { F_UNLCK, F_WRLCK } from "./abi/fcntl.ts";
import { LIMIT_LOCK_MAX } from "./abi/layout.ts";
import { File } from "./file.ts";
import { put32 } from "./journal.ts";
import {
  limit,
  REGION_RECORD,
  region,
  WORD_RECORD_HIGH,
  WORD_RECORD_QUEUE,
  WORD_RECORD_SERIAL,
} from "./region.ts";
import { Task, task_ops } from "./task.ts";

/** Whose a lock is, and with which others it conflicts. */
export const RECORD_PROC: i32 = 1; // of a process: owner is its pid
export const RECORD_FILE: i32 = 2; // of a description: owner is its slot
export const RECORD_FLOCK: i32 = 3; // flock(2): owner is the description's slot

/** The last byte that a file can have. */
export const RECORD_END: i64 = i64.MAX_VALUE;

@unmanaged
export class Record {
  /** 0 */ object: usize; // see lockable.ts; 0 for a free entry; atomic
  /** 4 */ owner: i32;
  /** 8 */ start: i64; // first byte
  /** 16 */ end: i64; // last byte
  /** 24 */ kind: i32; // RECORD_*
  /** 28 */ type: i32; // F_RDLCK or F_WRLCK
  /** 32 */ order: i32; // of the owner's first lock on the file: F_GETLK shows the first owner's first
  /** 36 */ pad: i32;
}

export const RECORD_SIZE: usize = 40;

/** What a call asks for: beside its task, where a sleeping semop has its operations. */
@unmanaged
export class Request {
  /** 0 */ object: usize;
  /** 4 */ owner: i32;
  /** 8 */ start: i64;
  /** 16 */ end: i64;
  /** 24 */ kind: i32;
  /** 28 */ type: i32; // also F_UNLCK
  /** 32 */ fd: i32; // through which it was asked for; -1 once that was closed
  /** 36 */ mark: i32; // used by record_deadlock()
}

export const REQUEST_SIZE: usize = 40;

export function request_of(task: Task): Request {
  return changetype<Request>(task_ops(task));
}

export function record_at(index: i32): Record {
  return changetype<Record>(region(REGION_RECORD) + <usize>index * RECORD_SIZE);
}

/** Entries in use lie below. */
export function record_high(): i32 {
  return load<i32>(WORD_RECORD_HIGH);
}

/** Whether nobody has a lock or waits for one. Without LOCK_RECORD: true of the caller's own. */
export function record_none(): bool {
  return atomic.load<i32>(WORD_RECORD_HIGH) == 0 && atomic.load<i32>(WORD_RECORD_QUEUE) == 0;
}

/** Whether an entry is the requester's own, on the file that it asks for. */
export function record_is_own(entry: Record, request: Request): bool {
  return (
    entry.object == request.object && entry.owner == request.owner && entry.kind == request.kind
  );
}

export function record_overlaps(entry: Record, start: i64, end: i64): bool {
  return entry.start <= end && start <= entry.end;
}

/** Whether an entry keeps a request from being done. */
function record_blocks(entry: Record, request: Request): bool {
  if (entry.object != request.object || record_is_own(entry, request)) return false;
  if ((entry.kind == RECORD_FLOCK) != (request.kind == RECORD_FLOCK)) return false;
  if (request.type == F_UNLCK || !record_overlaps(entry, request.start, request.end)) return false;
  return entry.type == F_WRLCK || request.type == F_WRLCK;
}

/** Whether `a` comes before `b` in Linux's list: owners by their first lock, then bytes. */
function record_before(a: Record, b: Record): bool {
  return a.order != b.order ? a.order - b.order < 0 : a.start < b.start;
}

/** The first entry that is in the way of a request, or null. */
export function record_conflict(request: Request): Record | null {
  const high = record_high();
  let first: Record | null = null;
  for (let index = 0; index < high; index++) {
    const entry = record_at(index);
    if (!record_blocks(entry, request)) continue;
    if (first == null || record_before(entry, first)) first = entry;
  }
  return first;
}

/** The next entry from `index` on that is in the way, or the table's end: all of them, in turn. */
export function record_blocker_from(request: Request, from: i32): i32 {
  const high = record_high();
  let index = from;
  while (index < high && !record_blocks(record_at(index), request)) index += 1;
  return index;
}

/** The requester's own first entry in its range, or null. */
export function record_own(request: Request): Record | null {
  const high = record_high();
  let first: Record | null = null;
  for (let index = 0; index < high; index++) {
    const entry = record_at(index);
    if (!record_is_own(entry, request)) continue;
    if (!record_overlaps(entry, request.start, request.end)) continue;
    if (first == null || record_before(entry, first)) first = entry;
  }
  return first;
}

/** Whether at least `count` entries are free. */
export function record_has_room(count: i32): bool {
  const size = limit(LIMIT_LOCK_MAX);
  let free = size - record_high();
  for (let index = 0; index < record_high() && free < count; index++) {
    if (record_at(index).object == 0) free += 1;
  }
  return free >= count;
}

/**
 * Publishes a new lock of the requester. Logged. Precondition: record_has_room(), and nothing was
 * dropped in this transaction, whose entries must keep what they were.
 */
export function record_add(request: Request, type: i32, start: i64, end: i64): void {
  let index = 0;
  while (record_at(index).object != 0) index += 1;
  assert(index < limit(LIMIT_LOCK_MAX));
  const entry = record_at(index);
  entry.order = record_order(request);
  entry.owner = request.owner;
  entry.start = start;
  entry.end = end;
  entry.kind = request.kind;
  entry.type = type;
  if (index >= record_high()) put32(WORD_RECORD_HIGH, index + 1);
  put32(changetype<usize>(entry), <i32>request.object);
}

/** The place of the requester among the owners of locks on the file: behind all, when it has none. */
function record_order(request: Request): i32 {
  const high = record_high();
  for (let index = 0; index < high; index++) {
    const entry = record_at(index);
    if (record_is_own(entry, request)) return entry.order;
  }
  // Not logged: a number that nobody gets does no harm.
  store<i32>(WORD_RECORD_SERIAL, load<i32>(WORD_RECORD_SERIAL) + 1);
  return load<i32>(WORD_RECORD_SERIAL);
}

/** Frees an entry. Logged. */
export function record_drop(entry: Record): void {
  put32(changetype<usize>(entry), 0);
}

/**
 * Frees an entry for good: nobody who looks without the lock sees it go and come back, when a process
 * is ended by one who dies and by another.
 */
export function record_release(entry: Record): void {
  atomic.store<u32>(changetype<usize>(entry), 0);
}

/** Between transactions: entries in use lie below the last of them. */
export function record_trim(): void {
  let high = record_high();
  while (high > 0 && record_at(high - 1).object == 0) high -= 1;
  if (high != record_high()) atomic.store<i32>(WORD_RECORD_HIGH, high);
}

/** Whether the entry is of an open file description, `file`. */
export function record_is_of(entry: Record, file: File): bool {
  if (atomic.load<u32>(changetype<usize>(entry)) == 0 || entry.kind == RECORD_PROC) return false;
  return entry.owner == <i32>changetype<usize>(file);
}

/** Whether the description holds locks. Without LOCK_RECORD: for its last holder, see record-close.ts. */
export function record_holds(file: File): bool {
  const high = atomic.load<i32>(WORD_RECORD_HIGH);
  for (let index = 0; index < high; index++) {
    if (record_is_of(record_at(index), file)) return true;
  }
  return false;
}
