/**
 * semop(2) and semtimedop(2): the timeout is the waiter's matter (runtime/wait.ts), so they are one.
 *
 * The general path: lock, try, log, publish, store, complete sleepers, unlock. The fast path does one
 * operation without sleepers with two atomic operations only: it logs the semaphore before it takes
 * the lock, whose compare-and-swap publishes the entry, and leaves the lock to commit; the value is
 * compared under the lock. (P and V 2 x 2 atomic operations of about 4.7 ns each.)
 * Crash: journalled; on the fast path the guard says whether the entry counts.
 */
import { E2BIG, EACCES, EAGAIN, EFBIG, EINVAL, ENOMEM, EWAIT } from "./abi/errno.ts";
import { IPC_NOWAIT, S_IRUGO, S_IWUGO } from "./abi/ipc.ts";
import { LIMIT_SEMOPM, LIMIT_SEMVMX } from "./abi/layout.ts";
import { SEMAEM } from "./abi/limits.ts";
import { SEM_UNDO, SEMBUF_FLG, SEMBUF_NUM, SEMBUF_OP, SEMBUF_SIZE } from "./abi/sem.ts";
import { current } from "./current.ts";
import { GUARD_BASE, GUARD_TAG, journal_commit, journal_guard, journal_log64 } from "./journal.ts";
import { lock_enter, lock_leave, lock_nest, RANK_OBJECT } from "./lock.ts";
import { perm_allows, perm_alters } from "./perm.ts";
import { Proc, proc_current } from "./proc.ts";
import { limit, now } from "./region.ts";
import {
  alter_queue,
  SEM_SIZE,
  SemSet,
  sem_next,
  semset_absent,
  semset_find,
  zero_queue,
} from "./sem.ts";
import {
  op_flags,
  op_num,
  op_store,
  op_value,
  SEM_BLOCKED,
  SEM_READY,
  sem_apply,
  sem_prepare_undo,
  sem_try,
  sem_update,
} from "./sem-eval.ts";
import { TASK_LIVE, TASK_OP_SIZE, task_ops, task_transfer, WAIT_SEM } from "./task.ts";
import { Undo, undo_cached, undo_cell, undo_sweep, undo_value } from "./undo.ts";
import { waitq_sleep } from "./waitq.ts";

/** semop(2) with `nsops` sembufs in the transfer area. */
export function sys_semop(semid: i32, nsops: i32): i32 {
  // EINVAL: no operation, or a negative id. E2BIG: more than SEMOPM operations.
  if (nsops < 1 || semid < 0) return -EINVAL;
  if (nsops > limit(LIMIT_SEMOPM)) return -E2BIG;
  const from = task_transfer(current);
  const ops = task_ops(current);
  for (let index = 0; index < nsops; index++) {
    const sop = from + <usize>index * SEMBUF_SIZE;
    op_store(
      ops + <usize>index * TASK_OP_SIZE,
      <i32>load<u16>(sop, SEMBUF_NUM),
      <i32>load<i16>(sop, SEMBUF_OP),
      <i32>load<u16>(sop, SEMBUF_FLG),
    );
  }
  return semop(semid, nsops);
}

/** The same for one operation, without the transfer area: the fast path, else the general one. */
export function sys_semop1(semid: i32, num: i32, op: i32, flags: i32): i32 {
  // EFBIG: no set has such a semaphore, and a sembuf cannot name it.
  if (<u32>num > 0xffff || <i32>(<i16>op) != op) return -EFBIG;
  const set = semset_find(semid);
  if (set != null && <u32>num < <u32>set.nsems && op != 0) {
    const undo = (flags & SEM_UNDO) != 0 ? undo_cached(proc_current(), semid, num) : null;
    if ((flags & SEM_UNDO) == 0 || undo != null) {
      if (semop_fast(set, semid, num, op, undo)) return 0;
    }
    const recorded = (flags & SEM_UNDO) == 0 || undo != null;
    if ((flags & IPC_NOWAIT) != 0 && recorded && semop_fails(set, semid, num, op)) return -EAGAIN;
  }
  op_store(task_ops(current), num, op, flags);
  return semop(semid, 1);
}

/**
 * One operation that can proceed at once, on a set without sleepers. @returns false, having changed
 * nothing, in every other case: the general path finds out which.
 */
function semop_fast(set: SemSet, semid: i32, num: i32, op: i32, undo: Undo | null): bool {
  const task = current;
  const proc = changetype<Proc>(task.proc);
  const lock = changetype<usize>(set);
  // First: with none of its own tasks asleep, nobody else stores this process's pid, which `next` has.
  if ((set.alter_head | set.zero_head) != 0) return false;
  const base = <usize>set.base;
  // After the base: of a set that lives, so inside the memory. What is there is compared later.
  if (set.tag != semid + 1) return false;
  const sem = base + <usize>num * SEM_SIZE;
  const old = load<i64>(sem);
  const value = (<i32>old & 0xffff) + op;
  if (<u32>value > <u32>limit(LIMIT_SEMVMX) || set.otime != now()) return false;
  const next = sem_next(old, value, proc.pid);
  assert(offsetof<SemSet>("tag") == GUARD_TAG && offsetof<SemSet>("base") == GUARD_BASE);
  // Logged before the lock is taken: the entries count from the compare-and-swap on.
  task.journal_lock = lock;
  task.journal_count = 0;
  journal_guard(sem, old, next, semid + 1, <u32>base);
  let adj: i32 = 0;
  let old_undo: i64 = 0;
  if (undo != null) {
    old_undo = load<i64>(undo_cell(undo));
    adj = (undo.epoch == set.epoch ? undo.adj : 0) - op;
    if (adj < -SEMAEM - 1 || adj > SEMAEM) return false;
    journal_log64(undo_cell(undo));
  }
  if (lock_nest(lock, RANK_OBJECT) != 0) return false;
  // What was read without the lock must be what it is with it, and the log with it.
  const same =
    set.tag == semid + 1 &&
    <usize>set.base == base &&
    load<i64>(sem) == old &&
    (undo == null || load<i64>(undo_cell(undo)) == old_undo) &&
    (set.alter_head | set.zero_head) == 0 &&
    perm_alters(proc, set);
  if (same) {
    store<i64>(sem, next);
    if (undo != null) store<i64>(undo_cell(undo), undo_value(adj, set.epoch));
  }
  lock_leave(lock, RANK_OBJECT);
  return same;
}

/**
 * Whether one operation cannot proceed, found without the lock: the value is read between two looks
 * at a free lock, so it is nobody's open change.
 */
function semop_fails(set: SemSet, semid: i32, num: i32, op: i32): bool {
  const lock = changetype<usize>(set);
  if (current.state != TASK_LIVE || atomic.load<i32>(lock) != 0) return false;
  const base = <usize>set.base;
  if (set.tag != semid + 1) return false;
  const value = <i32>atomic.load<i64>(base + <usize>num * SEM_SIZE) & 0xffff;
  const denied = !perm_alters(proc_current(), set);
  // SETALL may have given the array away meanwhile, and IPC_RMID the set.
  const same = <usize>set.base == base && set.tag == semid + 1;
  return value + op < 0 && !denied && same && atomic.load<i32>(lock) == 0;
}

/** The operations stand in the current task's slot. */
function semop(semid: i32, nsops: i32): i32 {
  let result = semop_once(semid, nsops);
  while (result == -ENOMEM) {
    // ENOMEM: no undo entry is free, unless some are those of sets that are gone.
    const swept = undo_sweep();
    if (swept < 0) return swept;
    if (swept == 0) break;
    result = semop_once(semid, nsops);
  }
  return result;
}

function semop_once(semid: i32, nsops: i32): i32 {
  // EINVAL: no set with this id.
  const set = semset_find(semid);
  if (set == null) return semset_absent(semid);
  const lock = changetype<usize>(set);
  const locked = lock_enter(lock, RANK_OBJECT);
  if (locked != 0) return locked;
  const result = set.tag == semid + 1 ? semop_locked(set, nsops) : -EINVAL;
  lock_leave(lock, RANK_OBJECT);
  return result;
}

function semop_locked(set: SemSet, nsops: i32): i32 {
  const task = current;
  const ops = task_ops(task);
  let alters = false;
  let undoes = false;
  for (let index = 0; index < nsops; index++) {
    const op = ops + <usize>index * TASK_OP_SIZE;
    // EFBIG: a semaphore number at or past the set's size.
    if (op_num(op) >= set.nsems) return -EFBIG;
    if (op_value(op) != 0) alters = true;
    if ((op_flags(op) & SEM_UNDO) != 0) undoes = true;
  }
  // EACCES: alter permission for a change, read permission to wait for zero.
  if (!perm_allows(proc_current(), set, alters ? S_IWUGO : S_IRUGO)) return -EACCES;
  if (undoes) {
    const failed = sem_prepare_undo(set, task, nsops);
    if (failed != 0) return failed;
  }
  const result = sem_try(set, task, nsops);
  if (result == SEM_READY) {
    sem_apply(set, task, nsops);
    if ((set.alter_head | set.zero_head) == 0) return 0;
    journal_commit();
    sem_update(set);
    return 0;
  }
  if (result != SEM_BLOCKED) return result;
  task.wait_arg0 = nsops;
  // No lost wakeup: every change of a value happens under this lock and looks at these queues.
  waitq_sleep(alters ? alter_queue(set) : zero_queue(set), WAIT_SEM, changetype<usize>(set));
  return -EWAIT;
}
