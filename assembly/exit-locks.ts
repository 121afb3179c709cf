/**
 * Which locks a process's tasks hold: an exit waits until its other threads are out of the kernel.
 * No locks: the words are read. Crash: constant, nothing is stored.
 */
import { LIMIT_INODES, LIMIT_PIPE_MAX } from "./abi/layout.ts";
import { current } from "./current.ts";
import { inode_at } from "./inode.ts";
import { lock_owner_of } from "./lock.ts";
import { pipe_at } from "./pipe.ts";
import { Proc } from "./proc.ts";
import {
  LOCK_MUTEX,
  LOCK_NAME,
  LOCK_PROC,
  LOCK_RECORD,
  LOCK_SHM,
  LOCK_UNDO,
  limit,
  TABLE_SEM,
} from "./region.ts";
import { table_of, table_slot } from "./table.ts";
import { task_at } from "./task.ts";

/** The lock that another task of the process holds, or 0: its thread is still in the kernel. */
export function lock_held_by(proc: Proc): usize {
  for (let at = LOCK_SHM; at <= LOCK_PROC; at += 64) {
    if (lock_belongs(at, proc)) return at;
  }
  if (lock_belongs(LOCK_UNDO, proc)) return LOCK_UNDO;
  if (lock_belongs(LOCK_MUTEX, proc)) return LOCK_MUTEX;
  if (lock_belongs(LOCK_NAME, proc)) return LOCK_NAME;
  if (lock_belongs(LOCK_RECORD, proc)) return LOCK_RECORD;
  const sets = table_of(TABLE_SEM);
  for (let index = 0; index < sets.size; index++) {
    const at = changetype<usize>(table_slot(sets, index));
    if (lock_belongs(at, proc)) return at;
  }
  const pipes = limit(LIMIT_PIPE_MAX);
  for (let index = 0; index < pipes; index++) {
    const at = changetype<usize>(pipe_at(index));
    if (lock_belongs(at, proc)) return at;
  }
  const inodes = limit(LIMIT_INODES);
  for (let index = 1; index <= inodes; index++) {
    const at = changetype<usize>(inode_at(index));
    if (lock_belongs(at, proc)) return at;
  }
  return 0;
}

function lock_belongs(at: usize, proc: Proc): bool {
  const owner = lock_owner_of(at);
  return owner != 0 && owner != current.id && task_at(owner).proc == changetype<usize>(proc);
}
