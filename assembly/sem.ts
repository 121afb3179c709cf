/**
 * System V semaphore sets: the structures, and semget(2). semop(2) is in semop.ts, its evaluation in
 * sem-eval.ts, semctl(2) in semctl.ts, SEM_UNDO's records in undo.ts.
 *
 *   set   free slot -> live (semget) -> closing (IPC_RMID: the id is stale, sleepers are being told
 *         EIDRM) -> free slot
 *
 * Guard: the set's own lock (RANK_OBJECT) for values, waiters and times; LOCK_SEM before it for the
 * slot's life. Values live in page frames: an array of 8-byte cells, so that one entry of the
 * journal holds a semaphore. SETALL replaces the array, so `base` is looked at under the lock.
 * Crash: journalled.
 */
import { EACCES, EEXIST, EINVAL, ELOCK, ENOENT, ENOSPC } from "./abi/errno.ts";
import { IPC_CREAT, IPC_EXCL, IPC_PRIVATE } from "./abi/ipc.ts";
import { LIMIT_SEMMNS, LIMIT_SEMMSL } from "./abi/layout.ts";
import { current } from "./current.ts";
import { journal_commit, put32 } from "./journal.ts";
import { lock_enter, lock_is_busy, lock_leave, RANK_TABLE } from "./lock.ts";
import { page_address, page_count, page_drop, page_hand_over, page_hold } from "./page.ts";
import { perm_allows, perm_init } from "./perm.ts";
import { proc_current } from "./proc.ts";
import { LOCK_SEM, limit, now, TABLE_SEM, WORD_SEMS_USED } from "./region.ts";
import {
  IpcObject,
  object_id,
  table_find,
  table_find_key,
  table_free_slot,
  table_of,
  table_publish,
} from "./table.ts";

/** A set's slot. */
@unmanaged
export class SemSet extends IpcObject {
  /** 40 */ nsems: i32; // constant while the set lives
  /** 44 */ base: u32; // address of the values
  /** 48 */ first: u32; // frames of the values
  /** 52 */ frames: u32;
  /** 56 */ alter_head: u32; // waiters that change values
  /** 60 */ alter_tail: u32;
  /** 64 */ zero_head: u32; // waiters for zero
  /** 68 */ zero_tail: u32;
  /** 72 */ otime: f64;
  /** 80 */ ctime: f64;
  /** 88 */ epoch: i32; // undo entries of another epoch count as 0
}

export const SEMSET_SIZE: usize = 128;

/** One semaphore, 8 bytes: one cell of the journal. */
@unmanaged
export class Sem {
  /** 0 */ semval: u16; // 0 to SEMVMX
  /** 2 */ sempid: u16; // of the last operation
  /** 4 */ version: u32; // changes with every store, so that a cell never looks unchanged
}

export const SEM_SIZE: usize = 8;

/** The cell that follows `cell`: another value and pid, the next version. */
export function sem_next(cell: i64, semval: i32, sempid: i32): i64 {
  const version = <i64>(<u32>(cell >>> 32) + 1);
  return (version << 32) | <i64>(((<u32>sempid & 0xffff) << 16) | (<u32>semval & 0xffff));
}

export function sem_at(set: SemSet, num: i32): Sem {
  return changetype<Sem>(<usize>set.base + ((<usize>num) << 3));
}

export function semset_find(semid: i32): SemSet | null {
  const object = table_find(TABLE_SEM, semid);
  return object == null ? null : changetype<SemSet>(changetype<usize>(object));
}

/**
 * The answer for an id that was not found without the lock: whoever removes the set may yet die, and
 * the set be there again. @returns -EINVAL, -EINTR, or -ELOCK: also when the set is there, for the call made again
 */
export function semset_absent(semid: i32): i32 {
  const locked = lock_enter(LOCK_SEM, RANK_TABLE);
  if (locked != 0) return locked;
  const found = semset_find(semid) != null;
  lock_leave(LOCK_SEM, RANK_TABLE);
  return found ? lock_is_busy(LOCK_SEM) : -EINVAL;
}

/** Addresses of a set's two wait queues. */
export function alter_queue(set: SemSet): usize {
  return changetype<usize>(set) + offsetof<SemSet>("alter_head");
}

export function zero_queue(set: SemSet): usize {
  return changetype<usize>(set) + offsetof<SemSet>("zero_head");
}

/** semget(2). */
export function sys_semget(key: i32, nsems: i32, semflg: i32): i32 {
  // EINVAL: nsems is negative or more than SEMMSL.
  if (nsems < 0 || nsems > limit(LIMIT_SEMMSL)) return -EINVAL;
  let found = -ENOENT;
  if (key != IPC_PRIVATE) {
    const locked = lock_enter(LOCK_SEM, RANK_TABLE);
    if (locked != 0) return locked;
    found = semget_key_locked(key, nsems, semflg);
    lock_leave(LOCK_SEM, RANK_TABLE);
  }
  if (found == -ENOENT && (key == IPC_PRIVATE || (semflg & IPC_CREAT) != 0)) {
    found = semget_new(key, nsems, semflg);
    if (found == -ELOCK) return found;
  }
  const dropped = found < 0 ? page_drop(current) : 0;
  return dropped != 0 ? dropped : found;
}

function semget_key_locked(key: i32, nsems: i32, semflg: i32): i32 {
  const object = table_find_key(table_of(TABLE_SEM), key);
  // ENOENT: no set for the key, and IPC_CREAT was not given (the caller looks at that).
  if (object == null) return -ENOENT;
  // EEXIST: IPC_CREAT and IPC_EXCL, and the set exists.
  if ((semflg & IPC_CREAT) != 0 && (semflg & IPC_EXCL) != 0) return -EEXIST;
  const set = changetype<SemSet>(changetype<usize>(object));
  // EINVAL: the set exists and has fewer semaphores than nsems.
  if (nsems > set.nsems) return -EINVAL;
  // EACCES: the mode asked for is not granted.
  if (!perm_allows(proc_current(), set, semflg)) return -EACCES;
  return object_id(set);
}

function semget_new(key: i32, nsems: i32, semflg: i32): i32 {
  // EINVAL: a new set needs a semaphore.
  if (nsems == 0) return -EINVAL;
  // ENOSPC: SEMMNS semaphores in all. Looked at again under the lock.
  if (nsems > limit(LIMIT_SEMMNS) - load<i32>(WORD_SEMS_USED)) return -ENOSPC;
  const held = page_hold(page_count((<u32>nsems) << 3));
  if (held != 0) return held;
  const locked = lock_enter(LOCK_SEM, RANK_TABLE);
  if (locked != 0) return locked;
  const id = semget_publish_locked(key, nsems, semflg);
  journal_commit();
  lock_leave(LOCK_SEM, RANK_TABLE);
  return id;
}

function semget_publish_locked(key: i32, nsems: i32, semflg: i32): i32 {
  if (key != IPC_PRIVATE) {
    const found = semget_key_locked(key, nsems, semflg);
    if (found != -ENOENT) return found;
  }
  const table = table_of(TABLE_SEM);
  const object = table_free_slot(table);
  // ENOSPC: all SEMMNI ids are taken, or SEMMNS would be passed.
  if (object == null || nsems > limit(LIMIT_SEMMNS) - load<i32>(WORD_SEMS_USED)) return -ENOSPC;
  const set = changetype<SemSet>(changetype<usize>(object));
  perm_init(set, key, semflg);
  set.nsems = nsems;
  set.first = page_hand_over();
  set.frames = page_count((<u32>nsems) << 3);
  set.base = <u32>page_address(set.first);
  set.otime = 0;
  set.ctime = now();
  put32(WORD_SEMS_USED, load<i32>(WORD_SEMS_USED) + nsems);
  return table_publish(table, set);
}
