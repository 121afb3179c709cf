/**
 * Who waits for a lock on a file: one queue for the machine. Whoever takes a lock away serves those who
 * can go on, in order of arrival, as the waker of a semop does: only what is held keeps a sleeper
 * asleep. Each sleeper that is served is a transaction of its own.
 * Guard: LOCK_RECORD. Crash: journalled; repair of the lock serves those whom the dead had not.
 */
import { EBADF, EWAIT } from "./abi/errno.ts";
import { journal_commit } from "./journal.ts";
import {
  RECORD_PROC,
  Request,
  record_at,
  record_blocker_from,
  record_conflict,
  record_high,
  record_trim,
  request_of,
} from "./record.ts";
import { record_set } from "./record-lock.ts";
import { WORD_RECORD_QUEUE } from "./region.ts";
import { Task, WAIT_RECORD } from "./task.ts";
import { waitq_first, waitq_next, waitq_sleep, waitq_wake } from "./waitq.ts";

/** States of Request.mark. */
const UNSEEN: i32 = 0;
const REACHED: i32 = 1;
const LOOKED_AT: i32 = 2;

/** Puts the current task to sleep until its request can be done. Logged. @returns -EWAIT */
export function record_sleep(request: Request): i32 {
  waitq_sleep(WORD_RECORD_QUEUE, WAIT_RECORD, request.object);
  return -EWAIT;
}

/** After locks were given up: serves every sleeper that can go on. No transaction may be open. */
export function record_update(): void {
  let task = waitq_first(WORD_RECORD_QUEUE);
  while (task != null) {
    const request = request_of(task);
    if (record_conflict(request) != null) {
      task = waitq_next(task);
      continue;
    }
    // EBADF: its process has closed the descriptor, and so given up its locks on the file.
    const result = request.fd < 0 ? -EBADF : record_set(request);
    waitq_wake(task, result);
    journal_commit();
    // What it has now may be less than before: a read lock instead of a write lock.
    task = waitq_first(WORD_RECORD_QUEUE);
  }
  record_trim();
}

/**
 * Whether who is in the way of a process's request waits, over any number of others, for a record
 * lock of the process. Open file description locks have no process that could wait: no deadlock is
 * found there, as on Linux. Each waiting process is looked at once.
 */
export function record_deadlock(request: Request): bool {
  for (let task = waitq_first(WORD_RECORD_QUEUE); task != null; ) {
    request_of(task).mark = UNSEEN;
    task = waitq_next(task);
  }
  let next: Request | null = request;
  while (next != null) {
    if (reach(next, request.owner)) return true;
    next = reached();
  }
  return false;
}

/** Marks who waits and is in the way of a request. @returns whether the process `pid` is in its way */
function reach(request: Request, pid: i32): bool {
  request.mark = LOOKED_AT;
  let index = record_blocker_from(request, 0);
  while (index < record_high()) {
    const entry = record_at(index);
    if (entry.kind == RECORD_PROC) {
      if (entry.owner == pid) return true;
      mark_sleepers(entry.owner);
    }
    index = record_blocker_from(request, index + 1);
  }
  return false;
}

function mark_sleepers(pid: i32): void {
  for (let task = waitq_first(WORD_RECORD_QUEUE); task != null; ) {
    const request = request_of(task);
    const waits = request.kind == RECORD_PROC && request.owner == pid;
    if (waits && request.mark == UNSEEN) request.mark = REACHED;
    task = waitq_next(task);
  }
}

function reached(): Request | null {
  for (let task = waitq_first(WORD_RECORD_QUEUE); task != null; ) {
    if (request_of(task).mark == REACHED) return request_of(task);
    task = waitq_next(task);
  }
  return null;
}

/** Invariant, for the check: no sleeper could go on. */
export function record_sleeper_holds(task: Task): bool {
  return record_conflict(request_of(task)) != null;
}
