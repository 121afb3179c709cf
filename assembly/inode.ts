/**
 * Inodes: what a name leads to, a regular file, directory, symbolic link, FIFO or device. Numbers run
 * from 1, the root; st_ino is a serial of its own, which no later inode has again.
 *
 *   inode   free (mode 0) -> filled, then published by the store of mode -> free, when it has no name
 *           and nobody has it open any more
 *
 * Guard: LOCK_NAME; the extent and size of a regular file: the inode's own lock (object). The times have
 * none: each is one store. Crash: journalled, part of the caller's transaction. See inode(7).
 */
import { LIMIT_FILE_PAGES, LIMIT_INODES } from "./abi/layout.ts";
import { S_IFDIR, S_IFMT, S_ISVTX } from "./abi/stat.ts";
import { X_OK } from "./abi/unistd.ts";
import { DEV_VOLUME, VOLUME_READONLY } from "./abi/volume.ts";
import { current } from "./current.ts";
import { journal_commit, put32, putf64 } from "./journal.ts";
import { lock_leave, lock_nest, RANK_LEAF } from "./lock.ts";
import { page_address, page_free_locked, page_hand_over, page_poison } from "./page.ts";
import { proc_in_group } from "./perm.ts";
import { Proc, proc_current } from "./proc.ts";
import {
  LOCK_PAGE,
  limit,
  now,
  REGION_INODE,
  region,
  WORD_FILE_PAGES,
  WORD_INODE,
  WORD_INODE_NEXT,
  WORD_INODES_USED,
  WORD_VOLUME_FLAGS,
} from "./region.ts";

@unmanaged
export class Inode {
  /** 0 */ lock: i32; // atomic
  /** 4 */ mode: i32; // type and permissions, 0 for a free slot
  /** 8 */ nlink: i32; // names; of a directory 2 and its directories, 0 once removed
  /** 12 */ opens: i32; // descriptions, processes that are in it, removed directories that it was the parent of
  /** 16 */ uid: i32;
  /** 20 */ gid: i32;
  /** 24 */ size: i64; // bytes; guard: lock
  /** 32 */ base: usize; // address of the extent; guard: lock, of a directory LOCK_NAME; so the next two
  /** 36 */ first: u32;
  /** 40 */ frames: u32; // 0 without an extent
  /** 44 */ entries: i32; // of a directory, without "." and ".."
  /** 48 */ atime: f64;
  /** 56 */ mtime: f64;
  /** 64 */ ctime: f64;
  /** 72 */ parent: i32; // number of a directory's parent, also once it is removed; the root's is itself
  /** 76 */ serial: i32; // st_ino
  /** 80 */ dev: i32; // st_dev: of the parent, but for what is mounted
  /** 84 */ rdev: i32; // of a device; of a file of /proc/sysvipc which one, see sysvipc.ts
  /** 88 */ pipe: usize; // of a FIFO that is open
  /** 92 */ readers_head: usize; // who waits in open() for a reader; guard: LOCK_PROC
  /** 96 */ readers_tail: usize;
  /** 100 */ writers_head: usize; // for a writer
  /** 104 */ writers_tail: usize;
  /** 108 */ absent: i32; // 1: the contents are on the volume's disk only, and nobody has it open
  /** 112 */ dirty: u8; // 1: contents, or entries, that the disk may not have; guard: lock or LOCK_NAME
  /** 113 */ meta: u8; // 1: the same of what it says of itself
}

export const INODE_SIZE: usize = 128;
export const INODE_ROOT: i32 = 1;
/** st_dev of /proc, where nothing is made or removed. */
export const DEV_PROC: i32 = 3;

/** What inode_leave_begin() has found. */
const GOES: i32 = 1;
const GOES_PAGES: i32 = 2;

export function inode_at(number: i32): Inode {
  return changetype<Inode>(region(REGION_INODE) + <usize>(number - 1) * INODE_SIZE);
}

export function inode_number(inode: Inode): i32 {
  return <i32>((changetype<usize>(inode) - region(REGION_INODE)) / INODE_SIZE) + 1;
}

export function inode_is(inode: Inode, type: i32): bool {
  return (inode.mode & S_IFMT) == type;
}

/** Whether the process may do with it what R_OK, W_OK and X_OK say, as the user and group given. */
export function inode_permits(inode: Inode, proc: Proc, uid: i32, gid: i32, wanted: i32): bool {
  const mode = inode.mode;
  // CAP_DAC_OVERRIDE: all, but to execute a file that nobody may.
  if (uid == 0) return (wanted & X_OK) == 0 || (mode & 0o111) != 0 || inode_is(inode, S_IFDIR);
  let granted = mode;
  if (uid == inode.uid) granted >>= 6;
  else if (gid == inode.gid || proc_in_group(proc, inode.gid)) granted >>= 3;
  return (wanted & ~granted) == 0;
}

/** Whether the current process may. */
export function inode_allows(inode: Inode, wanted: i32): bool {
  const proc = proc_current();
  return inode_permits(inode, proc, proc.euid, proc.egid, wanted);
}

/** Whether a directory has been removed, and is only in use. */
export function inode_removed(dir: Inode): bool {
  return dir.nlink == 0;
}

/** Whether the current process may change owner, mode and times. */
export function inode_owned(inode: Inode): bool {
  const euid = proc_current().euid;
  return euid == 0 || euid == inode.uid;
}

/** unlink(2): whether S_ISVTX keeps the current process from taking a name of `inode` out of `dir`. */
export function inode_sticks(dir: Inode, inode: Inode): bool {
  return (dir.mode & S_ISVTX) != 0 && !inode_owned(inode) && proc_current().euid != dir.uid;
}

/** Whether there is room for an inode, or for one more name of one. */
export function inode_room(): bool {
  return load<i32>(WORD_INODES_USED) < limit(LIMIT_INODES);
}

/** One inode or further name more or less. Logged. */
export function inode_used_add(count: i32): void {
  put32(WORD_INODES_USED, load<i32>(WORD_INODES_USED) + count);
}

/** A free slot. Precondition: inode_room(), so there is one. */
function inode_free_slot(): Inode {
  const count = limit(LIMIT_INODES);
  let number = load<i32>(WORD_INODE_NEXT);
  for (;;) {
    number = number < count ? number + 1 : 1;
    if (inode_at(number).mode == 0) break;
  }
  store<i32>(WORD_INODE_NEXT, number);
  return inode_at(number);
}

/** A new inode of the current process, with one name. Logged: published. */
export function inode_create(mode: i32, gid: i32, dev: i32): Inode {
  const inode = inode_free_slot();
  inode_fill(inode, proc_current().euid, gid, dev, now());
  inode_soil(inode);
  inode_used_add(1);
  put32(changetype<usize>(inode) + offsetof<Inode>("mode"), mode);
  return inode;
}

/** Fills a free slot, which nobody reads before it has a mode. */
export function inode_fill(inode: Inode, uid: i32, gid: i32, dev: i32, time: f64): void {
  memory.fill(changetype<usize>(inode) + 8, 0, INODE_SIZE - 8);
  inode.nlink = 1;
  inode.uid = uid;
  inode.gid = gid;
  inode.dev = dev;
  inode.serial = atomic.add<i32>(WORD_INODE, 1) + 1;
  inode.atime = time;
  inode.mtime = time;
  inode.ctime = time;
}

/** Flags of the volume that is `dev`, 0 for the machine's own memory. */
export function volume_flags(dev: i32): i32 {
  return dev < DEV_VOLUME ? 0 : load<i32>(WORD_VOLUME_FLAGS + ((<usize>(dev - DEV_VOLUME)) << 2));
}

/** Whether it is on a volume that may not be changed: EROFS. */
export function inode_frozen(inode: Inode): bool {
  return (volume_flags(inode.dev) & VOLUME_READONLY) != 0;
}

/** Marks it for the volume, if it has one. Not logged: a mark too many costs a look. */
export function inode_soil(inode: Inode): void {
  if (inode.dev < DEV_VOLUME) return;
  inode.dirty = 1;
  inode.meta = 1;
}

/** What it says of itself has changed. Logged. */
export function inode_changed(inode: Inode): void {
  if (inode.dev >= DEV_VOLUME) inode.meta = 1;
  putf64(changetype<usize>(inode) + offsetof<Inode>("ctime"), now());
}

/** What is in it has changed. Logged. */
export function inode_written(inode: Inode): void {
  inode_soil(inode);
  putf64(changetype<usize>(inode) + offsetof<Inode>("mtime"), now());
  inode_changed(inode);
}

/** Logged. */
export function inode_links_add(inode: Inode, count: i32): void {
  put32(changetype<usize>(inode) + offsetof<Inode>("nlink"), inode.nlink + count);
}

/** Logged. */
export function inode_opens_add(inode: Inode, count: i32): void {
  put32(changetype<usize>(inode) + offsetof<Inode>("opens"), inode.opens + count);
}

/**
 * Takes the lock that the end of an inode with so many names and uses less needs. LOCK_NAME is held.
 * @returns what inode_leave() and inode_leave_end() are told, 0 when it stays; -ELOCK or -EINTR.
 */
export function inode_leave_begin(inode: Inode, links: i32, opens: i32): i32 {
  return inode_leave_for(inode, links, opens, inode);
}

/** The same where the caller goes on to use `next`. */
export function inode_leave_for(inode: Inode, links: i32, opens: i32, next: Inode): i32 {
  if (inode.nlink > links || inode.opens > opens) return 0;
  if (inode_is(inode, S_IFDIR) && inode_removed(inode)) {
    const left = inode_leave_above(inode, next);
    if (left != 0) return left;
  }
  return inode_leave_lock(inode);
}

function inode_leave_lock(inode: Inode): i32 {
  if (inode.frames == 0) return GOES;
  const nested = lock_nest(LOCK_PAGE, RANK_LEAF);
  return nested == 0 ? GOES | GOES_PAGES : nested;
}

/**
 * Directories above a removed one that nobody else uses go before it, a transaction each: it has the next one
 * above for its parent then. Nothing may be logged. @returns 0, -ELOCK or -EINTR
 */
function inode_leave_above(dir: Inode, next: Inode): i32 {
  let parent = inode_at(dir.parent);
  while (inode_removed(parent) && parent.opens == 1 && parent != next) {
    const goes = inode_leave_lock(parent);
    if (goes < 0) return goes;
    // Its use of the one above is the directory's now.
    put32(changetype<usize>(dir) + offsetof<Inode>("parent"), parent.parent);
    inode_free(parent, goes);
    journal_commit();
    inode_leave_end(parent, goes);
    parent = inode_at(dir.parent);
  }
  return 0;
}

/** Frees an inode that has no name and no use any more. Logged. */
export function inode_leave(inode: Inode, goes: i32): void {
  if (goes == 0) return;
  if (inode_is(inode, S_IFDIR)) inode_opens_add(inode_at(inode.parent), -1);
  inode_free(inode, goes);
}

function inode_free(inode: Inode, goes: i32): void {
  inode_used_add(-1);
  put32(changetype<usize>(inode) + offsetof<Inode>("mode"), 0);
  if ((goes & GOES_PAGES) == 0) return;
  put32(WORD_FILE_PAGES, load<i32>(WORD_FILE_PAGES) - <i32>inode.frames);
  page_free_locked(inode.first, inode.frames);
}

/** After the commit, LOCK_NAME still held. */
export function inode_leave_end(inode: Inode, goes: i32): void {
  if ((goes & GOES_PAGES) == 0) return;
  page_poison(inode.first, inode.frames);
  lock_leave(LOCK_PAGE, RANK_LEAF);
}

/** Page frames that all inodes may have beyond those that they have. A moment's answer without LOCK_PAGE. */
export function inode_pages_left(): u32 {
  return <u32>max(0, limit(LIMIT_FILE_PAGES) - load<i32>(WORD_FILE_PAGES));
}

/**
 * The current task's hold becomes the extent, with what the old one has; a transaction of its own.
 * Precondition: the lock of the extent is held. @returns 0, -ELOCK, -EINTR or 1: no longer as many may be
 */
export function inode_extend(inode: Inode): i32 {
  const frames = current.hold_count;
  const old = inode.first;
  const count = inode.frames;
  const base = page_address(current.hold_first);
  if (count != 0) memory.copy(base, inode.base, (<usize>count) << 12);
  const nested = lock_nest(LOCK_PAGE, RANK_LEAF);
  if (nested != 0) return nested;
  const fits = frames - count <= inode_pages_left();
  if (fits) {
    const at = changetype<usize>(inode);
    put32(at + offsetof<Inode>("first"), page_hand_over());
    put32(at + offsetof<Inode>("base"), <i32>base);
    put32(at + offsetof<Inode>("frames"), <i32>frames);
    put32(WORD_FILE_PAGES, load<i32>(WORD_FILE_PAGES) + <i32>(frames - count));
    if (count != 0) page_free_locked(old, count);
    journal_commit();
    if (count != 0) page_poison(old, count);
  }
  lock_leave(LOCK_PAGE, RANK_LEAF);
  return fits ? 0 : 1;
}
