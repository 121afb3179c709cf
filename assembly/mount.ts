/**
 * How a volume comes into the tree, while boot() is the only one there: a directory becomes its root,
 * what was on the disk is made by the calls that make other files, and then counts as unchanged.
 *
 * Guard: LOCK_NAME. Crash: one store commits, or journalled; boot() that dies leaves no machine.
 */
import { EBUSY, EINVAL, ENOTDIR, ENOTEMPTY } from "./abi/errno.ts";
import { AT_FDCWD } from "./abi/fcntl.ts";
import { LIMIT_INODES } from "./abi/layout.ts";
import { S_IFDIR, S_IFREG } from "./abi/stat.ts";
import { DEV_VOLUME, VOLUME_LIVE, VOLUME_MAX } from "./abi/volume.ts";
import { INODE_ROOT, Inode, inode_at, inode_is, inode_number } from "./inode.ts";
import { put32, put64 } from "./journal.ts";
import { name_begin, name_end } from "./name.ts";
import { path_first, WALK_FOLLOW, walk_existing, walk_found } from "./path.ts";
import { limit, WORD_VOLUME_FLAGS } from "./region.ts";

function found(length: i32): i32 {
  return walk_existing(AT_FDCWD, path_first(), length, WALK_FOLLOW);
}

/** Makes the empty directory of the path, or the root, the root of volume `index`. @returns its number */
export function volume_mount(length: i32, index: i32): i32 {
  // EINVAL: no such volume.
  if (index < 0 || index >= VOLUME_MAX) return -EINVAL;
  const locked = name_begin();
  if (locked != 0) return locked;
  const walked = found(length);
  return name_end(
    walked != 0 ? walked : mount_locked(changetype<Inode>(walk_found().inode), index),
  );
}

function mount_locked(dir: Inode, index: i32): i32 {
  const number = inode_number(dir);
  // ENOTDIR, ENOTEMPTY: no place for a tree. EBUSY: something is mounted there.
  if (!inode_is(dir, S_IFDIR)) return -ENOTDIR;
  if (number != INODE_ROOT) {
    if (dir.entries != 0) return -ENOTEMPTY;
    if (dir.dev != inode_at(dir.parent).dev) return -EBUSY;
  }
  put32(changetype<usize>(dir) + offsetof<Inode>("dev"), DEV_VOLUME + index);
  return number;
}

/** The empty file of the path is `size` bytes long, which are loaded when somebody opens it. */
export function volume_absent(length: i32, size: f64): i32 {
  const locked = name_begin();
  if (locked != 0) return locked;
  const walked = found(length);
  return name_end(
    walked != 0 ? walked : absent_locked(changetype<Inode>(walk_found().inode), size),
  );
}

function absent_locked(inode: Inode, size: f64): i32 {
  // EINVAL: of no volume, or not empty.
  if (!inode_is(inode, S_IFREG) || inode.dev < DEV_VOLUME || size < 0) return -EINVAL;
  if (inode.frames != 0 || inode.opens != 0) return -EINVAL;
  if (size == 0) return 0;
  put64(changetype<usize>(inode) + offsetof<Inode>("size"), <i64>size);
  put32(changetype<usize>(inode) + offsetof<Inode>("absent"), 1);
  return 0;
}

/** Everything on volume `index` is as the disk has it; from here on its flags count. */
export function volume_ready(index: i32, flags: i32): i32 {
  const locked = name_begin();
  if (locked != 0) return locked;
  const count = limit(LIMIT_INODES);
  for (let number = 1; number <= count; number++) {
    const inode = inode_at(number);
    if (inode.mode == 0 || inode.dev != DEV_VOLUME + index) continue;
    inode.dirty = 0;
    inode.meta = 0;
  }
  put32(WORD_VOLUME_FLAGS + ((<usize>index) << 2), flags | VOLUME_LIVE);
  return name_end(0);
}
