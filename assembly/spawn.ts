/**
 * How a process begins: one for a thread that comes in by itself (proc_create), and a child on a
 * claimed worker (sys_spawn). One transaction under LOCK_PROC each. See posix_spawn(3).
 * Crash: journalled, one transaction.
 */
import { EAGAIN, EBADF, EINVAL, EPERM } from "./abi/errno.ts";
import { LIMIT_OPEN_MAX } from "./abi/layout.ts";
import { NGROUPS_MAX } from "./abi/limits.ts";
import { SIGPIPE } from "./abi/signal.ts";
import { chdir_walk } from "./chdir.ts";
import { current } from "./current.ts";
import { cwd_begin, cwd_of } from "./cwd.ts";
import { fd_standard } from "./fd.ts";
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
    proc_take_groups(proc, groups);
    fd_standard(proc);
    // As Node has it: a thread that is a program of its own is told of a closed pipe by EPIPE.
    proc.sig_ignored = (1 << SIGPIPE) | SIGPIPE_UNSAID;
  }
  journal_commit();
  lock_leave(LOCK_PROC, RANK_TABLE);
  return pid;
}

/**
 * Starts a child of the caller's process on the claimed worker `id`, which is woken. `uid` and `gid`
 * -1 are the caller's, and so are its groups, unless `groups` of them stand in the transfer area; `pairs`
 * of descriptors stand behind them, see inherit.ts. It begins with the `umask`, or with the caller's for
 * -1, and in the directory whose path of `cwd` bytes is the transfer area's second one, or for -1 in
 * the caller's. EBADF: a pair names none. EPERM: another uid or gid, or groups, and not root. EINVAL:
 * past NGROUPS_MAX. EAGAIN: PROC_MAX, or the worker died. Of the path: chdir(2)'s errors.
 */
export function sys_spawn(
  id: i32,
  uid: i32,
  gid: i32,
  groups: i32,
  pairs: i32,
  cwd: i32,
  umask: i32,
): i32 {
  if (!task_valid(id)) return -EAGAIN;
  if (groups < -1 || groups > NGROUPS_MAX || <u32>pairs > <u32>limit(LIMIT_OPEN_MAX))
    return -EINVAL;
  const parent = proc_current();
  if (parent.euid != 0) {
    const other = (uid != -1 && uid != parent.uid) || (gid != -1 && gid != parent.gid);
    if (other || groups != -1) return -EPERM;
  }
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  // The root is nobody's to keep.
  const named = cwd != -1 || parent.cwd != 0;
  let result = named ? lock_nest(LOCK_NAME, RANK_NAME) : 0;
  if (result == 0) {
    result = cwd != -1 ? chdir_walk(path_second(), cwd) : 0;
    const dir = cwd != -1 ? changetype<Inode>(walk_found().inode) : cwd_of(parent);
    if (result == 0)
      result = spawn_locked(task_at(id), parent, uid, gid, groups, pairs, dir, umask);
    journal_commit();
    if (named) lock_leave(LOCK_NAME, RANK_NAME);
  }
  journal_commit();
  lock_leave(LOCK_PROC, RANK_TABLE);
  return result;
}

function spawn_locked(
  task: Task,
  parent: Proc,
  uid: i32,
  gid: i32,
  groups: i32,
  pairs: i32,
  dir: Inode,
  umask: i32,
): i32 {
  // thread_dead() frees a claimed task under this lock when its worker has died.
  if (task.state != claimed_state(current.serial)) return -EAGAIN;
  const pairs_at = task_transfer(current) + ((<usize>max(groups, 0)) << 2);
  if (!inherit_valid(parent, pairs_at, pairs)) return -EBADF;
  const child = proc_new_locked(parent.pid, uid, gid);
  if (child == null) return -EAGAIN;
  proc_inherit(child, parent, uid, gid);
  if (groups != -1) proc_take_groups(child, groups);
  inherit(child, parent, pairs_at, pairs);
  cwd_begin(child, dir);
  if (umask != -1) child.umask = umask & 0o777;
  child.main_task = task.id;
  // Logged: a parked worker that names a slot would keep it from being used.
  put32(changetype<usize>(task) + offsetof<Task>("proc"), <i32>changetype<usize>(child));
  wake_list(task);
  put32(changetype<usize>(task), TASK_LIVE);
  return child.pid;
}
