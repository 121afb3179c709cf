/**
 * msgsnd(2) and msgrcv(2). Both are completed by the waker: a sender hands its message to the first
 * receiver asleep that wants it, from transfer area to transfer area, and a receiver that makes room
 * appends the messages of senders asleep, in order of arrival.
 *
 * Guard: LOCK_MSG. Each waiter completed is a transaction of its own. Invariant of an unlocked queue:
 * no sender asleep has room, no receiver asleep has a message in the queue.
 * Crash: journalled, one transaction a waiter that is completed; repair completes the rest.
 */
import { E2BIG, EACCES, EAGAIN, EINVAL, ENOMEM, ENOMSG, EWAIT } from "./abi/errno.ts";
import { IPC_NOWAIT, S_IRUGO, S_IWUGO } from "./abi/ipc.ts";
import { LIMIT_MSGMAX } from "./abi/layout.ts";
import { MSG_COPY, MSG_EXCEPT, MSG_NOERROR, MSGBUF_MTEXT, MSGBUF_MTYPE } from "./abi/msg.ts";
import { current } from "./current.ts";
import { journal_commit, put32, putf64 } from "./journal.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import {
  Queue,
  queue_append,
  queue_find,
  queue_fits,
  queue_take,
  receivers_of,
  senders_of,
} from "./msg.ts";
import { Block, block_count, block_read, pool_reserve } from "./msgpool.ts";
import { perm_allows } from "./perm.ts";
import { Proc, proc_current } from "./proc.ts";
import { LOCK_MSG, limit, now } from "./region.ts";
import { Task, task_transfer, WAIT_MSG_RECEIVE, WAIT_MSG_SEND } from "./task.ts";
import { waitq_first, waitq_next, waitq_sleep, waitq_wake } from "./waitq.ts";

function task_proc(task: Task): Proc {
  return changetype<Proc>(task.proc);
}

/** msgsnd(2): the message is in the transfer area. */
export function sys_msgsnd(msqid: i32, msgsz: i32, msgflg: i32): i32 {
  // EINVAL: a negative id or size, more than MSGMAX bytes, or a type below 1.
  if (msqid < 0 || msgsz < 0 || msgsz > limit(LIMIT_MSGMAX)) return -EINVAL;
  if (load<i32>(task_transfer(current), MSGBUF_MTYPE) < 1) return -EINVAL;
  const locked = lock_enter(LOCK_MSG, RANK_TABLE);
  if (locked != 0) return locked;
  const result = msgsnd_locked(msqid, msgsz, msgflg);
  lock_leave(LOCK_MSG, RANK_TABLE);
  return result;
}

function msgsnd_locked(msqid: i32, msgsz: i32, msgflg: i32): i32 {
  // EINVAL: no queue with this id.
  const queue = queue_find(msqid);
  if (queue == null) return -EINVAL;
  // EACCES: no write permission.
  if (!perm_allows(proc_current(), queue, S_IWUGO)) return -EACCES;
  if (queue_fits(queue, msgsz)) return msg_deliver(queue, current, msgsz);
  // EAGAIN: the queue is full, and IPC_NOWAIT.
  if ((msgflg & IPC_NOWAIT) != 0) return -EAGAIN;
  const task = current;
  task.wait_arg0 = msgsz;
  task.wait_arg2 = msgflg;
  // No lost wakeup: room is made under this lock, and then looks at this queue.
  waitq_sleep(senders_of(queue), WAIT_MSG_SEND, changetype<usize>(queue));
  return -EWAIT;
}

/** Whether a receiver that asks for `msgtyp` takes a message of type `mtype`. */
function type_matches(mtype: i32, msgtyp: i32, msgflg: i32): bool {
  if (msgtyp == 0) return true;
  if (msgtyp < 0) return mtype <= (msgtyp == i32.MIN_VALUE ? i32.MAX_VALUE : -msgtyp);
  return (msgflg & MSG_EXCEPT) != 0 ? mtype != msgtyp : mtype == msgtyp;
}

/**
 * Gives the message in `sender`'s transfer area to the first receiver asleep that takes it, else to
 * the queue, which has room. Receivers before that one whose buffer is too small are told E2BIG. One
 * transaction, left open for the caller to commit. @returns 0 or -ENOMEM.
 */
function msg_deliver(queue: Queue, sender: Task, msgsz: i32): i32 {
  const from = task_transfer(sender);
  const mtype = load<i32>(from, MSGBUF_MTYPE);
  const pid = task_proc(sender).pid;
  const taker = msg_taker(queue, mtype, msgsz);
  // ENOMEM: the message pool is full.
  if (taker == null && !pool_reserve(block_count(msgsz))) return -ENOMEM;
  let receiver = waitq_first(receivers_of(queue));
  while (receiver != null && receiver != taker) {
    const next = waitq_next(receiver);
    // E2BIG: the message is longer than this receiver's buffer, and it gave no MSG_NOERROR.
    if (type_matches(mtype, receiver.wait_arg1, receiver.wait_arg2)) waitq_wake(receiver, -E2BIG);
    receiver = next;
  }
  if (taker != null) msg_hand_over(queue, taker, from, msgsz, pid);
  else queue_append(queue, from + MSGBUF_MTEXT, mtype, msgsz, pid);
  return 0;
}

/** The first receiver asleep that takes such a message, or null. */
function msg_taker(queue: Queue, mtype: i32, msgsz: i32): Task | null {
  let receiver = waitq_first(receivers_of(queue));
  while (receiver != null) {
    const fits = msgsz <= receiver.wait_arg0 || (receiver.wait_arg2 & MSG_NOERROR) != 0;
    if (fits && type_matches(mtype, receiver.wait_arg1, receiver.wait_arg2)) return receiver;
    receiver = waitq_next(receiver);
  }
  return null;
}

function msg_hand_over(queue: Queue, receiver: Task, from: usize, msgsz: i32, pid: i32): void {
  const size = min(msgsz, receiver.wait_arg0);
  const to = task_transfer(receiver);
  store<i32>(to, load<i32>(from, MSGBUF_MTYPE), MSGBUF_MTYPE);
  memory.copy(to + MSGBUF_MTEXT, from + MSGBUF_MTEXT, <usize>size);
  const at = changetype<usize>(queue);
  waitq_wake(receiver, size);
  put32(at + offsetof<Queue>("lspid"), pid);
  put32(at + offsetof<Queue>("lrpid"), task_proc(receiver).pid);
  putf64(at + offsetof<Queue>("stime"), now());
  putf64(at + offsetof<Queue>("rtime"), now());
}

/** msgrcv(2): the message comes in the transfer area. @returns the bytes of its text. */
export function sys_msgrcv(msqid: i32, msgsz: i32, msgtyp: i32, msgflg: i32): i32 {
  // EINVAL: a negative id or size.
  if (msqid < 0 || msgsz < 0) return -EINVAL;
  if ((msgflg & MSG_COPY) != 0) {
    // EINVAL: MSG_COPY without IPC_NOWAIT, or with MSG_EXCEPT.
    if ((msgflg & MSG_EXCEPT) != 0 || (msgflg & IPC_NOWAIT) == 0) return -EINVAL;
  }
  const locked = lock_enter(LOCK_MSG, RANK_TABLE);
  if (locked != 0) return locked;
  const result = msgrcv_locked(msqid, msgsz, msgtyp, msgflg);
  lock_leave(LOCK_MSG, RANK_TABLE);
  return result;
}

function msgrcv_locked(msqid: i32, msgsz: i32, msgtyp: i32, msgflg: i32): i32 {
  const queue = queue_find(msqid);
  if (queue == null) return -EINVAL;
  // EACCES: no read permission.
  if (!perm_allows(proc_current(), queue, S_IRUGO)) return -EACCES;
  if ((msgflg & MSG_COPY) != 0) return msgrcv_copy(queue, msgsz, msgtyp, msgflg);
  const prev = msg_find(queue, msgtyp, msgflg);
  if (prev != NO_MESSAGE) return msgrcv_take(queue, prev, msgsz, msgflg);
  // ENOMSG: no such message, and IPC_NOWAIT.
  if ((msgflg & IPC_NOWAIT) != 0) return -ENOMSG;
  const task = current;
  task.wait_arg0 = min(msgsz, limit(LIMIT_MSGMAX));
  task.wait_arg1 = msgtyp;
  task.wait_arg2 = msgflg;
  // No lost wakeup: a message arrives under this lock, and first looks at this queue.
  waitq_sleep(receivers_of(queue), WAIT_MSG_RECEIVE, changetype<usize>(queue));
  return -EWAIT;
}

/** msg_find: nothing matches. Addresses of messages are multiples of 128, so 1 is none. */
const NO_MESSAGE: u32 = 1;

/** The message before the one to receive, 0 when that is the first, NO_MESSAGE for none. */
function msg_find(queue: Queue, msgtyp: i32, msgflg: i32): u32 {
  let best: u32 = NO_MESSAGE;
  let best_type = i32.MAX_VALUE;
  let prev: u32 = 0;
  let at = queue.first;
  while (at != 0) {
    const block = changetype<Block>(<usize>at);
    if (type_matches(block.mtype, msgtyp, msgflg)) {
      if (msgtyp >= 0) return prev;
      // Below 0: the first message of the lowest type.
      if (best == NO_MESSAGE || block.mtype < best_type) {
        best = prev;
        best_type = block.mtype;
      }
    }
    prev = at;
    at = block.next;
  }
  return best;
}

function msgrcv_take(queue: Queue, prev: u32, msgsz: i32, msgflg: i32): i32 {
  const head = prev == 0 ? queue.first : changetype<Block>(<usize>prev).next;
  const block = changetype<Block>(<usize>head);
  // E2BIG: longer than msgsz, and no MSG_NOERROR; the message stays.
  if (block.size > msgsz && (msgflg & MSG_NOERROR) == 0) return -E2BIG;
  const size = msg_read(block, msgsz);
  queue_take(queue, prev, head, proc_current().pid);
  if (queue.senders_head != 0) {
    journal_commit();
    queue_update(queue);
  }
  return size;
}

function msg_read(block: Block, msgsz: i32): i32 {
  const size = min(block.size, msgsz);
  const to = task_transfer(current);
  store<i32>(to, block.mtype, MSGBUF_MTYPE);
  block_read(<u32>changetype<usize>(block), to + MSGBUF_MTEXT, size);
  return size;
}

/** MSG_COPY: the message at position `msgtyp` is copied, not taken. */
function msgrcv_copy(queue: Queue, msgsz: i32, msgtyp: i32, msgflg: i32): i32 {
  let at = queue.first;
  for (let index = 0; index < msgtyp && at != 0; index++) at = changetype<Block>(<usize>at).next;
  // ENOMSG: fewer messages than that. A negative position is none.
  if (at == 0 || msgtyp < 0) return -ENOMSG;
  const block = changetype<Block>(<usize>at);
  if (block.size > msgsz) {
    // E2BIG: longer than msgsz. With MSG_NOERROR Linux says EINVAL: its copy is never shortened.
    return (msgflg & MSG_NOERROR) != 0 ? -EINVAL : -E2BIG;
  }
  return msg_read(block, msgsz);
}

/**
 * Completes every sleeper that the queue's state allows or forbids: receivers that IPC_SET has taken
 * the permission from, senders that have room now. Precondition: no transaction is open.
 */
export function queue_update(queue: Queue): void {
  update_receivers(queue);
  let sender = waitq_first(senders_of(queue));
  while (sender != null) {
    const next = waitq_next(sender);
    if (queue_fits(queue, sender.wait_arg0)) {
      // EACCES: as on Linux, a sender looks at its permission again only when it has room.
      const allowed = perm_allows(task_proc(sender), queue, S_IWUGO);
      const result = allowed ? msg_deliver(queue, sender, sender.wait_arg0) : -EACCES;
      waitq_wake(sender, result);
      journal_commit();
    }
    sender = next;
  }
}

function update_receivers(queue: Queue): void {
  let task = waitq_first(receivers_of(queue));
  while (task != null) {
    const next = waitq_next(task);
    if (!perm_allows(task_proc(task), queue, S_IRUGO)) {
      // EACCES: IPC_SET took the permission away while the caller slept.
      waitq_wake(task, -EACCES);
      journal_commit();
    }
    task = next;
  }
}
