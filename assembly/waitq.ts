/**
 * Wait queues: which tasks sleep on an object, in order of arrival. They never wait; a task that is
 * on one has told its caller EWAIT, and the caller waits on the task's park word (runtime/wait.ts).
 *
 *   wait_state   IDLE -> ASLEEP (waitq_sleep) -> DONE (waitq_wake: a waker completed the call, with
 *                wait_result) -> IDLE (wait_result). ASLEEP -> IDLE by wait_cancel.
 *
 * Guard: the lock of the object waited for. Links and states are logged stores, part of the caller's
 * transaction; a task is on one queue at a time. The park word leaves PARK_ASLEEP only after the
 * waker's commit (wake_next), so a sleeper never acts on a change that could be undone.
 * Crash: journalled, part of the caller's transaction.
 */
import { current } from "./current.ts";
import { put32 } from "./journal.ts";
import { PARK_ASLEEP, Task, WAIT_ASLEEP, WAIT_DONE, WAIT_IDLE } from "./task.ts";
import { wake_list } from "./wake.ts";

/** Head and tail of a queue, 8 bytes inside the object; the tail follows the head. */
export type WaitQueue = usize;

/** The first sleeper of the queue at `at`, or null. */
export function waitq_first(at: usize): Task | null {
  const task = <usize>load<u32>(at);
  return task == 0 ? null : changetype<Task>(task);
}

/** The sleeper behind `task`, or null. */
export function waitq_next(task: Task): Task | null {
  return task.wait_next == 0 ? null : changetype<Task>(task.wait_next);
}

/** The next wait's number: even, for it may end by itself. */
export function wait_turn_after(turn: i32): i32 {
  return (turn | 1) + 1;
}

/** Puts the current task at the end of the queue at `at`. The caller has set its wait_arg words. */
export function waitq_sleep(at: usize, kind: i32, object: usize): void {
  const task = current;
  const self = changetype<usize>(task);
  assert(task.wait_queue == 0 && task.wait_state == WAIT_IDLE);
  const tail = <usize>load<u32>(at, 4);
  // The task is on no queue, so nobody reads these before the state says ASLEEP.
  // The object says which lock guards the wait, once it is there: who buries this task asks for it.
  const named = self + offsetof<Task>("wait_object");
  atomic.store<u32>(named, 0);
  task.wait_kind = kind;
  atomic.store<u32>(named, <u32>object);
  task.wait_next = 0;
  task.wait_prev = tail;
  task.wait_turn = wait_turn_after(task.wait_turn);
  atomic.store<i32>(self + offsetof<Task>("park"), PARK_ASLEEP);
  put32(self + offsetof<Task>("wait_queue"), <i32>at);
  put32(self + offsetof<Task>("wait_state"), WAIT_ASLEEP);
  if (tail == 0) put32(at, <i32>self);
  else put32(tail + offsetof<Task>("wait_next"), <i32>self);
  put32(at + 4, <i32>self);
}

/** Takes a sleeper off its queue. Part of the caller's transaction. */
export function waitq_remove(task: Task): void {
  const at = task.wait_queue;
  assert(at != 0);
  if (task.wait_prev == 0) put32(at, <i32>task.wait_next);
  else put32(task.wait_prev + offsetof<Task>("wait_next"), <i32>task.wait_next);
  if (task.wait_next == 0) put32(at + 4, <i32>task.wait_prev);
  else put32(task.wait_next + offsetof<Task>("wait_prev"), <i32>task.wait_prev);
  put32(changetype<usize>(task) + offsetof<Task>("wait_queue"), 0);
}

/** Completes a sleeper's call with `result` and lists the sleeper. Part of the caller's transaction. */
export function waitq_wake(task: Task, result: i32): void {
  const at = changetype<usize>(task);
  wake_list(task);
  waitq_remove(task);
  put32(at + offsetof<Task>("wait_result"), result);
  put32(at + offsetof<Task>("wait_state"), WAIT_DONE);
}
