/**
 * fcntl(2): descriptors' and descriptions' flags, duplicates, and the size of a pipe.
 * Guard: as fd.ts; F_SETPIPE_SZ as pipe-io.ts. Crash: journalled.
 */
import { EBADF, EINVAL, EPERM } from "./abi/errno.ts";
import {
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_GETFD,
  F_GETFL,
  F_GETPIPE_SZ,
  F_SETFD,
  F_SETFL,
  F_SETPIPE_SZ,
  FD_CLOEXEC,
  O_APPEND,
  O_NONBLOCK,
} from "./abi/fcntl.ts";
import { LIMIT_OPEN_MAX } from "./abi/layout.ts";
import { PAGE_SIZE, PIPE_SIZE_MAX } from "./abi/limits.ts";
import { fd_file, fd_flags, fd_flags_set, fd_free, fd_set } from "./fd.ts";
import { File } from "./file.ts";
import { journal_commit, put32 } from "./journal.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import { pipe_of } from "./pipe.ts";
import { pipe_resize } from "./pipe-io.ts";
import { Proc, proc_current } from "./proc.ts";
import { LOCK_PROC, limit } from "./region.ts";

/** fcntl(2) without the commands that take a lock, see fcntl-lock.ts. */
export function sys_fcntl(fd: i32, cmd: i32, arg: i32): i32 {
  const proc = proc_current();
  const file = fd_file(proc, fd);
  // EBADF: fd is no open descriptor.
  if (file == null) return -EBADF;
  if (cmd == F_GETFD) return fd_flags(proc, fd);
  if (cmd == F_GETFL) return file.flags;
  if (cmd == F_GETPIPE_SZ || cmd == F_SETPIPE_SZ) return fcntl_pipe_size(file, cmd, arg);
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  let result = 0;
  if (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC) {
    result = fcntl_dup_locked(proc, file, arg, cmd == F_DUPFD ? 0 : FD_CLOEXEC);
  } else if (cmd == F_SETFD) {
    fd_flags_set(proc, fd, arg & FD_CLOEXEC);
  } else if (cmd == F_SETFL) {
    const kept = file.flags & ~(O_APPEND | O_NONBLOCK);
    put32(
      changetype<usize>(file) + offsetof<File>("flags"),
      kept | (arg & (O_APPEND | O_NONBLOCK)),
    );
  } else {
    // EINVAL: an unknown command.
    result = -EINVAL;
  }
  journal_commit();
  lock_leave(LOCK_PROC, RANK_TABLE);
  return result;
}

function fcntl_dup_locked(proc: Proc, file: File, from: i32, flags: i32): i32 {
  // EINVAL: a number that no descriptor can have.
  if (<u32>from >= <u32>limit(LIMIT_OPEN_MAX)) return -EINVAL;
  const fd = fd_free(proc, from);
  if (fd >= 0) fd_set(proc, fd, file, flags);
  return fd;
}

function fcntl_pipe_size(file: File, cmd: i32, arg: i32): i32 {
  const pipe = pipe_of(file);
  // EBADF: no pipe.
  if (pipe == null) return -EBADF;
  if (cmd == F_GETPIPE_SZ) return <i32>pipe.size;
  // EINVAL: no power of two of so many bytes is an int.
  if (<u32>arg > 1 << 30) return -EINVAL;
  let size: u32 = PAGE_SIZE;
  while (size < <u32>arg) size <<= 1;
  // EPERM: past the limit, for others than root (CAP_SYS_RESOURCE).
  if (size > <u32>PIPE_SIZE_MAX && size > pipe.size && proc_current().euid != 0) return -EPERM;
  return pipe_resize(pipe, size);
}
