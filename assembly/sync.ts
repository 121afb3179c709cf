/**
 * fsync(2), fdatasync(2), syncfs(2), sync(2): a request to the supervisor, when a disk is behind it.
 * Guard: LOCK_NAME. Crash: journalled, one transaction; the supervisor does the rest.
 */
import { EBADF, EINVAL } from "./abi/errno.ts";
import { S_IFDIR, S_IFREG } from "./abi/stat.ts";
import {
  DEV_VOLUME,
  VOLUME_CLOSE,
  VOLUME_MAX,
  VOLUME_SERVED,
  VOLUME_SYNC,
  VOLUME_SYNC_ALL,
  VOLUME_SYNCFS,
} from "./abi/volume.ts";
import { fd_file } from "./fd.ts";
import { FILE_INODE } from "./file.ts";
import { DEV_PROC, Inode, inode_is, inode_number, volume_flags } from "./inode.ts";
import { journal_commit } from "./journal.ts";
import { lock_enter, lock_leave, RANK_NAME } from "./lock.ts";
import { proc_current } from "./proc.ts";
import { LOCK_NAME } from "./region.ts";
import { volume_ask, volume_serves } from "./volume.ts";

function ask_unlocked(op: i32, number: i32): i32 {
  const locked = lock_enter(LOCK_NAME, RANK_NAME);
  if (locked != 0) return locked;
  const result = volume_ask(op, number);
  journal_commit();
  lock_leave(LOCK_NAME, RANK_NAME);
  return result;
}

/** fsync(2), fdatasync(2): what no disk is behind is where it belongs. `closes`: for close(2). */
export function sys_fsync(fd: i32, closes: i32): i32 {
  const file = fd_file(proc_current(), fd);
  // EBADF: not open. EINVAL: a pipe, a device or the like keeps nothing.
  if (file == null) return -EBADF;
  if (file.kind != FILE_INODE) return -EINVAL;
  const inode = changetype<Inode>(file.inode);
  const keeps = inode_is(inode, S_IFREG) || inode_is(inode, S_IFDIR);
  if (!keeps || inode.dev == DEV_PROC) return -EINVAL;
  return volume_serves(inode)
    ? ask_unlocked(closes != 0 ? VOLUME_CLOSE : VOLUME_SYNC, inode_number(inode))
    : 0;
}

/** syncfs(2). */
export function sys_syncfs(fd: i32): i32 {
  const file = fd_file(proc_current(), fd);
  // EBADF: not open.
  if (file == null) return -EBADF;
  if (file.inode == 0) return 0;
  const inode = changetype<Inode>(file.inode);
  return volume_serves(inode) ? ask_unlocked(VOLUME_SYNCFS, inode_number(inode)) : 0;
}

/** sync(2). */
export function sys_sync(): i32 {
  let flags = 0;
  for (let index = 0; index < VOLUME_MAX; index++) flags |= volume_flags(DEV_VOLUME + index);
  return (flags & VOLUME_SERVED) != 0 ? ask_unlocked(VOLUME_SYNC_ALL, 0) : 0;
}
