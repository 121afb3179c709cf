/**
 * What the thread that serves a volume asks the kernel: the requests that wait, the inodes that have
 * changed, what is in them, and where contents go that were absent. It names an inode by number and
 * serial, because the slot may have become another's while it looked at the disk.
 *
 * Guard: LOCK_NAME, then the inode's lock for its bytes. Crash: journalled, one transaction a call; the
 * marks of what has changed are one store each, and one too many costs a look.
 */
import { EINVAL, ENOENT, ENOMEM, ENOSPC } from "./abi/errno.ts";
import { LIMIT_INODES } from "./abi/layout.ts";
import { S_IFDIR, S_IFLNK, S_IFREG } from "./abi/stat.ts";
import {
  ENTRY_LENGTH,
  ENTRY_MODE,
  ENTRY_NAME,
  ENTRY_NUMBER,
  ENTRY_SERIAL,
  LOOK_ABSENT,
  LOOK_DIRTY,
  LOOK_META,
  LOOK_NAMED,
  REQUEST_DEV,
  REQUEST_NUMBER,
  REQUEST_OP,
  REQUEST_SERIAL,
  REQUEST_TASK,
  REQUEST_TICKET,
} from "./abi/volume.ts";
import { current } from "./current.ts";
import {
  dir_next,
  dir_offset_after,
  record_inode,
  record_name,
  record_name_size,
} from "./directory.ts";
import { Inode, inode_at, inode_is, inode_pages_left } from "./inode.ts";
import { journal_commit, put32, put64 } from "./journal.ts";
import { lock_leave, lock_nest, RANK_LEAF, RANK_OBJECT } from "./lock.ts";
import { name_begin, name_end } from "./name.ts";
import { page_address, page_count, page_hand_over, page_hold } from "./page.ts";
import {
  LOCK_PAGE,
  limit,
  REGION_TRANSFER_SIZE,
  region,
  WORD_FILE_PAGES,
  WORD_VOLUME_QUEUE,
} from "./region.ts";
import { stat_inode } from "./stat.ts";
import { task_transfer } from "./task.ts";
import { waitq_first, waitq_next, waitq_wake } from "./waitq.ts";

/** The inode, if it is still the one of that serial. */
function known(number: i32, serial: i32): Inode | null {
  if (number < 1 || number > limit(LIMIT_INODES)) return null;
  const inode = inode_at(number);
  return inode.mode != 0 && inode.serial == serial ? inode : null;
}

/** The request that has waited longest goes to the transfer area. @returns 1, 0 for none, or -ELOCK */
export function volume_next(): i32 {
  const locked = name_begin();
  if (locked != 0) return locked;
  const task = waitq_first(WORD_VOLUME_QUEUE);
  if (task != null) {
    const to = task_transfer(current);
    const number = task.wait_arg1;
    store<i32>(to, task.id, REQUEST_TASK);
    store<i32>(to, task.wait_arg2, REQUEST_TICKET);
    store<i32>(to, task.wait_arg0, REQUEST_OP);
    store<i32>(to, number, REQUEST_NUMBER);
    store<i32>(to, number == 0 ? 0 : inode_at(number).serial, REQUEST_SERIAL);
    store<i32>(to, number == 0 ? 0 : inode_at(number).dev, REQUEST_DEV);
  }
  return name_end(task != null ? 1 : 0);
}

/** Ends a request with `result`, unless its task has given it up. @returns 0 or -ELOCK */
export function volume_done(id: i32, ticket: i32, result: i32): i32 {
  const locked = name_begin();
  if (locked != 0) return locked;
  let task = waitq_first(WORD_VOLUME_QUEUE);
  while (task != null && (task.id != id || task.wait_arg2 != ticket)) task = waitq_next(task);
  if (task != null) waitq_wake(task, result);
  return name_end(0);
}

/** Frames for `size` bytes, which the caller fills. @returns their address; -ENOSPC, -ELOCK */
export function volume_hold(size: i32): i32 {
  if (size <= 0) return -EINVAL;
  const held = page_hold(page_count(size));
  if (held != 0) return held == -ENOMEM ? -ENOSPC : held;
  // They hold no zeros any more.
  current.hold_clean = 0;
  return <i32>page_address(current.hold_first);
}

/** The frames of volume_hold() become a file's contents, if those are still absent; else -ENOENT. */
export function volume_load(number: i32, serial: i32, size: i32): i32 {
  const locked = name_begin();
  if (locked != 0) return locked;
  const inode = known(number, serial);
  // ENOENT: it went, or was cut, or another has loaded it.
  if (inode == null || inode.absent == 0) return name_end(-ENOENT);
  return name_end(load_locked(inode, size));
}

/** Nobody has the file open, so LOCK_NAME guards its extent. No bytes at all want no frames. */
function load_locked(inode: Inode, size: i32): i32 {
  const at = changetype<usize>(inode);
  if (size != 0) {
    const nested = lock_nest(LOCK_PAGE, RANK_LEAF);
    if (nested != 0) return nested;
    const frames = current.hold_count;
    if (frames > inode_pages_left()) {
      lock_leave(LOCK_PAGE, RANK_LEAF);
      return -ENOSPC;
    }
    const base = page_address(current.hold_first);
    put32(at + offsetof<Inode>("first"), page_hand_over());
    put32(at + offsetof<Inode>("base"), <i32>base);
    put32(at + offsetof<Inode>("frames"), <i32>frames);
    put32(WORD_FILE_PAGES, load<i32>(WORD_FILE_PAGES) + <i32>frames);
  }
  put64(at + offsetof<Inode>("size"), <i64>size);
  put32(at + offsetof<Inode>("absent"), 0);
  journal_commit();
  if (size != 0) lock_leave(LOCK_PAGE, RANK_LEAF);
  return 0;
}

/** The next inode of the volume behind number `from` that has changed, or 0. A moment's answer. */
export function volume_changed(dev: i32, from: i32): i32 {
  const count = limit(LIMIT_INODES);
  for (let number = from + 1; number <= count; number++) {
    const inode = inode_at(number);
    if (inode.mode != 0 && inode.dev == dev && (inode.dirty | inode.meta) != 0) return number;
  }
  return 0;
}

/** What the kernel says of an inode: struct stat in the transfer area. @returns LOOK_*, -ENOENT or -ELOCK */
export function volume_look(number: i32): i32 {
  const locked = name_begin();
  if (locked != 0) return locked;
  const inode = inode_at(number);
  if (inode.mode == 0) return name_end(-ENOENT);
  stat_inode(inode);
  let look = inode.dirty != 0 ? LOOK_DIRTY : 0;
  if (inode.meta != 0) look |= LOOK_META;
  if (inode.absent != 0) look |= LOOK_ABSENT;
  if (inode.nlink != 0) look |= LOOK_NAMED;
  return name_end(look);
}

/**
 * Takes marks away or sets them, as LOOK_DIRTY and LOOK_META say. They are taken away before the bytes
 * are read, under the lock under which a writer sets them. @returns 0, -ENOENT or -ELOCK
 */
export function volume_mark(number: i32, serial: i32, cleared: i32, set: i32): i32 {
  const locked = name_begin();
  if (locked != 0) return locked;
  const inode = known(number, serial);
  if (inode == null) return name_end(-ENOENT);
  const lock = changetype<usize>(inode);
  const nested = lock_nest(lock, RANK_OBJECT);
  if (nested != 0) return name_end(nested);
  if ((cleared & LOOK_DIRTY) != 0) inode.dirty = 0;
  if ((cleared & LOOK_META) != 0) inode.meta = 0;
  if ((set & LOOK_DIRTY) != 0) inode.dirty = 1;
  if ((set & LOOK_META) != 0) inode.meta = 1;
  lock_leave(lock, RANK_OBJECT);
  return name_end(0);
}

/** At most `count` bytes of a file or symbolic link from `offset` on. @returns how many; -ENOENT, -ELOCK */
export function volume_read(number: i32, serial: i32, offset: i32, count: i32): i32 {
  const locked = name_begin();
  if (locked != 0) return locked;
  const inode = known(number, serial);
  if (inode == null || inode.absent != 0) return name_end(-ENOENT);
  if (!inode_is(inode, S_IFREG) && !inode_is(inode, S_IFLNK)) return name_end(-EINVAL);
  const lock = changetype<usize>(inode);
  const nested = lock_nest(lock, RANK_OBJECT);
  if (nested != 0) return name_end(nested);
  const room = min(<i64>count, <i64>region(REGION_TRANSFER_SIZE));
  const size = <i32>max(0, min(inode.size - <i64>offset, room));
  if (size != 0) memory.copy(task_transfer(current), inode.base + <usize>offset, size);
  lock_leave(lock, RANK_OBJECT);
  return name_end(size);
}

/**
 * Entries of a directory from `offset` on, 0 at first; its own volume's only. The first word says where
 * to go on, 0 at the end. @returns bytes of the transfer area; -ENOENT, -ELOCK
 */
export function volume_entries(number: i32, serial: i32, offset: i32): i32 {
  const locked = name_begin();
  if (locked != 0) return locked;
  const dir = known(number, serial);
  if (dir == null || !inode_is(dir, S_IFDIR)) return name_end(-ENOENT);
  const to = task_transfer(current);
  const room = <i32>region(REGION_TRANSFER_SIZE);
  let filled = 4;
  let next = 0;
  for (let record = dir_next(dir, offset); record != 0; ) {
    const inode = inode_at(record_inode(record));
    const length = <i32>record_name_size(record);
    const need = (<i32>ENTRY_NAME + length + 3) & ~3;
    if (filled + need > room) {
      next = <i32>(record - dir.base);
      break;
    }
    if (inode.dev == dir.dev) {
      entry_fill(to + <usize>filled, inode, record);
      filled += need;
    }
    record = dir_next(dir, dir_offset_after(dir, record));
  }
  store<i32>(to, next);
  return name_end(filled);
}

function entry_fill(at: usize, inode: Inode, record: usize): void {
  store<i32>(at, record_inode(record), ENTRY_NUMBER);
  store<i32>(at, inode.serial, ENTRY_SERIAL);
  store<i32>(at, inode.mode, ENTRY_MODE);
  store<i32>(at, <i32>record_name_size(record), ENTRY_LENGTH);
  memory.copy(at + ENTRY_NAME, record_name(record), record_name_size(record));
}
