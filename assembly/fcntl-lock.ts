/**
 * fcntl(2) with the commands that take a struct flock, which lies in the transfer area.
 * Guard: LOCK_RECORD. Crash: journalled, one transaction; who may go on after it is served in others.
 */
import { EAGAIN, EBADF, EDEADLK, EINVAL, EOVERFLOW } from "./abi/errno.ts";
import {
  F_GETLK,
  F_OFD_GETLK,
  F_OFD_SETLK,
  F_OFD_SETLKW,
  F_RDLCK,
  F_SETLK,
  F_SETLKW,
  F_UNLCK,
  F_WRLCK,
  O_ACCMODE,
  O_RDONLY,
  O_WRONLY,
} from "./abi/fcntl.ts";
import { FLOCK_LEN, FLOCK_PID, FLOCK_START, FLOCK_TYPE, FLOCK_WHENCE } from "./abi/flock.ts";
import { SEEK_CUR, SEEK_END, SEEK_SET } from "./abi/unistd.ts";
import { current } from "./current.ts";
import { fd_used } from "./fd.ts";
import { File } from "./file.ts";
import { journal_commit } from "./journal.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import { lockable_of, lockable_offset, lockable_size } from "./lockable.ts";
import { proc_current } from "./proc.ts";
import {
  RECORD_END,
  RECORD_FILE,
  RECORD_PROC,
  Record,
  Request,
  record_conflict,
  record_own,
  request_of,
} from "./record.ts";
import { record_set } from "./record-lock.ts";
import { record_deadlock, record_sleep, record_update } from "./record-wait.ts";
import { LOCK_RECORD } from "./region.ts";
import { task_transfer } from "./task.ts";

/** F_GETLK, F_SETLK, F_SETLKW and their F_OFD_* kin. @returns 0, -errno, -EWAIT or -ELOCK. */
export function sys_fcntl_lock(fd: i32, cmd: i32): i32 {
  const file = fd_used(fd);
  // EBADF: fd is no open descriptor.
  if (file == null) return -EBADF;
  const lock = task_transfer(current);
  const type = <i32>load<i16>(lock, FLOCK_TYPE);
  if (cmd == F_GETLK || cmd == F_OFD_GETLK) {
    // EINVAL: F_UNLCK is no lock that could be in the way; of the description's own it asks.
    const asks = type == F_RDLCK || type == F_WRLCK || (type == F_UNLCK && cmd == F_OFD_GETLK);
    return asks ? lock_get(file, fd, cmd, lock) : -EINVAL;
  }
  if (cmd != F_SETLK && cmd != F_SETLKW && cmd != F_OFD_SETLK && cmd != F_OFD_SETLKW)
    return -EINVAL;
  return lock_set(file, fd, cmd, lock);
}

/** Reads the structure into the task's request. @returns 0, -EINVAL or -EOVERFLOW */
function lock_request(file: File, fd: i32, lock: usize, request: Request, kind: i32): i32 {
  const whence = <i32>load<i16>(lock, FLOCK_WHENCE);
  const len = load<i64>(lock, FLOCK_LEN);
  let base: i64 = 0;
  if (whence == SEEK_CUR) base = lockable_offset(file);
  else if (whence == SEEK_END) base = lockable_size(file);
  // EINVAL: no such whence.
  else if (whence != SEEK_SET) return -EINVAL;
  const by = load<i64>(lock, FLOCK_START);
  // EOVERFLOW: the first or last byte is past what an off_t can say.
  if (by > RECORD_END - base) return -EOVERFLOW;
  let start = base + by;
  let end = RECORD_END;
  // EINVAL: the range begins before byte 0.
  if (start < 0) return -EINVAL;
  if (len > 0) {
    if (len - 1 > RECORD_END - start) return -EOVERFLOW;
    end = start + len - 1;
  } else if (len < 0) {
    if (start + len < 0) return -EINVAL;
    end = start - 1;
    start += len;
  }
  request.object = lockable_of(file);
  request.owner = kind == RECORD_PROC ? proc_current().pid : <i32>changetype<usize>(file);
  request.start = start;
  request.end = end;
  request.kind = kind;
  request.type = <i32>load<i16>(lock, FLOCK_TYPE);
  request.fd = fd;
  // EINVAL: no such type.
  return request.type < F_RDLCK || request.type > F_UNLCK ? -EINVAL : 0;
}

/** EINVAL: F_OFD_* and a process is named. */
function lock_names_process(cmd: i32, lock: usize): bool {
  const names = cmd == F_OFD_GETLK || cmd == F_OFD_SETLK || cmd == F_OFD_SETLKW;
  return names && load<i32>(lock, FLOCK_PID) != 0;
}

function lock_get(file: File, fd: i32, cmd: i32, lock: usize): i32 {
  const request = request_of(current);
  const kind = cmd == F_GETLK ? RECORD_PROC : RECORD_FILE;
  const refused = lock_request(file, fd, lock, request, kind);
  if (refused != 0) return refused;
  if (lock_names_process(cmd, lock)) return -EINVAL;
  const locked = lock_enter(LOCK_RECORD, RANK_TABLE);
  if (locked != 0) return locked;
  const found = request.type == F_UNLCK ? record_own(request) : record_conflict(request);
  if (found != null) lock_show(found, lock);
  else store<i16>(lock, <i16>F_UNLCK, FLOCK_TYPE);
  lock_leave(LOCK_RECORD, RANK_TABLE);
  return 0;
}

function lock_show(entry: Record, lock: usize): void {
  store<i16>(lock, <i16>entry.type, FLOCK_TYPE);
  store<i16>(lock, <i16>SEEK_SET, FLOCK_WHENCE);
  store<i64>(lock, entry.start, FLOCK_START);
  store<i64>(lock, entry.end == RECORD_END ? 0 : entry.end - entry.start + 1, FLOCK_LEN);
  store<i32>(lock, entry.kind == RECORD_PROC ? entry.owner : -1, FLOCK_PID);
}

function lock_set(file: File, fd: i32, cmd: i32, lock: usize): i32 {
  const request = request_of(current);
  const kind = cmd == F_SETLK || cmd == F_SETLKW ? RECORD_PROC : RECORD_FILE;
  const refused = lock_request(file, fd, lock, request, kind);
  if (refused != 0) return refused;
  const mode = file.flags & O_ACCMODE;
  // EBADF: a lock for reading or writing, and the description is not open for that.
  if (request.type == F_RDLCK && mode == O_WRONLY) return -EBADF;
  if (request.type == F_WRLCK && mode == O_RDONLY) return -EBADF;
  if (lock_names_process(cmd, lock)) return -EINVAL;
  const locked = lock_enter(LOCK_RECORD, RANK_TABLE);
  if (locked != 0) return locked;
  const result = lock_set_locked(request, cmd);
  lock_leave(LOCK_RECORD, RANK_TABLE);
  return result;
}

function lock_set_locked(request: Request, cmd: i32): i32 {
  if (record_conflict(request) == null) {
    const result = record_set(request);
    journal_commit();
    if (result == 0) record_update();
    return result;
  }
  // EAGAIN: somebody else's lock is in the way.
  if (cmd == F_SETLK || cmd == F_OFD_SETLK) return -EAGAIN;
  // EDEADLK: who is in the way waits for the caller. Descriptions do not wait.
  if (cmd == F_SETLKW && record_deadlock(request)) return -EDEADLK;
  const result = record_sleep(request);
  journal_commit();
  return result;
}
