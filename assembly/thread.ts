/**
 * Threads: what can die. Each has a serial from the moment at which it comes near the machine, and
 * every slot that it takes names it, so that its death finds all that was its.
 *
 * Serials are 24 bits and are not used again for 16 million threads. A thread is alive while a slot
 * has its serial: also that of a process that was ended while its worker runs on.
 *
 * Crash: one store commits, in each function. No locks.
 */
import { ESRCH } from "./abi/errno.ts";
import { LIMIT_TASK_MAX, SB_SUPERVISOR } from "./abi/layout.ts";
import { current } from "./current.ts";
import { lock_owner_of } from "./lock.ts";
import { limit, WORD_THREAD_SERIAL } from "./region.ts";
import { TASK_FREE, Task, task_at, task_runs_on, task_valid } from "./task.ts";
import { wake_word } from "./wake.ts";

const SERIAL_MASK: i32 = 0xffffff;

/** A new thread's serial, 1 to 0xffffff. */
export function thread_new(): i32 {
  let serial = 0;
  while (serial == 0) serial = (atomic.add<i32>(WORD_THREAD_SERIAL, 1) + 1) & SERIAL_MASK;
  return serial;
}

/** The task that names the thread in a slot of its own, or null. */
function thread_task(serial: i32): Task | null {
  const count = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= count; id++) {
    const task = task_at(id);
    if (task_runs_on(task, serial)) return task;
  }
  return null;
}

/** Whether the thread may still run: 0 after thread_dead(), or once it has left the machine. */
export function thread_alive(serial: i32): i32 {
  return thread_task(serial) != null ? 1 : 0;
}

/** The serial of the thread that task `id` runs on. ESRCH: no such task. */
export function task_serial(id: i32): i32 {
  if (!task_valid(id) || task_at(id).state == TASK_FREE) return -ESRCH;
  return task_at(id).serial;
}

/** For the supervisor: the serial of a thread that it has not been told of, 0 for none. */
export function thread_next_new(): i32 {
  const count = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= count; id++) {
    const task = task_at(id);
    if (task.state == TASK_FREE || task.told == task.serial) continue;
    task.told = task.serial;
    return task.serial;
  }
  return 0;
}

/** For the supervisor: the serial of a thread that somebody asks about, 0 for none. */
export function thread_next_asked(): i32 {
  const count = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= count; id++) {
    const at = changetype<usize>(task_at(id)) + offsetof<Task>("asked");
    if (atomic.load<i32>(at) == 0) continue;
    return atomic.xchg<i32>(at, 0);
  }
  return 0;
}

/** Asks the supervisor whether the owner of the lock lives that made the last call return -ELOCK. */
export function lock_ask(): void {
  const owner = lock_owner_of(current.lock_busy);
  if (!task_valid(owner)) return;
  const task = task_at(owner);
  atomic.store<i32>(changetype<usize>(task) + offsetof<Task>("asked"), task.serial);
  wake_word(SB_SUPERVISOR);
}
