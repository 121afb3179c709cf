/**
 * shmat(2) and shmdt(2): one transaction under LOCK_SHM; where SHM_REMAP or a split leaves several
 * pieces, each piece that goes is a transaction of its own. What an address is: attach.ts.
 * Crash: journalled.
 */
import { EACCES, EINVAL, ENOMEM } from "./abi/errno.ts";
import { S_IRUGO, S_IWUGO } from "./abi/ipc.ts";
import { PAGE_SIZE } from "./abi/limits.ts";
import { SHM_EXEC, SHM_RDONLY, SHM_REMAP, SHM_RND, SHMAT_OFFSET, SHMAT_SEGSZ } from "./abi/shm.ts";
import {
  ATTACHMENT_SIZE,
  Attachment,
  attachment_add,
  attachment_at,
  attachment_free_slot,
  attachment_high,
  attachment_highest,
  attachment_lowest,
  attachment_overlap,
  labels_find,
  labels_valid,
} from "./attach.ts";
import { current } from "./current.ts";
import { journal_commit, put32, putf64 } from "./journal.ts";
import { lock_enter, lock_leave, lock_nest, RANK_LEAF, RANK_TABLE } from "./lock.ts";
import { page_address } from "./page.ts";
import { perm_allows } from "./perm.ts";
import { Proc, proc_current } from "./proc.ts";
import { LOCK_PAGE, LOCK_SHM, now, WORD_ATTACH_SERIAL } from "./region.ts";
import { Segment, segment_detach, segment_detach_locked, segment_find } from "./shm.ts";
import { task_transfer } from "./task.ts";

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
  // Before any piece goes: what cannot be ended must not be begun.
  const remap = (shmflg & SHM_REMAP) != 0;
  const busy = remap ? lock_nest(LOCK_PAGE, RANK_LEAF) : 0;
  const result = busy != 0 ? busy : shmat_locked(shmid, addr, shmflg);
  journal_commit();
  if (remap && busy == 0) lock_leave(LOCK_PAGE, RANK_LEAF);
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
  const entry = attachment_free_slot(null);
  if (entry == null) return -ENOMEM;
  if (addr == 0) {
    addr = labels_find(proc, <u32>page_address(segment.first), size);
    // ENOMEM: no room in the process's address space.
    if (addr == 0) return -ENOMEM;
  } else {
    // EINVAL: past the end of the address space, or occupied and no SHM_REMAP.
    if (!labels_valid(addr, size)) return -EINVAL;
    const blocked =
      (shmflg & SHM_REMAP) == 0
        ? shmat_occupied(proc, addr, size)
        : shmat_clear_range(proc, addr, size, entry, segment);
    if (blocked != 0) return blocked;
  }
  entry.serial = load<i32>(WORD_ATTACH_SERIAL) + 1;
  entry.base = addr;
  entry.addr = addr;
  entry.size = size;
  entry.segment = changetype<usize>(segment);
  entry.flags = shmflg & (SHM_RDONLY | SHM_EXEC);
  put32(WORD_ATTACH_SERIAL, entry.serial);
  attachment_add(entry, proc);
  const at = changetype<usize>(segment);
  put32(at + offsetof<Segment>("nattch"), segment.nattch + 1);
  put32(at + offsetof<Segment>("lpid"), changetype<Proc>(proc).pid);
  putf64(at + offsetof<Segment>("atime"), now());
  const transfer = task_transfer(current);
  store<u32>(transfer, <u32>page_address(segment.first), SHMAT_OFFSET);
  store<u32>(transfer, segment.size, SHMAT_SEGSZ);
  return <i32>addr;
}

/** Makes room at a chosen address; LOCK_PAGE is held too. One piece at most may need a new entry: that after a split. */
function shmat_clear_range(proc: usize, addr: u32, size: u32, own: Attachment, keep: Segment): i32 {
  let entry = attachment_overlap(proc, addr, size);
  while (entry != null) {
    const end = entry.addr + entry.size;
    const at = changetype<usize>(entry);
    const split = entry.addr < addr && end > addr + size;
    // Covered in the middle: `own` is for the new attachment, the rest takes another entry.
    const rest = split ? attachment_free_slot(own) : null;
    if (split && rest == null) return -ENOMEM;
    const whole = entry.addr >= addr && end <= addr + size;
    if (!whole) segment_touch(changetype<Segment>(entry.segment), changetype<Proc>(proc).pid);
    if (rest != null) {
      memory.copy(changetype<usize>(rest) + 4, at + 4, ATTACHMENT_SIZE - 4);
      rest.addr = addr + size;
      rest.size = end - addr - size;
      attachment_add(rest, proc);
      const segment = changetype<Segment>(entry.segment);
      put32(entry.segment + offsetof<Segment>("nattch"), segment.nattch + 1);
      put32(at + offsetof<Attachment>("size"), <i32>(addr - entry.addr));
    } else if (entry.addr < addr) {
      put32(at + offsetof<Attachment>("size"), <i32>(addr - entry.addr));
    } else if (end > addr + size) {
      put32(at + offsetof<Attachment>("addr"), <i32>(addr + size));
      put32(at + offsetof<Attachment>("size"), <i32>(end - addr - size));
    } else {
      segment_detach_locked(entry, keep);
    }
    entry = attachment_overlap(proc, addr, size);
  }
  return 0;
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

/**
 * Every piece that SHM_REMAP left of the attachment goes, each with a transaction of its own. The
 * lowest goes last: cut short by ELOCK, the call made again means the same attachment.
 */
function shmdt_locked(proc: usize, base: u32): i32 {
  const lowest = attachment_lowest(proc, base);
  if (lowest == null) return -EINVAL;
  const serial = lowest.serial;
  let entry = attachment_highest(proc, serial);
  while (entry != null) {
    const failed = segment_detach(entry);
    if (failed != 0) return failed;
    entry = attachment_highest(proc, serial);
  }
  return 0;
}

/** Linux splits the range and unmaps a part of it, so it was attached and detached just now. */
function segment_touch(segment: Segment, pid: i32): void {
  const at = changetype<usize>(segment);
  put32(at + offsetof<Segment>("lpid"), pid);
  putf64(at + offsetof<Segment>("atime"), now());
  putf64(at + offsetof<Segment>("dtime"), now());
}

/** EINVAL: the range is occupied, and no SHM_REMAP. */
function shmat_occupied(proc: usize, addr: u32, size: u32): i32 {
  return attachment_overlap(proc, addr, size) == null ? 0 : -EINVAL;
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
