/**
 * Descriptors: small numbers of one process, each naming an open file description. close(2), dup3(2).
 * fcntl(2) is in fcntl.ts, what a child inherits in inherit.ts, the end of all in fd-exit.ts.
 *
 *   entry, 8 bytes: 0 the description's slot, 0 for a free number; 4 FD_CLOEXEC or 0
 *
 * Guard: LOCK_PROC. A process looks up its own descriptors without it, because only its own thread
 * changes them while it lives. Crash: journalled; one transaction a call, or a descriptor at exit.
 */
import { EBADF, EINVAL, EMFILE } from "./abi/errno.ts";
import { FD_CLOEXEC, O_CLOEXEC } from "./abi/fcntl.ts";
import { LIMIT_OPEN_MAX } from "./abi/layout.ts";
import { current } from "./current.ts";
import { FILE_STANDARD, File, file_at, file_hold } from "./file.ts";
import { FILE_LOCKED, file_drop, file_drop_begin, file_drop_end } from "./file-close.ts";
import { journal_commit, put32, put64 } from "./journal.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import { PROC_SIZE, Proc, proc_current } from "./proc.ts";
import { record_holds } from "./record.ts";
import { record_close, record_forget } from "./record-close.ts";
import { LOCK_PROC, limit, REGION_FD, REGION_PROC, region } from "./region.ts";
import { Task, task_held_file } from "./task.ts";
import { volume_unsynced } from "./volume.ts";

/** Bytes of an entry. */
export const FD_SIZE: usize = 8;
const FLAGS: usize = 4;

/** Address of a process's entry for `fd`, which must be 0 to OPEN_MAX - 1. */
function entry_at(proc: Proc, fd: i32): usize {
  const index = (changetype<usize>(proc) - region(REGION_PROC)) / PROC_SIZE;
  return region(REGION_FD) + (index * <usize>limit(LIMIT_OPEN_MAX) + <usize>fd) * FD_SIZE;
}

/** What the process's descriptor names, or null: EBADF. */
export function fd_file(proc: Proc, fd: i32): File | null {
  if (<u32>fd >= <u32>limit(LIMIT_OPEN_MAX)) return null;
  const at = <usize>load<u32>(entry_at(proc, fd));
  return at == 0 ? null : changetype<File>(at);
}

/** FD_CLOEXEC or 0, of an open descriptor. */
export function fd_flags(proc: Proc, fd: i32): i32 {
  return load<i32>(entry_at(proc, fd), FLAGS);
}

/** F_SETFD. Logged. */
export function fd_flags_set(proc: Proc, fd: i32, flags: i32): void {
  put32(entry_at(proc, fd) + FLAGS, flags);
}

/** The lowest free number from `from` on, or -EMFILE. Guard: LOCK_PROC. */
export function fd_free(proc: Proc, from: i32): i32 {
  const count = limit(LIMIT_OPEN_MAX);
  for (let fd = from; fd < count; fd++) {
    if (load<u32>(entry_at(proc, fd)) == 0) return fd;
  }
  return -EMFILE;
}

/** Gives a free number to a description, which must count it. Logged. */
export function fd_set(proc: Proc, fd: i32, file: File, flags: i32): void {
  file_hold(file);
  put64(entry_at(proc, fd), <i64>changetype<usize>(file) | ((<i64>flags) << 32));
}

/** A process that is not yet live begins with no descriptor. */
export function fd_clear(proc: Proc): void {
  memory.fill(entry_at(proc, 0), 0, <usize>limit(LIMIT_OPEN_MAX) * FD_SIZE);
}

/** Gives a number of a process that is not yet live to a description. Its count is logged. */
export function fd_give(proc: Proc, fd: i32, file: File): void {
  file_hold(file);
  store<u32>(entry_at(proc, fd), <u32>changetype<usize>(file));
}

/** The standard streams of the host, for a process that no spawn started. Logged. */
export function fd_standard(proc: Proc): void {
  fd_clear(proc);
  for (let fd = 0; fd < FILE_STANDARD; fd++) fd_set(proc, fd, file_at(fd), 0);
}

/**
 * close(2). @returns 1 and does nothing, unless `synced`, when the file's volume is to be told first by
 * fsync(2); else 0 or a negated errno
 */
export function sys_close(fd: i32, synced: i32): i32 {
  const proc = proc_current();
  if (synced == 0) {
    const file = fd_file(proc, fd);
    if (file != null && volume_unsynced(file)) return 1;
  }
  let result = FILE_LOCKED;
  while (result == FILE_LOCKED) {
    const released = fd_unlock(proc, fd);
    if (released != 0) return released;
    const locked = lock_enter(LOCK_PROC, RANK_TABLE);
    if (locked != 0) return locked;
    // EBADF: fd is no open descriptor.
    result = fd_file(proc, fd) == null ? -EBADF : fd_close_locked(proc, fd);
    lock_leave(LOCK_PROC, RANK_TABLE);
  }
  return result;
}

/**
 * Before the process's own descriptor is closed: releases the locks that go with it. Once more when
 * another process has meanwhile closed the last but one of a description. @returns 0, -ELOCK or -EINTR.
 */
function fd_unlock(proc: Proc, fd: i32): i32 {
  const file = fd_file(proc, fd);
  return file == null ? 0 : record_close(proc.pid, fd, file);
}

/** Frees an open number and commits. @returns 0, -ELOCK, -EINTR or FILE_LOCKED. */
export function fd_close_locked(proc: Proc, fd: i32): i32 {
  return fd_replace_locked(proc, fd, null, 0);
}

/** Closes what `fd` names, if it is open, and gives it to `next`, if any; one transaction. */
function fd_replace_locked(proc: Proc, fd: i32, next: File | null, flags: i32): i32 {
  const old = fd_file(proc, fd);
  const locks = old == null ? 0 : file_drop_begin(old);
  if (locks < 0) return locks;
  // Held first: both may be the same description.
  if (next != null) fd_set(proc, fd, next, flags);
  else put64(entry_at(proc, fd), 0);
  if (old != null) file_drop(old, locks);
  journal_commit();
  if (old != null) file_drop_end(old, locks);
  return 0;
}

/**
 * Makes the current task's call hold what `fd` names, which stays open then until fd_release(), as
 * Linux keeps it for a call that sleeps. Once is enough. @returns 0, -EBADF, -ELOCK or -EINTR.
 */
export function fd_hold(fd: i32): i32 {
  const held = task_held_file(current);
  if (load<u32>(held) != 0) return 0;
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  const file = fd_file(proc_current(), fd);
  if (file != null) {
    file_hold(file);
    put32(held, <i32>changetype<usize>(file));
  }
  journal_commit();
  lock_leave(LOCK_PROC, RANK_TABLE);
  return file != null ? 0 : -EBADF;
}

/** What the current task's call acts on: what it holds, or what the descriptor names. */
export function fd_used(fd: i32): File | null {
  const held = <usize>load<u32>(task_held_file(current));
  return held != 0 ? changetype<File>(held) : fd_file(proc_current(), fd);
}

/** The task's call holds its description no more. @returns 0, -ELOCK or -EINTR. */
export function fd_release(task: Task): i32 {
  let result = FILE_LOCKED;
  while (result == FILE_LOCKED) {
    const at = <usize>load<u32>(task_held_file(task));
    if (at == 0) return 0;
    const file = changetype<File>(at);
    const released = fd_forget(file, file.serial);
    if (released != 0) return released;
    const locked = lock_enter(LOCK_PROC, RANK_TABLE);
    if (locked != 0) return locked;
    result = fd_release_locked(task);
    lock_leave(LOCK_PROC, RANK_TABLE);
  }
  return result;
}

/** Releases the locks of a description that is about to be closed. @returns 0, -ELOCK or -EINTR. */
function fd_forget(file: File, serial: i32): i32 {
  return file.refs == 1 && record_holds(file) ? record_forget(file, serial) : 0;
}

/** The same under LOCK_PROC. */
export function fd_release_locked(task: Task): i32 {
  const at = task_held_file(task);
  if (load<u32>(at) == 0) return 0;
  const file = changetype<File>(<usize>load<u32>(at));
  const locks = file_drop_begin(file);
  if (locks < 0) return locks;
  put32(at, 0);
  file_drop(file, locks);
  journal_commit();
  file_drop_end(file, locks);
  return 0;
}

/** Gives a free number to the description that the current task's call holds, and holds no more. Logged. */
export function fd_take_held(proc: Proc, fd: i32, flags: i32): void {
  const held = task_held_file(current);
  put64(entry_at(proc, fd), <i64>load<u32>(held) | ((<i64>flags) << 32));
  put32(held, 0);
}

/** dup3(2), and dup2(2) of two different numbers. */
export function sys_dup3(oldfd: i32, newfd: i32, flags: i32): i32 {
  // EINVAL: unknown flags, or the numbers are equal.
  if ((flags & ~O_CLOEXEC) != 0 || oldfd == newfd) return -EINVAL;
  const proc = proc_current();
  // EBADF: oldfd is not open, or newfd is out of range.
  if (fd_file(proc, oldfd) == null || <u32>newfd >= <u32>limit(LIMIT_OPEN_MAX)) return -EBADF;
  let result = FILE_LOCKED;
  while (result == FILE_LOCKED) {
    const released = fd_unlock(proc, newfd);
    if (released != 0) return released;
    result = fd_dup_over(proc, oldfd, newfd, flags);
  }
  return result != 0 ? result : newfd;
}

function fd_dup_over(proc: Proc, oldfd: i32, newfd: i32, flags: i32): i32 {
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  const file = fd_file(proc, oldfd);
  const result =
    file == null ? -EBADF : fd_replace_locked(proc, newfd, file, flags != 0 ? FD_CLOEXEC : 0);
  lock_leave(LOCK_PROC, RANK_TABLE);
  return result;
}
