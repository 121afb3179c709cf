/**
 * What a dead task leaves: a change half done under locks that nobody will release. Its journal is
 * undone first, while the locks still name it; then the current task inherits the locks, restores
 * the invariants that a cut-off update left open, and releases them. Cut off itself, it is repeated.
 * Crash: journalled, and repeated by whoever finds the repairer dead.
 */
import { EINTR, ELOCK, ESRCH } from "./abi/errno.ts";
import {
  LIMIT_INODES,
  LIMIT_PIPE_MAX,
  LIMIT_PROC_MAX,
  LIMIT_TASK_MAX,
  SB_DEATHS,
} from "./abi/layout.ts";
import { SIGKILL } from "./abi/signal.ts";
import { current } from "./current.ts";
import { exit_repair, proc_exit } from "./exit.ts";
import { inode_at } from "./inode.ts";
import { journal_undo } from "./journal.ts";
import {
  lock_enter,
  lock_inherit,
  lock_leave,
  lock_nest,
  lock_owner_of,
  RANK_LEAF,
  RANK_NAME,
  RANK_OBJECT,
  RANK_TABLE,
} from "./lock.ts";
import { Queue } from "./msg.ts";
import { queue_close_locked } from "./msgctl.ts";
import { queue_update } from "./msgop.ts";
import { mutex_wake_all_locked } from "./mutex-wake.ts";
import { page_drop } from "./page.ts";
import { pipe_at } from "./pipe.ts";
import { pipe_update_locked } from "./pipe-io.ts";
import { poll_wake } from "./poll-wake.ts";
import { pool_release_claims, pool_release_dead } from "./pool.ts";
import { PROC_FREE, Proc, proc_slot } from "./proc.ts";
import { record_update } from "./record-wait.ts";
import {
  LOCK_MSG,
  LOCK_MUTEX,
  LOCK_NAME,
  LOCK_PAGE,
  LOCK_PROC,
  LOCK_RECORD,
  LOCK_SEM,
  LOCK_SHM,
  LOCK_UNDO,
  limit,
  TABLE_MSG,
  TABLE_SEM,
  TABLE_SHM,
} from "./region.ts";
import { SemSet } from "./sem.ts";
import { sem_update } from "./sem-eval.ts";
import { semset_close_locked } from "./semctl.ts";
import { Segment, segment_repair } from "./shm.ts";
import { table_of, table_slot } from "./table.ts";
import {
  TASK_FREE,
  TASK_TAKEN,
  Task,
  task_at,
  task_runs_on,
  task_state_set,
  task_valid,
} from "./task.ts";
import { wake_inherit } from "./wake.ts";

/**
 * The thread `serial` runs no more: repairs what it left, ends its process if that still lives, and
 * frees its tasks. @returns 0, -ELOCK (call again), or -ESRCH: no task is its, and nothing was to do.
 */
export function thread_dead(serial: i32): i32 {
  let result = repair_thread(serial);
  if (result != 0) return result;
  // It may have died between a change and the wakes that poll is owed.
  poll_wake(0);
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  pool_release_claims(serial);
  result = -ESRCH;
  const count = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= count; id++) {
    const task = task_at(id);
    if (!task_runs_on(task, serial)) continue;
    pool_release_dead(task);
    result = 0;
  }
  lock_leave(LOCK_PROC, RANK_TABLE);
  const ended = thread_end_process(serial);
  if (ended != 0) return ended;
  // Under the lock under which sleepers look whether a mutex's owner lives: all see it dead from here.
  const last = lock_enter(LOCK_MUTEX, RANK_TABLE);
  if (last != 0) return last;
  for (let id = 1; id <= count; id++) {
    const task = task_at(id);
    if (task_runs_on(task, serial)) task_state_set(task, TASK_FREE);
  }
  mutex_wake_all_locked();
  lock_leave(LOCK_MUTEX, RANK_TABLE);
  if (result == 0) atomic.add<i32>(SB_DEATHS, 1);
  return result;
}

/** Repairs what the thread left, in whichever of its tasks it was: its own, or that of a call. */
function repair_thread(serial: i32): i32 {
  // First the task that has the lock on frames, which the repair of each of the others needs.
  const owner = lock_owner_of(LOCK_PAGE);
  if (task_valid(owner) && task_runs_on(task_at(owner), serial)) {
    const freed = repair_locks(task_at(owner));
    if (freed != 0) return freed;
  }
  const count = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= count; id++) {
    const task = task_at(id);
    // A slot that was only taken has the words of an earlier owner.
    if (!task_runs_on(task, serial) || task.state == TASK_TAKEN) continue;
    const repaired = repair_locks(task);
    if (repaired != 0) return repaired;
    wake_inherit(task);
    // The thread runs no more, so nobody fills the frames that it held.
    const dropped = page_drop(task);
    if (dropped != 0) return dropped;
  }
  return 0;
}

/** Ends the thread's processes, unless their own exit has. @returns 0, -ELOCK or -EINTR. */
function thread_end_process(serial: i32): i32 {
  const count = limit(LIMIT_PROC_MAX);
  for (let index = 0; index < count; index++) {
    const proc = proc_slot(index);
    if (proc.state == PROC_FREE || !thread_has(serial, proc)) continue;
    const ended = proc_exit(proc.pid, proc.killed != 0 ? proc.killed : SIGKILL);
    if (ended == -ELOCK || ended == -EINTR) return ended;
  }
  return 0;
}

/** Whether the process is that of the thread; before it had a task it was its creator's. */
function thread_has(serial: i32, proc: Proc): bool {
  const id = proc.main_task;
  if (id == 0) return proc.creator == serial;
  const task = task_at(id);
  return task_runs_on(task, serial) && task.proc == changetype<usize>(proc);
}

/** Undoes the task's open change and takes its locks over. */
function repair_locks(dead: Task): i32 {
  const id = dead.id;
  // Before the compare-and-swap, as in lock_enter: an old journal must not count under this lock.
  current.journal_count = 0;
  current.journal_lock = LOCK_PAGE;
  // Frames are needed to end a closing set: have their lock before anything is taken over.
  if (lock_owner_of(LOCK_PAGE) != id) {
    const busy = lock_nest(LOCK_PAGE, RANK_LEAF);
    if (busy != 0) return busy;
  }
  if (dead.journal_lock != 0 && lock_owner_of(dead.journal_lock) == id) journal_undo(dead);
  lock_inherit(LOCK_PAGE, id, RANK_LEAF);
  const table = lock_inherit(LOCK_SEM, id, RANK_TABLE);
  repair_sets(id);
  repair_pipes(id);
  repair_inodes(id);
  if (lock_inherit(LOCK_NAME, id, RANK_NAME)) lock_leave(LOCK_NAME, RANK_NAME);
  if (table) lock_leave(LOCK_SEM, RANK_TABLE);
  if (lock_inherit(LOCK_MSG, id, RANK_TABLE)) {
    repair_queues();
    lock_leave(LOCK_MSG, RANK_TABLE);
  }
  if (lock_inherit(LOCK_SHM, id, RANK_TABLE)) {
    repair_segments();
    lock_leave(LOCK_SHM, RANK_TABLE);
  }
  if (lock_inherit(LOCK_MUTEX, id, RANK_TABLE)) {
    mutex_wake_all_locked();
    lock_leave(LOCK_MUTEX, RANK_TABLE);
  }
  if (lock_inherit(LOCK_RECORD, id, RANK_TABLE)) {
    record_update();
    lock_leave(LOCK_RECORD, RANK_TABLE);
  }
  if (lock_inherit(LOCK_UNDO, id, RANK_LEAF)) lock_leave(LOCK_UNDO, RANK_LEAF);
  if (lock_inherit(LOCK_PROC, id, RANK_TABLE)) {
    exit_repair();
    lock_leave(LOCK_PROC, RANK_TABLE);
  }
  lock_leave(LOCK_PAGE, RANK_LEAF);
  return 0;
}

function repair_sets(id: i32): void {
  const table = table_of(TABLE_SEM);
  for (let index = 0; index < table.size; index++) {
    const set = changetype<SemSet>(changetype<usize>(table_slot(table, index)));
    const lock = changetype<usize>(set);
    if (!lock_inherit(lock, id, RANK_OBJECT)) continue;
    if (set.closing != 0) semset_close_locked(set);
    else if (set.tag != 0) sem_update(set);
    lock_leave(lock, RANK_OBJECT);
  }
}

function repair_pipes(id: i32): void {
  const count = limit(LIMIT_PIPE_MAX);
  for (let index = 0; index < count; index++) {
    const pipe = pipe_at(index);
    const lock = changetype<usize>(pipe);
    if (!lock_inherit(lock, id, RANK_OBJECT)) continue;
    if (pipe.live != 0) pipe_update_locked(pipe);
    lock_leave(lock, RANK_OBJECT);
  }
}

/** A call on an inode's data is one transaction, and owes nothing to anybody after it. */
function repair_inodes(id: i32): void {
  const count = limit(LIMIT_INODES);
  for (let index = 1; index <= count; index++) {
    const lock = changetype<usize>(inode_at(index));
    if (lock_inherit(lock, id, RANK_OBJECT)) lock_leave(lock, RANK_OBJECT);
  }
}

function repair_queues(): void {
  const table = table_of(TABLE_MSG);
  for (let index = 0; index < table.size; index++) {
    const queue = changetype<Queue>(changetype<usize>(table_slot(table, index)));
    if (queue.closing != 0) queue_close_locked(queue);
    else if (queue.tag != 0) queue_update(queue);
  }
}

function repair_segments(): void {
  const table = table_of(TABLE_SHM);
  for (let index = 0; index < table.size; index++) {
    segment_repair(changetype<Segment>(changetype<usize>(table_slot(table, index))));
  }
}
