/**
 * semctl(2): structures and arrays are in the transfer area. What removes or replaces is below.
 * Crash: journalled, one transaction a command; sleepers are completed by transactions of their own.
 */
import { EACCES, EIDRM, EINVAL, ERANGE } from "./abi/errno.ts";
import { IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT, S_IRUGO, S_IWUGO } from "./abi/ipc.ts";
import { LIMIT_SEMVMX } from "./abi/layout.ts";
import {
  GETALL,
  GETNCNT,
  GETPID,
  GETVAL,
  GETZCNT,
  SEM_INFO,
  SEM_STAT,
  SEM_STAT_ANY,
  SETALL,
  SETVAL,
} from "./abi/sem.ts";
import { current } from "./current.ts";
import { journal_commit, put32, put64, putf64 } from "./journal.ts";
import { lock_enter, lock_leave, lock_nest, RANK_LEAF, RANK_OBJECT, RANK_TABLE } from "./lock.ts";
import {
  page_address,
  page_drop,
  page_free_locked,
  page_hand_over,
  page_hold,
  page_poison,
} from "./page.ts";
import { perm_allows, perm_control, perm_set } from "./perm.ts";
import { proc_current } from "./proc.ts";
import { LOCK_PAGE, LOCK_SEM, limit, now, TABLE_SEM, WORD_SEMS_USED } from "./region.ts";
import {
  alter_queue,
  SEM_SIZE,
  SemSet,
  sem_at,
  sem_next,
  semset_absent,
  semset_find,
  zero_queue,
} from "./sem.ts";
import { sem_count_sleepers, sem_update } from "./sem-eval.ts";
import { semctl_info, semctl_stat } from "./semstat.ts";
import { IpcObject, object_id, table_at_index, table_of, table_retire } from "./table.ts";
import { task_transfer } from "./task.ts";
import { undo_at, undo_cell, undo_high, undo_value } from "./undo.ts";
import { waitq_first, waitq_wake } from "./waitq.ts";

/** semctl(2). `arg` is SETVAL's value. @returns what the command returns, or a negated errno. */
export function sys_semctl(semid: i32, semnum: i32, cmd: i32, arg: i32): i32 {
  // EINVAL: a negative id.
  if (semid < 0) return -EINVAL;
  // ERANGE: SETVAL's value is not 0 to SEMVMX; Linux looks at it before the id.
  if (cmd == SETVAL && (arg < 0 || arg > limit(LIMIT_SEMVMX))) return -ERANGE;
  if (cmd == IPC_INFO || cmd == SEM_INFO) return semctl_info(cmd);
  if (cmd == IPC_RMID) return semctl_remove(semid);
  if (cmd == SETALL) return semctl_setall(semid);
  const by_index = cmd == SEM_STAT || cmd == SEM_STAT_ANY;
  const set = by_index ? semset_at_index(semid) : semset_find(semid);
  // EINVAL: no set with this id, or in this slot.
  if (set == null) return by_index ? -EINVAL : semset_absent(semid);
  // By id: the tag that the id means, because the set may be removed at any moment until the lock.
  const tag = by_index ? set.tag : semid + 1;
  const lock = changetype<usize>(set);
  const locked = lock_enter(lock, RANK_OBJECT);
  if (locked != 0) return locked;
  const result = tag != 0 && set.tag == tag ? semctl_locked(set, semnum, cmd, arg) : -EINVAL;
  journal_commit();
  lock_leave(lock, RANK_OBJECT);
  return result;
}

function semset_at_index(index: i32): SemSet | null {
  const object: IpcObject | null = table_at_index(TABLE_SEM, index);
  return object == null ? null : changetype<SemSet>(changetype<usize>(object));
}

function semctl_locked(set: SemSet, semnum: i32, cmd: i32, arg: i32): i32 {
  switch (cmd) {
    case IPC_STAT:
    case SEM_STAT:
    case SEM_STAT_ANY:
      // EACCES: read permission is missing; SEM_STAT_ANY does not ask for it.
      if (cmd != SEM_STAT_ANY && !perm_allows(proc_current(), set, S_IRUGO)) return -EACCES;
      semctl_stat(set, task_transfer(current));
      return cmd == IPC_STAT ? 0 : object_id(set);
    case IPC_SET:
      return semctl_set(set);
    case GETALL:
      if (!perm_allows(proc_current(), set, S_IRUGO)) return -EACCES;
      return semctl_getall(set, task_transfer(current));
    case SETVAL:
      return semctl_setval(set, semnum, arg);
    case GETVAL:
    case GETPID:
    case GETNCNT:
    case GETZCNT:
      return semctl_get(set, semnum, cmd);
    default:
      // EINVAL: cmd is not a valid command.
      return -EINVAL;
  }
}

function semctl_get(set: SemSet, semnum: i32, cmd: i32): i32 {
  if (!perm_allows(proc_current(), set, S_IRUGO)) return -EACCES;
  // EINVAL: no such semaphore in the set.
  if (<u32>semnum >= <u32>set.nsems) return -EINVAL;
  const sem = sem_at(set, semnum);
  if (cmd == GETVAL) return <i32>sem.semval;
  if (cmd == GETPID) return <i32>sem.sempid;
  return sem_count_sleepers(set, semnum, cmd == GETZCNT);
}

function semctl_getall(set: SemSet, to: usize): i32 {
  for (let num = 0; num < set.nsems; num++) {
    store<u16>(to + ((<usize>num) << 1), sem_at(set, num).semval);
  }
  return 0;
}

function semctl_set(set: SemSet): i32 {
  // EPERM: the caller is neither owner nor creator nor privileged.
  const denied = perm_control(set);
  if (denied != 0) return denied;
  const failed = perm_set(set, task_transfer(current));
  if (failed != 0) return failed;
  putf64(changetype<usize>(set) + offsetof<SemSet>("ctime"), now());
  return 0;
}

/** Clears the semaphore's adjustments in every process, of which there are PROC_MAX at most. */
function semctl_setval(set: SemSet, semnum: i32, value: i32): i32 {
  // EINVAL: no such semaphore in the set.
  if (<u32>semnum >= <u32>set.nsems) return -EINVAL;
  if (!perm_allows(proc_current(), set, S_IWUGO)) return -EACCES;
  const semid = object_id(set);
  const high = undo_high();
  for (let index = 0; index < high; index++) {
    const entry = undo_at(index);
    if (entry.pid == 0 || entry.semid != semid || entry.num != semnum) continue;
    put64(undo_cell(entry), undo_value(0, set.epoch));
  }
  const cell = changetype<usize>(sem_at(set, semnum));
  put64(cell, sem_next(load<i64>(cell), value, proc_current().pid));
  putf64(changetype<usize>(set) + offsetof<SemSet>("ctime"), now());
  journal_commit();
  sem_update(set);
  return 0;
}

/**
 * SETALL: a new array is filled as the task's hold and takes the old one's place by one logged store,
 * so that the journal need not hold SEMMSL values. The new epoch clears every adjustment.
 */
function semctl_setall(semid: i32): i32 {
  const set = semset_find(semid);
  if (set == null) return semset_absent(semid);
  // EACCES comes before ERANGE on Linux, which checks the values last; both again under the lock.
  if (!perm_allows(proc_current(), set, S_IWUGO)) return -EACCES;
  const from = task_transfer(current);
  const maximum = limit(LIMIT_SEMVMX);
  for (let num = 0; num < set.nsems; num++) {
    if (<i32>load<u16>(from + ((<usize>num) << 1)) > maximum) return -ERANGE;
  }
  const held = page_hold(set.frames);
  if (held != 0) return held;
  const lock = changetype<usize>(set);
  let locked = lock_enter(lock, RANK_OBJECT);
  if (locked != 0) return locked;
  let result = -EINVAL;
  if (set.tag == semid + 1) {
    locked = lock_nest(LOCK_PAGE, RANK_LEAF);
    result = locked != 0 ? locked : setall_locked(set, from);
  }
  lock_leave(lock, RANK_OBJECT);
  if (result >= 0 || locked != 0) return result;
  const dropped = page_drop(current);
  return dropped != 0 ? dropped : result;
}

/** LOCK_PAGE is held, and left. */
function setall_locked(set: SemSet, from: usize): i32 {
  if (!perm_allows(proc_current(), set, S_IWUGO)) {
    lock_leave(LOCK_PAGE, RANK_LEAF);
    return -EACCES;
  }
  const pid = proc_current().pid;
  const old = set.first;
  const base = page_address(current.hold_first);
  current.hold_clean = 0;
  for (let num = 0; num < set.nsems; num++) {
    const cell = load<i64>(changetype<usize>(sem_at(set, num)));
    const value = <i32>load<u16>(from + ((<usize>num) << 1));
    store<i64>(base + <usize>num * SEM_SIZE, sem_next(cell, value, pid));
  }
  const at = changetype<usize>(set);
  put32(at + offsetof<SemSet>("first"), <i32>page_hand_over());
  put32(at + offsetof<SemSet>("base"), <i32>base);
  put32(at + offsetof<SemSet>("epoch"), set.epoch + 1);
  putf64(at + offsetof<SemSet>("ctime"), now());
  page_free_locked(old, set.frames);
  journal_commit();
  page_poison(old, set.frames);
  lock_leave(LOCK_PAGE, RANK_LEAF);
  sem_update(set);
  return 0;
}

/** IPC_RMID: the id goes first, in one transaction; then every sleeper is told EIDRM; then the rest. */
function semctl_remove(semid: i32): i32 {
  const set = semset_find(semid);
  if (set == null) return semset_absent(semid);
  const lock = changetype<usize>(set);
  let result = lock_enter(LOCK_SEM, RANK_TABLE);
  if (result != 0) return result;
  result = lock_nest(lock, RANK_OBJECT);
  if (result == 0) {
    result = set.tag == semid + 1 ? semset_remove_locked(set) : -EINVAL;
    lock_leave(lock, RANK_OBJECT);
  }
  lock_leave(LOCK_SEM, RANK_TABLE);
  return result;
}

function semset_remove_locked(set: SemSet): i32 {
  const denied = perm_control(set);
  if (denied != 0) return denied;
  const locked = lock_nest(LOCK_PAGE, RANK_LEAF);
  if (locked != 0) return locked;
  put32(changetype<usize>(set) + offsetof<SemSet>("closing"), 1);
  put32(WORD_SEMS_USED, load<i32>(WORD_SEMS_USED) - set.nsems);
  table_retire(table_of(TABLE_SEM), set);
  journal_commit();
  semset_close_locked(set);
  lock_leave(LOCK_PAGE, RANK_LEAF);
  return 0;
}

/** Ends a closing set; repeated by whoever repairs its owner. LOCK_SEM, the set's and LOCK_PAGE are held. */
export function semset_close_locked(set: SemSet): void {
  semset_tell_queue(alter_queue(set));
  semset_tell_queue(zero_queue(set));
  const first = set.first;
  const frames = set.frames;
  put32(changetype<usize>(set) + offsetof<SemSet>("epoch"), set.epoch + 1);
  put32(changetype<usize>(set) + offsetof<SemSet>("closing"), 0);
  page_free_locked(first, frames);
  journal_commit();
  page_poison(first, frames);
}

function semset_tell_queue(queue: usize): void {
  let task = waitq_first(queue);
  while (task != null) {
    // EIDRM: the set was removed while the caller slept.
    waitq_wake(task, -EIDRM);
    journal_commit();
    task = waitq_first(queue);
  }
}
