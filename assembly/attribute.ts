/**
 * chmod(2), chown(2), utimensat(2) of names and of what is open, and umask(2).
 *
 * Guard: LOCK_NAME; a pipe without a name: LOCK_NAME too. Crash: journalled, one transaction a call.
 */
import { EACCES, EBADF, EINVAL, EOPNOTSUPP, EPERM, EROFS } from "./abi/errno.ts";
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW } from "./abi/fcntl.ts";
import {
  S_IFDIR,
  S_IFMT,
  S_ISGID,
  S_ISUID,
  S_IXGRP,
  TIME_NOW,
  TIME_OMIT,
  TIME_WRONG,
  TIMES_SHIFT,
} from "./abi/stat.ts";
import { W_OK } from "./abi/unistd.ts";
import { fd_file } from "./fd.ts";
import { File } from "./file.ts";
import {
  Inode,
  inode_allows,
  inode_changed,
  inode_frozen,
  inode_is,
  inode_owned,
} from "./inode.ts";
import { put32, putf64 } from "./journal.ts";
import { name_begin, name_end } from "./name.ts";
import { path_first, WALK_FOLLOW, walk_existing, walk_found } from "./path.ts";
import { proc_in_group } from "./perm.ts";
import { Pipe, pipe_of } from "./pipe.ts";
import { proc_current } from "./proc.ts";
import { now } from "./region.ts";

/** A path's inode, by what is done with it. */
function existing(dirfd: i32, length: i32, follow: i32): i32 {
  return walk_existing(dirfd, path_first(), length, follow != 0 ? WALK_FOLLOW : 0);
}

/** chmod(2). */
export function sys_chmod(length: i32, mode: i32): i32 {
  const locked = name_begin();
  if (locked != 0) return locked;
  const found = existing(AT_FDCWD, length, 1);
  return name_end(found != 0 ? found : chmod_locked(changetype<Inode>(walk_found().inode), mode));
}

/** fchmod(2). */
export function sys_fchmod(fd: i32, mode: i32): i32 {
  const file = fd_file(proc_current(), fd);
  // EBADF: not open.
  if (file == null) return -EBADF;
  const locked = name_begin();
  if (locked != 0) return locked;
  return name_end(
    file.inode != 0 ? chmod_locked(changetype<Inode>(file.inode), mode) : chmod_pipe(file, mode),
  );
}

function chmod_locked(inode: Inode, mode: i32): i32 {
  // EROFS: its volume may not be changed. EPERM: neither owner nor root.
  if (inode_frozen(inode)) return -EROFS;
  if (!inode_owned(inode)) return -EPERM;
  const proc = proc_current();
  const foreign = proc.euid != 0 && !proc_in_group(proc, inode.gid);
  const bits = mode & 0o7777 & ~(foreign ? S_ISGID : 0);
  put32(changetype<usize>(inode) + offsetof<Inode>("mode"), (inode.mode & S_IFMT) | bits);
  inode_changed(inode);
  return 0;
}

/** What has no inode of its own and is no pipe cannot be changed: EOPNOTSUPP. */
function chmod_pipe(file: File, mode: i32): i32 {
  const pipe = pipe_of(file);
  if (pipe == null) return -EOPNOTSUPP;
  if (!pipe_owned(pipe)) return -EPERM;
  put32(changetype<usize>(pipe) + offsetof<Pipe>("mode"), mode & 0o7777);
  pipe_changed(pipe);
  return 0;
}

function pipe_changed(pipe: Pipe): void {
  putf64(changetype<usize>(pipe) + offsetof<Pipe>("ctime"), now());
}

function pipe_owned(pipe: Pipe): bool {
  const euid = proc_current().euid;
  return euid == 0 || euid == pipe.uid;
}

/** chown(2) with `follow` 1, lchown(2) with 0. */
export function sys_chown(length: i32, uid: i32, gid: i32, follow: i32): i32 {
  const locked = name_begin();
  if (locked != 0) return locked;
  const found = existing(AT_FDCWD, length, follow);
  return name_end(
    found != 0 ? found : chown_locked(changetype<Inode>(walk_found().inode), uid, gid),
  );
}

/** fchown(2). */
export function sys_fchown(fd: i32, uid: i32, gid: i32): i32 {
  const file = fd_file(proc_current(), fd);
  // EBADF: not open.
  if (file == null) return -EBADF;
  const locked = name_begin();
  if (locked != 0) return locked;
  return name_end(
    file.inode != 0
      ? chown_locked(changetype<Inode>(file.inode), uid, gid)
      : chown_pipe(file, uid, gid),
  );
}

/** Whether the owner `from` and group may become these: root all, an owner one of the own groups. */
function chown_may(from: i32, uid: i32, gid: i32): bool {
  const proc = proc_current();
  if (proc.euid == 0) return true;
  if (uid != -1 && (proc.euid != from || uid != from)) return false;
  return gid == -1 || (proc.euid == from && proc_in_group(proc, gid));
}

function chown_locked(inode: Inode, uid: i32, gid: i32): i32 {
  if (inode_frozen(inode)) return -EROFS;
  if (!chown_may(inode.uid, uid, gid)) return -EPERM;
  const at = changetype<usize>(inode);
  if (uid != -1) put32(at + offsetof<Inode>("uid"), uid);
  if (gid != -1) put32(at + offsetof<Inode>("gid"), gid);
  if (!inode_is(inode, S_IFDIR)) {
    const executes = (inode.mode & S_IXGRP) != 0 ? S_ISGID : 0;
    put32(at + offsetof<Inode>("mode"), inode.mode & ~(S_ISUID | executes));
  }
  inode_changed(inode);
  return 0;
}

function chown_pipe(file: File, uid: i32, gid: i32): i32 {
  const pipe = pipe_of(file);
  if (pipe == null) return -EOPNOTSUPP;
  if (!chown_may(pipe.uid, uid, gid)) return -EPERM;
  const at = changetype<usize>(pipe);
  if (uid != -1) put32(at + offsetof<Pipe>("uid"), uid);
  if (gid != -1) put32(at + offsetof<Pipe>("gid"), gid);
  pipe_changed(pipe);
  return 0;
}

/** utimensat(2); `how` says what the times are, see TIME_NOW. */
export function sys_utimensat(
  dirfd: i32,
  length: i32,
  flags: i32,
  atime: f64,
  mtime: f64,
  how: i32,
): i32 {
  // EINVAL: another flag.
  if ((flags & ~AT_SYMLINK_NOFOLLOW) != 0) return -EINVAL;
  const locked = name_begin();
  if (locked != 0) return locked;
  const found = existing(dirfd, length, flags == 0 ? 1 : 0);
  const inode = changetype<Inode>(walk_found().inode);
  return name_end(found != 0 ? found : utimens_locked(inode, atime, mtime, how));
}

/** futimens(3). */
export function sys_futimens(fd: i32, atime: f64, mtime: f64, how: i32): i32 {
  const file = fd_file(proc_current(), fd);
  // EBADF: not open.
  if (file == null) return -EBADF;
  const locked = name_begin();
  if (locked != 0) return locked;
  return name_end(
    file.inode != 0
      ? utimens_locked(changetype<Inode>(file.inode), atime, mtime, how)
      : utimens_pipe(file, atime, mtime, how),
  );
}

const BOTH_NOW: i32 = TIME_NOW | (TIME_NOW << TIMES_SHIFT);

function utimens_locked(inode: Inode, atime: f64, mtime: f64, how: i32): i32 {
  // EINVAL: nanoseconds that are none.
  if ((how & TIME_WRONG) != 0) return -EINVAL;
  if (inode_frozen(inode)) return -EROFS;
  if (!inode_owned(inode)) {
    // EPERM: a time that is not now is the owner's to set. EACCES: now is for who may write.
    if (how != BOTH_NOW) return -EPERM;
    if (!inode_allows(inode, W_OK)) return -EACCES;
  }
  const at = changetype<usize>(inode);
  putf64(at + offsetof<Inode>("atime"), time_of(inode.atime, atime, how));
  putf64(at + offsetof<Inode>("mtime"), time_of(inode.mtime, mtime, how >> TIMES_SHIFT));
  inode_changed(inode);
  return 0;
}

function utimens_pipe(file: File, atime: f64, mtime: f64, how: i32): i32 {
  const pipe = pipe_of(file);
  if (pipe == null) return -EOPNOTSUPP;
  if ((how & TIME_WRONG) != 0) return -EINVAL;
  if (!pipe_owned(pipe)) return how == BOTH_NOW ? -EACCES : -EPERM;
  const at = changetype<usize>(pipe);
  putf64(at + offsetof<Pipe>("atime"), time_of(pipe.atime, atime, how));
  putf64(at + offsetof<Pipe>("mtime"), time_of(pipe.mtime, mtime, how >> TIMES_SHIFT));
  pipe_changed(pipe);
  return 0;
}

function time_of(before: f64, asked: f64, how: i32): f64 {
  if ((how & TIME_OMIT) != 0) return before;
  return (how & TIME_NOW) != 0 ? now() : asked;
}

/** umask(2): only the process's own thread changes it. @returns the mask before */
export function sys_umask(mask: i32): i32 {
  const proc = proc_current();
  const before = proc.umask;
  proc.umask = mask & 0o777;
  return before;
}
