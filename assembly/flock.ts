/**
 * flock(2): a lock of an open file description on a whole file, apart from those of fcntl(2). To
 * change its type is to release it and to take another.
 * Guard: LOCK_RECORD. Crash: journalled, one transaction; a lock that cannot be changed is released
 * before, by one store.
 */
import { EAGAIN, EBADF, EINVAL } from "./abi/errno.ts";
import { F_RDLCK, F_UNLCK, F_WRLCK, LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN } from "./abi/fcntl.ts";
import { current } from "./current.ts";
import { fd_used } from "./fd.ts";
import { File } from "./file.ts";
import { journal_commit } from "./journal.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import { lockable_of } from "./lockable.ts";
import {
  RECORD_END,
  RECORD_FLOCK,
  Request,
  record_conflict,
  record_own,
  record_release,
  request_of,
} from "./record.ts";
import { record_set } from "./record-lock.ts";
import { record_sleep, record_update } from "./record-wait.ts";
import { LOCK_RECORD } from "./region.ts";

/** The type of lock that an operation asks for, or -1. */
function flock_type(operation: i32): i32 {
  if (operation == LOCK_SH) return F_RDLCK;
  if (operation == LOCK_EX) return F_WRLCK;
  return operation == LOCK_UN ? F_UNLCK : -1;
}

/** @returns 0, -errno, -EWAIT or -ELOCK. */
export function sys_flock(fd: i32, operation: i32): i32 {
  const type = flock_type(operation & ~LOCK_NB);
  // EINVAL: no such operation. It comes before EBADF: fd is no open descriptor.
  if (type < 0) return -EINVAL;
  const file = fd_used(fd);
  if (file == null) return -EBADF;
  const request = request_of(current);
  flock_request(file, fd, type, request);
  const locked = lock_enter(LOCK_RECORD, RANK_TABLE);
  if (locked != 0) return locked;
  const result = flock_locked(request, (operation & LOCK_NB) != 0);
  lock_leave(LOCK_RECORD, RANK_TABLE);
  return result;
}

function flock_request(file: File, fd: i32, type: i32, request: Request): void {
  request.object = lockable_of(file);
  request.owner = <i32>changetype<usize>(file);
  request.start = 0;
  request.end = RECORD_END;
  request.kind = RECORD_FLOCK;
  request.type = type;
  request.fd = fd;
}

function flock_locked(request: Request, nowait: bool): i32 {
  if (record_conflict(request) == null) {
    const result = record_set(request);
    journal_commit();
    if (result == 0) record_update();
    return result;
  }
  const own = record_own(request);
  if (own != null) {
    record_release(own);
    record_update();
  }
  // EAGAIN, which is EWOULDBLOCK: another description's lock is in the way.
  if (nowait) return -EAGAIN;
  const result = record_sleep(request);
  journal_commit();
  return result;
}
