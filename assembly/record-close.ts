/**
 * How locks on files end with descriptors and processes: before a descriptor is closed, apart
 * from that. A process gives up its record locks on a file when it closes any
 * descriptor of it; a description's locks go with its last descriptor. See fcntl(2), flock(2), close(2).
 * Guard: LOCK_RECORD. Crash: one store a lock commits; the rest goes on with the process's end, and
 * repair serves who waits.
 */

import { File } from "./file.ts";
import { journal_commit, put32 } from "./journal.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import { lockable_of } from "./lockable.ts";
import {
  RECORD_PROC,
  Request,
  record_at,
  record_high,
  record_is_of,
  record_none,
  record_release,
  request_of,
} from "./record.ts";
import { record_update } from "./record-wait.ts";
import { LOCK_RECORD, WORD_RECORD_QUEUE } from "./region.ts";
import { waitq_first, waitq_next } from "./waitq.ts";

/**
 * A process is about to close its descriptor `fd` of `file`. Whoever has the last one is the only one
 * to change how many there are. @returns 0, -ELOCK or -EINTR
 */
export function record_close(pid: i32, fd: i32, file: File): i32 {
  if (record_none()) return 0;
  const locked = lock_enter(LOCK_RECORD, RANK_TABLE);
  if (locked != 0) return locked;
  const object = lockable_of(file);
  release_of_proc(pid, object);
  if (file.refs == 1) release_of_file(file);
  leave_sleepers(pid, fd, object);
  record_update();
  lock_leave(LOCK_RECORD, RANK_TABLE);
  return 0;
}

/**
 * The last one that holds the description `file`, of that serial, is about to close it. Another one
 * that ends the same process may have done so. @returns 0, -ELOCK or -EINTR
 */
export function record_forget(file: File, serial: i32): i32 {
  const locked = lock_enter(LOCK_RECORD, RANK_TABLE);
  if (locked != 0) return locked;
  // It is closed only without locks, so that under this lock it stays the one it is.
  if (file.refs == 1 && file.serial == serial) release_of_file(file);
  record_update();
  lock_leave(LOCK_RECORD, RANK_TABLE);
  return 0;
}

/** A process ends: all its record locks are released. @returns 0, -ELOCK or -EINTR */
export function record_exit(pid: i32): i32 {
  if (record_none()) return 0;
  const locked = lock_enter(LOCK_RECORD, RANK_TABLE);
  if (locked != 0) return locked;
  release_of_proc(pid, 0);
  record_update();
  lock_leave(LOCK_RECORD, RANK_TABLE);
  return 0;
}

/** The process's record locks on a file, or on all when that is 0. */
function release_of_proc(pid: i32, object: usize): void {
  for (let index = record_high() - 1; index >= 0; index--) {
    const entry = record_at(index);
    if (entry.object == 0 || entry.kind != RECORD_PROC || entry.owner != pid) continue;
    if (object != 0 && entry.object != object) continue;
    record_release(entry);
  }
}

function release_of_file(file: File): void {
  for (let index = record_high() - 1; index >= 0; index--) {
    const entry = record_at(index);
    if (!record_is_of(entry, file)) continue;
    record_release(entry);
  }
}

/** Twins that wait for a record lock through the descriptor get none any more. */
function leave_sleepers(pid: i32, fd: i32, object: usize): void {
  for (let task = waitq_first(WORD_RECORD_QUEUE); task != null; ) {
    const request = request_of(task);
    const is_own = request.kind == RECORD_PROC && request.owner == pid;
    if (is_own && request.fd == fd && request.object == object) {
      put32(changetype<usize>(request) + offsetof<Request>("fd"), -1);
      journal_commit();
    }
    task = waitq_next(task);
  }
}
