/**
 * The end of a process: its own (sys_exit), or found dead (thread_dead). Each step may be cut off or
 * meet a busy lock and is then repeated by the next call, because the process is EXITING until the
 * last one: its tasks are refused, waits cancelled, SEM_UNDO applied, segments detached, children
 * given to process 1, the parent woken. See exit(3), _exit(2).
 * Crash: journalled, one transaction a step; what is left is done by the next call.
 */
import { EBUSY, EINTR, ESRCH } from "./abi/errno.ts";
import { LIMIT_PROC_MAX, LIMIT_TASK_MAX } from "./abi/layout.ts";
import { SIGCHLD } from "./abi/signal.ts";
import { current } from "./current.ts";
import { lock_held_by } from "./exit-locks.ts";
import { fd_release } from "./fd.ts";
import { fd_exit } from "./fd-exit.ts";
import { journal_commit, put32 } from "./journal.ts";
import { lock_enter, lock_is_busy, lock_leave, RANK_TABLE } from "./lock.ts";
import { mutex_wake_all, mutex_wake_all_locked } from "./mutex-wake.ts";
import { page_drop } from "./page.ts";
import { poll_end } from "./poll.ts";
import {
  CHILD_RESULT,
  PROC_EXITING,
  PROC_FREE,
  PROC_LIVE,
  PROC_ZOMBIE,
  Proc,
  proc_children,
  proc_current,
  proc_find,
  proc_slot,
} from "./proc.ts";
import { record_exit } from "./record-close.ts";
import { LOCK_MUTEX, LOCK_PROC, LOCK_SHM, limit } from "./region.ts";
import { sem_exit } from "./sem-exit.ts";
import { shm_exit_locked } from "./shmop.ts";
import { signal_send } from "./signal.ts";
import {
  TASK_FREE,
  TASK_LIVE,
  TASK_ORPHAN,
  Task,
  task_at,
  task_state_set,
  task_valid,
  WAIT_ASLEEP,
  WAIT_DONE,
  WAIT_IDLE,
  WAIT_POLL,
} from "./task.ts";
import { wait_lock, wait_rank, wait_stop_locked } from "./wait.ts";
import { waitq_first, waitq_wake } from "./waitq.ts";
import { wake_list } from "./wake.ts";

/**
 * Ends the caller's own process. Its task stays, refused, until thread_dead or task_free.
 * @returns 0, -ELOCK, or 1 when a signal may have ended it, and with it its thread
 */
export function sys_exit(status: i32): i32 {
  const proc = proc_current();
  const pid = proc.pid;
  if (pid == 1) return -ESRCH;
  const begun = exit_begin(proc, pid, status);
  // ESRCH: it has ended, in an earlier call that met a held lock before its thread could leave.
  if (begun != 0 && begun != -ESRCH) return begun;
  // No signal comes to it any more, and its slot is not another's before the end of it.
  const killed = begun == -ESRCH || proc.killed != 0;
  const result = begun == 0 ? proc_exit(pid, status) : 0;
  if (result != 0 && result != -ESRCH) return result;
  const left = exit_leave(current.proc);
  return left != 0 ? left : killed ? 1 : 0;
}

/**
 * Ends process `pid` with a status as waitpid(2) shows it. @returns 0, -ELOCK (call again), or
 * -ESRCH: no such process, or it has ended.
 */
export function proc_exit(pid: i32, status: i32): i32 {
  const proc = proc_find(pid);
  if (proc == null || pid == 1) return -ESRCH;
  let result = exit_begin(proc, pid, status);
  if (result == 0) result = exit_tasks(proc);
  if (result == 0) result = sem_exit(proc);
  if (result == 0) result = exit_attachments(proc);
  if (result == 0) result = record_exit(pid);
  if (result == 0) result = fd_exit(proc);
  // A task that was stopped above may have been woken for a mutex: another one must look.
  if (result == 0) result = mutex_wake_all();
  if (result == 0) result = exit_finish(proc);
  return result;
}

/**
 * Begins the end of process `pid` while its thread may still run: every call of it is refused from now
 * on, and who sleeps in one wakes. What the process holds stays its own until thread_dead(), because
 * its stores go on until the thread has stopped. @returns 0, -ELOCK or -ESRCH, as proc_exit().
 */
export function proc_refuse(pid: i32, status: i32): i32 {
  const proc = proc_find(pid);
  if (proc == null || pid == 1) return -ESRCH;
  const result = exit_begin(proc, pid, status);
  if (result == 0) exit_wake(proc);
  return result;
}

function exit_wake(proc: Proc): void {
  const count = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= count; id++) {
    const task = task_at(id);
    if (task.proc == changetype<usize>(proc) && task.state == TASK_ORPHAN) wake_list(task);
  }
}

/**
 * The thread's tasks leave the process for process 1, so that its slot can be another's at once. To
 * mutexes that the thread still holds it is dead from here. @returns 0, -ELOCK or -EINTR.
 */
function exit_leave(proc: usize): i32 {
  const locked = lock_enter(LOCK_MUTEX, RANK_TABLE);
  if (locked != 0) return locked;
  const count = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= count; id++) {
    const task = task_at(id);
    if (task.proc != proc || task.serial != current.serial || task.state == TASK_FREE) continue;
    task_state_set(task, TASK_ORPHAN);
    task.proc = changetype<usize>(proc_slot(0));
  }
  mutex_wake_all_locked();
  lock_leave(LOCK_MUTEX, RANK_TABLE);
  return 0;
}

function exit_begin(proc: Proc, pid: i32, status: i32): i32 {
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  let result = 0;
  if (proc.pid != pid) {
    result = -ESRCH;
  } else if (proc.state == PROC_LIVE) {
    // A signal that ends the process decides, whoever comes first to end it.
    const ended = proc.killed != 0 ? proc.killed : status;
    put32(changetype<usize>(proc) + offsetof<Proc>("status"), ended);
    put32(changetype<usize>(proc), PROC_EXITING);
  } else if (proc.state != PROC_EXITING) {
    result = -ESRCH;
  }
  journal_commit();
  // Under the same lock: of two that end a process, one is refused from here on, and the slot stays.
  if (result == 0) exit_refuse(proc);
  lock_leave(LOCK_PROC, RANK_TABLE);
  return result;
}

function exit_refuse(proc: Proc): void {
  const count = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= count; id++) {
    const task = task_at(id);
    if (task.proc != changetype<usize>(proc) || task == current) continue;
    atomic.cmpxchg<i32>(changetype<usize>(task), TASK_LIVE, TASK_ORPHAN);
  }
}

/**
 * Waits (by ELOCK) until none of the refused tasks holds a lock any more, and cancels what they wait
 * for. A task that takes a lock later sees that it is refused.
 */
function exit_tasks(proc: Proc): i32 {
  const count = limit(LIMIT_TASK_MAX);
  const held = lock_held_by(proc);
  if (held != 0) return lock_is_busy(held);
  for (let id = 1; id <= count; id++) {
    const task = task_at(id);
    if (task.proc != changetype<usize>(proc) || task.state == TASK_FREE || task == current)
      continue;
    const stopped = task_stop(task);
    if (stopped != 0) return stopped;
    // Another process's thread may still be filling the frames that it holds: thread_dead drops those.
    const dropped = task.proc == current.proc ? page_drop(task) : 0;
    if (dropped != 0) return dropped;
    // Its thread, if it still runs, wakes and is refused.
    wake_list(task);
  }
  return page_drop(current);
}

/** Ends a task's wait, whatever it is. @returns 0 or -ELOCK. */
function task_stop(task: Task): i32 {
  if (task.wait_kind == WAIT_POLL) {
    if (task.wait_state != WAIT_IDLE) poll_end(task);
    return 0;
  }
  // Its state means nothing without the lock: who died while ending the wait may be undone yet.
  if (task.wait_object == 0) return 0;
  const lock = wait_lock(task);
  const rank = wait_rank(task);
  const locked = lock_enter(lock, rank);
  if (locked != 0) return locked;
  if (task.wait_state == WAIT_ASLEEP) wait_stop_locked(task, EINTR);
  else if (task.wait_state == WAIT_DONE)
    put32(changetype<usize>(task) + offsetof<Task>("wait_state"), WAIT_IDLE);
  journal_commit();
  lock_leave(lock, rank);
  return 0;
}

function exit_attachments(proc: Proc): i32 {
  const locked = lock_enter(LOCK_SHM, RANK_TABLE);
  if (locked != 0) return locked;
  const result = shm_exit_locked(changetype<usize>(proc));
  lock_leave(LOCK_SHM, RANK_TABLE);
  return result;
}

/** Children go to process 1, which waits for them at once; the process becomes a zombie or is gone. */
function exit_finish(proc: Proc): i32 {
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  const count = limit(LIMIT_PROC_MAX);
  for (let index = 0; index < count; index++) {
    const child = proc_slot(index);
    if (child.state == PROC_FREE || child.ppid != proc.pid) continue;
    if (child.state == PROC_ZOMBIE) put32(changetype<usize>(child), PROC_FREE);
    put32(changetype<usize>(child) + offsetof<Proc>("ppid"), 1);
    // A transaction a child: each leaves a whole machine, and the journal is short.
    journal_commit();
  }
  const parent = proc_find(proc.ppid);
  const heard = parent != null && parent.pid != 1 && parent.state == PROC_LIVE;
  // wait(2): a parent that ignores SIGCHLD, or has SA_NOCLDWAIT, has no zombies; its waitpid ends when no child is left.
  const ignored =
    parent != null && ((parent.sig_ignored & (1 << SIGCHLD)) != 0 || parent.sig_flags != 0);
  put32(changetype<usize>(proc), heard && !ignored ? PROC_ZOMBIE : PROC_FREE);
  journal_commit();
  if (parent != null && heard) {
    wake_parent(parent);
    signal_send(parent, SIGCHLD);
  }
  lock_leave(LOCK_PROC, RANK_TABLE);
  return 0;
}

/** What an exit may have left undone after its process was a zombie. LOCK_PROC is held. */
export function exit_repair(): void {
  const count = limit(LIMIT_PROC_MAX);
  for (let index = 0; index < count; index++) {
    const proc = proc_slot(index);
    if (proc.state == PROC_LIVE) wake_parent(proc);
    if (proc.state != PROC_ZOMBIE) continue;
    const parent = proc_find(proc.ppid);
    if (parent != null && parent.state == PROC_LIVE) signal_send(parent, SIGCHLD);
  }
}

/** Every waitpid of the parent looks again. */
function wake_parent(parent: Proc): void {
  let task = waitq_first(proc_children(parent));
  while (task != null) {
    waitq_wake(task, CHILD_RESULT);
    journal_commit();
    task = waitq_first(proc_children(parent));
  }
}

/**
 * A finished asynchronous call, or a thread that leaves: its slot is free. EINTR: its process was ended
 * meanwhile, so what it holds goes with that, and the slot with its thread.
 */
export function task_free(id: i32): i32 {
  if (!task_valid(id)) return -ESRCH;
  const task = task_at(id);
  // EBUSY: it still waits, so a waker may write to it.
  if (task.wait_state != WAIT_IDLE) return -EBUSY;
  const dropped = page_drop(task);
  if (dropped != 0) return dropped;
  const released = fd_release(task);
  if (released != 0) return released;
  task_state_set(task, TASK_FREE);
  return 0;
}
