/**
 * truncate(2), ftruncate(2); fsync(2) is in volume.ts. Locks: as data.ts and name.ts. Crash: journalled, by what data.ts does.
 */
import { EACCES, EBADF, EINVAL, EISDIR, EROFS } from "./abi/errno.ts";
import { AT_FDCWD, O_ACCMODE, O_RDONLY } from "./abi/fcntl.ts";
import { S_IFDIR, S_IFREG } from "./abi/stat.ts";
import { W_OK } from "./abi/unistd.ts";
import { VOLUME_LOAD } from "./abi/volume.ts";
import { DATA_AGAIN, data_frames, data_truncate, data_truncate_locked } from "./data.ts";
import { fd_file } from "./fd.ts";
import { FILE_INODE } from "./file.ts";
import { DEV_PROC, Inode, inode_allows, inode_frozen, inode_is, inode_number } from "./inode.ts";
import { journal_commit } from "./journal.ts";
import { lock_leave, RANK_NAME } from "./lock.ts";
import { name_begin } from "./name.ts";
import { path_first, WALK_FOLLOW, walk_existing, walk_found } from "./path.ts";
import { proc_current } from "./proc.ts";
import { LOCK_NAME } from "./region.ts";
import { volume_ask } from "./volume.ts";

/** truncate(2). */
export function sys_truncate(path: i32, length: f64): i32 {
  // EINVAL: negative.
  if (length < 0) return -EINVAL;
  let result = DATA_AGAIN;
  while (result == DATA_AGAIN) {
    const locked = name_begin();
    if (locked != 0) return locked;
    result = truncate_locked(path, <i64>length);
    journal_commit();
    lock_leave(LOCK_NAME, RANK_NAME);
    result = data_frames(result);
  }
  return result;
}

function truncate_locked(path: i32, length: i64): i32 {
  const walked = walk_existing(AT_FDCWD, path_first(), path, WALK_FOLLOW);
  if (walked != 0) return walked;
  const inode = changetype<Inode>(walk_found().inode);
  if (inode_is(inode, S_IFDIR)) return -EISDIR;
  // EINVAL: a FIFO or a device.
  if (!inode_is(inode, S_IFREG)) return -EINVAL;
  if (inode_frozen(inode)) return -EROFS;
  if (!inode_allows(inode, W_OK)) return -EACCES;
  // What is in /proc has no size.
  if (inode.dev == DEV_PROC) return 0;
  // Contents on the disk are loaded first, but for a cut to nothing.
  if (inode.absent != 0 && length != 0) return volume_ask(VOLUME_LOAD, inode_number(inode));
  return data_truncate_locked(inode, length);
}

/** ftruncate(2). */
export function sys_ftruncate(fd: i32, length: f64): i32 {
  if (length < 0) return -EINVAL;
  const file = fd_file(proc_current(), fd);
  // EBADF: not open. EINVAL: not for writing, or no regular file.
  if (file == null) return -EBADF;
  if (file.kind != FILE_INODE || (file.flags & O_ACCMODE) == O_RDONLY) return -EINVAL;
  const inode = changetype<Inode>(file.inode);
  if (!inode_is(inode, S_IFREG)) return -EINVAL;
  return inode.dev == DEV_PROC ? 0 : data_truncate(inode, <i64>length);
}
