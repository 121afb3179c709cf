/**
 * Tasks come and go: threads and asynchronous calls (task_create), and pre-started workers that park
 * until a spawner claims one (see task.ts for the states). A spawn is a claim, a record that the
 * spawner writes into the worker's transfer area, a process, and one wake.
 * Crash: one store commits, a compare-and-swap of the state with the thread's serial; claims are
 * journalled.
 */
import { EAGAIN, ESRCH } from "./abi/errno.ts";
import { LIMIT_TASK_MAX, SB_POOL, SB_SUPERVISOR } from "./abi/layout.ts";
import { current, current_set } from "./current.ts";
import { PROC_LIVE, proc_find } from "./proc.ts";
import { limit } from "./region.ts";
import {
  PARK_ASLEEP,
  TASK_CLAIMED,
  TASK_FREE,
  TASK_LIVE,
  TASK_POOLED,
  Task,
  task_at,
  task_state_set,
  task_take,
  task_valid,
} from "./task.ts";
import { thread_new } from "./thread.ts";
import { wake_word } from "./wake.ts";

/**
 * A task of process `pid` for the thread `serial`; 0: for one more call of the thread that has the
 * process already, or for a new thread. EAGAIN: TASK_MAX. ESRCH: no process.
 */
export function task_create(pid: i32, serial: i32): i32 {
  const proc = proc_find(pid);
  if (proc == null || proc.state != PROC_LIVE) return -ESRCH;
  const main = pid == 1 ? 0 : proc.main_task;
  const owner = serial != 0 ? serial : main != 0 ? task_at(main).serial : thread_new();
  const task = task_take(changetype<usize>(proc), owner);
  if (task == null) return -EAGAIN;
  task_state_set(task, TASK_LIVE);
  if (proc.state != PROC_LIVE) {
    // Ended meanwhile: proc_exit has not seen this task, so nobody else would free it.
    task_state_set(task, TASK_FREE);
    return -ESRCH;
  }
  if (main == 0) {
    if (pid != 1) proc.main_task = task.id;
    // The supervisor has a thread to listen for, or a process that was killed before it had one.
    atomic.add<i32>(SB_SUPERVISOR, 1);
  }
  return task.id;
}

/**
 * The pre-started worker of thread `serial` (0: a new one) joins the pool: its park word is asleep,
 * and it becomes the current task. EAGAIN: TASK_MAX.
 */
export function pool_join(serial: i32): i32 {
  const task = task_take(0, serial != 0 ? serial : thread_new());
  if (task == null) return -EAGAIN;
  current_set(task.id);
  pool_park(task);
  return task.id;
}

function pool_park(task: Task): void {
  wake_word(SB_POOL);
  atomic.store<i32>(changetype<usize>(task) + offsetof<Task>("park"), PARK_ASLEEP);
  task_state_set(task, TASK_POOLED);
}

/** The state of a worker that the thread `serial` has claimed. */
export function claimed_state(serial: i32): i32 {
  return TASK_CLAIMED | (serial << 8);
}

/** Takes a parked worker for a spawn. EAGAIN: the pool is empty. The supervisor refills it. */
export function pool_claim(): i32 {
  const count = limit(LIMIT_TASK_MAX);
  const claimed = claimed_state(current.serial);
  for (let id = 1; id <= count; id++) {
    const at = changetype<usize>(task_at(id));
    if (atomic.load<i32>(at) != TASK_POOLED) continue;
    if (atomic.cmpxchg<i32>(at, TASK_POOLED, claimed) != TASK_POOLED) continue;
    wake_word(SB_SUPERVISOR);
    return id;
  }
  return -EAGAIN;
}

/** Workers that are parked and unclaimed. */
export function pool_size(): i32 {
  const count = limit(LIMIT_TASK_MAX);
  let size = 0;
  for (let id = 1; id <= count; id++) {
    if (task_at(id).state == TASK_POOLED) size += 1;
  }
  return size;
}

/** Gives back the workers that a dead thread had claimed and not yet made a process. */
export function pool_release_claims(serial: i32): void {
  const count = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= count; id++) {
    const task = task_at(id);
    if (task.state == claimed_state(serial)) pool_park(task);
  }
}

/** Gives a worker back that the current thread has claimed. ESRCH: it has claimed no such one. */
export function pool_unclaim(id: i32): i32 {
  if (!task_valid(id) || task_at(id).state != claimed_state(current.serial)) return -ESRCH;
  pool_park(task_at(id));
  return 0;
}

/** Frees a dead worker's slot that is no process's yet. Guard: LOCK_PROC. */
export function pool_release_dead(task: Task): void {
  const state = task.state & 0xff;
  if (state == TASK_POOLED || state == TASK_CLAIMED) task_state_set(task, TASK_FREE);
}
