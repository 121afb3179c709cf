/**
 * The addresses that the runtime may look at, so that it knows no structure of the kernel.
 * Crash: constant, nothing is stored but the instance's own globals.
 */
import { current, current_set } from "./current.ts";
import { lock_owner_of } from "./lock.ts";
import { REGION_TRANSFER_SIZE, region } from "./region.ts";
import { Task, task_at, task_transfer } from "./task.ts";

/** Acts for task `id` from now on: around every entry for a pending asynchronous call. */
export function task_enter(id: i32): void {
  current_set(id);
}

/** The word that a sleeping task's thread waits on while it is 1. */
export function task_park_at(id: i32): usize {
  return changetype<usize>(task_at(id)) + offsetof<Task>("park");
}

/** The word that is nonzero when wake_next() has something to return. */
export function task_wake_at(id: i32): usize {
  return changetype<usize>(task_at(id)) + offsetof<Task>("wake_any");
}

/** Where structures go in and out. */
export function task_transfer_at(id: i32): usize {
  return task_transfer(task_at(id));
}

export function task_transfer_size(): usize {
  return region(REGION_TRANSFER_SIZE);
}

/** The lock word that made the current task's last call return -ELOCK. */
export function lock_busy_at(): usize {
  return current.lock_busy;
}

/** The task that holds that lock, 0 for none: for the question whether it still lives. */
export function lock_owner(): i32 {
  return lock_owner_of(current.lock_busy);
}
