/**
 * System V shared memory: the structure, shmget(2), and a segment's end. shmat(2) and shmdt(2) are in
 * shmop.ts, shmctl(2) in shmctl.ts.
 *
 *   segment   free slot -> live (shmget) -> live, SHM_DEST, key 0 (IPC_RMID while attached)
 *             -> free slot (IPC_RMID unattached, or the last detach)
 *
 * One lock for the kind, LOCK_SHM, then LOCK_PAGE to free frames. Every change is one logged
 * transaction; new frames are zeroed under no lock, as the task's hold.
 * Crash: journalled.
 */
import { EACCES, EEXIST, EINVAL, ELOCK, ENOENT, ENOMEM, ENOSPC, EPERM } from "./abi/errno.ts";
import { IPC_CREAT, IPC_EXCL, IPC_PRIVATE } from "./abi/ipc.ts";
import { LIMIT_SHMALL, LIMIT_SHMMAX } from "./abi/layout.ts";
import { SHMMIN } from "./abi/limits.ts";
import { SHM_DEST, SHM_HUGETLB } from "./abi/shm.ts";
import { Attachment, attachment_drop } from "./attach.ts";
import { current } from "./current.ts";
import { journal_commit, put32, putf64 } from "./journal.ts";
import { lock_enter, lock_leave, lock_nest, RANK_LEAF, RANK_TABLE } from "./lock.ts";
import {
  page_count,
  page_drop,
  page_free_locked,
  page_hand_over,
  page_hold,
  page_poison,
} from "./page.ts";
import { perm_allows, perm_init } from "./perm.ts";
import { Proc, proc_current } from "./proc.ts";
import { LOCK_PAGE, LOCK_SHM, limit, now, TABLE_SHM, WORD_SHM_PAGES } from "./region.ts";
import {
  IpcObject,
  object_id,
  table_find,
  table_find_key,
  table_free_slot,
  table_of,
  table_publish,
  table_retire,
} from "./table.ts";

/** A segment's slot: IpcObject, then these from OBJECT_HEADER on. Guard: LOCK_SHM. */
@unmanaged
export class Segment extends IpcObject {
  /** 40 */ pad: i64;
  /** 48 */ size: u32; // bytes, as shmget was asked for
  /** 52 */ first: u32; // first frame
  /** 56 */ frames: u32;
  /** 60 */ nattch: i32;
  /** 64 */ cpid: i32;
  /** 68 */ lpid: i32;
  /** 72 */ atime: f64;
  /** 80 */ dtime: f64;
  /** 88 */ ctime: f64;
}

export const SEGMENT_SIZE: usize = 128;

export function segment_find(shmid: i32): Segment | null {
  const object = table_find(TABLE_SHM, shmid);
  return object == null ? null : changetype<Segment>(changetype<usize>(object));
}

/** shmget(2). `size` is bytes as JavaScript has it: any number at or above 0. */
export function sys_shmget(key: i32, size: f64, shmflg: i32): i32 {
  let found = -ENOENT;
  if (key != IPC_PRIVATE) {
    const locked = lock_enter(LOCK_SHM, RANK_TABLE);
    if (locked != 0) return locked;
    found = shmget_key_locked(key, size, shmflg);
    lock_leave(LOCK_SHM, RANK_TABLE);
  }
  if (found == -ENOENT && (key == IPC_PRIVATE || (shmflg & IPC_CREAT) != 0)) {
    found = shmget_new(key, size, shmflg);
    if (found == -ELOCK) return found;
  }
  // A hold is left when another process was quicker, or the table was full.
  const dropped = found < 0 ? page_drop(current) : 0;
  return dropped != 0 ? dropped : found;
}

/** The segment with this key: its id, or the errors of shmget(2) for a key that exists. */
function shmget_key_locked(key: i32, size: f64, shmflg: i32): i32 {
  const object = table_find_key(table_of(TABLE_SHM), key);
  // ENOENT: no segment for the key, and IPC_CREAT was not given (the caller looks at that).
  if (object == null) return -ENOENT;
  // EEXIST: IPC_CREAT and IPC_EXCL, and the segment exists.
  if ((shmflg & IPC_CREAT) != 0 && (shmflg & IPC_EXCL) != 0) return -EEXIST;
  const segment = changetype<Segment>(changetype<usize>(object));
  // EINVAL: a segment for the key exists, but it is smaller than size; below 0 is huge in C.
  if (size < 0 || size > <f64>segment.size) return -EINVAL;
  // EACCES: the mode asked for is not granted.
  if (!perm_allows(proc_current(), segment, shmflg)) return -EACCES;
  return object_id(segment);
}

function shmget_new(key: i32, size: f64, shmflg: i32): i32 {
  // EINVAL: less than SHMMIN or more than SHMMAX bytes.
  if (!(size >= <f64>SHMMIN && size <= <f64>(<u32>limit(LIMIT_SHMMAX)))) return -EINVAL;
  // EPERM: huge pages are for the superuser. ENOMEM: there are none here, as on a Linux that has
  // reserved none.
  if ((shmflg & SHM_HUGETLB) != 0) return proc_current().euid != 0 ? -EPERM : -ENOMEM;
  const frames = page_count(<u32>size);
  // ENOSPC: the system's limit on pages in segments, SHMALL. Looked at again under the lock.
  if (frames > <u32>limit(LIMIT_SHMALL) - load<u32>(WORD_SHM_PAGES)) return -ENOSPC;
  const held = page_hold(frames);
  if (held != 0) return held;
  const locked = lock_enter(LOCK_SHM, RANK_TABLE);
  if (locked != 0) return locked;
  const id = shmget_publish_locked(key, <u32>size, shmflg, frames);
  journal_commit();
  lock_leave(LOCK_SHM, RANK_TABLE);
  return id;
}

function shmget_publish_locked(key: i32, size: u32, shmflg: i32, frames: u32): i32 {
  if (key != IPC_PRIVATE) {
    const found = shmget_key_locked(key, <f64>size, shmflg);
    if (found != -ENOENT) return found;
  }
  const table = table_of(TABLE_SHM);
  const object = table_free_slot(table);
  // ENOSPC: all SHMMNI ids are taken, or SHMALL would be passed.
  if (object == null || frames > <u32>limit(LIMIT_SHMALL) - load<u32>(WORD_SHM_PAGES))
    return -ENOSPC;
  const segment = changetype<Segment>(changetype<usize>(object));
  // The slot is free: nobody reads it before table_publish().
  perm_init(segment, key, shmflg);
  segment.size = size;
  segment.first = page_hand_over();
  segment.frames = frames;
  segment.nattch = 0;
  segment.cpid = proc_current().pid;
  segment.lpid = 0;
  segment.atime = 0;
  segment.dtime = 0;
  segment.ctime = now();
  put32(WORD_SHM_PAGES, load<i32>(WORD_SHM_PAGES) + <i32>frames);
  return table_publish(table, segment);
}

/**
 * Drops one attachment of a live process and destroys a marked segment with its last. Commits.
 * Precondition: LOCK_SHM is held. @returns 0, or -ELOCK when frames must be freed and LOCK_PAGE is
 * busy: nothing of this attachment has changed then.
 */
export function segment_detach(entry: Attachment): i32 {
  const segment = changetype<Segment>(entry.segment);
  const destroy = segment.nattch == 1 && (segment.mode & SHM_DEST) != 0;
  if (destroy) {
    const locked = lock_nest(LOCK_PAGE, RANK_LEAF);
    if (locked != 0) return locked;
  }
  segment_detach_locked(entry, null);
  if (destroy) lock_leave(LOCK_PAGE, RANK_LEAF);
  return 0;
}

/** The same with LOCK_PAGE held, if it must be; `keep` is about to be attached and stays. */
export function segment_detach_locked(entry: Attachment, keep: Segment | null): void {
  const segment = changetype<Segment>(entry.segment);
  const last = segment.nattch == 1 && segment != keep;
  const destroy = last && (segment.mode & SHM_DEST) != 0;
  const at = changetype<usize>(segment);
  put32(at + offsetof<Segment>("nattch"), segment.nattch - 1);
  put32(at + offsetof<Segment>("lpid"), changetype<Proc>(entry.proc).pid);
  putf64(at + offsetof<Segment>("dtime"), now());
  attachment_drop(entry);
  if (destroy) segment_destroy_locked(segment);
  else journal_commit();
}

/** Destroys what a cut-off SHM_REMAP left: marked and unattached. LOCK_SHM and LOCK_PAGE are held. */
export function segment_repair(segment: Segment): void {
  const left = segment.tag != 0 && segment.nattch == 0 && (segment.mode & SHM_DEST) != 0;
  if (left) segment_destroy_locked(segment);
}

/** Frees a segment and commits. LOCK_SHM and LOCK_PAGE are held. */
export function segment_destroy_locked(segment: Segment): void {
  const first = segment.first;
  const frames = segment.frames;
  put32(WORD_SHM_PAGES, load<i32>(WORD_SHM_PAGES) - <i32>frames);
  table_retire(table_of(TABLE_SHM), segment);
  page_free_locked(first, frames);
  journal_commit();
  page_poison(first, frames);
}
