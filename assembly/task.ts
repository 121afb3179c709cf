/**
 * A task: one thing that can wait, a worker's thread or one pending asynchronous call.
 *
 * Slot of REGION_TASK_STRIDE bytes: this structure, then the operations of a sleeping semop, the
 * journal, and the transfer area through which structures enter and leave the kernel.
 *
 *   state   FREE -> TAKEN -> LIVE (task_create) -> FREE (task_free, thread_dead)
 *           FREE -> TAKEN -> POOLED (pool_join) -> CLAIMED (pool_claim) -> LIVE (sys_spawn)
 *           LIVE -> ORPHAN: its process is gone, its thread is not; every call is refused
 *   park    1 while its thread may sleep; any other value: awake (look again)
 *
 * Crash: one store commits. A slot is taken by a compare-and-swap of its state and its thread's
 * serial together, and claimed by one that names the claimer: whoever dies next to it is known.
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
/** In the low byte; the serial of the thread that claimed it is above. */
export const TASK_CLAIMED: i32 = 3;
export const TASK_ORPHAN: i32 = 4;
export const TASK_TAKEN: i32 = 5;

export const PARK_AWAKE: i32 = 0;
export const PARK_ASLEEP: i32 = 1;

/** What a task waits for: Task.wait_kind. */
export const WAIT_SEM: i32 = 1;
export const WAIT_MSG_SEND: i32 = 2;
export const WAIT_MSG_RECEIVE: i32 = 3;
export const WAIT_CHILD: i32 = 4;
export const WAIT_MUTEX: i32 = 5;
export const WAIT_PIPE: i32 = 6;
export const WAIT_POLL: i32 = 7;
export const WAIT_OPEN: i32 = 8;
export const WAIT_RECORD: i32 = 9;
export const WAIT_VOLUME: i32 = 10;

/** Task.wait_state, guarded by the lock of the object waited for. */
export const WAIT_IDLE: i32 = 0;
export const WAIT_ASLEEP: i32 = 1;
export const WAIT_DONE: i32 = 2;

@unmanaged
export class Task {
  // Line 0, written by the owner.
  /** 0 */ state: i32; // atomic
  /** 4 */ serial: i32; // of the thread that it runs on, see thread.ts
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
  /** 52 */ id: i32; // 1 to TASK_MAX
  /** 56 */ held_ranks: i32; // debug: bit r set while a lock of rank r is held
  /** 60 */ wake_words: i32; // bit 0: SB_SUPERVISOR, bit 1: SB_POOL; nonzero: notify that word
  // Line 1, written by wakers under the lock of the object waited for, except park.
  /** 64 */ park: i32; // atomic, see above
  /** 68 */ wait_state: i32;
  /** 72 */ wait_kind: i32;
  /** 76 */ wait_object: usize; // slot of the semaphore set, queue or process; the mutex's address
  /** 80 */ wait_next: usize; // neighbours in the object's wait queue, 0 at the ends
  /** 84 */ wait_prev: usize;
  /** 88 */ wait_result: i32;
  /** 92 */ wait_queue: usize; // address of the WaitQueue, 0 when on none
  /** 96 */ wait_arg0: i32; // semop: nsops; msg: size in bytes; waitpid: the pid
  /** 100 */ wait_arg1: i32; // semop: index of the blocking operation; msg: type
  /** 104 */ wait_arg2: i32; // msg: flags
  // Line 1, rarely used.
  /** 108 */ hold_clean: i32; // 1: the held extent holds zeros
  /** 112 */ told: i32; // the serial of which the supervisor knows
  /** 116 */ asked: i32; // the serial that somebody asks about, 0 for none
  /** 120 */ wake_lock3: usize; // a released lock with sleepers, as wake_lock0
  /** 124 */ wait_turn: i32; // another number for each wait, see wait_forever(); not logged
  // Lines 2 and 3: tasks to wake, a bit a task; spurious bits are harmless, so no journal.
  /** 128 */ wake_bits: i64;
}

/** After the 1024 wake bits: the open file description that an asynchronous call holds; guard: LOCK_PROC. */
const HELD_FILE: usize = 256;
/** After it: what a path has led to, see path.ts; the owner writes. */
const WALK: usize = 264;

/** Bytes of a task's header: the fields above, on cache lines of their own. */
export const TASK_HEADER: usize = 320;

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

/** Address of the word that names the description that the task's call holds, 0 for none. */
export function task_held_file(task: Task): usize {
  return changetype<usize>(task) + HELD_FILE;
}

/** Address of the task's Walk. */
export function task_walk(task: Task): usize {
  return changetype<usize>(task) + WALK;
}

/** Address of the operations of the task's semop. */
export function task_ops(task: Task): usize {
  return changetype<usize>(task) + region(REGION_TASK_OPS);
}

/** Takes a free slot for the thread `serial`: TAKEN, until its caller publishes another state. */
export function task_take(proc: usize, serial: i32): Task | null {
  const count = limit(LIMIT_TASK_MAX);
  const taken = <i64>TASK_TAKEN | ((<i64>serial) << 32);
  for (let id = 1; id <= count; id++) {
    const task = task_at(id);
    const seen = atomic.load<i64>(changetype<usize>(task));
    if (<i32>seen != TASK_FREE) continue;
    if (atomic.cmpxchg<i64>(changetype<usize>(task), seen, taken) != seen) continue;
    task_reset(task, id);
    task.proc = proc;
    return task;
  }
  return null;
}

/** Publishes a state: a store that nothing before it passes. */
export function task_state_set(task: Task, state: i32): void {
  atomic.store<i32>(changetype<usize>(task), state);
}

function task_reset(task: Task, id: i32): void {
  const at = changetype<usize>(task);
  memory.fill(at + 8, 0, TASK_HEADER - 8);
  task.id = id;
}

/** Whether `task` is one of the thread `serial`. */
export function task_runs_on(task: Task, serial: i32): bool {
  return task.serial == serial && task.state != TASK_FREE;
}
