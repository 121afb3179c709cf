/**
 * Evaluation of semop's operations: all or nothing, in array order, with a running value. Also the
 * update that completes sleepers whose operations have become possible.
 *
 *   operation, 8 bytes: 0 num (u16), 2 op (i16), 4 flg (u16), 6 value after it (u16, by sem_try)
 *
 * Guard: the set's lock. sem_try() changes nothing; sem_apply() logs every cell, publishes once and
 * stores. Invariant: no sleeper of an unlocked set could go on; whoever changes a value restores it
 * by sem_update() before it leaves the lock, and repair does for a dead owner.
 * Crash: journalled, one transaction an operation or a sleeper; repair completes the rest.
 */
import { EAGAIN, ERANGE } from "./abi/errno.ts";
import { IPC_NOWAIT } from "./abi/ipc.ts";
import { LIMIT_SEMVMX } from "./abi/layout.ts";
import { SEMAEM } from "./abi/limits.ts";
import { SEM_UNDO } from "./abi/sem.ts";
import { journal_commit, journal_log64, journal_publish } from "./journal.ts";
import { Proc } from "./proc.ts";
import { limit, now } from "./region.ts";
import { alter_queue, SemSet, sem_at, sem_next, zero_queue } from "./sem.ts";
import { object_id } from "./table.ts";
import { TASK_OP_SIZE, Task, task_ops } from "./task.ts";
import { Undo, undo_cell, undo_ensure, undo_find, undo_value } from "./undo.ts";
import { waitq_first, waitq_next, waitq_wake } from "./waitq.ts";

/** sem_try: the operations can be done now. */
export const SEM_READY: i32 = 0;
/** sem_try: the caller must sleep. */
export const SEM_BLOCKED: i32 = 1;

export function op_num(op: usize): i32 {
  return <i32>load<u16>(op);
}
export function op_value(op: usize): i32 {
  return <i32>load<i16>(op, 2);
}
export function op_flags(op: usize): i32 {
  return <i32>load<u16>(op, 4);
}
function op_after(op: usize): i32 {
  return <i32>load<u16>(op, 6);
}

export function op_store(op: usize, num: i32, value: i32, flags: i32): void {
  store<u16>(op, <u16>num);
  store<i16>(op, <i16>value, 2);
  store<u16>(op, <u16>flags, 4);
}

/** The value before operation `index`: what an earlier one on the same semaphore left, or semval. */
function value_before(set: SemSet, ops: usize, index: i32, num: i32, doubled: bool): i32 {
  if (doubled) {
    for (let earlier = index - 1; earlier >= 0; earlier--) {
      const op = ops + <usize>earlier * TASK_OP_SIZE;
      if (op_num(op) == num) return op_after(op);
    }
  }
  return <i32>sem_at(set, num).semval;
}

/** The process's adjustment after operation `index`, with those of earlier ones of this call. */
function adj_after(set: SemSet, proc: Proc, ops: usize, index: i32, num: i32): i32 {
  const entry = undo_find(proc, object_id(set), num);
  let adj = entry != null && entry.epoch == set.epoch ? entry.adj : 0;
  for (let at = 0; at <= index; at++) {
    const op = ops + <usize>at * TASK_OP_SIZE;
    if (op_num(op) == num && (op_flags(op) & SEM_UNDO) != 0) adj -= op_value(op);
  }
  return adj;
}

/** Whether two operations may name one semaphore: a mask of the low bits, as Linux does. */
function ops_doubled(ops: usize, count: i32): bool {
  let seen: u64 = 0;
  for (let index = 0; index < count; index++) {
    const bit = (<u64>1) << (op_num(ops + <usize>index * TASK_OP_SIZE) & 63);
    if ((seen & bit) != 0) return true;
    seen |= bit;
  }
  return false;
}

/** Whether a later operation of the call names the same semaphore as operation `index`. */
function op_repeated(ops: usize, index: i32, count: i32): bool {
  const num = op_num(ops + <usize>index * TASK_OP_SIZE);
  for (let later = index + 1; later < count; later++) {
    if (op_num(ops + <usize>later * TASK_OP_SIZE) == num) return true;
  }
  return false;
}

/**
 * Looks whether `task`'s operations can be done. @returns SEM_READY, SEM_BLOCKED, -EAGAIN (the
 * blocking operation has IPC_NOWAIT) or -ERANGE. The blocking one is noted for GETNCNT and GETZCNT.
 */
export function sem_try(set: SemSet, task: Task, count: i32): i32 {
  const ops = task_ops(task);
  const proc = changetype<Proc>(task.proc);
  const maximum = limit(LIMIT_SEMVMX);
  const doubled = ops_doubled(ops, count);
  for (let index = 0; index < count; index++) {
    const op = ops + <usize>index * TASK_OP_SIZE;
    const num = op_num(op);
    const change = op_value(op);
    const value = value_before(set, ops, index, num, doubled) + change;
    if (value < 0 || (change == 0 && value != 0)) {
      task.wait_arg1 = index;
      // EAGAIN: the operation cannot proceed, and it says IPC_NOWAIT.
      return (op_flags(op) & IPC_NOWAIT) != 0 ? -EAGAIN : SEM_BLOCKED;
    }
    // ERANGE: semval would exceed SEMVMX.
    if (value > maximum) return -ERANGE;
    if ((op_flags(op) & SEM_UNDO) != 0) {
      const adj = adj_after(set, proc, ops, index, num);
      // ERANGE: the adjustment would leave its range (Linux; the manual names SEMVMX only).
      if (adj < -SEMAEM - 1 || adj > SEMAEM) return -ERANGE;
    }
    store<u16>(op, <u16>value, 6);
  }
  return SEM_READY;
}

/** Makes the undo entries that `task`'s operations need. @returns 0, -ENOMEM, -ELOCK or -EINTR. */
export function sem_prepare_undo(set: SemSet, task: Task, count: i32): i32 {
  const ops = task_ops(task);
  const proc = changetype<Proc>(task.proc);
  for (let index = 0; index < count; index++) {
    const op = ops + <usize>index * TASK_OP_SIZE;
    if ((op_flags(op) & SEM_UNDO) == 0) continue;
    // ENOMEM: no room for another undo structure.
    const failed = undo_ensure(proc, object_id(set), op_num(op), set.epoch);
    if (failed != 0) return failed;
  }
  return 0;
}

/** Does what sem_try() found possible; logged and published, not committed. */
export function sem_apply(set: SemSet, task: Task, count: i32): void {
  const ops = task_ops(task);
  const proc = changetype<Proc>(task.proc);
  const semid = object_id(set);
  const doubled = ops_doubled(ops, count);
  const otime = changetype<usize>(set) + offsetof<SemSet>("otime");
  journal_log64(otime);
  for (let index = 0; index < count; index++) {
    const op = ops + <usize>index * TASK_OP_SIZE;
    journal_log64(changetype<usize>(sem_at(set, op_num(op))));
    if ((op_flags(op) & SEM_UNDO) != 0) journal_log64(undo_cell(own_undo(proc, semid, op)));
  }
  journal_publish();
  for (let index = 0; index < count; index++) {
    const op = ops + <usize>index * TASK_OP_SIZE;
    const sem = changetype<usize>(sem_at(set, op_num(op)));
    // The last operation on a semaphore has its value: an earlier one's was never there.
    const later = doubled && op_repeated(ops, index, count);
    if (!later) store<i64>(sem, sem_next(load<i64>(sem), op_after(op), proc.pid));
    if ((op_flags(op) & SEM_UNDO) == 0) continue;
    const entry = own_undo(proc, semid, op);
    const adj = (entry.epoch == set.epoch ? entry.adj : 0) - op_value(op);
    store<i64>(undo_cell(entry), undo_value(adj, set.epoch));
  }
  store<f64>(otime, now());
}

/** The entry that sem_prepare_undo() made; its set lives, so it is there. */
function own_undo(proc: Proc, semid: i32, op: usize): Undo {
  const entry = undo_find(proc, semid, op_num(op));
  assert(entry != null);
  return changetype<Undo>(changetype<usize>(entry));
}

/** Completes one sleeper if its operations are possible or out of range. Commits. */
function sem_complete(set: SemSet, task: Task): bool {
  const result = sem_try(set, task, task.wait_arg0);
  if (result == SEM_BLOCKED) return false;
  // A sleeper has no IPC_NOWAIT on its blocking operation, but a later one may be the next to block.
  if (result == SEM_READY) sem_apply(set, task, task.wait_arg0);
  waitq_wake(task, result);
  journal_commit();
  return true;
}

/**
 * Completes every sleeper that can go on, in order of arrival: those that wait for zero first, and
 * again after each change, so a brief zero reaches them. Each is a transaction of its own.
 * Precondition: the set's lock is held and no transaction is open.
 */
export function sem_update(set: SemSet): void {
  sem_update_zero(set);
  let task = waitq_first(alter_queue(set));
  while (task != null) {
    const next = waitq_next(task);
    if (sem_complete(set, task)) {
      sem_update_zero(set);
      // Values changed: an older sleeper may go on now.
      task = waitq_first(alter_queue(set));
    } else {
      task = next;
    }
  }
}

/** Single operations before arrays, as Linux keeps them on lists of their own. */
function sem_update_zero(set: SemSet): void {
  sem_update_zero_of(set, true);
  sem_update_zero_of(set, false);
}

function sem_update_zero_of(set: SemSet, single: bool): void {
  let task = waitq_first(zero_queue(set));
  while (task != null) {
    const next = waitq_next(task);
    if ((task.wait_arg0 == 1) == single) sem_complete(set, task);
    task = next;
  }
}

/** Sleepers whose blocking operation is on `num`: for zero (GETZCNT) or for more (GETNCNT). */
export function sem_count_sleepers(set: SemSet, num: i32, zero: bool): i32 {
  return count_queue(alter_queue(set), num, zero) + count_queue(zero_queue(set), num, zero);
}

function count_queue(queue: usize, num: i32, zero: bool): i32 {
  let count = 0;
  let task = waitq_first(queue);
  while (task != null) {
    const op = task_ops(task) + <usize>task.wait_arg1 * TASK_OP_SIZE;
    if (op_num(op) == num && (op_value(op) == 0) == zero) count += 1;
    task = waitq_next(task);
  }
  return count;
}
