/**
 * What semctl(2) reports: struct semid_ds and struct seminfo, copied out.
 * Crash: constant, nothing is stored but the transfer area.
 */
import { IPC_INFO } from "./abi/ipc.ts";
import {
  LIMIT_SEMMNI,
  LIMIT_SEMMNS,
  LIMIT_SEMMNU,
  LIMIT_SEMMSL,
  LIMIT_SEMOPM,
  LIMIT_SEMVMX,
} from "./abi/layout.ts";
import { SEMAEM } from "./abi/limits.ts";
import {
  SEMID_DS_CTIME,
  SEMID_DS_NSEMS,
  SEMID_DS_OTIME,
  SEMINFO_SEMAEM,
  SEMINFO_SEMMAP,
  SEMINFO_SEMMNI,
  SEMINFO_SEMMNS,
  SEMINFO_SEMMNU,
  SEMINFO_SEMMSL,
  SEMINFO_SEMOPM,
  SEMINFO_SEMUME,
  SEMINFO_SEMUSZ,
  SEMINFO_SEMVMX,
} from "./abi/sem.ts";
import { current } from "./current.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import { perm_copy } from "./perm.ts";
import { LOCK_SEM, limit, TABLE_SEM, WORD_SEMS_USED } from "./region.ts";
import { SemSet } from "./sem.ts";
import { table_of } from "./table.ts";
import { task_transfer } from "./task.ts";
import { UNDO_SIZE } from "./undo.ts";

/** Copies the semid_ds of a locked set to `to`. */
export function semctl_stat(set: SemSet, to: usize): void {
  perm_copy(set, to);
  store<i64>(to, <i64>set.otime, SEMID_DS_OTIME);
  store<i64>(to, <i64>set.ctime, SEMID_DS_CTIME);
  store<i32>(to, set.nsems, SEMID_DS_NSEMS);
}

/**
 * IPC_INFO: the limits. SEM_INFO: the same with semusz the number of sets and semaem that of
 * semaphores. @returns the highest used index.
 */
export function semctl_info(cmd: i32): i32 {
  const locked = lock_enter(LOCK_SEM, RANK_TABLE);
  if (locked != 0) return locked;
  const to = task_transfer(current);
  const table = table_of(TABLE_SEM);
  const limits = cmd == IPC_INFO;
  store<i32>(to, limit(LIMIT_SEMMNS), SEMINFO_SEMMAP);
  store<i32>(to, limit(LIMIT_SEMMNI), SEMINFO_SEMMNI);
  store<i32>(to, limit(LIMIT_SEMMNS), SEMINFO_SEMMNS);
  store<i32>(to, limit(LIMIT_SEMMNU), SEMINFO_SEMMNU);
  store<i32>(to, limit(LIMIT_SEMMSL), SEMINFO_SEMMSL);
  store<i32>(to, limit(LIMIT_SEMOPM), SEMINFO_SEMOPM);
  store<i32>(to, limit(LIMIT_SEMOPM), SEMINFO_SEMUME);
  store<i32>(to, limits ? <i32>UNDO_SIZE : table.count, SEMINFO_SEMUSZ);
  store<i32>(to, limit(LIMIT_SEMVMX), SEMINFO_SEMVMX);
  store<i32>(to, limits ? SEMAEM : load<i32>(WORD_SEMS_USED), SEMINFO_SEMAEM);
  const high = table.high == 0 ? 0 : table.high - 1;
  lock_leave(LOCK_SEM, RANK_TABLE);
  return high;
}
