/**
 * What is in regular files: read(2), write(2), lseek(2), truncate(2). A file is one extent of page frames,
 * grown by doubling; what lies in it beyond the size is unspecified, so the size grows over zeros.
 *
 * Guard: the inode's lock, also for the offsets of its descriptions; LOCK_PAGE nested when it grows.
 * Crash: bytes first, then size and offset in one transaction; growth is one of its own. Who dies in a
 * write leaves the size as it was before or after; of bytes that he overwrote the first ones, as on Linux.
 * Missing: holes take frames; a page of zeros is told as one by SEEK_HOLE.
 */
import { EFBIG, EINVAL, ENOMEM, ENOSPC, ENXIO, EWAIT } from "./abi/errno.ts";
import { O_APPEND, O_NOATIME } from "./abi/fcntl.ts";
import { PAGE_SIZE } from "./abi/limits.ts";
import { S_ISGID, S_ISUID, S_IXGRP } from "./abi/stat.ts";
import { SEEK_CUR, SEEK_DATA, SEEK_END, SEEK_HOLE } from "./abi/unistd.ts";
import { current } from "./current.ts";
import { File } from "./file.ts";
import { Inode, inode_extend, inode_pages_left, inode_soil, inode_written } from "./inode.ts";
import { journal_commit, put32, put64 } from "./journal.ts";
import { lock_enter, lock_leave, lock_nest, RANK_LEAF, RANK_NAME, RANK_OBJECT } from "./lock.ts";
import { page_drop, page_free_locked, page_hold, page_poison } from "./page.ts";
import { proc_current } from "./proc.ts";
import { LOCK_NAME, LOCK_PAGE, now, WORD_FILE_PAGES } from "./region.ts";

/** The largest file in bytes: sizes of reads and writes are i32. */
const SIZE_MAX: i64 = 0x7ffff000;
/** At the description's own offset, which moves: data_read() and data_write(). */
export const AT_OFFSET: i64 = -1;

const DAY: f64 = 86400;

/** read(2), or pread(2) at `at`. @returns bytes read, -ELOCK or -EINTR */
export function data_read(file: File, to: usize, count: u32, at: i64): i32 {
  const inode = changetype<Inode>(file.inode);
  const lock = changetype<usize>(inode);
  const locked = lock_enter(lock, RANK_OBJECT);
  if (locked != 0) return locked;
  const from = at == AT_OFFSET ? file.offset : at;
  const left = inode.size - from;
  const given: u32 = left <= 0 ? 0 : left < <i64>count ? <u32>left : count;
  if (given != 0) {
    memory.copy(to, inode.base + <usize>from, given);
    // One store: it commits.
    if (at == AT_OFFSET) file.offset = from + given;
    data_accessed(file, inode);
  }
  lock_leave(lock, RANK_OBJECT);
  return <i32>given;
}

/** As mounts with relatime do: when it was read, if it was not known since it was written, or for a day. */
function data_accessed(file: File, inode: Inode): void {
  const time = now();
  const stale = inode.atime <= inode.mtime || inode.atime <= inode.ctime;
  if ((stale || time - inode.atime >= DAY) && (file.flags & O_NOATIME) == 0) inode.atime = time;
}

/** write(2), or pwrite(2) at `at`. @returns bytes written; -EFBIG, -ENOSPC, -ELOCK or -EINTR */
export function data_write(file: File, from: usize, count: u32, at: i64): i32 {
  if (count == 0) return 0;
  const inode = changetype<Inode>(file.inode);
  const safe = data_unprivileged(inode);
  if (safe != 0) return safe;
  const lock = changetype<usize>(inode);
  let tries = TRY_DOUBLE;
  let result = -WANTS;
  while (result <= -WANTS) {
    const locked = lock_enter(lock, RANK_OBJECT);
    if (locked != 0) return locked;
    // As on Linux, O_APPEND goes before the offset of pwrite().
    const append = (file.flags & O_APPEND) != 0;
    const start = append ? inode.size : at == AT_OFFSET ? file.offset : at;
    const reserved = data_reserve(inode, start, count, tries);
    result = reserved > 0 ? data_put(file, inode, from, start, reserved, at) : reserved;
    lock_leave(lock, RANK_OBJECT);
    if (result > -WANTS) break;
    const held = page_hold(<u32>(-result - WANTS));
    if (held == -ENOMEM) tries -= 1;
    else if (held != 0) return held;
  }
  return data_end(result);
}

/** A failed call gives the frames back that it holds. */
function data_end(result: i32): i32 {
  // A call that sleeps is queued, and must not be told of a lock.
  const dropped = result < 0 && result > -EWAIT ? page_drop(current) : 0;
  return dropped != 0 ? dropped : result;
}

/** Copies and publishes; the lock is held and there is room. */
function data_put(file: File, inode: Inode, from: usize, start: i64, count: i32, at: i64): i32 {
  // First: who dies while it copies has changed bytes already.
  inode_soil(inode);
  if (start > inode.size) data_zero(inode, inode.size, start);
  memory.copy(inode.base + <usize>start, from, <usize>count);
  const end = start + <i64>count;
  const offset = changetype<usize>(file) + offsetof<File>("offset");
  const move = at == AT_OFFSET;
  if (end > inode.size) {
    put64(changetype<usize>(inode) + offsetof<Inode>("size"), end);
    if (move) put64(offset, end);
    inode_written(inode);
    journal_commit();
    return count;
  }
  // One store each: what was overwritten cannot be taken back.
  if (move) file.offset = end;
  inode.mtime = now();
  inode.ctime = inode.mtime;
  return count;
}

function data_zero(inode: Inode, from: i64, to: i64): void {
  memory.fill(inode.base + <usize>from, 0, <usize>(to - from));
}

/** Results of data_reserve() below -WANTS: a hold of so many frames more than that is needed. */
const WANTS: i32 = 1 << 24;
/** How much a call still asks for when the machine has not enough: twice the file, what it needs, nothing. */
const TRY_DOUBLE: i32 = 2;
const TRY_EXACT: i32 = 1;

/** Frames for a file of at least `need`, as many as there may be. */
function data_wanted(inode: Inode, need: u32, tries: i32): u32 {
  const most = inode.frames + inode_pages_left();
  const wanted = tries == TRY_DOUBLE ? max(need, inode.frames << 1) : need;
  return min(wanted, most);
}

/**
 * Room for `count` bytes from `start` on; the inode's lock is held, and nothing logged. @returns how many
 * of them fit; -EFBIG, -ENOSPC, -ELOCK, -EINTR, or what WANTS says
 */
function data_reserve(inode: Inode, start: i64, count: u32, tries: i32): i32 {
  // EFBIG: past the largest file.
  if (start >= SIZE_MAX) return -EFBIG;
  const end = min(start + <i64>count, SIZE_MAX);
  if (end > (<i64>inode.frames) << 12 && tries >= TRY_EXACT) {
    const wanted = data_wanted(inode, <u32>((end + 4095) >> 12), tries);
    // Not for a write that has no room all the same: a call that fails takes no frames.
    if (wanted > inode.frames && (<i64>wanted) << 12 > start) {
      if (current.hold_count != wanted) return -(WANTS + <i32>wanted);
      const extended = inode_extend(inode);
      // Others took the frames that may be had: ask for what is left.
      if (extended != 0) return extended == 1 ? -(WANTS + 1) : extended;
    }
  }
  const fits = min(end, (<i64>inode.frames) << 12) - start;
  // ENOSPC: not one byte has room.
  return fits > 0 ? <i32>fits : -ENOSPC;
}

/** Takes S_ISUID, and S_ISGID of what can be executed, from a file that others than root write. */
function data_unprivileged(inode: Inode): i32 {
  if (!data_strips(inode)) return 0;
  const locked = lock_enter(LOCK_NAME, RANK_NAME);
  if (locked != 0) return locked;
  data_strip(inode);
  lock_leave(LOCK_NAME, RANK_NAME);
  return 0;
}

function data_lost(inode: Inode): i32 {
  return inode.mode & (S_ISUID | ((inode.mode & S_IXGRP) != 0 ? S_ISGID : 0));
}

function data_strips(inode: Inode): bool {
  return data_lost(inode) != 0 && proc_current().euid != 0;
}

/** LOCK_NAME is held. Logged. */
function data_strip(inode: Inode): void {
  put32(changetype<usize>(inode) + offsetof<Inode>("mode"), inode.mode & ~data_lost(inode));
}

/** ftruncate(2) of a regular file that is open. No lock may be held. */
export function data_truncate(inode: Inode, length: i64): i32 {
  const safe = data_unprivileged(inode);
  if (safe != 0) return safe;
  const lock = changetype<usize>(inode);
  let result = DATA_AGAIN;
  while (result == DATA_AGAIN) {
    const locked = lock_enter(lock, RANK_OBJECT);
    if (locked != 0) return locked;
    result = data_resize(inode, length);
    lock_leave(lock, RANK_OBJECT);
    result = data_frames(result);
  }
  return result;
}

/** truncate(2), under LOCK_NAME. @returns what data_frames() is told */
export function data_truncate_locked(inode: Inode, length: i64): i32 {
  if (data_strips(inode)) {
    data_strip(inode);
    journal_commit();
  }
  const lock = changetype<usize>(inode);
  const nested = lock_nest(lock, RANK_OBJECT);
  if (nested != 0) return nested;
  const result = data_resize(inode, length);
  lock_leave(lock, RANK_OBJECT);
  return result;
}

/** The call is to be made again, with the frames that it asked for. */
export const DATA_AGAIN: i32 = 1 << 30;

/** Under no lock: has the task hold the frames that data_resize() wants. @returns its result, or DATA_AGAIN */
export function data_frames(result: i32): i32 {
  if (result > -WANTS) return data_end(result);
  const held = page_hold(<u32>(-result - WANTS));
  // ENOSPC: no frames for the zeros.
  return held == 0 ? DATA_AGAIN : held == -ENOMEM ? -ENOSPC : held;
}

function data_resize(inode: Inode, length: i64): i32 {
  // EFBIG: longer than the largest file.
  if (length > SIZE_MAX) return -EFBIG;
  return length > inode.size ? data_lengthen(inode, length) : data_cut(inode, length);
}

function data_lengthen(inode: Inode, length: i64): i32 {
  const count = <i32>(length - inode.size);
  // ENOSPC: not all of it has room, and nothing is taken.
  const frames = <u32>((length + 4095) >> 12);
  if (frames > inode.frames + inode_pages_left()) return -ENOSPC;
  const reserved = data_reserve(inode, inode.size, count, TRY_EXACT);
  if (reserved != count) return reserved > 0 ? -ENOSPC : reserved;
  data_zero(inode, inode.size, length);
  put64(changetype<usize>(inode) + offsetof<Inode>("size"), length);
  inode_written(inode);
  journal_commit();
  return 0;
}

/** Makes a file shorter, and gives frames back; the inode's lock is held, and nothing logged. */
export function data_cut(inode: Inode, length: i64): i32 {
  const keep = <u32>((length + 4095) >> 12);
  const gone = inode.frames - keep;
  if (gone != 0) {
    const nested = lock_nest(LOCK_PAGE, RANK_LEAF);
    if (nested != 0) return nested;
  }
  put64(changetype<usize>(inode) + offsetof<Inode>("size"), length);
  if (inode.absent != 0) put32(changetype<usize>(inode) + offsetof<Inode>("absent"), 0);
  inode_written(inode);
  if (gone != 0) {
    put32(changetype<usize>(inode) + offsetof<Inode>("frames"), <i32>keep);
    put32(WORD_FILE_PAGES, load<i32>(WORD_FILE_PAGES) - <i32>gone);
    page_free_locked(inode.first + keep, gone);
  }
  journal_commit();
  if (gone != 0) {
    page_poison(inode.first + keep, gone);
    lock_leave(LOCK_PAGE, RANK_LEAF);
  }
  return 0;
}

/** lseek(2) of a regular file. @returns the new offset; -EINVAL, -ENXIO, -ELOCK or -EINTR */
export function data_seek(file: File, offset: i64, whence: i32): i64 {
  const inode = changetype<Inode>(file.inode);
  const lock = changetype<usize>(inode);
  const locked = lock_enter(lock, RANK_OBJECT);
  if (locked != 0) return locked;
  let next = offset;
  if (whence == SEEK_CUR) next += file.offset;
  else if (whence == SEEK_END) next += inode.size;
  else if (whence >= SEEK_DATA) next = data_find(inode, offset, whence);
  // EINVAL: it would be before the beginning.
  if (next < 0 && whence < SEEK_DATA) next = -EINVAL;
  if (next >= 0) file.offset = next;
  lock_leave(lock, RANK_OBJECT);
  return next;
}

/** SEEK_DATA and SEEK_HOLE: the next page that has a byte other than 0, or none. */
function data_find(inode: Inode, offset: i64, whence: i32): i64 {
  // ENXIO: at or past the end; or no data from there on.
  if (offset < 0 || offset >= inode.size) return -ENXIO;
  for (let page = offset & ~4095; page < inode.size; page += PAGE_SIZE) {
    const end = min(page + PAGE_SIZE, inode.size);
    if (data_is_zero(inode.base + <usize>page, <usize>(end - page)) == (whence == SEEK_HOLE))
      return max(page, offset);
  }
  return whence == SEEK_HOLE ? inode.size : -ENXIO;
}

function data_is_zero(at: usize, size: usize): bool {
  let index: usize = 0;
  for (; index + 8 <= size; index += 8) if (load<u64>(at + index) != 0) return false;
  for (; index < size; index++) if (load<u8>(at + index) != 0) return false;
  return true;
}
