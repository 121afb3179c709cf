/**
 * Names: what every call that makes or takes one does, and mkdir(2), mkfifo(3), unlink(2), rmdir(2). Links
 * are in link.ts, rename(2) in rename.ts. A path stands in the transfer area, a second one behind it.
 *
 * Guard: LOCK_NAME. Crash: one transaction a call, after whatever a directory's growth needed.
 */
import {
  EACCES,
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  ENAMETOOLONG,
  ENOENT,
  ENOMEM,
  ENOSPC,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
  EROFS,
  EWAIT,
} from "./abi/errno.ts";
import { AT_FDCWD } from "./abi/fcntl.ts";
import { S_IFDIR, S_IFIFO, S_IFMT, S_ISGID, S_ISVTX } from "./abi/stat.ts";
import { W_OK, X_OK } from "./abi/unistd.ts";
import { current } from "./current.ts";
import { dir_add, dir_find, dir_prepare, dir_remove, NEEDS } from "./directory.ts";
import {
  DEV_PROC,
  Inode,
  inode_allows,
  inode_at,
  inode_changed,
  inode_create,
  inode_frozen,
  inode_is,
  inode_leave,
  inode_leave_begin,
  inode_leave_end,
  inode_links_add,
  inode_number,
  inode_opens_add,
  inode_removed,
  inode_room,
  inode_sticks,
  inode_used_add,
  inode_written,
} from "./inode.ts";
import { journal_commit } from "./journal.ts";
import { lock_enter, lock_leave, RANK_NAME } from "./lock.ts";
import { page_drop, page_hold } from "./page.ts";
import {
  LAST_DOT,
  LAST_DOTDOT,
  LAST_NAME,
  LAST_ROOT,
  path_first,
  WALK_PARENT,
  Walk,
  walk_found,
  walk_path,
  walk_too_long,
} from "./path.ts";
import { proc_current } from "./proc.ts";
import { LOCK_NAME } from "./region.ts";

/** The call is to be made again, with the frames that it asked for. */
export const NAME_AGAIN: i32 = 1 << 30;

export function name_begin(): i32 {
  return lock_enter(LOCK_NAME, RANK_NAME);
}

/** Ends what name_begin() began. @returns the result, or NAME_AGAIN */
export function name_end(result: i32): i32 {
  journal_commit();
  lock_leave(LOCK_NAME, RANK_NAME);
  return frames_for(result);
}

/** Under no lock: has the task hold the frames that the result asks for, or none after a failure. */
export function frames_for(result: i32): i32 {
  // Those that are called again keep what they hold.
  if (result >= 0 || (result <= -EWAIT && result > -NEEDS)) return result;
  if (result > -NEEDS) {
    const dropped = page_drop(current);
    return dropped != 0 ? dropped : result;
  }
  const held = page_hold(<u32>(-result - NEEDS));
  if (held == 0) return NAME_AGAIN;
  // ENOSPC: no frames for it in the machine.
  return held == -ENOMEM ? -ENOSPC : held;
}

/** Whether the walk's name may be made, and has room. Nothing is logged yet. */
export function name_may_make(walk: Walk): i32 {
  const may = name_may_add(changetype<Inode>(walk.dir));
  return may != 0 ? may : name_room(walk);
}

/** Whether a directory may get one more name. */
export function name_may_add(dir: Inode): i32 {
  // ENOENT: the directory was removed; or it is in /proc, which looks for a process of that name.
  if (inode_removed(dir) || dir.dev == DEV_PROC) return -ENOENT;
  // EROFS: its volume may not be changed. EACCES: it may not be written.
  if (inode_frozen(dir)) return -EROFS;
  return inode_allows(dir, W_OK | X_OK) ? 0 : -EACCES;
}

/** Makes room for the walk's name in its directory. */
export function name_room(walk: Walk): i32 {
  // ENOSPC: no more names in the machine.
  return inode_room() ? dir_prepare(changetype<Inode>(walk.dir), walk.length) : -ENOSPC;
}

/** Whether the name is new; with `slash` 1 a slash may follow it, as the name of a directory. */
export function name_is_new(walk: Walk, slash: i32): i32 {
  // EEXIST: a dot or the root has a name; and whatever has this one.
  if (walk.kind != LAST_NAME) return -EEXIST;
  if (walk_too_long(changetype<Inode>(walk.dir), walk.length)) return -ENAMETOOLONG;
  if (walk.inode != 0) return -EEXIST;
  // ENOENT: with a slash it would be a directory.
  return walk.slash > slash ? -ENOENT : 0;
}

/** Makes an inode under the walk's name. `mode`: with its type, the umask's bits taken away. Logged. */
export function name_make(walk: Walk, mode: i32): Inode {
  const dir = changetype<Inode>(walk.dir);
  const inherits = (dir.mode & S_ISGID) != 0;
  const proc = proc_current();
  const own = inherits && (mode & S_IFMT) == S_IFDIR ? S_ISGID : 0;
  const inode = inode_create(mode | own, inherits ? dir.gid : proc.egid, dir.dev);
  dir_add(dir, walk.name, walk.length, inode_number(inode));
  inode_written(dir);
  return inode;
}

/** mkdir(2). */
export function sys_mkdir(length: i32, mode: i32): i32 {
  let result = NAME_AGAIN;
  while (result == NAME_AGAIN) {
    const locked = name_begin();
    result = locked != 0 ? locked : name_end(mkdir_locked(length, mode));
  }
  return result;
}

function mkdir_locked(length: i32, mode: i32): i32 {
  const walked = walk_path(AT_FDCWD, path_first(), length, WALK_PARENT);
  if (walked != 0) return walked;
  const walk = walk_found();
  const fresh = name_is_new(walk, 1);
  if (fresh != 0) return fresh;
  const may = name_may_make(walk);
  if (may != 0) return may;
  const dir = changetype<Inode>(walk.dir);
  const kept = mode & (S_ISVTX | 0o777) & ~proc_current().umask;
  const inode = name_make(walk, S_IFDIR | kept);
  // Published already, but nobody looks before the lock is free.
  inode.parent = inode_number(dir);
  inode.nlink = 2;
  inode_links_add(dir, 1);
  return 0;
}

/** mkfifo(3). */
export function sys_mkfifoat(dirfd: i32, length: i32, mode: i32): i32 {
  let result = NAME_AGAIN;
  while (result == NAME_AGAIN) {
    const locked = name_begin();
    result = locked != 0 ? locked : name_end(mkfifo_locked(dirfd, length, mode));
  }
  return result;
}

function mkfifo_locked(dirfd: i32, length: i32, mode: i32): i32 {
  const walked = walk_path(dirfd, path_first(), length, WALK_PARENT);
  if (walked != 0) return walked;
  const walk = walk_found();
  const fresh = name_is_new(walk, 0);
  if (fresh != 0) return fresh;
  const may = name_may_make(walk);
  if (may != 0) return may;
  name_make(walk, S_IFIFO | (mode & 0o7777 & ~proc_current().umask));
  return 0;
}

/** unlink(2). */
export function sys_unlink(length: i32): i32 {
  const locked = name_begin();
  return locked != 0 ? locked : name_end(unlink_locked(length));
}

function unlink_locked(length: i32): i32 {
  const walked = walk_path(AT_FDCWD, path_first(), length, WALK_PARENT);
  if (walked != 0) return walked;
  const walk = walk_found();
  if (walk.kind != LAST_NAME) return -EISDIR;
  const named = name_is_there(walk);
  if (named != 0) return named;
  const inode = changetype<Inode>(walk.inode);
  if (walk.slash != 0) return inode_is(inode, S_IFDIR) ? -EISDIR : -ENOTDIR;
  const may = name_may_take(walk);
  if (may != 0) return may;
  // EISDIR: a directory; POSIX has EPERM.
  return inode_is(inode, S_IFDIR) ? -EISDIR : name_take(walk, 1);
}

/** Whether anything has the walk's name. */
function name_is_there(walk: Walk): i32 {
  if (walk_too_long(changetype<Inode>(walk.dir), walk.length)) return -ENAMETOOLONG;
  // ENOENT: nothing has it.
  return walk.inode != 0 ? 0 : -ENOENT;
}

/** Whether the walk's name may be taken away from what it names. */
export function name_may_take(walk: Walk): i32 {
  const dir = changetype<Inode>(walk.dir);
  // EROFS, EACCES: the directory may not be written.
  if (inode_frozen(dir)) return -EROFS;
  if (!inode_allows(dir, W_OK | X_OK)) return -EACCES;
  // EPERM: in /proc; or S_ISVTX, and neither it nor the directory is the caller's.
  return dir.dev == DEV_PROC || inode_sticks(dir, changetype<Inode>(walk.inode)) ? -EPERM : 0;
}

/** Takes the name, and `links` links, away; commits. @returns 0, -ELOCK or -EINTR */
function name_take(walk: Walk, links: i32): i32 {
  const dir = changetype<Inode>(walk.dir);
  const inode = changetype<Inode>(walk.inode);
  const goes = inode_leave_begin(inode, links, 0);
  if (goes < 0) return goes;
  dir_remove(dir, dir_find(dir, walk.name, walk.length));
  inode_unname(inode, links);
  if (links == 2) inode_links_add(dir, -1);
  inode_leave(inode, goes);
  inode_changed(inode);
  inode_written(dir);
  journal_commit();
  inode_leave_end(inode, goes);
  return 0;
}

/** An inode loses a name; a directory, its two links, goes out of the tree, and uses its parent. Logged. */
export function inode_unname(inode: Inode, links: i32): void {
  if (inode.nlink > links) inode_used_add(-1);
  inode_links_add(inode, -links);
  if (links == 2) inode_opens_add(inode_at(inode.parent), 1);
}

/** rmdir(2). */
export function sys_rmdir(length: i32): i32 {
  const locked = name_begin();
  return locked != 0 ? locked : name_end(rmdir_locked(length));
}

function rmdir_locked(length: i32): i32 {
  const walked = walk_path(AT_FDCWD, path_first(), length, WALK_PARENT);
  if (walked != 0) return walked;
  const walk = walk_found();
  if (walk.kind == LAST_DOTDOT) return -ENOTEMPTY;
  if (walk.kind == LAST_DOT) return -EINVAL;
  if (walk.kind == LAST_ROOT) return -EBUSY;
  const named = name_is_there(walk);
  if (named != 0) return named;
  const inode = changetype<Inode>(walk.inode);
  const may = name_may_take(walk);
  if (may != 0) return may;
  if (!inode_is(inode, S_IFDIR)) return -ENOTDIR;
  // EBUSY: mounted on.
  if (inode.dev != inode_at(inode.parent).dev) return -EBUSY;
  return inode.entries != 0 ? -ENOTEMPTY : name_take(walk, 2);
}
