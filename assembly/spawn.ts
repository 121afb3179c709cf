/**
 * How a process begins: one for a thread that comes in by itself (proc_create), and a child on a
 * claimed worker (sys_spawn). One transaction under LOCK_PROC each. See posix_spawn(3).
 * Crash: journalled, one transaction.
 */
import { EAGAIN, EBADF, EINVAL, EPERM } from "./abi/errno.ts";
import { LIMIT_OPEN_MAX } from "./abi/layout.ts";
import { NGROUPS_MAX } from "./abi/limits.ts";
import { SIGPIPE } from "./abi/signal.ts";
import {
  SPAWN_CWD,
  SPAWN_FDS,
  SPAWN_GID,
  SPAWN_GROUPS,
  SPAWN_PGROUP,
  SPAWN_SETCWD,
  SPAWN_SETFDS,
  SPAWN_SETGID,
  SPAWN_SETGROUPS,
  SPAWN_SETPGROUP,
  SPAWN_SETSID,
  SPAWN_SETSIGDEF,
  SPAWN_SETSIGMASK,
  SPAWN_SETUID,
  SPAWN_SETUMASK,
  SPAWN_SIGDEF,
  SPAWN_SIGMASK,
  SPAWN_SIZE,
  SPAWN_UID,
  SPAWN_UMASK,
} from "./abi/spawn.ts";
import { chdir_walk } from "./chdir.ts";
import { current } from "./current.ts";
import { cwd_begin, cwd_of } from "./cwd.ts";
import { fd_standard } from "./fd.ts";
import { group_may_join } from "./group.ts";
import { inherit, inherit_valid } from "./inherit.ts";
import { Inode } from "./inode.ts";
import { journal_commit, put32 } from "./journal.ts";
import { lock_enter, lock_leave, lock_nest, RANK_NAME, RANK_TABLE } from "./lock.ts";
import { path_second, walk_found } from "./path.ts";
import { claimed_state } from "./pool.ts";
import {
  Proc,
  proc_current,
  proc_inherit,
  proc_new_locked,
  proc_take_groups,
  SIGPIPE_UNSAID,
} from "./proc.ts";
import { LOCK_NAME, LOCK_PROC, limit } from "./region.ts";
import { signal_maskable } from "./signal.ts";
import { TASK_LIVE, Task, task_at, task_transfer, task_valid } from "./task.ts";
import { wake_list } from "./wake.ts";

/**
 * A process for a thread that no spawn started: boot's own and every attached worker's; `groups` of
 * its supplementary groups stand in the transfer area. EINVAL: past NGROUPS_MAX. EAGAIN: PROC_MAX.
 */
export function proc_create(ppid: i32, uid: i32, gid: i32, groups: i32): i32 {
  if (groups < 0 || groups > NGROUPS_MAX) return -EINVAL;
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  const proc = proc_new_locked(ppid, uid, gid);
  const pid = proc == null ? -EAGAIN : proc.pid;
  if (proc != null) {
    proc_take_groups(proc, task_transfer(current), groups);
    fd_standard(proc);
    // As Node has it: a thread that is a program of its own is told of a closed pipe by EPIPE.
    proc.sig_ignored = (1 << SIGPIPE) | SIGPIPE_UNSAID;
  }
  journal_commit();
  lock_leave(LOCK_PROC, RANK_TABLE);
  return pid;
}

/**
 * Starts a child of the caller's process on the claimed worker `id`, which is woken. What the child has
 * otherwise than the caller stands in the transfer area, see abi/spawn.ts; `flags` say what counts. EBADF: a
 * pair names no descriptor. EPERM: another uid or gid, or groups, and not root; or the caller's session has
 * no such group. EINVAL: past NGROUPS_MAX, a negative group. EAGAIN: PROC_MAX, or the worker died. Of the path: chdir(2)'s errors.
 */
export function sys_spawn(id: i32, flags: i32): i32 {
  if (!task_valid(id)) return -EAGAIN;
  if (attribute_or(flags, SPAWN_SETGROUPS, SPAWN_GROUPS, 0) > <u32>NGROUPS_MAX) return -EINVAL;
  if (attribute_or(flags, SPAWN_SETFDS, SPAWN_FDS, 0) > <u32>limit(LIMIT_OPEN_MAX)) return -EINVAL;
  if (<i32>attribute_or(flags, SPAWN_SETPGROUP, SPAWN_PGROUP, 0) < 0) return -EINVAL;
  const parent = proc_current();
  if (parent.euid != 0 && spawn_is_root(parent, flags)) return -EPERM;
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  const result = spawn_in(task_at(id), parent, flags);
  journal_commit();
  lock_leave(LOCK_PROC, RANK_TABLE);
  return result;
}

/** A field of the structure in the transfer area, or what it is without its flag. */
function attribute_or(flags: i32, flag: i32, field: usize, otherwise: u32): u32 {
  return (flags & flag) != 0 ? load<u32>(task_transfer(current) + field) : otherwise;
}

/** Whether it makes a child of another user or of other groups, which only root may. */
function spawn_is_root(parent: Proc, flags: i32): bool {
  if ((flags & SPAWN_SETGROUPS) != 0) return true;
  if (attribute_or(flags, SPAWN_SETUID, SPAWN_UID, parent.uid) != <u32>parent.uid) return true;
  return attribute_or(flags, SPAWN_SETGID, SPAWN_GID, parent.gid) != <u32>parent.gid;
}

/** LOCK_PROC is held. */
function spawn_in(task: Task, parent: Proc, flags: i32): i32 {
  // The root is nobody's to keep.
  const named = (flags & SPAWN_SETCWD) != 0;
  if (!named && parent.cwd == 0) return spawn_locked(task, parent, flags, cwd_of(parent));
  const locked = lock_nest(LOCK_NAME, RANK_NAME);
  if (locked != 0) return locked;
  let result = named
    ? chdir_walk(path_second(), attribute_or(flags, SPAWN_SETCWD, SPAWN_CWD, 0))
    : 0;
  const dir = named ? changetype<Inode>(walk_found().inode) : cwd_of(parent);
  if (result == 0) result = spawn_locked(task, parent, flags, dir);
  journal_commit();
  lock_leave(LOCK_NAME, RANK_NAME);
  return result;
}

function spawn_locked(task: Task, parent: Proc, flags: i32, dir: Inode): i32 {
  // thread_dead() frees a claimed task under this lock when its worker has died.
  if (task.state != claimed_state(current.serial)) return -EAGAIN;
  const groups = attribute_or(flags, SPAWN_SETGROUPS, SPAWN_GROUPS, 0);
  const groups_at = task_transfer(current) + SPAWN_SIZE;
  const pairs = attribute_or(flags, SPAWN_SETFDS, SPAWN_FDS, 0);
  const pairs_at = groups_at + (groups << 2);
  if (!inherit_valid(parent, pairs_at, pairs)) return -EBADF;
  const pgroup = attribute_or(flags, SPAWN_SETPGROUP, SPAWN_PGROUP, 0);
  if (pgroup != 0 && !group_may_join(parent, pgroup)) return -EPERM;
  const uid = attribute_or(flags, SPAWN_SETUID, SPAWN_UID, -1);
  const gid = attribute_or(flags, SPAWN_SETGID, SPAWN_GID, -1);
  const child = proc_new_locked(parent.pid, uid, gid);
  if (child == null) return -EAGAIN;
  proc_inherit(child, parent, uid, gid);
  if ((flags & SPAWN_SETGROUPS) != 0) proc_take_groups(child, groups_at, groups);
  spawn_attributes(child, flags, pgroup);
  inherit(child, parent, pairs_at, pairs);
  cwd_begin(child, dir);
  child.main_task = task.id;
  // Logged: a parked worker that names a slot would keep it from being used.
  put32(changetype<usize>(task) + offsetof<Task>("proc"), <i32>changetype<usize>(child));
  wake_list(task);
  put32(changetype<usize>(task), TASK_LIVE);
  return child.pid;
}

/** What a child that nobody sees yet has otherwise than its parent. */
function spawn_attributes(child: Proc, flags: i32, pgroup: i32): void {
  child.umask = attribute_or(flags, SPAWN_SETUMASK, SPAWN_UMASK, child.umask) & 0o777;
  child.sig_mask = signal_maskable(
    attribute_or(flags, SPAWN_SETSIGMASK, SPAWN_SIGMASK, child.sig_mask),
  );
  child.sig_ignored &= ~attribute_or(flags, SPAWN_SETSIGDEF, SPAWN_SIGDEF, 0);
  if ((flags & SPAWN_SETSID) != 0) child.sid = child.pid;
  const leads = (flags & SPAWN_SETSID) != 0 || ((flags & SPAWN_SETPGROUP) != 0 && pgroup == 0);
  if (leads) child.pgid = child.pid;
  else if (pgroup != 0) child.pgid = pgroup;
}
