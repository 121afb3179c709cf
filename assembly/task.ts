/**
 * A task: one thing that can wait, a worker's thread or one pending asynchronous call.
 *
 * Slot of REGION_TASK_STRIDE bytes: this structure, then the operations of a sleeping semop, the
 * journal, and the transfer area through which structures enter and leave the kernel.
 *
 *   state   FREE -> LIVE (task_create) -> FREE (task_free, proc_exit, task_dead)
 *           FREE -> POOLED (pool_join) -> CLAIMED (pool_claim) -> LIVE (sys_spawn)
 *           LIVE -> ORPHAN: its process is gone, its thread is not; every call is refused
 *           each step is one compare-and-swap, so no lock
 *   park    1 while its thread may sleep; any other value: awake (look again)
 *
 * Lines written by the owner and by wakers are apart, so that a waker does not slow the owner.
 */
import { LIMIT_TASK_MAX } from "./abi/layout.ts";
import {
  limit,
  REGION_TASK,
  REGION_TASK_OPS,
  REGION_TASK_STRIDE,
  REGION_TASK_TRANSFER,
  region,
} from "./region.ts";

export const TASK_FREE: i32 = 0;
export const TASK_LIVE: i32 = 1;
export const TASK_POOLED: i32 = 2;
export const TASK_CLAIMED: i32 = 3;
export const TASK_ORPHAN: i32 = 4;

export const PARK_AWAKE: i32 = 0;
export const PARK_ASLEEP: i32 = 1;

/** What a task waits for: Task.wait_kind. */
export const WAIT_SEM: i32 = 1;
export const WAIT_MSG_SEND: i32 = 2;
export const WAIT_MSG_RECEIVE: i32 = 3;
export const WAIT_CHILD: i32 = 4;

/** Task.wait_state, guarded by the lock of the object waited for. */
export const WAIT_IDLE: i32 = 0;
export const WAIT_ASLEEP: i32 = 1;
export const WAIT_DONE: i32 = 2;

@unmanaged
export class Task {
  // Line 0, written by the owner.
  /** 0 */ state: i32; // atomic
  /** 4 */ id: i32; // 1 to TASK_MAX
  /** 8 */ proc: usize; // the process, 0 for none; set before state becomes LIVE
  /** 12 */ wake_any: i32; // nonzero: wake_bits or wake_lock name somebody
  /** 16 */ wake_last: i32; // address that wake_next() returned last, 0 for none
  /** 20 */ lock_busy: usize; // the lock that made the last call return ELOCK
  /** 24 */ wake_lock0: usize; // locks released with sleepers on them, a slot a rank
  /** 28 */ wake_lock1: usize;
  /** 32 */ wake_lock2: usize;
  /** 36 */ journal_lock: usize; // the journal counts only while the owner holds this lock
  /** 40 */ journal_count: i32; // entries; atomic where it publishes or commits
  /** 44 */ hold_first: u32; // an extent that belongs to nobody else yet; guard: LOCK_PAGE to fill,
  /** 48 */ hold_count: u32; //   the publishing object's lock to hand over
  /** 52 */ hold_clean: i32; // 1: the extent holds zeros
  /** 56 */ held_ranks: i32; // debug: bit r set while a lock of rank r is held
  /** 60 */ wake_words: i32; // bit 0: SB_SUPERVISOR, bit 1: SB_POOL; nonzero: notify that word
  // Line 1, written by wakers under the lock of the object waited for, except park.
  /** 64 */ park: i32; // atomic, see above
  /** 68 */ wait_state: i32;
  /** 72 */ wait_kind: i32;
  /** 76 */ wait_object: usize; // slot of the semaphore set, queue or process
  /** 80 */ wait_next: usize; // neighbours in the object's wait queue, 0 at the ends
  /** 84 */ wait_prev: usize;
  /** 88 */ wait_result: i32;
  /** 92 */ wait_queue: usize; // address of the WaitQueue, 0 when on none
  /** 96 */ wait_arg0: i32; // semop: nsops; msg: size in bytes
  /** 100 */ wait_arg1: i32; // semop: index of the blocking operation; msg: type
  /** 104 */ wait_arg2: i32; // msg: flags
  /** 108 */ thread: i32; // the task of the thread that it runs on: its own, or its process's main task
  /** 112 */ claimer: i32; // of a CLAIMED worker: the thread whose spawn took it
  /** 116 */ pad1: i32;
  /** 120 */ pad2: i64;
  // Lines 2 and 3: tasks to wake, a bit a task; spurious bits are harmless, so no journal.
  /** 128 */ wake_bits: i64;
}

/** Bytes of a task's header: the fields above with 1024 wake bits, on cache lines of their own. */
export const TASK_HEADER: usize = 256;

/** Bytes of one operation kept for a sleeping semop, see sem-eval.ts. */
export const TASK_OP_SIZE: usize = 8;

/** The slot of task `id`, which must be 1 to TASK_MAX. */
export function task_at(id: i32): Task {
  assert(id >= 1 && id <= limit(LIMIT_TASK_MAX));
  return changetype<Task>(region(REGION_TASK) + <usize>(id - 1) * region(REGION_TASK_STRIDE));
}

export function task_valid(id: i32): bool {
  return id >= 1 && id <= limit(LIMIT_TASK_MAX);
}

/** Address of the task's transfer area, 8-aligned. */
export function task_transfer(task: Task): usize {
  return changetype<usize>(task) + region(REGION_TASK_TRANSFER);
}

/** Address of the operations of the task's semop. */
export function task_ops(task: Task): usize {
  return changetype<usize>(task) + region(REGION_TASK_OPS);
}

/** Takes a free slot for `state`. `thread` is the task of the thread that it runs on, 0 for its own. */
export function task_take(state: i32, proc: usize, thread: i32): Task | null {
  const count = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= count; id++) {
    const task = task_at(id);
    if (atomic.load<i32>(changetype<usize>(task)) != TASK_FREE) continue;
    // CLAIMED first: a slot is LIVE only when its process is set.
    if (atomic.cmpxchg<i32>(changetype<usize>(task), TASK_FREE, TASK_CLAIMED) != TASK_FREE)
      continue;
    task_reset(task, id);
    task.proc = proc;
    task.thread = thread == 0 ? id : thread;
    atomic.store<i32>(changetype<usize>(task), state);
    return task;
  }
  return null;
}

function task_reset(task: Task, id: i32): void {
  const at = changetype<usize>(task);
  memory.fill(at + 4, 0, TASK_HEADER - 4);
  task.id = id;
}

/** Whether `task` is that of the thread `main`, or of one of its calls. */
export function task_runs_on(task: Task, main: Task): bool {
  if (task == main) return true;
  return task.state != TASK_FREE && task.thread == main.id && task.proc == main.proc;
}

/** Frees the refused tasks of a thread that runs no more, but the thread's own. */
export function task_free_calls(thread: i32): void {
  const count = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= count; id++) {
    const task = task_at(id);
    if (id == thread || task.thread != thread || task.state != TASK_ORPHAN) continue;
    atomic.store<i32>(changetype<usize>(task), TASK_FREE);
  }
}
