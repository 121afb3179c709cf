/**
 * getdents(2): struct linux_dirent64 of an open directory's entries, from its description's offset on:
 * 0 is ".", 1 is "..", and an entry at byte n of the directory is 2 + n.
 *
 * Guard: LOCK_NAME, for the offset too. Crash: the offset is one store.
 */
import {
  DIRENT_ALIGN,
  DIRENT_INO,
  DIRENT_NAME,
  DIRENT_OFF,
  DIRENT_RECLEN,
  DIRENT_TYPE,
} from "./abi/dirent.ts";
import { EBADF, EINVAL, ENOENT, ENOTDIR } from "./abi/errno.ts";
import { S_IFDIR, S_IFMT } from "./abi/stat.ts";
import { SEEK_CUR, SEEK_SET } from "./abi/unistd.ts";
import { current } from "./current.ts";
import {
  dir_next,
  dir_offset_after,
  record_inode,
  record_name,
  record_name_size,
} from "./directory.ts";
import { fd_file } from "./fd.ts";
import { File } from "./file.ts";
import { Inode, inode_at, inode_is, inode_removed } from "./inode.ts";
import { name_begin, name_end } from "./name.ts";
import { proc_current } from "./proc.ts";
import { task_transfer } from "./task.ts";

const OFFSET_DOT: i64 = 0;
const OFFSET_DOTDOT: i64 = 1;
const OFFSET_FIRST: i64 = 2;

/** Fills at most `count` bytes of the transfer area, which has as many. @returns how many */
export function sys_getdents(fd: i32, count: i32): i32 {
  const file = fd_file(proc_current(), fd);
  // EBADF: not open. ENOTDIR: no directory.
  if (file == null) return -EBADF;
  if (file.inode == 0 || !inode_is(changetype<Inode>(file.inode), S_IFDIR)) return -ENOTDIR;
  const locked = name_begin();
  return locked != 0 ? locked : name_end(getdents_locked(file, <u32>max(count, 0)));
}

function getdents_locked(file: File, count: u32): i32 {
  const dir = changetype<Inode>(file.inode);
  // ENOENT: the directory was removed.
  if (inode_removed(dir)) return -ENOENT;
  let filled: u32 = 0;
  let offset = file.offset;
  for (;;) {
    let inode = dir;
    let size: u32 = 0;
    let record: usize = 0;
    let after: i64 = offset + 1;
    if (offset == OFFSET_DOT) {
      size = 1;
    } else if (offset == OFFSET_DOTDOT) {
      inode = inode_at(dir.parent);
      size = 2;
    } else {
      if (offset - OFFSET_FIRST > <i64>u32.MAX_VALUE) break;
      record = dir_next(dir, <u32>(offset - OFFSET_FIRST));
      if (record == 0) break;
      inode = inode_at(record_inode(record));
      size = record_name_size(record);
      after = OFFSET_FIRST + <i64>dir_offset_after(dir, record);
    }
    const need = (<u32>DIRENT_NAME + size + 1 + DIRENT_ALIGN - 1) & ~(DIRENT_ALIGN - 1);
    if (need > count - filled) {
      // EINVAL: not even one entry has room.
      if (filled == 0) return -EINVAL;
      break;
    }
    dirent_fill(task_transfer(current) + filled, inode, after, need);
    dirent_name(task_transfer(current) + filled + DIRENT_NAME, record, size);
    filled += need;
    offset = after;
  }
  file.offset = offset;
  return <i32>filled;
}

function dirent_fill(at: usize, inode: Inode, after: i64, size: u32): void {
  memory.fill(at, 0, size);
  store<i64>(at, <i64>(<u32>inode.serial), DIRENT_INO);
  store<i64>(at, after, DIRENT_OFF);
  store<u16>(at, <u16>size, DIRENT_RECLEN);
  // DT_DIR and its like are the type's four bits of the mode.
  store<u8>(at, <u8>((inode.mode & S_IFMT) >> 12), DIRENT_TYPE);
}

/** Without a record it is a dot or two. */
function dirent_name(at: usize, record: usize, size: u32): void {
  if (record != 0) memory.copy(at, record_name(record), size);
  else memory.fill(at, 0x2e, size);
}

/** lseek(2) of a directory: to an offset that getdents() has given, or 0. */
export function dir_seek(file: File, offset: i64, whence: i32): i64 {
  // EINVAL: a directory has no end to go from, and nothing before its beginning.
  if (whence != SEEK_SET && whence != SEEK_CUR) return -EINVAL;
  const locked = name_begin();
  if (locked != 0) return locked;
  const next = whence == SEEK_CUR ? file.offset + offset : offset;
  if (next >= 0) file.offset = next;
  name_end(0);
  return next < 0 ? -EINVAL : next;
}
