/**
 * stat(2), lstat(2), fstat(2), access(2): the structure goes to the transfer area. Guard: LOCK_NAME; fstat()
 * looks without it at what is open and cannot go. Crash: constant,
 * nothing is changed.
 */
import { EACCES, EBADF, EINVAL, EROFS } from "./abi/errno.ts";
import { AT_FDCWD } from "./abi/fcntl.ts";
import { PAGE_SIZE } from "./abi/limits.ts";
import {
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFREG,
  STAT_ATIME,
  STAT_BLKSIZE,
  STAT_BLOCKS,
  STAT_CTIME,
  STAT_DEV,
  STAT_GID,
  STAT_INO,
  STAT_MODE,
  STAT_MTIME,
  STAT_NLINK,
  STAT_RDEV,
  STAT_SIZE,
  STAT_STRUCT_SIZE,
  STAT_UID,
} from "./abi/stat.ts";
import { R_OK, W_OK, X_OK } from "./abi/unistd.ts";
import { current } from "./current.ts";
import { fd_file } from "./fd.ts";
import { FILE_HOST } from "./file.ts";
import { DEV_PROC, Inode, inode_frozen, inode_is, inode_permits } from "./inode.ts";
import { name_begin, name_end } from "./name.ts";
import { path_first, WALK_FOLLOW, walk_existing, walk_found } from "./path.ts";
import { Pipe, pipe_of } from "./pipe.ts";
import { proc_current } from "./proc.ts";
import { task_transfer } from "./task.ts";

/** Blocks of 512 bytes of a page frame. */
const FRAME_BLOCKS: i32 = 8;

/** stat(2) with `follow` 1, lstat(2) with 0. */
export function sys_stat(length: i32, follow: i32): i32 {
  const locked = name_begin();
  if (locked != 0) return locked;
  const flags = follow != 0 ? WALK_FOLLOW : 0;
  const result = walk_existing(AT_FDCWD, path_first(), length, flags);
  if (result == 0) stat_inode(changetype<Inode>(walk_found().inode));
  return name_end(result);
}

/** fstat(2). */
export function sys_fstat(fd: i32): i32 {
  const file = fd_file(proc_current(), fd);
  // EBADF: not open.
  if (file == null) return -EBADF;
  if (file.inode != 0) {
    stat_inode(changetype<Inode>(file.inode));
    return 0;
  }
  const pipe = pipe_of(file);
  if (pipe != null) stat_pipe(pipe);
  else stat_begin(file.kind == FILE_HOST ? S_IFCHR | 0o620 : 0o600, 1, 0);
  return 0;
}

function stat_begin(mode: i32, nlink: i32, serial: i32): void {
  const to = task_transfer(current);
  memory.fill(to, 0, STAT_STRUCT_SIZE);
  store<i32>(to, serial, STAT_INO);
  store<i32>(to, mode, STAT_MODE);
  store<i32>(to, nlink, STAT_NLINK);
  store<i32>(to, PAGE_SIZE, STAT_BLKSIZE);
}

function stat_owner(uid: i32, gid: i32, atime: f64, mtime: f64, ctime: f64): void {
  const to = task_transfer(current);
  store<i32>(to, uid, STAT_UID);
  store<i32>(to, gid, STAT_GID);
  store<f64>(to, atime, STAT_ATIME);
  store<f64>(to, mtime, STAT_MTIME);
  store<f64>(to, ctime, STAT_CTIME);
}

function stat_pipe(pipe: Pipe): void {
  stat_begin(S_IFIFO | pipe.mode, 1, pipe.inode);
  stat_owner(pipe.uid, pipe.gid, pipe.atime, pipe.mtime, pipe.ctime);
}

export function stat_inode(inode: Inode): void {
  stat_begin(inode.mode, inode.nlink, inode.serial);
  stat_owner(inode.uid, inode.gid, inode.atime, inode.mtime, inode.ctime);
  const to = task_transfer(current);
  const frames = inode.frames;
  const size = inode_is(inode, S_IFDIR) ? (<i64>frames) << 12 : inode.size;
  store<i32>(to, inode.dev, STAT_DEV);
  store<i32>(to, inode.dev == DEV_PROC ? 0 : inode.rdev, STAT_RDEV);
  store<f64>(to, <f64>size, STAT_SIZE);
  store<f64>(to, <f64>(<i32>frames * FRAME_BLOCKS), STAT_BLOCKS);
}

/** access(2): by the real user and group. */
export function sys_access(length: i32, mode: i32): i32 {
  // EINVAL: another bit.
  if ((mode & ~(R_OK | W_OK | X_OK)) != 0) return -EINVAL;
  const locked = name_begin();
  if (locked != 0) return locked;
  let result = walk_existing(AT_FDCWD, path_first(), length, WALK_FOLLOW);
  if (result == 0) {
    const proc = proc_current();
    const inode = changetype<Inode>(walk_found().inode);
    // EACCES: the mode forbids it.
    if (!inode_permits(inode, proc, proc.uid, proc.gid, mode)) result = -EACCES;
    // EROFS: to be written, on a volume that may not be changed.
    const kept = inode_is(inode, S_IFREG) || inode_is(inode, S_IFDIR);
    if ((mode & W_OK) != 0 && kept && inode_frozen(inode)) result = -EROFS;
  }
  return name_end(result);
}
