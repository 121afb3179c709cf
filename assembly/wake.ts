/**
 * The wake list: whom the runtime must notify after a call. It lies in the caller's task slot and is
 * written before the change commits, so that whoever repairs a dead task can notify its list again.
 * A waiter looks at the truth under the lock, so a spurious notification is harmless. No locks: only
 * the owner writes its own list, or the repairer of a dead one.
 * Crash: the list is written before the change commits, and inherited by whoever repairs.
 */
import { SB_POOL, SB_SUPERVISOR } from "./abi/layout.ts";
import { current } from "./current.ts";
import { PARK_AWAKE, Task, task_at, task_valid } from "./task.ts";

/** Lists a task to be notified after the call. */
export function wake_list(task: Task): void {
  const bit = task.id - 1;
  const word = changetype<usize>(current) + offsetof<Task>("wake_bits") + ((<usize>bit >> 5) << 2);
  store<u32>(word, load<u32>(word) | (1 << (bit & 31)));
  current.wake_any = 1;
}

/** Bits of Task.wake_words. */
const WAKE_SUPERVISOR: i32 = 1;
const WAKE_POOL: i32 = 2;

/**
 * Lists the superblock's word `at`, SB_SUPERVISOR or SB_POOL, before the change that it announces.
 * wake_next() changes the word after it, so that whoever looked before the change does not sleep.
 */
export function wake_word(at: usize): void {
  current.wake_words |= at == SB_POOL ? WAKE_POOL : WAKE_SUPERVISOR;
  current.wake_any = 1;
}

const WAKE_WORDS: usize = 32;

/**
 * The next address to notify: a released lock's word, or the park word of a listed task, which is
 * set to awake first, or a word of the superblock, which is counted up first; 0 when none is left. An
 * entry is cleared by the call after it was returned, so a death between them repeats a notification
 * and loses none.
 */
export function wake_next(): usize {
  const task = current;
  wake_clear(task, task.wake_last);
  task.wake_last = 0;
  const lock = task.wake_lock0 | task.wake_lock1 | task.wake_lock2;
  if (lock != 0) return wake_take_lock(task);
  if ((task.wake_words & WAKE_SUPERVISOR) != 0) {
    task.wake_last = -4;
    atomic.add<i32>(SB_SUPERVISOR, 1);
    return SB_SUPERVISOR;
  }
  if ((task.wake_words & WAKE_POOL) != 0) {
    task.wake_last = -5;
    atomic.add<i32>(SB_POOL, 1);
    return SB_POOL;
  }
  const bits = changetype<usize>(task) + offsetof<Task>("wake_bits");
  for (let index: usize = 0; index < WAKE_WORDS; index++) {
    const word = load<u32>(bits + (index << 2));
    if (word == 0) continue;
    const id = <i32>(index << 5) + <i32>ctz(word) + 1;
    task.wake_last = id;
    const park = changetype<usize>(task_at(id)) + offsetof<Task>("park");
    atomic.store<i32>(park, PARK_AWAKE);
    return park;
  }
  task.wake_any = 0;
  return 0;
}

/** Lock words come first; a negative wake_last says which slot. */
function wake_take_lock(task: Task): usize {
  if (task.wake_lock0 != 0) {
    task.wake_last = -1;
    return task.wake_lock0;
  }
  if (task.wake_lock1 != 0) {
    task.wake_last = -2;
    return task.wake_lock1;
  }
  task.wake_last = -3;
  return task.wake_lock2;
}

function wake_clear(task: Task, last: i32): void {
  if (last == -1) task.wake_lock0 = 0;
  else if (last == -2) task.wake_lock1 = 0;
  else if (last == -3) task.wake_lock2 = 0;
  else if (last == -4) task.wake_words &= ~WAKE_SUPERVISOR;
  else if (last == -5) task.wake_words &= ~WAKE_POOL;
  else if (task_valid(last)) {
    const bit = last - 1;
    const word = changetype<usize>(task) + offsetof<Task>("wake_bits") + ((<usize>bit >> 5) << 2);
    store<u32>(word, load<u32>(word) & ~(1 << (bit & 31)));
  }
}

/** Hands a dead task's list to the current task, which notifies it again. */
export function wake_inherit(dead: Task): void {
  const task = current;
  const from = changetype<usize>(dead) + offsetof<Task>("wake_bits");
  const to = changetype<usize>(task) + offsetof<Task>("wake_bits");
  for (let index: usize = 0; index < WAKE_WORDS << 2; index += 4) {
    store<u32>(to + index, load<u32>(to + index) | load<u32>(from + index));
    store<u32>(from + index, 0);
  }
  if (dead.wake_lock0 != 0) task.wake_lock0 = dead.wake_lock0;
  if (dead.wake_lock1 != 0) task.wake_lock1 = dead.wake_lock1;
  if (dead.wake_lock2 != 0) task.wake_lock2 = dead.wake_lock2;
  task.wake_words |= dead.wake_words;
  task.wake_any = 1;
}
