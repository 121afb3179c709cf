/**
 * Directories: records in pages, as ext2 has them. A record never crosses a page and never moves, so an
 * offset stays good while others come and go; "." and ".." are not stored.
 *
 *   record:  0 inode, 0 for none   4 hash of the name   8 u16 bytes of the record, 10 u16 of the name
 *            12 the name; room that is left belongs to the record before it
 *
 * Guard: LOCK_NAME. Crash: what an add writes is not seen before one logged word says so; a removal is
 * one logged word. Growth copies to a hold of twice the frames, in a transaction of its own.
 * Missing: a directory never gives frames back before it goes; an index for very large ones.
 */
import { ENOSPC } from "./abi/errno.ts";
import { PAGE_SIZE } from "./abi/limits.ts";
import { current } from "./current.ts";
import { Inode, inode_extend, inode_pages_left } from "./inode.ts";
import { put32 } from "./journal.ts";
import { page_address } from "./page.ts";

const HASH: usize = 4;
const SIZES: usize = 8;
const NAME_SIZE: usize = 10;
const NAME: usize = 12;
/** A record of a name of one byte: less is never split off. */
const LEAST: u32 = 16;

/** Results below -NEEDS: the call needs a hold of so many frames more than that, and has changed nothing. */
export const NEEDS: i32 = 1 << 24;

export function record_inode(record: usize): i32 {
  return load<i32>(record);
}

function record_size(record: usize): u32 {
  return load<u16>(record, SIZES);
}

export function record_name(record: usize): usize {
  return record + NAME;
}

export function record_name_size(record: usize): u32 {
  return load<u16>(record, NAME_SIZE);
}

function sizes(record: u32, name: u32): i32 {
  return <i32>(record | (name << 16));
}

/** Bytes of a record of a name of `length`. */
function room_for(length: u32): u32 {
  return (<u32>NAME + length + 3) & ~3;
}

function name_hash(name: usize, length: u32): u32 {
  let hash: u32 = 0x811c9dc5;
  for (let index: usize = 0; index < length; index++) {
    hash = (hash ^ load<u8>(name + index)) * 0x01000193;
  }
  return hash;
}

function dir_end(dir: Inode): usize {
  return dir.base + <usize>dir.frames * PAGE_SIZE;
}

/** The record of a name, or 0. */
export function dir_find(dir: Inode, name: usize, length: u32): usize {
  if (dir.entries == 0) return 0;
  const hash = name_hash(name, length);
  const end = dir_end(dir);
  for (let at = dir.base; at < end; at += record_size(at)) {
    if (load<u32>(at, HASH) != hash || record_inode(at) == 0) continue;
    if (record_name_size(at) == length && memory.compare(record_name(at), name, length) == 0)
      return at;
  }
  return 0;
}

/** Bytes of a record that another one could have. */
function record_spare(record: usize): u32 {
  const own = record_inode(record) == 0 ? 0 : room_for(record_name_size(record));
  return record_size(record) - own;
}

/** The record in which a name of `length` bytes has room, or 0. */
function dir_room(dir: Inode, length: u32): usize {
  const need = room_for(length);
  const end = dir_end(dir);
  for (let at = dir.base; at < end; at += record_size(at)) {
    if (record_spare(at) >= need) return at;
  }
  return 0;
}

/** Makes room for a name. Nothing may be logged yet. @returns 0, -ENOSPC, -ELOCK, -EINTR or what NEEDS says */
export function dir_prepare(dir: Inode, length: u32): i32 {
  if (dir_room(dir, length) != 0) return 0;
  const frames: u32 = dir.frames == 0 ? 1 : dir.frames << 1;
  // ENOSPC: no frames for more entries.
  if (frames - dir.frames > inode_pages_left()) return -ENOSPC;
  if (current.hold_count != frames) return -(NEEDS + <i32>frames);
  const base = page_address(current.hold_first);
  for (let page = dir.frames; page < frames; page++) {
    store<i32>(base + <usize>page * PAGE_SIZE, sizes(PAGE_SIZE, 0), SIZES);
  }
  const extended = inode_extend(dir);
  return extended == 1 ? -ENOSPC : extended;
}

/** Adds an entry. Precondition: dir_prepare() found room, and the name is new. Logged. */
export function dir_add(dir: Inode, name: usize, length: u32, number: i32): void {
  const record = dir_room(dir, length);
  const size = record_size(record);
  const need = room_for(length);
  if (record_inode(record) == 0) {
    record_fill(record, name, length);
    const rest = size - need;
    if (rest >= LEAST) {
      store<i32>(record + need, 0);
      store<i32>(record + need, sizes(rest, 0), SIZES);
    }
    put32(record + SIZES, sizes(rest >= LEAST ? need : size, length));
    put32(record, number);
  } else {
    const own = room_for(record_name_size(record));
    const fresh = record + own;
    record_fill(fresh, name, length);
    store<i32>(fresh, number);
    store<i32>(fresh, sizes(size - own, length), SIZES);
    put32(record + SIZES, sizes(own, record_name_size(record)));
  }
  put32(changetype<usize>(dir) + offsetof<Inode>("entries"), dir.entries + 1);
}

function record_fill(record: usize, name: usize, length: u32): void {
  store<u32>(record, name_hash(name, length), HASH);
  memory.copy(record_name(record), name, length);
}

/** Gives an entry another inode. Logged. */
export function dir_replace(record: usize, number: i32): void {
  put32(record, number);
}

/** Takes an entry out: its bytes join the record before it in the page. Logged. */
export function dir_remove(dir: Inode, record: usize): void {
  const page = record & ~(PAGE_SIZE - 1);
  if (record == page) {
    put32(record, 0);
  } else {
    let before = page;
    while (before + record_size(before) != record) before += record_size(before);
    put32(
      before + SIZES,
      sizes(record_size(before) + record_size(record), record_name_size(before)),
    );
  }
  put32(changetype<usize>(dir) + offsetof<Inode>("entries"), dir.entries - 1);
}

/** The first entry that begins at byte `offset` of the directory or after it, or 0. */
export function dir_next(dir: Inode, offset: u32): usize {
  if (offset >= dir.frames << 12) return 0;
  const from = dir.base + offset;
  const end = dir_end(dir);
  // From the page's begin: the record that began at the offset may have joined another.
  for (let at = dir.base + (offset & ~(PAGE_SIZE - 1)); at < end; at += record_size(at)) {
    if (at >= from && record_inode(at) != 0) return at;
  }
  return 0;
}

/** The offset behind a record, to go on from. */
export function dir_offset_after(dir: Inode, record: usize): u32 {
  return <u32>(record + record_size(record) - dir.base);
}

/** The entry of an inode, or 0: for getcwd(3). */
export function dir_find_number(dir: Inode, number: i32): usize {
  let record = dir_next(dir, 0);
  while (record != 0 && record_inode(record) != number) {
    record = dir_next(dir, dir_offset_after(dir, record));
  }
  return record;
}
