/**
 * Processes: identity, credentials and the parent's wait. What ends one is in exit.ts.
 *
 *   state   FREE -> LIVE (proc_create, sys_spawn) -> EXITING (proc_exit) -> ZOMBIE -> FREE (waited for)
 *
 * Guard: LOCK_PROC, for everything but the signal words (see signal.ts) and the credentials, which only
 * their own process changes. See credentials(7), waitpid(2).
 * Crash: journalled.
 */
import { ECHILD, EINVAL, ERETRY, EWAIT } from "./abi/errno.ts";
import { LIMIT_PROC_MAX, LIMIT_TASK_MAX } from "./abi/layout.ts";
import { NGROUPS_MAX, PID_MAX } from "./abi/limits.ts";
import { SIGPIPE } from "./abi/signal.ts";
import { TITLE_ARGS, TITLE_NAME } from "./abi/snapshot.ts";
import { WCONTINUED, WNOHANG, WUNTRACED } from "./abi/wait.ts";
import { current } from "./current.ts";
import { journal_commit, put32 } from "./journal.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import { LOCK_PROC, limit, now, REGION_PROC, region, WORD_NEXT_PID } from "./region.ts";
import { TASK_FREE, task_at, task_transfer, WAIT_CHILD } from "./task.ts";
import { WaitQueue, waitq_sleep } from "./waitq.ts";

export const PROC_FREE: i32 = 0;
export const PROC_LIVE: i32 = 1;
export const PROC_EXITING: i32 = 2;
export const PROC_ZOMBIE: i32 = 3;

/**
 * A bit of sig_ignored: nobody has said anything of SIGPIPE, which a process that no spawn started
 * ignores then, as Node does; its children do not inherit that.
 */
export const SIGPIPE_UNSAID: i32 = 1;

/** Semaphore undo entries that a process finds without a search, see undo.ts. */
export const UNDO_CACHE: i32 = 16;

@unmanaged
export class Proc {
  /** 0 */ state: i32;
  /** 4 */ pid: i32;
  /** 8 */ ppid: i32;
  /** 12 */ uid: i32;
  /** 16 */ euid: i32;
  /** 20 */ suid: i32;
  /** 24 */ gid: i32;
  /** 28 */ egid: i32;
  /** 32 */ sgid: i32;
  /** 36 */ umask: i32;
  /** 40 */ groups_count: i32;
  /** 44 */ status: i32; // of a zombie, as waitpid shows it
  /** 48 */ killed: i32; // atomic: the signal that ends the process, 0 for none
  /** 52 */ sig_pending: i32; // atomic: caught signals to deliver, bit = signal number
  /** 56 */ sig_caught: i32; // signals with a handler
  /** 60 */ sig_ignored: i32; // signals ignored
  /** 64 */ undo_order: i32; // sets touched with SEM_UNDO so far, see undo.ts
  /** 68 */ main_task: i32; // the thread's task, for signals and the supervisor; 0: not yet
  /** 72 */ children: WaitQueue; // tasks in waitpid; guard: LOCK_PROC
  /** 76 */ children_tail: usize;
  /** 80 */ creator: i32; // serial of the thread that made it, whose death ends one without a task
  /** 84 */ cwd: i32; // number of the current directory, 0: the root; guard: LOCK_NAME
  /** 88 */ pgid: i32; // process group, see group.ts; the owner writes
  /** 92 */ sid: i32; // session
  /** 96 */ sig_mask: i32; // signals blocked
  /** 100 */ sig_held: i32; // atomic: signals that have come while they were blocked
  /** 104 */ sig_flags: i32; // SA_NOCLDWAIT of SIGCHLD
  /** 108 */ unused: i32;
  /** 112 */ alarm_at: i64; // atomic: when SIGALRM comes, see alarm.ts; 0: never
  /** 120 */ alarm_every: i64;
  /** 128 */ undo_cache: i64; // UNDO_CACHE words
}

const GROUPS_AT: usize = 128 + ((<usize>UNDO_CACHE) << 2);
/** When it began and what it is called, see title.ts. */
const TITLE_AT: usize = GROUPS_AT + ((<usize>NGROUPS_MAX) << 2);
export const TITLE_SIZE: usize = 16 + <usize>TITLE_NAME + <usize>TITLE_ARGS;
/** Bytes of a process slot. */
export const PROC_SIZE: usize = (TITLE_AT + TITLE_SIZE + 63) & ~63;

/** The slot number `index`, 0 to PROC_MAX - 1. */
export function proc_slot(index: i32): Proc {
  return changetype<Proc>(region(REGION_PROC) + <usize>index * PROC_SIZE);
}

/** The process of the current task. */
export function proc_current(): Proc {
  return changetype<Proc>(current.proc);
}

/** Address of the process's wait queue for its children. */
export function proc_children(proc: Proc): usize {
  return changetype<usize>(proc) + offsetof<Proc>("children");
}

/** Address of the process's Title. */
export function proc_title_at(proc: Proc): usize {
  return changetype<usize>(proc) + TITLE_AT;
}

export function proc_group(proc: Proc, index: i32): i32 {
  return load<i32>(changetype<usize>(proc) + GROUPS_AT + ((<usize>index) << 2));
}

/** The process with this pid in any state but FREE, or null. Guard: LOCK_PROC, or a torn answer is harmless. */
export function proc_find(pid: i32): Proc | null {
  if (pid <= 0) return null;
  const count = limit(LIMIT_PROC_MAX);
  for (let index = 0; index < count; index++) {
    const proc = proc_slot(index);
    if (proc.state != PROC_FREE && proc.pid == pid) return proc;
  }
  return null;
}

/**
 * Whether a task still names the slot: the thread of a process that was ended may run on for a while,
 * and must not act for another one.
 */
function proc_has_tasks(proc: Proc): bool {
  const count = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= count; id++) {
    const task = task_at(id);
    if (task.proc == changetype<usize>(proc) && task.state != TASK_FREE) return true;
  }
  return false;
}

function proc_free_slot(): Proc | null {
  const count = limit(LIMIT_PROC_MAX);
  for (let index = 0; index < count; index++) {
    const proc = proc_slot(index);
    if (proc.state == PROC_FREE && !proc_has_tasks(proc)) return proc;
  }
  return null;
}

/** Whether the number is a process's, a group's or a session's. */
function proc_is_named(pid: i32): bool {
  const count = limit(LIMIT_PROC_MAX);
  for (let index = 0; index < count; index++) {
    const proc = proc_slot(index);
    if (proc.state == PROC_FREE) continue;
    if (proc.pid == pid || proc.pgid == pid || proc.sid == pid) return true;
  }
  return false;
}

function proc_next_pid(): i32 {
  let pid = load<i32>(WORD_NEXT_PID);
  while (proc_is_named(pid)) pid = pid + 1 < PID_MAX ? pid + 1 : 2;
  return pid;
}

/** A new process in a locked table, or null when it is full. Part of the caller's transaction. */
export function proc_new_locked(ppid: i32, uid: i32, gid: i32): Proc | null {
  const proc = proc_free_slot();
  if (proc == null) return null;
  const pid = proc_next_pid();
  // The slot is free, so nobody reads these until the state says LIVE.
  memory.fill(changetype<usize>(proc) + 4, 0, PROC_SIZE - 4);
  proc.pid = pid;
  proc.ppid = ppid;
  proc.creator = current.serial;
  proc.uid = uid;
  proc.euid = uid;
  proc.suid = uid;
  proc.gid = gid;
  proc.egid = gid;
  proc.sgid = gid;
  proc.umask = 0o022;
  proc.pgid = pid;
  proc.sid = pid;
  store<f64>(proc_title_at(proc), now());
  put32(WORD_NEXT_PID, pid + 1 < PID_MAX ? pid + 1 : 2);
  put32(changetype<usize>(proc), PROC_LIVE);
  return proc;
}

/**
 * What a spawned child has of its parent: ids unless given, groups, umask, process group, and which
 * signals are ignored and blocked; and its name.
 */
export function proc_inherit(child: Proc, parent: Proc, uid: i32, gid: i32): void {
  if (uid == -1) {
    child.uid = parent.uid;
    child.euid = parent.euid;
    child.suid = parent.suid;
  }
  if (gid == -1) {
    child.gid = parent.gid;
    child.egid = parent.egid;
    child.sgid = parent.sgid;
  }
  // All but when it began.
  memory.copy(proc_title_at(child) + 8, proc_title_at(parent) + 8, TITLE_SIZE - 8);
  child.umask = parent.umask;
  child.pgid = parent.pgid;
  child.sid = parent.sid;
  const ignored = parent.sig_ignored;
  const unsaid = (ignored & SIGPIPE_UNSAID) != 0;
  child.sig_mask = parent.sig_mask;
  child.sig_ignored = unsaid ? ignored & ~(SIGPIPE_UNSAID | (1 << SIGPIPE)) : ignored;
  child.groups_count = parent.groups_count;
  memory.copy(
    changetype<usize>(child) + GROUPS_AT,
    changetype<usize>(parent) + GROUPS_AT,
    (<usize>NGROUPS_MAX) << 2,
  );
}

/** The `count` words from `at` are the groups of a process that nobody sees yet. */
export function proc_take_groups(proc: Proc, at: usize, count: i32): void {
  memory.copy(changetype<usize>(proc) + GROUPS_AT, at, (<usize>count) << 2);
  proc.groups_count = count;
}

/** getgroups(2): the ids go to the transfer area. @returns their count. */
export function proc_get_groups(): i32 {
  const proc = proc_current();
  const count = proc.groups_count;
  memory.copy(task_transfer(current), changetype<usize>(proc) + GROUPS_AT, (<usize>count) << 2);
  return count;
}

/**
 * waitpid(2): @returns the child's pid with its status in the first word of the transfer area, 0
 * with WNOHANG when no child has ended, -ECHILD without such a child, -EINVAL for other options,
 * -EWAIT (then -ERETRY).
 */
export function sys_waitpid(pid: i32, options: i32): i32 {
  // EINVAL: an unknown option. Nothing stops or continues here, so asking for it changes nothing.
  if ((options & ~(WNOHANG | WUNTRACED | WCONTINUED)) != 0) return -EINVAL;
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  const result = waitpid_locked(pid, options);
  journal_commit();
  lock_leave(LOCK_PROC, RANK_TABLE);
  return result;
}

/** waitpid(2): -1 any child, 0 those of the caller's group, below that those of group -pid. */
function waits_for(self: Proc, child: Proc, pid: i32): bool {
  if (pid > 0) return child.pid == pid;
  return pid == -1 || child.pgid == (pid == 0 ? self.pgid : -pid);
}

function waitpid_locked(pid: i32, options: i32): i32 {
  const self = proc_current();
  const count = limit(LIMIT_PROC_MAX);
  let children = 0;
  for (let index = 0; index < count; index++) {
    const child = proc_slot(index);
    if (child.state == PROC_FREE || child.ppid != self.pid) continue;
    if (!waits_for(self, child, pid)) continue;
    children += 1;
    if (child.state != PROC_ZOMBIE) continue;
    store<i32>(task_transfer(current), child.status);
    const ended = child.pid;
    put32(changetype<usize>(child), PROC_FREE);
    return ended;
  }
  if (children == 0) return -ECHILD;
  if ((options & WNOHANG) != 0) return 0;
  // No lost wakeup: a child becomes a zombie under the same lock and then wakes this queue.
  current.wait_arg0 = pid;
  waitq_sleep(proc_children(self), WAIT_CHILD, changetype<usize>(self));
  return -EWAIT;
}

/** The result of a task woken on its children: it looks again. */
export const CHILD_RESULT: i32 = -ERETRY;
