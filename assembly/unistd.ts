/**
 * read(2), write(2), lseek(2) and pipe2(2) by descriptor. Locks: as pipe-io.ts, data.ts and fd.ts.
 * Crash: pipe2(2) is journalled, one transaction; for the rest see pipe-io.ts and data.ts.
 */
import { EBADF, EFAULT, EHOST, EINVAL, EIO, EISDIR, ENFILE, ESPIPE } from "./abi/errno.ts";
import { FD_CLOEXEC, O_ACCMODE, O_CLOEXEC, O_NONBLOCK, O_RDONLY, O_WRONLY } from "./abi/fcntl.ts";
import { PIPE_SIZE } from "./abi/limits.ts";
import { S_IFDIR, S_IFREG } from "./abi/stat.ts";
import { SEEK_HOLE } from "./abi/unistd.ts";
import { current } from "./current.ts";
import { AT_OFFSET, data_read, data_seek, data_write } from "./data.ts";
import { fd_file, fd_free, fd_set, fd_used } from "./fd.ts";
import { FILE_HOST, FILE_INODE, FILE_PIPE, File, file_free_slot, file_init } from "./file.ts";
import { RDEV_NULL } from "./fs-format.ts";
import { dir_seek } from "./getdents.ts";
import { DEV_PROC, Inode, inode_is } from "./inode.ts";
import { journal_commit, put32 } from "./journal.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import { page_drop, page_hand_over, page_hold } from "./page.ts";
import { Pipe, pipe_free_slot, pipe_init, pipe_of } from "./pipe.ts";
import { pipe_read, pipe_write } from "./pipe-io.ts";
import { proc_current } from "./proc.ts";
import { LOCK_PROC } from "./region.ts";
import { sysvipc_read, sysvipc_seek } from "./sysvipc.ts";
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
  if (pipe != null) {
    return pipe_read(pipe, to, <u32>count, nowait != 0 || (file.flags & O_NONBLOCK) != 0);
  }
  if (file.kind == FILE_INODE) return inode_read(file, to, <u32>count, AT_OFFSET);
  return file.kind == FILE_HOST ? -EHOST : -EINVAL;
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
  if (pipe != null) {
    return pipe_write(pipe, from, <u32>count, (file.flags & O_NONBLOCK) != 0, rest != 0);
  }
  if (file.kind == FILE_INODE) return inode_write(file, from, <u32>count, AT_OFFSET);
  return file.kind == FILE_HOST ? -EHOST : -EINVAL;
}

/** What open(2) has opened, other than a FIFO, at its own offset or at `at`. */
function inode_read(file: File, to: usize, count: u32, at: i64): i32 {
  const inode = changetype<Inode>(file.inode);
  if (inode_is(inode, S_IFREG)) {
    return inode.rdev == 0 ? data_read(file, to, count, at) : sysvipc_read(file, to, count, at);
  }
  // EISDIR: getdents() reads a directory.
  if (inode_is(inode, S_IFDIR)) return -EISDIR;
  // /dev/null is at its end; /dev/zero has none.
  if (inode.rdev == RDEV_NULL) return 0;
  memory.fill(to, 0, count);
  return <i32>count;
}

function inode_write(file: File, from: usize, count: u32, at: i64): i32 {
  const inode = changetype<Inode>(file.inode);
  // EIO, ESPIPE: of /proc.
  if (inode.dev == DEV_PROC) return at == AT_OFFSET ? -EIO : -ESPIPE;
  if (inode_is(inode, S_IFREG)) return data_write(file, from, count, at);
  // The devices take everything.
  return <i32>count;
}

/** pread(2) at `offset`, which is not negative. */
export function sys_pread(fd: i32, at: usize, count: i32, offset: f64): i32 {
  const file = fd_file(proc_current(), fd);
  // EBADF: not open, or not for reading. ESPIPE: it has no offsets. EFAULT: no memory of the caller.
  if (file == null || (file.flags & O_ACCMODE) == O_WRONLY) return -EBADF;
  if (file.kind != FILE_INODE) return -ESPIPE;
  const to = user_at(at, <u32>count);
  return to == 0 || count < 0 ? -EFAULT : inode_read(file, to, <u32>count, <i64>offset);
}

/** pwrite(2), the same way. */
export function sys_pwrite(fd: i32, at: usize, count: i32, offset: f64): i32 {
  const file = fd_file(proc_current(), fd);
  if (file == null || (file.flags & O_ACCMODE) == O_RDONLY) return -EBADF;
  if (file.kind != FILE_INODE) return -ESPIPE;
  const from = user_at(at, <u32>count);
  return from == 0 || count < 0 ? -EFAULT : inode_write(file, from, <u32>count, <i64>offset);
}

/** lseek(2). @returns the new offset, or a negated errno */
export function sys_lseek(fd: i32, offset: f64, whence: i32): f64 {
  const file = fd_file(proc_current(), fd);
  // EBADF: not open. EINVAL: no such whence. ESPIPE: a pipe, or a terminal.
  if (file == null) return -EBADF;
  if (<u32>whence > <u32>SEEK_HOLE) return -EINVAL;
  if (file.kind != FILE_INODE) return -ESPIPE;
  const inode = changetype<Inode>(file.inode);
  if (inode_is(inode, S_IFREG)) {
    const seek =
      inode.rdev == 0
        ? data_seek(file, <i64>offset, whence)
        : sysvipc_seek(file, <i64>offset, whence);
    return <f64>seek;
  }
  if (inode_is(inode, S_IFDIR)) return <f64>dir_seek(file, <i64>offset, whence);
  return 0;
}

/** Which standard stream of the host a descriptor is, 0 to 2, or -EBADF. */
export function fd_host(fd: i32): i32 {
  const file = fd_file(proc_current(), fd);
  return file == null || file.kind != FILE_HOST ? -EBADF : <i32>file.object;
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
  pipe_init(pipe, page_hand_over(), PIPE_SIZE, 1);
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
