/**
 * The current directory of a process: the number of an inode that it keeps as an open one does, or 0
 * for the root, which nobody has to keep. chdir(2) is in chdir.ts.
 *
 * Guard: LOCK_NAME; only its own thread changes it while the process lives. Crash: journalled.
 */
import {
  INODE_ROOT,
  Inode,
  inode_at,
  inode_leave,
  inode_leave_end,
  inode_leave_for,
  inode_number,
  inode_opens_add,
} from "./inode.ts";
import { journal_commit, put32 } from "./journal.ts";
import { lock_leave, lock_nest, RANK_NAME } from "./lock.ts";
import { Proc } from "./proc.ts";
import { LOCK_NAME } from "./region.ts";

export function cwd_of(proc: Proc): Inode {
  return inode_at(proc.cwd == 0 ? INODE_ROOT : proc.cwd);
}

/** The process goes to another directory, and leaves the one before; commits. @returns 0, -ELOCK or -EINTR */
export function cwd_set(proc: Proc, to: Inode): i32 {
  const next = inode_number(to) == INODE_ROOT ? 0 : inode_number(to);
  if (next == proc.cwd) return 0;
  const before = cwd_of(proc);
  const goes = proc.cwd == 0 ? 0 : inode_leave_for(before, 0, 1, to);
  if (goes < 0) return goes;
  if (next != 0) inode_opens_add(to, 1);
  if (proc.cwd != 0) inode_opens_add(before, -1);
  put32(changetype<usize>(proc) + offsetof<Proc>("cwd"), next);
  inode_leave(before, goes);
  journal_commit();
  inode_leave_end(before, goes);
  return 0;
}

/** At a process's end; LOCK_PROC is held. @returns 0, -ELOCK or -EINTR */
export function cwd_exit(proc: Proc): i32 {
  if (proc.cwd == 0) return 0;
  const nested = lock_nest(LOCK_NAME, RANK_NAME);
  if (nested != 0) return nested;
  const result = cwd_set(proc, inode_at(INODE_ROOT));
  lock_leave(LOCK_NAME, RANK_NAME);
  return result;
}

/** A child, not yet live, begins there. LOCK_NAME is held, unless that is the root. Logged. */
export function cwd_begin(child: Proc, dir: Inode): void {
  if (inode_number(dir) == INODE_ROOT) return;
  child.cwd = inode_number(dir);
  inode_opens_add(dir, 1);
}
