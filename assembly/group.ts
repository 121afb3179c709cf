/**
 * Process groups and sessions: setpgid(2), getpgid(2), setsid(2), getsid(2). A group is there as long as
 * a process names it, a zombie too, and a pid is not given anew meanwhile. A child runs its program
 * from the start, so nobody but itself moves it to another group: its parent says so when it spawns it.
 *
 * Guard: LOCK_PROC; who only looks needs none, each word is one. Crash: setpgid() is one store, setsid()
 * is journalled. See credentials(7).
 */
import { EACCES, EINVAL, EPERM, ESRCH } from "./abi/errno.ts";
import { LIMIT_PROC_MAX } from "./abi/layout.ts";
import { journal_commit, put32 } from "./journal.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import { PROC_FREE, Proc, proc_current, proc_find, proc_slot } from "./proc.ts";
import { LOCK_PROC, limit } from "./region.ts";

/** The process that a pid names, where 0 is the caller. */
function process_of(pid: i32): Proc | null {
  return pid == 0 ? proc_current() : proc_find(pid);
}

/** ESRCH: no such process. */
export function sys_getpgid(pid: i32): i32 {
  const proc = process_of(pid);
  return proc == null ? -ESRCH : proc.pgid;
}

/** ESRCH: no such process. */
export function sys_getsid(pid: i32): i32 {
  const proc = process_of(pid);
  return proc == null ? -ESRCH : proc.sid;
}

export function sys_setpgid(pid: i32, pgid: i32): i32 {
  // EINVAL: a negative group, which the pid is when there is no other.
  if (pgid < 0 || (pgid == 0 && pid < 0)) return -EINVAL;
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  const result = setpgid_locked(process_of(pid), pgid);
  lock_leave(LOCK_PROC, RANK_TABLE);
  return result;
}

function setpgid_locked(proc: Proc | null, pgid: i32): i32 {
  const self = proc_current();
  // ESRCH: neither the caller nor a child of it.
  if (proc == null || (proc != self && proc.ppid != self.pid)) return -ESRCH;
  if (proc != self) return proc.sid != self.sid ? -EPERM : -EACCES;
  // EPERM: the leader of a session; or no such group in the caller's.
  if (proc.sid == proc.pid) return -EPERM;
  const next = pgid == 0 ? proc.pid : pgid;
  if (!group_may_join(proc, next)) return -EPERM;
  proc.pgid = next;
  return 0;
}

/** Whether a process may be in the group: its own, or one of its session. LOCK_PROC is held. */
export function group_may_join(proc: Proc, pgid: i32): bool {
  if (pgid == proc.pid) return true;
  const count = limit(LIMIT_PROC_MAX);
  for (let index = 0; index < count; index++) {
    const other = proc_slot(index);
    if (other.state != PROC_FREE && other.pgid == pgid && other.sid == proc.sid) return true;
  }
  return false;
}

/** @returns the session, which is the caller's pid */
export function sys_setsid(): i32 {
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  const proc = proc_current();
  // EPERM: some process is in a group of the caller's number.
  const result = group_exists(proc.pid) ? -EPERM : proc.pid;
  if (result > 0) {
    put32(changetype<usize>(proc) + offsetof<Proc>("sid"), result);
    put32(changetype<usize>(proc) + offsetof<Proc>("pgid"), result);
  }
  journal_commit();
  lock_leave(LOCK_PROC, RANK_TABLE);
  return result;
}

function group_exists(pgid: i32): bool {
  const count = limit(LIMIT_PROC_MAX);
  for (let index = 0; index < count; index++) {
    const proc = proc_slot(index);
    if (proc.state != PROC_FREE && proc.pgid == pgid) return true;
  }
  return false;
}
