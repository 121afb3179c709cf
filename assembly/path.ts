/**
 * The path walk: from the bytes of a path to the directory of its last component, and to what that
 * names. Symbolic links are followed by recursion over their stored bytes, at most SYMLOOP_MAX on the
 * whole way. What was found stands in the task's Walk.
 *
 * Guard: LOCK_NAME. Crash: constant, nothing is changed but the task's own Walk.
 * See path_resolution(7).
 */
import { EACCES, EBADF, EISDIR, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR } from "./abi/errno.ts";
import { AT_FDCWD } from "./abi/fcntl.ts";
import { NAME_MAX, PATH_MAX, SYMLOOP_MAX } from "./abi/limits.ts";
import { S_IFDIR, S_IFLNK } from "./abi/stat.ts";
import { X_OK } from "./abi/unistd.ts";
import { current } from "./current.ts";
import { cwd_of } from "./cwd.ts";
import { dir_find, record_inode } from "./directory.ts";
import { fd_file } from "./fd.ts";
import { INODE_ROOT, Inode, inode_allows, inode_at, inode_is, inode_removed } from "./inode.ts";
import { proc_current } from "./proc.ts";
import { task_transfer, task_walk } from "./task.ts";

/** What the last component is: Walk.kind. */
export const LAST_NAME: i32 = 0;
export const LAST_DOT: i32 = 1;
export const LAST_DOTDOT: i32 = 2;
export const LAST_ROOT: i32 = 3;

/** How a path is walked. FOLLOW: also a link at its end. PARENT: for a call that makes or takes the name. */
export const WALK_FOLLOW: i32 = 1;
export const WALK_PARENT: i32 = 2;
/** For open(2) with O_CREAT, to which a slash at the end is an error of its own. */
export const WALK_CREATE: i32 = 4;

@unmanaged
export class Walk {
  /** 0 */ dir: usize; // the directory of the last component
  /** 4 */ name: usize; // the last component
  /** 8 */ length: u32; // its bytes
  /** 12 */ inode: usize; // what it names, 0 for nothing
  /** 16 */ kind: i32;
  /** 20 */ slash: i32; // 1: slashes follow it
  /** 24 */ links: i32; // symbolic links followed so far
}

const SLASH: u8 = 0x2f;
const DOT: u8 = 0x2e;

/** Of the last walk_path(). */
export function walk_found(): Walk {
  return changetype<Walk>(task_walk(current));
}

/** Where a call's first path stands. */
export function path_first(): usize {
  return task_transfer(current);
}

/** Where the second one does. */
export function path_second(): usize {
  return task_transfer(current) + PATH_MAX;
}

/** What is asked of a path before anything is looked at. */
export function walk_check_path(length: i32): i32 {
  // ENOENT: empty. ENAMETOOLONG: no room for its NUL in PATH_MAX bytes.
  if (length <= 0) return -ENOENT;
  return length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/**
 * Walks the `length` bytes at `at`, from the directory `dirfd` when the path is relative. @returns 0 with
 * the Walk filled, whose inode may be 0 for nothing of that name; or a negated errno
 */
export function walk_path(dirfd: i32, at: usize, length: i32, flags: i32): i32 {
  const path = walk_check_path(length);
  if (path != 0) return path;
  let dir = inode_at(INODE_ROOT);
  if (load<u8>(at) != SLASH) {
    dir = cwd_of(proc_current());
    if (dirfd != AT_FDCWD) {
      const file = fd_file(proc_current(), dirfd);
      // EBADF: not open. ENOTDIR: no directory.
      if (file == null) return -EBADF;
      if (file.inode == 0) return -ENOTDIR;
      dir = changetype<Inode>(file.inode);
      if (!inode_is(dir, S_IFDIR)) return -ENOTDIR;
    }
  }
  walk_found().links = 0;
  const result = walk_rest(dir, at, at + <usize>length, flags);
  if (result != 0) return result;
  return (flags & (WALK_PARENT | WALK_CREATE)) != 0 ? 0 : walk_check_slash();
}

/** ENOTDIR: slashes after what is no directory. */
function walk_check_slash(): i32 {
  const walk = walk_found();
  if (walk.slash == 0 || walk.inode == 0) return 0;
  return inode_is(changetype<Inode>(walk.inode), S_IFDIR) ? 0 : -ENOTDIR;
}

/** walk_path() to what exists. @returns 0, or -ENOENT and the like */
export function walk_existing(dirfd: i32, at: usize, length: i32, flags: i32): i32 {
  const result = walk_path(dirfd, at, length, flags);
  if (result != 0) return result;
  return walk_found().inode == 0 ? -ENOENT : 0;
}

function after_slashes(at: usize, end: usize): usize {
  let next = at;
  while (next < end && load<u8>(next) == SLASH) next += 1;
  return next;
}

function before_slash(at: usize, end: usize): usize {
  let next = at;
  while (next < end && load<u8>(next) != SLASH) next += 1;
  return next;
}

function kind_of(at: usize, length: u32): i32 {
  if (load<u8>(at) != DOT || length > 2) return LAST_NAME;
  if (length == 1) return LAST_DOT;
  return load<u8>(at, 1) == DOT ? LAST_DOTDOT : LAST_NAME;
}

/** Walks the components from `at` on, beginning in `from`. */
function walk_rest(from: Inode, at: usize, end: usize, flags: i32): i32 {
  const walk = walk_found();
  let dir = from;
  let begin = after_slashes(at, end);
  if (begin == end) {
    walk.dir = changetype<usize>(dir);
    walk.inode = walk.dir;
    walk.kind = LAST_ROOT;
    walk.slash = 0;
    return 0;
  }
  let next = begin;
  while (next != end) {
    const stop = before_slash(begin, end);
    next = after_slashes(stop, end);
    walk.slash = next > stop ? 1 : 0;
    const stepped = walk_step(dir, begin, <u32>(stop - begin), next == end ? flags : 0);
    if (stepped != 0) return stepped;
    if (next == end) break;
    const through = walk_through(dir);
    if (through != 0) return through;
    dir = changetype<Inode>(walk.inode);
    begin = next;
  }
  return walk_last(dir, flags);
}

/** Looks one component up; `flags`: those of the walk at its end, 0 before it. */
function walk_step(dir: Inode, name: usize, length: u32, flags: i32): i32 {
  // EACCES: the directory may not be searched.
  if (!inode_allows(dir, X_OK)) return -EACCES;
  const walk = walk_found();
  walk.dir = changetype<usize>(dir);
  walk.name = name;
  walk.length = length;
  walk.kind = kind_of(name, length);
  if (walk.kind == LAST_NAME) {
    // EISDIR: a slash after a name that open(2) may make.
    if ((flags & WALK_CREATE) != 0 && walk.slash != 0) return -EISDIR;
    // Who wants the name itself asks when he comes to it.
    if ((flags & WALK_PARENT) == 0 && walk_too_long(dir, length)) return -ENAMETOOLONG;
    const record = dir_find(dir, name, length);
    walk.inode = record == 0 ? 0 : changetype<usize>(inode_at(record_inode(record)));
  } else if (walk.kind == LAST_DOT) {
    walk.inode = changetype<usize>(dir);
  } else {
    walk.inode = changetype<usize>(inode_at(dir.parent));
  }
  return 0;
}

/** Whether a name is longer than any. In a directory that was removed nothing is looked for. */
export function walk_too_long(dir: Inode, length: u32): bool {
  return length > <u32>NAME_MAX && !inode_removed(dir);
}

/** The last component: a link there is followed when the call wants that, or when a slash does. */
function walk_last(dir: Inode, flags: i32): i32 {
  const walk = walk_found();
  if (walk.inode == 0 || (flags & WALK_PARENT) != 0) return 0;
  const inode = changetype<Inode>(walk.inode);
  if (!inode_is(inode, S_IFLNK)) return 0;
  if ((flags & WALK_FOLLOW) == 0 && walk.slash == 0) return 0;
  const slash = walk.slash;
  const result = walk_link(inode, dir, flags | WALK_FOLLOW);
  walk.slash |= slash;
  return result;
}

/** A component in the middle must lead to a directory. */
function walk_through(dir: Inode): i32 {
  const walk = walk_found();
  // ENOENT: something on the way does not exist.
  if (walk.inode == 0) return -ENOENT;
  let inode = changetype<Inode>(walk.inode);
  if (inode_is(inode, S_IFLNK)) {
    const result = walk_link(inode, dir, WALK_FOLLOW);
    if (result != 0) return result;
    if (walk.inode == 0) return -ENOENT;
    inode = changetype<Inode>(walk.inode);
  }
  // ENOTDIR: something on the way is no directory.
  return inode_is(inode, S_IFDIR) ? 0 : -ENOTDIR;
}

function walk_link(link: Inode, dir: Inode, flags: i32): i32 {
  const walk = walk_found();
  walk.links += 1;
  // ELOOP: too many links on the way.
  if (walk.links > SYMLOOP_MAX) return -ELOOP;
  const at = link.base;
  const from = load<u8>(at) == SLASH ? inode_at(INODE_ROOT) : dir;
  return walk_rest(from, at, at + <usize>link.size, flags);
}
