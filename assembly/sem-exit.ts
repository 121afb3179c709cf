/**
 * SEM_UNDO at a process's end: adjustments are added set by set, the set first touched last goes
 * first, as Linux's list of them; values are clamped to 0 and SEMVMX, as Linux clamps. Then the
 * set's sleepers are looked at once. Each semaphore is a transaction of its own: what is cut off goes
 * on with the entries that are left. See semop(2), "BUGS", and exit(3).
 * Crash: journalled.
 */
import { EINVAL } from "./abi/errno.ts";
import { LIMIT_SEMVMX } from "./abi/layout.ts";
import { journal_commit, put64, putf64 } from "./journal.ts";
import { lock_enter, lock_leave, RANK_OBJECT } from "./lock.ts";
import { Proc } from "./proc.ts";
import { limit, now } from "./region.ts";
import { SemSet, sem_at, sem_next, semset_absent, semset_find } from "./sem.ts";
import { sem_update } from "./sem-eval.ts";
import { Undo, undo_at, undo_cell, undo_forget, undo_high, undo_value } from "./undo.ts";

/** Applies and frees every entry of the process. @returns 0, -ELOCK or -EINTR. */
export function sem_exit(proc: Proc): i32 {
  let entry = undo_newest(proc.pid);
  while (entry != null) {
    const failed = sem_exit_set(proc.pid, entry.semid);
    if (failed != 0) return failed;
    entry = undo_newest(proc.pid);
  }
  return 0;
}

/** The process's entry of the set touched last, or null. */
function undo_newest(pid: i32): Undo | null {
  const high = undo_high();
  let newest: Undo | null = null;
  for (let index = 0; index < high; index++) {
    const entry = undo_at(index);
    if (entry.pid == pid && (newest == null || entry.order > newest.order)) newest = entry;
  }
  return newest;
}

function sem_exit_set(pid: i32, semid: i32): i32 {
  const set = semset_find(semid);
  if (set == null) {
    const absent = semset_absent(semid);
    if (absent != -EINVAL) return absent;
  } else {
    const lock = changetype<usize>(set);
    const locked = lock_enter(lock, RANK_OBJECT);
    if (locked != 0) return locked;
    if (set.tag == semid + 1) sem_exit_locked(set, pid, semid);
    lock_leave(lock, RANK_OBJECT);
  }
  return undo_forget(pid, semid);
}

/** Linux sets sem_otime and looks at the sleepers even when every adjustment is 0. */
function sem_exit_locked(set: SemSet, pid: i32, semid: i32): void {
  const high = undo_high();
  for (let index = 0; index < high; index++) {
    const entry = undo_at(index);
    if (entry.pid != pid || entry.semid != semid) continue;
    if (entry.epoch != set.epoch || entry.adj == 0) continue;
    const cell = changetype<usize>(sem_at(set, entry.num));
    const sum = <i32>sem_at(set, entry.num).semval + entry.adj;
    const value = max(0, min(sum, limit(LIMIT_SEMVMX)));
    put64(cell, sem_next(load<i64>(cell), value, pid));
    put64(undo_cell(entry), undo_value(0, set.epoch));
    journal_commit();
  }
  putf64(changetype<usize>(set) + offsetof<SemSet>("otime"), now());
  journal_commit();
  sem_update(set);
}
