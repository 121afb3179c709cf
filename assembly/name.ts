/**
 * Names: mkdir(2), mkfifo(3), symlink(2), link(2), unlink(2), rmdir(2), readlink(2). rename(2) is in
 * rename.ts. A path stands in the transfer area, a second one behind it.
 *
 * Guard: LOCK_NAME. Crash: one transaction a call, after whatever a directory's growth needed.
 */
import {
  EACCES,
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  EMLINK,
  ENAMETOOLONG,
  ENOENT,
  ENOMEM,
  ENOSPC,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
  EWAIT,
  EXDEV,
} from "./abi/errno.ts";
import { AT_FDCWD } from "./abi/fcntl.ts";
import { PATH_MAX } from "./abi/limits.ts";
import { S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_ISGID, S_ISVTX } from "./abi/stat.ts";
import { W_OK, X_OK } from "./abi/unistd.ts";
import { current } from "./current.ts";
import { dir_add, dir_find, dir_prepare, dir_remove, NEEDS } from "./directory.ts";
import {
  Inode,
  inode_allows,
  inode_at,
  inode_changed,
  inode_create,
  inode_is,
  inode_leave,
  inode_leave_begin,
  inode_leave_end,
  inode_links_add,
  inode_number,
  inode_pages_left,
  inode_room,
  inode_sticks,
  inode_used_add,
  inode_written,
} from "./inode.ts";
import { journal_commit, put32 } from "./journal.ts";
import { lock_enter, lock_leave, lock_nest, RANK_LEAF, RANK_NAME } from "./lock.ts";
import { page_address, page_drop, page_hand_over, page_hold } from "./page.ts";
import {
  LAST_DOT,
  LAST_DOTDOT,
  LAST_NAME,
  LAST_ROOT,
  path_first,
  path_second,
  WALK_PARENT,
  Walk,
  walk_existing,
  walk_found,
  walk_path,
} from "./path.ts";
import { proc_current } from "./proc.ts";
import { LOCK_NAME, LOCK_PAGE, WORD_FILE_PAGES } from "./region.ts";

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

/** Whether the walk's name may be made: looks, and makes room in the directory. Nothing is logged yet. */
export function name_may_make(walk: Walk): i32 {
  const dir = changetype<Inode>(walk.dir);
  // ENOENT: the directory was removed.
  if (dir.parent == 0) return -ENOENT;
  // EACCES: it may not be written.
  if (!inode_allows(dir, W_OK | X_OK)) return -EACCES;
  // ENOSPC: no more names in the machine.
  if (!inode_room()) return -ENOSPC;
  return dir_prepare(dir, walk.length);
}

/** The same for a name that must be new. */
function name_must_make(walk: Walk): i32 {
  // EEXIST: whatever has the name; and a dot or the root has one.
  return walk.kind != LAST_NAME || walk.inode != 0 ? -EEXIST : name_may_make(walk);
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
  const may = name_must_make(walk);
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
  // ENOENT: with a slash it would be a directory.
  if (walk.kind == LAST_NAME && walk.inode == 0 && walk.slash != 0) return -ENOENT;
  const may = name_must_make(walk);
  if (may != 0) return may;
  name_make(walk, S_IFIFO | (mode & 0o7777 & ~proc_current().umask));
  return 0;
}

/** symlink(2): the target is the first path, the new name the second. */
export function sys_symlink(target: i32, length: i32): i32 {
  // ENOENT: an empty target. ENAMETOOLONG: past PATH_MAX.
  if (target <= 0) return -ENOENT;
  if (target >= PATH_MAX) return -ENAMETOOLONG;
  let result = NAME_AGAIN;
  while (result == NAME_AGAIN) {
    const locked = name_begin();
    result = locked != 0 ? locked : name_end(symlink_locked(<u32>target, length));
  }
  return result;
}

function symlink_locked(target: u32, length: i32): i32 {
  const walked = walk_path(AT_FDCWD, path_second(), length, WALK_PARENT);
  if (walked != 0) return walked;
  const walk = walk_found();
  if (walk.kind == LAST_NAME && walk.inode == 0 && walk.slash != 0) return -ENOENT;
  const may = name_must_make(walk);
  if (may != 0) return may;
  if (inode_pages_left() == 0) return -ENOSPC;
  // The target's own frame.
  if (current.hold_count != 1) return -(NEEDS + 1);
  memory.copy(page_address(current.hold_first), path_first(), target);
  const nested = lock_nest(LOCK_PAGE, RANK_LEAF);
  if (nested != 0) return nested;
  const inode = name_make(walk, S_IFLNK | 0o777);
  inode.size = target;
  inode.frames = 1;
  inode.first = page_hand_over();
  inode.base = page_address(inode.first);
  put32(WORD_FILE_PAGES, load<i32>(WORD_FILE_PAGES) + 1);
  journal_commit();
  lock_leave(LOCK_PAGE, RANK_LEAF);
  return 0;
}

/** link(2): the file is the first path, its new name the second. */
export function sys_link(from: i32, to: i32): i32 {
  let result = NAME_AGAIN;
  while (result == NAME_AGAIN) {
    const locked = name_begin();
    result = locked != 0 ? locked : name_end(link_locked(from, to));
  }
  return result;
}

const LINK_MAX: i32 = i32.MAX_VALUE;

function link_locked(from: i32, to: i32): i32 {
  const existing = walk_existing(AT_FDCWD, path_first(), from, 0);
  if (existing != 0) return existing;
  const inode = changetype<Inode>(walk_found().inode);
  const walked = walk_path(AT_FDCWD, path_second(), to, WALK_PARENT);
  if (walked != 0) return walked;
  const walk = walk_found();
  if (walk.kind == LAST_NAME && walk.inode == 0 && walk.slash != 0) return -ENOENT;
  const dir = changetype<Inode>(walk.dir);
  if (walk.kind != LAST_NAME || walk.inode != 0) return -EEXIST;
  // EXDEV: another mount.
  if (inode.dev != dir.dev) return -EXDEV;
  const may = name_may_make(walk);
  if (may != 0) return may;
  // EPERM: a directory has one name. EMLINK: as many as can be counted.
  if (inode_is(inode, S_IFDIR)) return -EPERM;
  if (inode.nlink == LINK_MAX) return -EMLINK;
  dir_add(dir, walk.name, walk.length, inode_number(inode));
  // A file without a name that is open still counts as one.
  if (inode.nlink > 0) inode_used_add(1);
  inode_links_add(inode, 1);
  inode_changed(inode);
  inode_written(dir);
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
  if (walk.inode == 0) return -ENOENT;
  const inode = changetype<Inode>(walk.inode);
  if (walk.slash != 0) return inode_is(inode, S_IFDIR) ? -EISDIR : -ENOTDIR;
  const may = name_may_take(walk);
  if (may != 0) return may;
  // EISDIR: a directory; POSIX has EPERM.
  return inode_is(inode, S_IFDIR) ? -EISDIR : name_take(walk, 1);
}

/** Whether the walk's name may be taken away from what it names. */
export function name_may_take(walk: Walk): i32 {
  const dir = changetype<Inode>(walk.dir);
  // EACCES: the directory may not be written.
  if (!inode_allows(dir, W_OK | X_OK)) return -EACCES;
  // EPERM: S_ISVTX, and neither it nor the directory is the caller's.
  return inode_sticks(dir, changetype<Inode>(walk.inode)) ? -EPERM : 0;
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

/** An inode loses a name; a directory, its two links, goes out of the tree. Logged. */
export function inode_unname(inode: Inode, links: i32): void {
  if (inode.nlink > links) inode_used_add(-1);
  inode_links_add(inode, -links);
  if (links == 2) put32(changetype<usize>(inode) + offsetof<Inode>("parent"), 0);
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
  if (walk.inode == 0) return -ENOENT;
  const inode = changetype<Inode>(walk.inode);
  const may = name_may_take(walk);
  if (may != 0) return may;
  if (!inode_is(inode, S_IFDIR)) return -ENOTDIR;
  // EBUSY: mounted on.
  if (inode.dev != inode_at(inode.parent).dev) return -EBUSY;
  return inode.entries != 0 ? -ENOTEMPTY : name_take(walk, 2);
}

/** readlink(2): the target goes to the transfer area. @returns its bytes */
export function sys_readlink(length: i32): i32 {
  const locked = name_begin();
  if (locked != 0) return locked;
  let result = walk_existing(AT_FDCWD, path_first(), length, 0);
  if (result == 0) {
    const inode = changetype<Inode>(walk_found().inode);
    // EINVAL: no symbolic link.
    result = -EINVAL;
    if (inode_is(inode, S_IFLNK)) {
      result = <i32>inode.size;
      memory.copy(path_first(), inode.base, <usize>result);
    }
  }
  return name_end(result);
}
