/** chdir(2), fchdir(2), getcwd(3). Guard: LOCK_NAME. Crash: one transaction, of cwd_set(). */
import { EACCES, EBADF, ENOENT, ENOTDIR } from "./abi/errno.ts";
import { AT_FDCWD } from "./abi/fcntl.ts";
import { S_IFDIR } from "./abi/stat.ts";
import { X_OK } from "./abi/unistd.ts";
import { cwd_of, cwd_set } from "./cwd.ts";
import { fd_file } from "./fd.ts";
import { Inode, inode_allows, inode_is, inode_removed } from "./inode.ts";
import { inode_path } from "./inode-path.ts";
import { name_begin, name_end } from "./name.ts";
import { path_first, WALK_FOLLOW, walk_existing, walk_found } from "./path.ts";
import { proc_current } from "./proc.ts";

export function sys_chdir(length: i32): i32 {
  const locked = name_begin();
  if (locked != 0) return locked;
  const walked = chdir_walk(path_first(), length);
  const found = changetype<Inode>(walk_found().inode);
  return name_end(walked == 0 ? cwd_set(proc_current(), found) : walked);
}

/** Looks for a directory to be in, which walk_found() then has. LOCK_NAME is held. @returns 0 or -errno */
export function chdir_walk(path: usize, length: i32): i32 {
  const walked = walk_existing(AT_FDCWD, path, length, WALK_FOLLOW);
  return walked == 0 ? chdir_may(changetype<Inode>(walk_found().inode)) : walked;
}

export function sys_fchdir(fd: i32): i32 {
  const file = fd_file(proc_current(), fd);
  // EBADF: not open. ENOTDIR: no directory.
  if (file == null) return -EBADF;
  if (file.inode == 0) return -ENOTDIR;
  const locked = name_begin();
  if (locked != 0) return locked;
  const inode = changetype<Inode>(file.inode);
  const may = chdir_may(inode);
  return name_end(may == 0 ? cwd_set(proc_current(), inode) : may);
}

function chdir_may(inode: Inode): i32 {
  if (!inode_is(inode, S_IFDIR)) return -ENOTDIR;
  // EACCES: it may not be searched.
  return inode_allows(inode, X_OK) ? 0 : -EACCES;
}

/** The path goes to the transfer area. @returns its bytes */
export function sys_getcwd(): i32 {
  const locked = name_begin();
  return locked != 0 ? locked : name_end(getcwd_locked());
}

function getcwd_locked(): i32 {
  const inode = cwd_of(proc_current());
  // ENOENT: it was removed.
  return inode_removed(inode) ? -ENOENT : inode_path(inode);
}
