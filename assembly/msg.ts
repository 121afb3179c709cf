/**
 * System V message queues: the structure, msgget(2), and the moves of one message. msgsnd(2) and
 * msgrcv(2) are in msgop.ts, msgctl(2) in msgctl.ts.
 *
 *   queue   free slot -> live (msgget) -> closing (IPC_RMID: the id is stale, sleepers are being
 *           told EIDRM, messages freed) -> free slot
 *
 * One lock for the kind, LOCK_MSG: it guards queues, messages and the pool. A move logs its cells,
 * publishes once and stores; pairs of words share a cell.
 * Crash: journalled.
 */
import { EACCES, EEXIST, ENOENT, ENOSPC } from "./abi/errno.ts";
import { IPC_CREAT, IPC_EXCL, IPC_PRIVATE } from "./abi/ipc.ts";
import { LIMIT_MSGMNB } from "./abi/layout.ts";
import { journal_commit, journal_log64, journal_publish } from "./journal.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import {
  Block,
  block_count,
  block_fill,
  block_last,
  pool_head,
  pool_used,
  pool_value,
} from "./msgpool.ts";
import { perm_allows, perm_init } from "./perm.ts";
import { proc_current } from "./proc.ts";
import {
  LOCK_MSG,
  limit,
  now,
  TABLE_MSG,
  WORD_MSG_BYTES,
  WORD_MSG_COUNT,
  WORD_POOL_FREE,
} from "./region.ts";
import {
  IpcObject,
  object_id,
  table_find,
  table_find_key,
  table_free_slot,
  table_of,
  table_publish,
} from "./table.ts";

/** A queue's slot. */
@unmanaged
export class Queue extends IpcObject {
  /** 40 */ first: u32; // messages in order of arrival; one cell with last
  /** 44 */ last: u32;
  /** 48 */ cbytes: u32; // text bytes; one cell with qnum
  /** 52 */ qnum: u32;
  /** 56 */ lspid: i32; // one cell with lrpid
  /** 60 */ lrpid: i32;
  /** 64 */ stime: f64;
  /** 72 */ rtime: f64;
  /** 80 */ ctime: f64;
  /** 88 */ senders_head: u32;
  /** 92 */ senders_tail: u32;
  /** 96 */ receivers_head: u32;
  /** 100 */ receivers_tail: u32;
  /** 104 */ qbytes: u32;
}

export const QUEUE_SIZE: usize = 128;

export function queue_find(msqid: i32): Queue | null {
  const object = table_find(TABLE_MSG, msqid);
  return object == null ? null : changetype<Queue>(changetype<usize>(object));
}

export function senders_of(queue: Queue): usize {
  return changetype<usize>(queue) + offsetof<Queue>("senders_head");
}

export function receivers_of(queue: Queue): usize {
  return changetype<usize>(queue) + offsetof<Queue>("receivers_head");
}

/** Whether a message of `size` bytes fits: by bytes, and by count, so empty ones are bounded too. */
export function queue_fits(queue: Queue, size: i32): bool {
  return queue.cbytes + <u32>size <= queue.qbytes && queue.qnum + 1 <= queue.qbytes;
}

/** msgget(2). */
export function sys_msgget(key: i32, msgflg: i32): i32 {
  const locked = lock_enter(LOCK_MSG, RANK_TABLE);
  if (locked != 0) return locked;
  const result = msgget_locked(key, msgflg);
  journal_commit();
  lock_leave(LOCK_MSG, RANK_TABLE);
  return result;
}

function msgget_locked(key: i32, msgflg: i32): i32 {
  const table = table_of(TABLE_MSG);
  if (key != IPC_PRIVATE) {
    const object = table_find_key(table, key);
    if (object != null) {
      // EEXIST: IPC_CREAT and IPC_EXCL, and the queue exists.
      if ((msgflg & IPC_CREAT) != 0 && (msgflg & IPC_EXCL) != 0) return -EEXIST;
      // EACCES: the mode asked for is not granted.
      return perm_allows(proc_current(), object, msgflg) ? object_id(object) : -EACCES;
    }
    // ENOENT: no queue for the key, and no IPC_CREAT.
    if ((msgflg & IPC_CREAT) == 0) return -ENOENT;
  }
  // ENOSPC: all MSGMNI ids are taken.
  const object = table_free_slot(table);
  if (object == null) return -ENOSPC;
  const queue = changetype<Queue>(changetype<usize>(object));
  perm_init(queue, key, msgflg);
  queue.first = 0;
  queue.last = 0;
  queue.cbytes = 0;
  queue.qnum = 0;
  queue.lspid = 0;
  queue.lrpid = 0;
  queue.stime = 0;
  queue.rtime = 0;
  queue.ctime = now();
  queue.qbytes = <u32>limit(LIMIT_MSGMNB);
  return table_publish(table, queue);
}

/** Logs what every move of a message changes in the queue and in the totals. */
function queue_log(queue: Queue): void {
  const at = changetype<usize>(queue);
  journal_log64(at + offsetof<Queue>("first"));
  journal_log64(at + offsetof<Queue>("cbytes"));
  journal_log64(at + offsetof<Queue>("lspid"));
  journal_log64(WORD_POOL_FREE);
  journal_log64(WORD_MSG_BYTES);
}

function queue_count(queue: Queue, bytes: i32, messages: i32): void {
  queue.cbytes += <u32>bytes;
  queue.qnum += <u32>messages;
  store<i32>(WORD_MSG_BYTES, load<i32>(WORD_MSG_BYTES) + bytes);
  store<i32>(WORD_MSG_COUNT, load<i32>(WORD_MSG_COUNT) + messages);
}

/**
 * Appends a message whose text is at `from`. Precondition: pool_reserve() said there is room.
 * Published, not committed.
 */
export function queue_append(queue: Queue, from: usize, mtype: i32, size: i32, pid: i32): void {
  const count = block_count(size);
  const head = pool_head();
  const block = changetype<Block>(<usize>head);
  const end = changetype<Block>(changetype<usize>(block_last(head, count)));
  // Free blocks: nobody reads their text, type and size.
  block_fill(head, from, size);
  block.mtype = mtype;
  block.size = size;
  queue_log(queue);
  journal_log64(changetype<usize>(block));
  journal_log64(changetype<usize>(end));
  if (queue.last != 0) journal_log64(<usize>queue.last);
  journal_log64(changetype<usize>(queue) + offsetof<Queue>("stime"));
  journal_publish();
  store<i64>(WORD_POOL_FREE, pool_value(end.seg, pool_used() + count));
  end.seg = 0;
  block.next = 0;
  if (queue.last != 0) changetype<Block>(<usize>queue.last).next = head;
  else queue.first = head;
  queue.last = head;
  queue.lspid = pid;
  queue.stime = now();
  queue_count(queue, size, 1);
}

/**
 * Takes a message off the queue and frees its blocks; their text stays readable until the lock is
 * left. `prev` is the message before it, 0 for the first. Published, not committed.
 */
export function queue_take(queue: Queue, prev: u32, head: u32, pid: i32): void {
  const block = changetype<Block>(<usize>head);
  const count = block_count(block.size);
  const end = changetype<Block>(changetype<usize>(block_last(head, count)));
  const size = block.size;
  queue_log(queue);
  journal_log64(changetype<usize>(end));
  if (prev != 0) journal_log64(<usize>prev);
  journal_log64(changetype<usize>(queue) + offsetof<Queue>("rtime"));
  journal_publish();
  if (prev != 0) changetype<Block>(<usize>prev).next = block.next;
  else queue.first = block.next;
  if (queue.last == head) queue.last = prev;
  end.seg = pool_head();
  store<i64>(WORD_POOL_FREE, pool_value(head, pool_used() - count));
  queue.lrpid = pid;
  queue.rtime = now();
  queue_count(queue, -size, -1);
}
