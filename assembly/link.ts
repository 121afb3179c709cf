/**
 * link(2), symlink(2), readlink(2). Guard: LOCK_NAME; LOCK_PAGE nested for a symbolic link's frame. Crash: one
 * transaction a call, after whatever a directory's growth needed.
 */
import { EINVAL, EMLINK, ENAMETOOLONG, ENOENT, ENOSPC, EPERM, EXDEV } from "./abi/errno.ts";
import { AT_FDCWD } from "./abi/fcntl.ts";
import { PATH_MAX } from "./abi/limits.ts";
import { S_IFDIR, S_IFLNK } from "./abi/stat.ts";
import { current } from "./current.ts";
import { dir_add, NEEDS } from "./directory.ts";
import {
  Inode,
  inode_changed,
  inode_is,
  inode_links_add,
  inode_number,
  inode_pages_left,
  inode_used_add,
  inode_written,
} from "./inode.ts";
import { journal_commit, put32 } from "./journal.ts";
import { lock_leave, lock_nest, RANK_LEAF } from "./lock.ts";
import {
  NAME_AGAIN,
  name_begin,
  name_end,
  name_is_new,
  name_make,
  name_may_add,
  name_may_make,
  name_room,
} from "./name.ts";
import { page_address, page_hand_over } from "./page.ts";
import {
  path_first,
  path_second,
  WALK_PARENT,
  walk_existing,
  walk_found,
  walk_path,
} from "./path.ts";
import { LOCK_PAGE, WORD_FILE_PAGES } from "./region.ts";

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
  const fresh = name_is_new(walk, 0);
  if (fresh != 0) return fresh;
  const may = name_may_make(walk);
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
  const fresh = name_is_new(walk, 0);
  if (fresh != 0) return fresh;
  const dir = changetype<Inode>(walk.dir);
  // EXDEV: another mount.
  if (inode.dev != dir.dev) return -EXDEV;
  const may = name_may_add(dir);
  if (may != 0) return may;
  // EPERM: a directory has one name. EMLINK: as many as can be counted.
  if (inode_is(inode, S_IFDIR)) return -EPERM;
  if (inode.nlink == LINK_MAX) return -EMLINK;
  const room = name_room(walk);
  if (room != 0) return room;
  dir_add(dir, walk.name, walk.length, inode_number(inode));
  // A file without a name that is open still counts as one.
  if (inode.nlink > 0) inode_used_add(1);
  inode_links_add(inode, 1);
  inode_changed(inode);
  inode_written(dir);
  return 0;
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
