/**
 * shmctl(2): one transaction under LOCK_SHM; structures are in the transfer area.
 * Crash: journalled.
 */
import { EACCES, EINVAL, EPERM } from "./abi/errno.ts";
import { IPC_INFO, IPC_PRIVATE, IPC_RMID, IPC_SET, IPC_STAT, S_IRUGO } from "./abi/ipc.ts";
import { LIMIT_SHMALL, LIMIT_SHMMAX, LIMIT_SHMMNI } from "./abi/layout.ts";
import { SHMMIN } from "./abi/limits.ts";
import {
  SHM_DEST,
  SHM_INFO,
  SHM_INFO_SHM_RSS,
  SHM_INFO_SHM_SWP,
  SHM_INFO_SHM_TOT,
  SHM_INFO_SWAP_ATTEMPTS,
  SHM_INFO_SWAP_SUCCESSES,
  SHM_INFO_USED_IDS,
  SHM_LOCK,
  SHM_LOCKED,
  SHM_STAT,
  SHM_STAT_ANY,
  SHM_UNLOCK,
  SHMID_DS_ATIME,
  SHMID_DS_CPID,
  SHMID_DS_CTIME,
  SHMID_DS_DTIME,
  SHMID_DS_LPID,
  SHMID_DS_NATTCH,
  SHMID_DS_SEGSZ,
  SHMINFO_SHMALL,
  SHMINFO_SHMMAX,
  SHMINFO_SHMMIN,
  SHMINFO_SHMMNI,
  SHMINFO_SHMSEG,
} from "./abi/shm.ts";
import { current } from "./current.ts";
import { journal_commit, put32, putf64 } from "./journal.ts";
import { lock_enter, lock_leave, lock_nest, RANK_LEAF, RANK_TABLE } from "./lock.ts";
import { perm_allows, perm_control, perm_copy, perm_set } from "./perm.ts";
import { proc_current } from "./proc.ts";
import { LOCK_PAGE, LOCK_SHM, limit, now, TABLE_SHM, WORD_SHM_PAGES } from "./region.ts";
import { Segment, segment_destroy_locked, segment_find } from "./shm.ts";
import { IpcObject, object_id, table_at_index, table_of } from "./table.ts";
import { task_transfer } from "./task.ts";

/** shmctl(2). @returns 0, an id for *_STAT, the highest used index for *_INFO, or a negated errno. */
export function sys_shmctl(shmid: i32, cmd: i32): i32 {
  // EINVAL: a negative id or command.
  if (shmid < 0 || cmd < 0) return -EINVAL;
  const locked = lock_enter(LOCK_SHM, RANK_TABLE);
  if (locked != 0) return locked;
  const result = shmctl_locked(shmid, cmd);
  journal_commit();
  lock_leave(LOCK_SHM, RANK_TABLE);
  return result;
}

function shmctl_locked(shmid: i32, cmd: i32): i32 {
  switch (cmd) {
    case IPC_INFO:
      return shmctl_limits(task_transfer(current));
    case SHM_INFO:
      return shmctl_usage(task_transfer(current));
    case IPC_STAT:
      return shmctl_stat(segment_find(shmid), true, false);
    case SHM_STAT:
      return shmctl_stat(segment_at_index(shmid), true, true);
    case SHM_STAT_ANY:
      return shmctl_stat(segment_at_index(shmid), false, true);
    case IPC_SET:
      return shmctl_set(shmid);
    case IPC_RMID:
      return shmctl_remove(shmid);
    case SHM_LOCK:
    case SHM_UNLOCK:
      return shmctl_pin(shmid, cmd);
    default:
      // EINVAL: cmd is not a valid command.
      return -EINVAL;
  }
}

function segment_at_index(index: i32): Segment | null {
  const object: IpcObject | null = table_at_index(TABLE_SHM, index);
  return object == null ? null : changetype<Segment>(changetype<usize>(object));
}

function shmctl_limits(to: usize): i32 {
  store<i32>(to, limit(LIMIT_SHMMAX), SHMINFO_SHMMAX);
  store<i32>(to, SHMMIN, SHMINFO_SHMMIN);
  store<i32>(to, limit(LIMIT_SHMMNI), SHMINFO_SHMMNI);
  // Linux has no limit of its own on attachments of one process and reports SHMMNI.
  store<i32>(to, limit(LIMIT_SHMMNI), SHMINFO_SHMSEG);
  store<i32>(to, limit(LIMIT_SHMALL), SHMINFO_SHMALL);
  return highest_index();
}

function shmctl_usage(to: usize): i32 {
  const pages = load<i32>(WORD_SHM_PAGES);
  store<i32>(to, table_of(TABLE_SHM).count, SHM_INFO_USED_IDS);
  store<i32>(to, pages, SHM_INFO_SHM_TOT);
  store<i32>(to, pages, SHM_INFO_SHM_RSS);
  store<i32>(to, 0, SHM_INFO_SHM_SWP);
  store<i32>(to, 0, SHM_INFO_SWAP_ATTEMPTS);
  store<i32>(to, 0, SHM_INFO_SWAP_SUCCESSES);
  return highest_index();
}

function highest_index(): i32 {
  const high = table_of(TABLE_SHM).high;
  return high == 0 ? 0 : high - 1;
}

function shmctl_stat(segment: Segment | null, checked: bool, by_index: bool): i32 {
  // EINVAL: no segment with this id, or in this slot.
  if (segment == null) return -EINVAL;
  // EACCES: IPC_STAT and SHM_STAT need read permission; SHM_STAT_ANY does not.
  if (checked && !perm_allows(proc_current(), segment, S_IRUGO)) return -EACCES;
  const to = task_transfer(current);
  perm_copy(segment, to);
  store<u32>(to, segment.size, SHMID_DS_SEGSZ);
  store<i64>(to, <i64>segment.atime, SHMID_DS_ATIME);
  store<i64>(to, <i64>segment.dtime, SHMID_DS_DTIME);
  store<i64>(to, <i64>segment.ctime, SHMID_DS_CTIME);
  store<i32>(to, segment.cpid, SHMID_DS_CPID);
  store<i32>(to, segment.lpid, SHMID_DS_LPID);
  store<i32>(to, segment.nattch, SHMID_DS_NATTCH);
  return by_index ? object_id(segment) : 0;
}

function shmctl_set(shmid: i32): i32 {
  const segment = segment_find(shmid);
  if (segment == null) return -EINVAL;
  // EPERM: the caller is neither owner nor creator nor privileged.
  const denied = perm_control(segment);
  if (denied != 0) return denied;
  const failed = perm_set(segment, task_transfer(current));
  if (failed != 0) return failed;
  putf64(changetype<usize>(segment) + offsetof<Segment>("ctime"), now());
  return 0;
}

function shmctl_remove(shmid: i32): i32 {
  const segment = segment_find(shmid);
  if (segment == null) return -EINVAL;
  const denied = perm_control(segment);
  if (denied != 0) return denied;
  if (segment.nattch != 0) {
    // Still attached: marked, without a key from now on; the last detach destroys it.
    const at = changetype<usize>(segment);
    put32(at + offsetof<Segment>("mode"), segment.mode | SHM_DEST);
    put32(at + offsetof<Segment>("key"), IPC_PRIVATE);
    return 0;
  }
  const locked = lock_nest(LOCK_PAGE, RANK_LEAF);
  if (locked != 0) return locked;
  segment_destroy_locked(segment);
  lock_leave(LOCK_PAGE, RANK_LEAF);
  return 0;
}

/** SHM_LOCK and SHM_UNLOCK: pages never leave memory here, so only the mark changes. */
function shmctl_pin(shmid: i32, cmd: i32): i32 {
  const segment = segment_find(shmid);
  if (segment == null) return -EINVAL;
  // EPERM: neither owner nor creator nor privileged (CAP_IPC_LOCK).
  if (perm_control(segment) != 0) return -EPERM;
  const mode = cmd == SHM_LOCK ? segment.mode | SHM_LOCKED : segment.mode & ~SHM_LOCKED;
  put32(changetype<usize>(segment) + offsetof<Segment>("mode"), mode);
  return 0;
}
