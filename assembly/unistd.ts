/**
 * read(2), write(2), lseek(2), fstat(2) and pipe2(2) by descriptor. Locks: as pipe-io.ts and fd.ts.
 * Crash: pipe2(2) is journalled, one transaction; for the rest see pipe-io.ts.
 */
import { EBADF, EFAULT, EHOST, EINVAL, ENFILE, ESPIPE } from "./abi/errno.ts";
import { FD_CLOEXEC, O_ACCMODE, O_CLOEXEC, O_NONBLOCK, O_RDONLY, O_WRONLY } from "./abi/fcntl.ts";
import { PAGE_SIZE, PIPE_SIZE } from "./abi/limits.ts";
import {
  S_IFCHR,
  S_IFIFO,
  STAT_ATIME,
  STAT_BLKSIZE,
  STAT_CTIME,
  STAT_GID,
  STAT_INO,
  STAT_MODE,
  STAT_MTIME,
  STAT_NLINK,
  STAT_STRUCT_SIZE,
  STAT_UID,
} from "./abi/stat.ts";
import { SEEK_HOLE } from "./abi/unistd.ts";
import { current } from "./current.ts";
import { fd_file, fd_free, fd_set, fd_used } from "./fd.ts";
import { FILE_HOST, FILE_PIPE, file_free_slot, file_init } from "./file.ts";
import { journal_commit, put32 } from "./journal.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import { page_drop, page_hand_over, page_hold } from "./page.ts";
import { Pipe, pipe_free_slot, pipe_init, pipe_of } from "./pipe.ts";
import { pipe_read, pipe_write } from "./pipe-io.ts";
import { proc_current } from "./proc.ts";
import { LOCK_PROC } from "./region.ts";
import { task_transfer } from "./task.ts";
import { user_at } from "./user.ts";

/** read(2) of up to `count` bytes to the address `at`; `nowait`: as with O_NONBLOCK. */
export function sys_read(fd: i32, at: usize, count: i32, nowait: i32): i32 {
  const file = fd_used(fd);
  // EBADF: not open, or not for reading.
  if (file == null || (file.flags & O_ACCMODE) == O_WRONLY) return -EBADF;
  const to = user_at(at, <u32>count);
  // EFAULT: no memory of the caller. EINVAL: an epoll instance has no bytes.
  if (to == 0 || count < 0) return -EFAULT;
  const pipe = pipe_of(file);
  if (pipe == null) return file.kind == FILE_HOST ? -EHOST : -EINVAL;
  return pipe_read(pipe, to, <u32>count, nowait != 0 || (file.flags & O_NONBLOCK) != 0);
}

/** write(2); `rest`: of a write of more than PIPE_BUF bytes that comes in parts. */
export function sys_write(fd: i32, at: usize, count: i32, rest: i32): i32 {
  const file = fd_used(fd);
  // EBADF: not open, or not for writing.
  if (file == null || (file.flags & O_ACCMODE) == O_RDONLY) return -EBADF;
  const from = user_at(at, <u32>count);
  // EFAULT: no memory of the caller.
  if (from == 0 || count < 0) return -EFAULT;
  const pipe = pipe_of(file);
  if (pipe == null) return file.kind == FILE_HOST ? -EHOST : -EINVAL;
  return pipe_write(pipe, from, <u32>count, (file.flags & O_NONBLOCK) != 0, rest != 0);
}

/** lseek(2), and pread(2) and pwrite(2) with SEEK_SET, on what has no offsets. */
export function sys_lseek(fd: i32, whence: i32): i32 {
  // EBADF: not open.
  if (fd_file(proc_current(), fd) == null) return -EBADF;
  // EINVAL: no such whence. ESPIPE: a pipe, or a terminal.
  return <u32>whence > <u32>SEEK_HOLE ? -EINVAL : -ESPIPE;
}

/** Which standard stream of the host a descriptor is, 0 to 2, or -EBADF. */
export function fd_host(fd: i32): i32 {
  const file = fd_file(proc_current(), fd);
  return file == null || file.kind != FILE_HOST ? -EBADF : <i32>file.object;
}

/** fstat(2): the structure goes to the transfer area. */
export function sys_fstat(fd: i32): i32 {
  const file = fd_file(proc_current(), fd);
  // EBADF: not open.
  if (file == null) return -EBADF;
  const to = task_transfer(current);
  memory.fill(to, 0, STAT_STRUCT_SIZE);
  const pipe = pipe_of(file);
  const mode = file.kind == FILE_HOST ? S_IFCHR | 0o620 : pipe == null ? 0o600 : S_IFIFO | 0o600;
  store<i32>(to, mode, STAT_MODE);
  store<i32>(to, 1, STAT_NLINK);
  store<i32>(to, PAGE_SIZE, STAT_BLKSIZE);
  if (pipe == null) return 0;
  store<i32>(to, pipe.inode, STAT_INO);
  store<i32>(to, pipe.uid, STAT_UID);
  store<i32>(to, pipe.gid, STAT_GID);
  store<f64>(to, pipe.ctime, STAT_ATIME);
  store<f64>(to, pipe.ctime, STAT_MTIME);
  store<f64>(to, pipe.ctime, STAT_CTIME);
  return 0;
}

/** pipe2(2): the two numbers go to the transfer area. */
export function sys_pipe2(flags: i32): i32 {
  // EINVAL: unknown flags.
  if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) != 0) return -EINVAL;
  const held = page_hold(PIPE_SIZE >>> 12);
  if (held != 0) return held;
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  const result = pipe2_locked(flags);
  journal_commit();
  lock_leave(LOCK_PROC, RANK_TABLE);
  const dropped = result < 0 ? page_drop(current) : 0;
  return dropped != 0 ? dropped : result;
}

function pipe2_locked(flags: i32): i32 {
  const pipe = pipe_free_slot();
  const reader = file_free_slot(null);
  const writer = file_free_slot(reader);
  // ENFILE: no description, or no pipe more in the machine.
  if (pipe == null || reader == null || writer == null) return -ENFILE;
  const proc = proc_current();
  const first = fd_free(proc, 0);
  const second = first < 0 ? first : fd_free(proc, first + 1);
  // EMFILE: the process has no two numbers free.
  if (second < 0) return second;
  pipe_init(pipe, page_hand_over(), PIPE_SIZE);
  const at = changetype<usize>(pipe);
  const status = flags & O_NONBLOCK;
  file_init(reader, FILE_PIPE, O_RDONLY | status, at);
  file_init(writer, FILE_PIPE, O_WRONLY | status, at);
  const cloexec = (flags & O_CLOEXEC) != 0 ? FD_CLOEXEC : 0;
  fd_set(proc, first, reader, cloexec);
  fd_set(proc, second, writer, cloexec);
  put32(at + offsetof<Pipe>("live"), 1);
  const transfer = task_transfer(current);
  store<i32>(transfer, first);
  store<i32>(transfer, second, 4);
  return 0;
}
