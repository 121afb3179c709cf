/**
 * System V shared memory: shmget(2), shmat(2), shmdt(2); shmctl(2) is in shmctl.ts.
 *
 *   segment   free slot -> live (shmget) -> live, SHM_DEST, key 0 (IPC_RMID while attached)
 *             -> free slot (IPC_RMID unattached, or the last detach)
 *
 * One lock for the kind, LOCK_SHM, then LOCK_PAGE to free frames. Every change is one logged
 * transaction; new frames are zeroed under no lock, as the task's hold.
 */
import { EACCES, EEXIST, EINVAL, ELOCK, ENOENT, ENOMEM, ENOSPC } from "./abi/errno.ts";
import { IPC_CREAT, IPC_EXCL, IPC_PRIVATE, S_IRUGO, S_IWUGO } from "./abi/ipc.ts";
import { LIMIT_SHMALL, LIMIT_SHMMAX } from "./abi/layout.ts";
import { PAGE_SIZE, SHMMIN } from "./abi/limits.ts";
import {
  SHM_DEST,
  SHM_EXEC,
  SHM_HUGETLB,
  SHM_RDONLY,
  SHM_REMAP,
  SHM_RND,
  SHMAT_OFFSET,
  SHMAT_SEGSZ,
} from "./abi/shm.ts";
import {
  Attachment,
  attachment_add,
  attachment_at,
  attachment_drop,
  attachment_free_slot,
  attachment_high,
  attachment_overlap,
  labels_find,
  labels_valid,
} from "./attach.ts";
import { current } from "./current.ts";
import { journal_commit, put32, putf64 } from "./journal.ts";
import { lock_enter, lock_leave, lock_nest, RANK_PAGE, RANK_TABLE } from "./lock.ts";
import {
  page_address,
  page_count,
  page_drop,
  page_free_locked,
  page_hand_over,
  page_hold,
  page_poison,
} from "./page.ts";
import { perm_allows, perm_init } from "./perm.ts";
import { Proc, proc_current } from "./proc.ts";
import { limit, LOCK_PAGE, LOCK_SHM, now, TABLE_SHM, WORD_SHM_PAGES } from "./region.ts";
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
import { task_transfer } from "./task.ts";

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
  // EINVAL: a segment for the key exists, but it is smaller than size.
  if (size > <f64>segment.size) return -EINVAL;
  // EACCES: the mode asked for is not granted.
  if (!perm_allows(proc_current(), segment, shmflg)) return -EACCES;
  return object_id(segment);
}

function shmget_new(key: i32, size: f64, shmflg: i32): i32 {
  // EINVAL: less than SHMMIN or more than SHMMAX bytes.
  if (size < <f64>SHMMIN || size > <f64>(<u32>limit(LIMIT_SHMMAX))) return -EINVAL;
  // ENOMEM: there are no huge pages here, as on a Linux with none reserved.
  if ((shmflg & SHM_HUGETLB) != 0) return -ENOMEM;
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
  if (object == null || frames > <u32>limit(LIMIT_SHMALL) - load<u32>(WORD_SHM_PAGES)) return -ENOSPC;
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
 * shmat(2): attaches at `shmaddr`, or at an address of the kernel's choice for 0. @returns the
 * address; the transfer area says where the bytes are (SHMAT_OFFSET, SHMAT_SEGSZ).
 */
export function sys_shmat(shmid: i32, shmaddr: f64, shmflg: i32): i32 {
  let addr: u32 = 0;
  if (shmaddr != 0) {
    if (shmaddr < 0 || shmaddr >= 4294967296.0) return -EINVAL;
    addr = <u32>shmaddr;
    if ((addr & (PAGE_SIZE - 1)) != 0) {
      // EINVAL: not aligned and no SHM_RND, or rounded down to nothing with SHM_REMAP.
      if ((shmflg & SHM_RND) == 0) return -EINVAL;
      addr &= ~(PAGE_SIZE - 1);
      if (addr == 0 && (shmflg & SHM_REMAP) != 0) return -EINVAL;
    }
  } else if ((shmflg & SHM_REMAP) != 0) {
    // EINVAL: SHM_REMAP with a null address.
    return -EINVAL;
  }
  const locked = lock_enter(LOCK_SHM, RANK_TABLE);
  if (locked != 0) return locked;
  const result = shmat_locked(shmid, addr, shmflg);
  journal_commit();
  lock_leave(LOCK_SHM, RANK_TABLE);
  return result;
}

function shmat_locked(shmid: i32, addr: u32, shmflg: i32): i32 {
  // EINVAL: no segment with this id.
  const segment = segment_find(shmid);
  if (segment == null) return -EINVAL;
  const proc = changetype<usize>(proc_current());
  let access = (shmflg & SHM_RDONLY) != 0 ? S_IRUGO : S_IRUGO | S_IWUGO;
  if ((shmflg & SHM_EXEC) != 0) access |= 0o111;
  // EACCES: read, write or execute permission for this attach type is missing.
  if (!perm_allows(proc_current(), segment, access)) return -EACCES;
  const size = segment.frames * PAGE_SIZE;
  // ENOMEM: no attachment is left in the table.
  const entry = attachment_free_slot();
  if (entry == null) return -ENOMEM;
  if (addr == 0) {
    addr = labels_find(proc, <u32>page_address(segment.first), size);
    // ENOMEM: no room in the process's address space.
    if (addr == 0) return -ENOMEM;
  } else {
    // EINVAL: past the end of the address space, or occupied and no SHM_REMAP.
    if (!labels_valid(addr, size)) return -EINVAL;
    const blocked = shmat_clear_range(proc, addr, size, (shmflg & SHM_REMAP) != 0, entry);
    if (blocked != 0) return blocked;
  }
  attachment_add(entry, proc, addr, addr, size, changetype<usize>(segment), shmflg & (SHM_RDONLY | SHM_EXEC));
  const at = changetype<usize>(segment);
  put32(at + offsetof<Segment>("nattch"), segment.nattch + 1);
  put32(at + offsetof<Segment>("lpid"), changetype<Proc>(proc).pid);
  putf64(at + offsetof<Segment>("atime"), now());
  const transfer = task_transfer(current);
  store<u32>(transfer, <u32>page_address(segment.first), SHMAT_OFFSET);
  store<u32>(transfer, segment.size, SHMAT_SEGSZ);
  return <i32>addr;
}

/** Makes room at a chosen address. One piece at most may need a new entry: that after a split. */
function shmat_clear_range(proc: usize, addr: u32, size: u32, remap: bool, own: Attachment): i32 {
  let entry = attachment_overlap(proc, addr, size);
  if (entry != null && !remap) return -EINVAL;
  while (entry != null) {
    const end = entry.addr + entry.size;
    const at = changetype<usize>(entry);
    if (entry.addr < addr && end > addr + size) {
      // Covered in the middle: `own` is still free, so the rest takes the next free entry.
      own.proc = proc;
      const rest = attachment_free_slot();
      own.proc = 0;
      if (rest == null) return -ENOMEM;
      attachment_add(rest, proc, entry.base, addr + size, end - addr - size, entry.segment, entry.flags);
      const segment = changetype<Segment>(entry.segment);
      put32(entry.segment + offsetof<Segment>("nattch"), segment.nattch + 1);
      put32(at + offsetof<Attachment>("size"), <i32>(addr - entry.addr));
    } else if (entry.addr < addr) {
      put32(at + offsetof<Attachment>("size"), <i32>(addr - entry.addr));
    } else if (end > addr + size) {
      put32(at + offsetof<Attachment>("addr"), <i32>(addr + size));
      put32(at + offsetof<Attachment>("size"), <i32>(end - addr - size));
    } else {
      const failed = segment_detach(entry);
      if (failed != 0) return failed;
    }
    entry = attachment_overlap(proc, addr, size);
  }
  return 0;
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
    const locked = lock_nest(LOCK_PAGE, RANK_PAGE);
    if (locked != 0) return locked;
  }
  const at = changetype<usize>(segment);
  put32(at + offsetof<Segment>("nattch"), segment.nattch - 1);
  put32(at + offsetof<Segment>("lpid"), changetype<Proc>(entry.proc).pid);
  putf64(at + offsetof<Segment>("dtime"), now());
  attachment_drop(entry);
  if (destroy) segment_destroy_locked(segment);
  else journal_commit();
  return 0;
}

/** Frees a segment's slot and frames and commits. LOCK_SHM and LOCK_PAGE are held; the latter is left. */
export function segment_destroy_locked(segment: Segment): void {
  const first = segment.first;
  const frames = segment.frames;
  put32(WORD_SHM_PAGES, load<i32>(WORD_SHM_PAGES) - <i32>frames);
  table_retire(table_of(TABLE_SHM), segment);
  page_free_locked(first, frames);
  journal_commit();
  page_poison(first, frames);
  lock_leave(LOCK_PAGE, RANK_PAGE);
}

/** shmdt(2). EINVAL: nothing is attached at `shmaddr`, or it is not a page's address. */
export function sys_shmdt(shmaddr: f64): i32 {
  if (shmaddr <= 0 || shmaddr >= 2147483648.0) return -EINVAL;
  const base = <u32>shmaddr;
  if (<f64>base != shmaddr || (base & (PAGE_SIZE - 1)) != 0) return -EINVAL;
  const locked = lock_enter(LOCK_SHM, RANK_TABLE);
  if (locked != 0) return locked;
  const result = shmdt_locked(changetype<usize>(proc_current()), base);
  lock_leave(LOCK_SHM, RANK_TABLE);
  return result;
}

/** Every piece that SHM_REMAP left of the attachment goes, each with a transaction of its own. */
function shmdt_locked(proc: usize, base: u32): i32 {
  let result = -EINVAL;
  for (let index = 0; index < attachment_high(); index++) {
    const entry = attachment_at(index);
    if (entry.proc != proc || entry.base != base) continue;
    const failed = segment_detach(entry);
    // ELOCK: the pieces before are gone for good; the call made again finds the rest.
    if (failed != 0) return failed;
    result = 0;
  }
  return result;
}

/** Detaches everything at a process's end. LOCK_SHM is held. @returns 0 or -ELOCK (call again). */
export function shm_exit_locked(proc: usize): i32 {
  for (let index = attachment_high() - 1; index >= 0; index--) {
    const entry = attachment_at(index);
    if (entry.proc != proc) continue;
    const failed = segment_detach(entry);
    if (failed != 0) return failed;
  }
  return 0;
}
