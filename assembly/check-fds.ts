/**
 * The check of descriptors: open file descriptions are counted by those who name or hold them.
 * Crash: constant, nothing is stored.
 */
import { LIMIT_OPEN_MAX, LIMIT_PROC_MAX, LIMIT_TASK_MAX } from "./abi/layout.ts";
import { fd_file } from "./fd.ts";
import { File } from "./file.ts";
import { PROC_FREE, proc_slot } from "./proc.ts";
import { limit } from "./region.ts";
import { TASK_FREE, task_at, task_held_file } from "./task.ts";

/** How many descriptors of all processes name the description, and calls hold it: for the check. */
export function fd_count(file: File): i32 {
  const procs = limit(LIMIT_PROC_MAX);
  let count = 0;
  for (let index = 0; index < procs; index++) {
    const proc = proc_slot(index);
    if (proc.state == PROC_FREE) continue;
    for (let fd = 0; fd < limit(LIMIT_OPEN_MAX); fd++) {
      if (fd_file(proc, fd) == file) count += 1;
    }
  }
  const tasks = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= tasks; id++) {
    const task = task_at(id);
    if (task.state != TASK_FREE && load<u32>(task_held_file(task)) == <u32>changetype<usize>(file))
      count += 1;
  }
  return count;
}

/** Whether no descriptor and no call names a description that nobody counts: for the check. */
export function fd_counted(): bool {
  const procs = limit(LIMIT_PROC_MAX);
  for (let index = 0; index < procs; index++) {
    const proc = proc_slot(index);
    if (proc.state == PROC_FREE) continue;
    for (let fd = 0; fd < limit(LIMIT_OPEN_MAX); fd++) {
      const file = fd_file(proc, fd);
      if (file != null && file.refs == 0) return false;
    }
  }
  const tasks = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= tasks; id++) {
    const task = task_at(id);
    const held = task.state == TASK_FREE ? 0 : load<u32>(task_held_file(task));
    if (held != 0 && changetype<File>(<usize>held).refs == 0) return false;
  }
  return true;
}
