/**
 * rename(2). Guard: LOCK_NAME. Crash: one transaction, after whatever the new directory's growth
 * needed: at every moment one of the names is there, and what the new one named has it or has lost it.
 */
import {
  EACCES,
  EBUSY,
  EINVAL,
  EISDIR,
  ENAMETOOLONG,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
  EROFS,
  EXDEV,
} from "./abi/errno.ts";
import { AT_FDCWD } from "./abi/fcntl.ts";
import { S_IFDIR } from "./abi/stat.ts";
import { W_OK, X_OK } from "./abi/unistd.ts";
import { dir_add, dir_find, dir_prepare, dir_remove, dir_replace } from "./directory.ts";
import {
  DEV_PROC,
  INODE_ROOT,
  Inode,
  inode_allows,
  inode_at,
  inode_changed,
  inode_frozen,
  inode_is,
  inode_leave,
  inode_leave_begin,
  inode_leave_end,
  inode_links_add,
  inode_number,
  inode_removed,
  inode_sticks,
  inode_written,
} from "./inode.ts";
import { journal_commit, put32 } from "./journal.ts";
import { inode_unname, NAME_AGAIN, name_begin, name_end, name_may_take } from "./name.ts";
import {
  LAST_NAME,
  path_first,
  path_second,
  WALK_PARENT,
  Walk,
  walk_found,
  walk_path,
  walk_too_long,
} from "./path.ts";

/** The old name is the first path, the new one the second. */
export function sys_rename(from: i32, to: i32): i32 {
  let result = NAME_AGAIN;
  while (result == NAME_AGAIN) {
    const locked = name_begin();
    result = locked != 0 ? locked : name_end(rename_locked(from, to));
  }
  return result;
}

function rename_locked(from: i32, to: i32): i32 {
  let walked = walk_path(AT_FDCWD, path_first(), from, WALK_PARENT);
  if (walked != 0) return walked;
  const walk = walk_found();
  const old_dir = changetype<Inode>(walk.dir);
  const name = walk.name;
  const length = walk.length;
  const kind = walk.kind;
  const slash = walk.slash;
  const inode = changetype<Inode>(walk.inode);
  walked = walk_path(AT_FDCWD, path_second(), to, WALK_PARENT);
  if (walked != 0) return walked;
  const dir = changetype<Inode>(walk.dir);
  // EXDEV: another mount. EBUSY: a dot at an end, or the root.
  if (old_dir.dev != dir.dev) return -EXDEV;
  if (kind != LAST_NAME || walk.kind != LAST_NAME) return -EBUSY;
  if (walk_too_long(old_dir, length)) return -ENAMETOOLONG;
  // ENOENT: nothing has the old name, or the directory of the new one was removed.
  if (changetype<usize>(inode) == 0 || inode_removed(dir)) return -ENOENT;
  if (walk_too_long(dir, walk.length)) return -ENAMETOOLONG;
  // ENOTDIR: a slash after what is no directory.
  if (!inode_is(inode, S_IFDIR) && (slash | walk.slash) != 0) return -ENOTDIR;
  const may = rename_may(old_dir, inode, walk);
  if (may != 0) return may == SAME ? 0 : may;
  const target = changetype<Inode>(walk.inode);
  let goes = 0;
  if (walk.inode != 0) goes = inode_leave_begin(target, inode_is(target, S_IFDIR) ? 2 : 1, 0);
  else goes = dir_prepare(dir, walk.length);
  if (goes < 0) return goes;
  rename_put(walk, inode, goes);
  dir_remove(old_dir, dir_find(old_dir, name, length));
  if (inode_is(inode, S_IFDIR)) {
    inode_links_add(old_dir, -1);
    inode_links_add(dir, 1);
    put32(changetype<usize>(inode) + offsetof<Inode>("parent"), inode_number(dir));
  }
  inode_changed(inode);
  inode_written(old_dir);
  inode_written(dir);
  journal_commit();
  if (walk.inode != 0) inode_leave_end(target, goes);
  return 0;
}

/** Gives the new name to the inode, and takes it from what had it. Logged. */
function rename_put(walk: Walk, inode: Inode, goes: i32): void {
  const dir = changetype<Inode>(walk.dir);
  if (walk.inode == 0) {
    dir_add(dir, walk.name, walk.length, inode_number(inode));
    return;
  }
  const target = changetype<Inode>(walk.inode);
  dir_replace(dir_find(dir, walk.name, walk.length), inode_number(inode));
  const links = inode_is(target, S_IFDIR) ? 2 : 1;
  if (links == 2) inode_links_add(dir, -1);
  inode_unname(target, links);
  inode_leave(target, goes);
  inode_changed(target);
}

/** Two names of one file: nothing happens. */
const SAME: i32 = 1;

/** The checks that need both ends, in Linux's order. */
function rename_may(old_dir: Inode, inode: Inode, walk: Walk): i32 {
  const dir = changetype<Inode>(walk.dir);
  const is_dir = inode_is(inode, S_IFDIR);
  // EINVAL: a directory would come below itself. ENOTEMPTY: the target is above the old name.
  if (is_dir && below(dir, inode)) return -EINVAL;
  const target = changetype<Inode>(walk.inode);
  if (walk.inode != 0 && below(old_dir, target)) return -ENOTEMPTY;
  if (target == inode) return SAME;
  if (dir.dev == DEV_PROC) return walk.inode == 0 ? -ENOENT : name_may_take(walk);
  if (inode_frozen(old_dir)) return -EROFS;
  if (!inode_allows(old_dir, W_OK | X_OK)) return -EACCES;
  if (inode_sticks(old_dir, inode)) return -EPERM;
  if (walk.inode == 0) {
    if (!inode_allows(dir, W_OK | X_OK)) return -EACCES;
  } else {
    const may = name_may_take(walk);
    if (may != 0) return may;
    if (is_dir && !inode_is(target, S_IFDIR)) return -ENOTDIR;
    if (!is_dir && inode_is(target, S_IFDIR)) return -EISDIR;
  }
  // EACCES: ".." of a directory that moves is written.
  if (is_dir && dir != old_dir && !inode_allows(inode, W_OK)) return -EACCES;
  // EBUSY: something is mounted there.
  if (inode.dev != old_dir.dev || (walk.inode != 0 && target.dev != dir.dev)) return -EBUSY;
  return walk.inode != 0 && target.entries != 0 ? -ENOTEMPTY : 0;
}

/** Whether `dir` is `above`, or somewhere below it. */
function below(dir: Inode, above: Inode): bool {
  const root = inode_at(INODE_ROOT);
  let inode = dir;
  // A directory that was removed is below nothing.
  while (inode != above && inode != root && !inode_removed(inode)) inode = inode_at(inode.parent);
  return inode == above;
}
