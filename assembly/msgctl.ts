/**
 * msgctl(2): under LOCK_MSG; structures are in the transfer area.
 * Crash: journalled, one transaction; with IPC_RMID one a sleeper, and repair goes on with the rest.
 */
import { EACCES, EIDRM, EINVAL, EPERM } from "./abi/errno.ts";
import {
  IPC_INFO,
  IPC_KEEP_QBYTES,
  IPC_PERM_KEEP,
  IPC_RMID,
  IPC_SET,
  IPC_STAT,
  S_IRUGO,
} from "./abi/ipc.ts";
import { LIMIT_MSGMAX, LIMIT_MSGMNB, LIMIT_MSGMNI, LIMIT_MSGSEG } from "./abi/layout.ts";
import { MSGSSZ } from "./abi/limits.ts";
import {
  MSG_INFO,
  MSG_STAT,
  MSG_STAT_ANY,
  MSGINFO_MSGMAP,
  MSGINFO_MSGMAX,
  MSGINFO_MSGMNB,
  MSGINFO_MSGMNI,
  MSGINFO_MSGPOOL,
  MSGINFO_MSGSEG,
  MSGINFO_MSGSSZ,
  MSGINFO_MSGTQL,
  MSQID_DS_CBYTES,
  MSQID_DS_CTIME,
  MSQID_DS_LRPID,
  MSQID_DS_LSPID,
  MSQID_DS_QBYTES,
  MSQID_DS_QNUM,
  MSQID_DS_RTIME,
  MSQID_DS_STIME,
} from "./abi/msg.ts";
import { current } from "./current.ts";
import { journal_commit, put32, putf64 } from "./journal.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import { Queue, queue_find, queue_take, receivers_of, senders_of } from "./msg.ts";
import { queue_update } from "./msgop.ts";
import { perm_allows, perm_control, perm_copy, perm_set } from "./perm.ts";
import { proc_current } from "./proc.ts";
import { LOCK_MSG, limit, now, TABLE_MSG, WORD_MSG_BYTES, WORD_MSG_COUNT } from "./region.ts";
import { IpcObject, object_id, table_at_index, table_of, table_retire } from "./table.ts";
import { task_transfer } from "./task.ts";
import { waitq_first, waitq_wake } from "./waitq.ts";

/** msgctl(2). @returns 0, an id for *_STAT, the highest used index for *_INFO, or a negated errno. */
export function sys_msgctl(msqid: i32, cmd: i32): i32 {
  // EINVAL: a negative id or command.
  if (msqid < 0 || cmd < 0) return -EINVAL;
  const locked = lock_enter(LOCK_MSG, RANK_TABLE);
  if (locked != 0) return locked;
  const result = msgctl_locked(msqid, cmd);
  journal_commit();
  lock_leave(LOCK_MSG, RANK_TABLE);
  return result;
}

function msgctl_locked(msqid: i32, cmd: i32): i32 {
  switch (cmd) {
    case IPC_INFO:
    case MSG_INFO:
      return msgctl_info(task_transfer(current), cmd == IPC_INFO);
    case IPC_STAT:
      return msgctl_stat(queue_find(msqid), true, false);
    case MSG_STAT:
      return msgctl_stat(queue_at_index(msqid), true, true);
    case MSG_STAT_ANY:
      return msgctl_stat(queue_at_index(msqid), false, true);
    case IPC_SET:
      return msgctl_set(msqid);
    case IPC_RMID:
      return msgctl_remove(msqid);
    default:
      // EINVAL: cmd is not a valid command.
      return -EINVAL;
  }
}

function queue_at_index(index: i32): Queue | null {
  const object: IpcObject | null = table_at_index(TABLE_MSG, index);
  return object == null ? null : changetype<Queue>(changetype<usize>(object));
}

/** IPC_INFO: the limits. MSG_INFO: msgpool queues, msgmap messages and msgtql bytes in use. */
function msgctl_info(to: usize, limits: bool): i32 {
  const table = table_of(TABLE_MSG);
  const blocks = limit(LIMIT_MSGSEG);
  store<i32>(to, limits ? (blocks * MSGSSZ) >> 10 : table.count, MSGINFO_MSGPOOL);
  store<i32>(to, limits ? limit(LIMIT_MSGMNB) : load<i32>(WORD_MSG_COUNT), MSGINFO_MSGMAP);
  store<i32>(to, limit(LIMIT_MSGMAX), MSGINFO_MSGMAX);
  store<i32>(to, limit(LIMIT_MSGMNB), MSGINFO_MSGMNB);
  store<i32>(to, limit(LIMIT_MSGMNI), MSGINFO_MSGMNI);
  store<i32>(to, MSGSSZ, MSGINFO_MSGSSZ);
  store<i32>(to, limits ? limit(LIMIT_MSGMNB) : load<i32>(WORD_MSG_BYTES), MSGINFO_MSGTQL);
  store<u16>(to, <u16>min(blocks, 0xffff), MSGINFO_MSGSEG);
  return table.high == 0 ? 0 : table.high - 1;
}

function msgctl_stat(queue: Queue | null, checked: bool, by_index: bool): i32 {
  // EINVAL: no queue with this id, or in this slot.
  if (queue == null) return -EINVAL;
  // EACCES: IPC_STAT and MSG_STAT need read permission; MSG_STAT_ANY does not.
  if (checked && !perm_allows(proc_current(), queue, S_IRUGO)) return -EACCES;
  const to = task_transfer(current);
  perm_copy(queue, to);
  store<i64>(to, <i64>queue.stime, MSQID_DS_STIME);
  store<i64>(to, <i64>queue.rtime, MSQID_DS_RTIME);
  store<i64>(to, <i64>queue.ctime, MSQID_DS_CTIME);
  store<u32>(to, queue.cbytes, MSQID_DS_CBYTES);
  store<u32>(to, queue.qnum, MSQID_DS_QNUM);
  store<u32>(to, queue.qbytes, MSQID_DS_QBYTES);
  store<i32>(to, queue.lspid, MSQID_DS_LSPID);
  store<i32>(to, queue.lrpid, MSQID_DS_LRPID);
  return by_index ? object_id(queue) : 0;
}

function msgctl_set(msqid: i32): i32 {
  const queue = queue_find(msqid);
  if (queue == null) return -EINVAL;
  // EPERM: the caller is neither owner nor creator nor privileged.
  const denied = perm_control(queue);
  if (denied != 0) return denied;
  const from = task_transfer(current);
  const keep = (load<i32>(from, IPC_PERM_KEEP) & IPC_KEEP_QBYTES) != 0;
  const qbytes = keep ? queue.qbytes : load<u32>(from, MSQID_DS_QBYTES);
  // EPERM: more than MSGMNB without privilege (CAP_SYS_RESOURCE).
  if (qbytes > <u32>limit(LIMIT_MSGMNB) && proc_current().euid != 0) return -EPERM;
  const failed = perm_set(queue, from);
  if (failed != 0) return failed;
  const at = changetype<usize>(queue);
  put32(at + offsetof<Queue>("qbytes"), <i32>qbytes);
  putf64(at + offsetof<Queue>("ctime"), now());
  journal_commit();
  queue_update(queue);
  return 0;
}

/** IPC_RMID: the id goes first, in one transaction; then sleepers and messages. */
function msgctl_remove(msqid: i32): i32 {
  const queue = queue_find(msqid);
  if (queue == null) return -EINVAL;
  const denied = perm_control(queue);
  if (denied != 0) return denied;
  put32(changetype<usize>(queue) + offsetof<Queue>("closing"), 1);
  table_retire(table_of(TABLE_MSG), queue);
  journal_commit();
  queue_close_locked(queue);
  return 0;
}

/** Ends a closing queue; repeated by whoever repairs its owner. */
export function queue_close_locked(queue: Queue): void {
  queue_tell(senders_of(queue));
  queue_tell(receivers_of(queue));
  while (queue.first != 0) {
    queue_take(queue, 0, queue.first, 0);
    journal_commit();
  }
  put32(changetype<usize>(queue) + offsetof<Queue>("closing"), 0);
  journal_commit();
}

function queue_tell(sleepers: usize): void {
  let task = waitq_first(sleepers);
  while (task != null) {
    // EIDRM: the queue was removed while the caller slept.
    waitq_wake(task, -EIDRM);
    journal_commit();
    task = waitq_first(sleepers);
  }
}
