/**
 * What a process has open, at its end: every descriptor, every description that a call of it holds, and
 * its current directory. Locks on files are released first, each by one store.
 *
 * Guard: LOCK_PROC. Crash: journalled, a transaction for each; who buries goes on where the last one stopped.
 */
import { LIMIT_OPEN_MAX, LIMIT_TASK_MAX } from "./abi/layout.ts";
import { cwd_exit } from "./cwd.ts";
import { fd_close_locked, fd_file, fd_release_locked } from "./fd.ts";
import { File } from "./file.ts";
import { FILE_LOCKED, file_pass_on } from "./file-close.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import { Proc } from "./proc.ts";
import { record_forget } from "./record-close.ts";
import { LOCK_PROC, limit } from "./region.ts";
import { TASK_FREE, task_at, task_held_file } from "./task.ts";

/**
 * Closes every descriptor at a process's end, and leaves its current directory. Precondition: no lock is
 * held. @returns 0, -ELOCK or -EINTR.
 */
export function fd_exit(proc: Proc): i32 {
  let result = FILE_LOCKED;
  while (result == FILE_LOCKED) {
    const locked = lock_enter(LOCK_PROC, RANK_TABLE);
    if (locked != 0) return locked;
    result = fd_exit_locked(proc);
    // All before it are closed: the first that is open is the one that holds locks.
    const file = result == FILE_LOCKED ? fd_first(proc) : null;
    const serial = file != null ? file.serial : 0;
    lock_leave(LOCK_PROC, RANK_TABLE);
    const released = file != null ? record_forget(file, serial) : 0;
    if (released != 0) return released;
  }
  return result;
}

function fd_exit_locked(proc: Proc): i32 {
  const count = limit(LIMIT_OPEN_MAX);
  let result = 0;
  for (let fd = 0; fd < count && result == 0; fd++) {
    const file = fd_file(proc, fd);
    if (file == null) continue;
    result = file_pass_on(file);
    if (result == 0) result = fd_close_locked(proc, fd);
  }
  const tasks = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= tasks && result == 0; id++) {
    const task = task_at(id);
    if (task.proc == changetype<usize>(proc) && task.state != TASK_FREE)
      result = fd_release_locked(task);
  }
  if (result == 0) result = cwd_exit(proc);
  return result;
}

/** The first description that the process still has open, or that a call of it holds. */
function fd_first(proc: Proc): File | null {
  const count = limit(LIMIT_OPEN_MAX);
  for (let fd = 0; fd < count; fd++) {
    const file = fd_file(proc, fd);
    if (file != null) return file;
  }
  const tasks = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= tasks; id++) {
    const task = task_at(id);
    if (task.proc != changetype<usize>(proc) || task.state == TASK_FREE) continue;
    const held = <usize>load<u32>(task_held_file(task));
    if (held != 0) return changetype<File>(held);
  }
  return null;
}
