/**
 * open(2): a path, a description and a number, in one transaction. FIFOs are in fifo.ts.
 *
 * Guard: LOCK_PROC, LOCK_NAME, and the inode's lock when it is emptied. Crash: one transaction, after
 * whatever a directory's growth needed; O_TRUNC's is one of its own before it. See open(2).
 */
import {
  EACCES,
  EEXIST,
  EINVAL,
  EISDIR,
  ELOOP,
  ENFILE,
  ENOENT,
  ENOTDIR,
  ENXIO,
  EPERM,
  EROFS,
} from "./abi/errno.ts";
import {
  FD_CLOEXEC,
  O_ACCMODE,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOATIME,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_SYNC,
  O_TRUNC,
  O_WRONLY,
} from "./abi/fcntl.ts";
import { LIMIT_OPEN_MAX } from "./abi/layout.ts";
import { S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG, S_ISGID, S_IXGRP } from "./abi/stat.ts";
import { R_OK, W_OK } from "./abi/unistd.ts";
import { VOLUME_LOAD } from "./abi/volume.ts";
import { current } from "./current.ts";
import { data_cut } from "./data.ts";
import { fd_file, fd_free, fd_release, fd_set } from "./fd.ts";
import { fifo_open, fifo_opened } from "./fifo.ts";
import { FILE_HOST, FILE_INODE, FILE_TERMINAL, File, file_free_slot, file_init } from "./file.ts";
import { RDEV_TTY } from "./fs-format.ts";
import {
  Inode,
  inode_allows,
  inode_frozen,
  inode_is,
  inode_number,
  inode_opens_add,
  inode_owned,
} from "./inode.ts";
import { journal_commit } from "./journal.ts";
import { lock_enter, lock_leave, lock_nest, RANK_NAME, RANK_OBJECT, RANK_TABLE } from "./lock.ts";
import { frames_for, NAME_AGAIN, name_make, name_may_make } from "./name.ts";
import {
  LAST_NAME,
  path_first,
  WALK_CREATE,
  WALK_FOLLOW,
  walk_check_path,
  walk_found,
  walk_path,
} from "./path.ts";
import { proc_in_group } from "./perm.ts";
import { Proc, proc_current } from "./proc.ts";
import { LOCK_NAME, LOCK_PROC, limit } from "./region.ts";
import { task_held_file } from "./task.ts";
import { volume_ask } from "./volume.ts";

/** What a description keeps of the flags. */
const KEPT: i32 = O_ACCMODE | O_APPEND | O_NONBLOCK | O_SYNC | O_DIRECTORY | O_NOFOLLOW | O_NOATIME;

/** open(2) of the path of `length` bytes in the transfer area. */
export function sys_openat(dirfd: i32, length: i32, flags: i32, mode: i32): i32 {
  // EINVAL: a directory is made by mkdir().
  const both = O_CREAT | O_DIRECTORY;
  if ((flags & both) == both) return -EINVAL;
  // Before EMFILE and ENFILE: a path that is none.
  const path = walk_check_path(length);
  if (path != 0) return path;
  let result = NAME_AGAIN;
  while (result == NAME_AGAIN) result = frames_for(open_once(dirfd, length, flags, mode));
  return result;
}

/** A call that waited for a FIFO's other end gives up: it is no end any more. */
export function open_abort(): i32 {
  return fd_release(current);
}

function open_once(dirfd: i32, length: i32, flags: i32, mode: i32): i32 {
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  let result = 0;
  if (load<u32>(task_held_file(current)) != 0) {
    result = fifo_opened(flags);
  } else {
    result = lock_nest(LOCK_NAME, RANK_NAME);
    if (result == 0) {
      result = open_locked(dirfd, length, flags, mode);
      journal_commit();
      lock_leave(LOCK_NAME, RANK_NAME);
    }
  }
  journal_commit();
  lock_leave(LOCK_PROC, RANK_TABLE);
  return result;
}

function open_locked(dirfd: i32, length: i32, flags: i32, mode: i32): i32 {
  // EMFILE: no number. ENFILE: no description more in the machine.
  const fd = fd_free(proc_current(), 0);
  if (fd < 0) return fd;
  const file = file_free_slot(null);
  if (file == null) return -ENFILE;
  const follows = (flags & O_NOFOLLOW) == 0 && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
  const creates = (flags & O_CREAT) != 0;
  const how = (follows ? WALK_FOLLOW : 0) | (creates ? WALK_CREATE : 0);
  const walked = walk_path(dirfd, path_first(), length, how);
  if (walked != 0) return walked;
  const walk = walk_found();
  if (walk.inode != 0) {
    if (creates && (flags & O_EXCL) != 0) return -EEXIST;
    const may = open_may(changetype<Inode>(walk.inode), flags);
    return may != 0 ? may : open_inode(changetype<Inode>(walk.inode), file, fd, flags);
  }
  if (!creates || walk.kind != LAST_NAME) return -ENOENT;
  const may = name_may_make(walk);
  if (may != 0) return may;
  const dir = changetype<Inode>(walk.dir);
  const inode = name_make(walk, S_IFREG | open_mode(dir, mode));
  return open_publish(inode, file, fd, flags);
}

/** The mode of a new file: less the umask, and S_ISGID is not for a group that is not the caller's. */
function open_mode(dir: Inode, mode: i32): i32 {
  const proc = proc_current();
  const kept = mode & 0o7777 & ~proc.umask;
  const both = S_ISGID | S_IXGRP;
  if ((kept & both) != both || (dir.mode & S_ISGID) == 0 || proc.euid == 0) return kept;
  return proc_in_group(proc, dir.gid) ? kept : kept & ~S_ISGID;
}

/** Whether what exists may be opened so. */
function open_may(inode: Inode, flags: i32): i32 {
  const is_dir = inode_is(inode, S_IFDIR);
  // ENOTDIR: O_DIRECTORY, and it is none. ELOOP: O_NOFOLLOW, and it is a symbolic link.
  if ((flags & O_DIRECTORY) != 0 && !is_dir) return -ENOTDIR;
  if (inode_is(inode, S_IFLNK)) return -ELOOP;
  const access = flags & O_ACCMODE;
  const writes = access != O_RDONLY || (flags & O_TRUNC) != 0;
  // EISDIR: a directory is not written, nor made.
  if (is_dir && (writes || (flags & O_CREAT) != 0)) return -EISDIR;
  if (writes && inode_is(inode, S_IFREG) && inode_frozen(inode)) return -EROFS;
  const wanted = (access != O_WRONLY ? R_OK : 0) | (writes ? W_OK : 0);
  if (!inode_allows(inode, wanted)) return -EACCES;
  // EPERM: another's file may not be read unnoticed.
  return (flags & O_NOATIME) != 0 && !inode_owned(inode) ? -EPERM : 0;
}

function open_inode(inode: Inode, file: File, fd: i32, flags: i32): i32 {
  if (inode_is(inode, S_IFIFO)) return fifo_open(inode, file, fd, flags);
  if (inode_is(inode, S_IFCHR) && inode.rdev == RDEV_TTY) return open_terminal(file, fd, flags);
  const cuts = (flags & O_TRUNC) != 0;
  // The disk has the contents: the call is made again when they are here.
  if (inode.absent != 0 && !cuts) return volume_ask(VOLUME_LOAD, inode_number(inode));
  if (inode_is(inode, S_IFREG) && cuts && inode.size != 0) {
    const lock = changetype<usize>(inode);
    const nested = lock_nest(lock, RANK_OBJECT);
    if (nested != 0) return nested;
    const cut = data_cut(inode, 0);
    lock_leave(lock, RANK_OBJECT);
    if (cut != 0) return cut;
  }
  return open_publish(inode, file, fd, flags);
}

function open_publish(inode: Inode, file: File, fd: i32, flags: i32): i32 {
  file_init(file, FILE_INODE, flags & KEPT, changetype<usize>(inode));
  file.inode = changetype<usize>(inode);
  inode_opens_add(inode, 1);
  fd_set(proc_current(), fd, file, (flags & O_CLOEXEC) != 0 ? FD_CLOEXEC : 0);
  return fd;
}

/** /dev/tty: the standard streams of the host, for a process that has any of them. */
function open_terminal(file: File, fd: i32, flags: i32): i32 {
  const proc = proc_current();
  // ENXIO: the process has no terminal.
  if (!open_has_host(proc)) return -ENXIO;
  file_init(file, FILE_HOST, flags & KEPT, FILE_TERMINAL);
  fd_set(proc, fd, file, (flags & O_CLOEXEC) != 0 ? FD_CLOEXEC : 0);
  return fd;
}

function open_has_host(proc: Proc): bool {
  const count = limit(LIMIT_OPEN_MAX);
  for (let fd = 0; fd < count; fd++) {
    const file = fd_file(proc, fd);
    if (file != null && file.kind == FILE_HOST) return true;
  }
  return false;
}
