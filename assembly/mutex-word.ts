/**
 * The word of a robust mutex: what it says, and whether the owner that it names lives. See mutex.ts
 * for its states. No locks: one compare-and-swap commits.
 * Crash: one store commits, a compare-and-swap of the word.
 */
import { EBUSY, EDEADLK, EINVAL, ENOTRECOVERABLE, EOWNERDEAD } from "./abi/errno.ts";
import { LIMIT_TASK_MAX } from "./abi/layout.ts";
import { current } from "./current.ts";
import { proc_slot } from "./proc.ts";
import { limit } from "./region.ts";
import { TASK_FREE, TASK_ORPHAN, Task, task_at, task_valid } from "./task.ts";

export const WAITERS: i32 = 1 << 31;
export const INCONSISTENT: i32 = 1 << 30;
export const NOT_RECOVERABLE: i32 = 1 << 29;
export const DESTROYED: i32 = 1 << 28;
export const OWNER_MASK: i32 = 0xffffff;
/** Bits of a word that nobody may lock. */
export const GONE: i32 = 0x3f00_0000;

/** A task of the owner, where the question whether it lives begins; the owner writes it. */
const OWNER_TASK: usize = 4;

/** Takes the mutex if it is free or its owner dead. @returns as sys_mutex_trylock(). */
export function mutex_take(at: usize): i32 {
  const self = current.serial;
  let seen = atomic.load<i32>(at);
  let taken = false;
  let owner = 0;
  while (!taken) {
    if ((seen & GONE) != 0) return seen == NOT_RECOVERABLE ? -ENOTRECOVERABLE : -EINVAL;
    owner = seen & OWNER_MASK;
    // EDEADLK: also for trylock, as glibc has it for the errorcheck kind.
    if (owner == self) return -EDEADLK;
    if (owner != 0 && mutex_owner_lives(at, owner)) return -EBUSY;
    const next = self | (seen & WAITERS) | (owner != 0 ? INCONSISTENT : 0);
    const before = atomic.cmpxchg<i32>(at, seen, next);
    taken = before == seen;
    seen = before;
  }
  store<i32>(at, current.id, OWNER_TASK);
  return owner != 0 ? EOWNERDEAD : 0;
}

/** Whether the thread may still run. Dead once is dead for ever, so who sees that may take over. */
export function mutex_owner_lives(at: usize, serial: i32): bool {
  const hint = load<i32>(at, OWNER_TASK);
  if (task_valid(hint) && task_keeps(task_at(hint), serial)) return true;
  const count = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= count; id++) {
    if (task_keeps(task_at(id), serial)) return true;
  }
  return false;
}

/** Whether the task is one of the thread, which has not left the machine (exit_leave). */
function task_keeps(task: Task, serial: i32): bool {
  const at = changetype<usize>(task);
  const word = atomic.load<i64>(at);
  const state = <i32>word;
  if (<i32>(word >> 32) != serial || state == TASK_FREE) return false;
  if (state != TASK_ORPHAN || task.proc != changetype<usize>(proc_slot(0))) {
    // Else the slot was another's before its process was looked at.
    return atomic.load<i64>(at) == word || task_keeps(task, serial);
  }
  return false;
}
