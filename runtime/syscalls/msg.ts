/** System V message queues over the kernel: msgget(2), msgop(2), msgctl(2). */
import { IPC_INFO, IPC_SET, IPC_STAT } from "../../assembly/abi/ipc.ts";
import { MSG_INFO, MSG_STAT, MSG_STAT_ANY } from "../../assembly/abi/msg.ts";
import {
  abortSignal,
  buffer,
  int,
  intOr0,
  long,
  message,
  setUpdate,
} from "../../host/arguments.ts";
import type { AsyncSyscalls, CallOptions, Msgbuf, MsgCalls } from "../../host/contract.ts";
import { end, finish, finishAsync } from "../finish.ts";
import type { Thread } from "../thread.ts";
import {
  readMessageText,
  readMessageType,
  readMsginfo,
  readMsqidDs,
  writeMessage,
  writeSet,
} from "../transfer.ts";
import { same, zero } from "./result.ts";

const LONG_MAX = 0x7fff_ffff;

/** A size_t as the kernel's i32: what it cannot hold is past every limit, so EINVAL like -1. */
function size32(size: number): number {
  return size > LONG_MAX || size < 0 ? -1 : size;
}

/** A message type as the kernel's i32; msgsnd() refuses 0, as it does one that a long cannot hold. */
function type32(mtype: number): number {
  return mtype > LONG_MAX || mtype < 1 ? 0 : mtype;
}

/** What msgrcv() asks for: a type past the kernel's long asks for all up to the largest. */
function wanted32(msgtyp: number): number {
  return Math.max(-LONG_MAX, Math.min(LONG_MAX, msgtyp));
}

/**
 * Finds the queue of a key, or creates one.
 *
 * @param key IPC_PRIVATE (0) for a new queue, or a number that processes agree on, see ftok()
 * @param msgflg IPC_CREAT, IPC_EXCL and nine permission bits
 * @returns the queue's id
 * @throws {SystemError} EACCES the queue exists and denies what the permission bits ask for; EEXIST
 *   IPC_CREAT and IPC_EXCL were given and the key exists; ENOENT the key does not exist and
 *   IPC_CREAT was not given; ENOMEM no room for the queue; ENOSPC MSGMNI queues exist
 * @see msgget(2)
 * @example
 * const msqid = sys.msgget(IPC_PRIVATE, IPC_CREAT | 0o600);
 */
function msgget(thread: Thread, key: number, msgflg: number): number {
  const keyInt = int(key, "msgget", "key");
  const flags = int(msgflg, "msgget", "msgflg");
  const attempt = () => thread.kernel.sys_msgget(keyInt, flags);
  return finish(thread, "msgget", attempt(), attempt, same);
}

/**
 * Puts a message at the end of a queue; sleeps while the queue has no room for it.
 *
 * @param msgp `mtype` above 0, and `mtext`, of which the first `msgsz` bytes are sent
 * @param msgsz bytes, 0 to MSGMAX
 * @param msgflg IPC_NOWAIT
 * @returns 0
 * @throws {SystemError} EACCES no write permission; EAGAIN the queue is full and IPC_NOWAIT is set;
 *   EFAULT `mtext` is shorter than `msgsz`; EIDRM the queue was removed while the caller slept;
 *   EINTR a signal handler ran while it slept; EINVAL no such queue, a type below 1, or a size past
 *   MSGMAX; ENOMEM the machine has no room for the text
 * @see msgop(2)
 * @example
 * sys.msgsnd(msqid, { mtype: 1, mtext: new TextEncoder().encode("hello") }, 5);
 */
function msgsnd(
  thread: Thread,
  msqid: number,
  msgp: Readonly<Msgbuf>,
  msgsz: number,
  msgflg?: number,
): 0 {
  const id = int(msqid, "msgsnd", "msqid");
  const { mtype, mtext } = message(msgp, msgsz, "msgsnd");
  const flags = intOr0(msgflg, "msgsnd", "msgflg");
  const size = size32(msgsz);
  const type = type32(mtype);
  writeFitting(thread, type, mtext, size);
  const first = thread.kernel.sys_msgsnd(id, size, flags);
  if (first === 0 && thread.i32[thread.wake] === 0 && thread.i32[thread.signal] === 0) return 0;
  return msgsndAgain(thread, id, type, mtext, size, flags, first);
}

/** Apart from msgsnd(), which would otherwise allocate what these closures hold at every call. */
function msgsndAgain(
  thread: Thread,
  id: number,
  type: number,
  mtext: Uint8Array,
  size: number,
  flags: number,
  first: number,
): 0 {
  if (first === 0) return end(thread);
  const attempt = () => {
    writeFitting(thread, type, mtext, size);
    return thread.kernel.sys_msgsnd(id, size, flags);
  };
  return finish(thread, "msgsnd", first, attempt, zero);
}

/** A size past MSGMAX is EINVAL; the kernel reads no text then, and the area may have no room. */
function writeFitting(thread: Thread, type: number, mtext: Uint8Array, size: number): void {
  const fits = size >= 0 && size <= thread.textRoom;
  writeMessage(thread, type, mtext, fits ? size : 0);
}

function msgsndAsync(
  thread: Thread,
  msqid: number,
  msgp: Readonly<Msgbuf>,
  msgsz: number,
  msgflg: number | undefined,
  options: CallOptions | undefined,
): Promise<0> {
  const id = int(msqid, "msgsnd", "msqid");
  const { mtype, mtext } = message(msgp, msgsz, "msgsnd");
  const flags = intOr0(msgflg, "msgsnd", "msgflg");
  const signal = abortSignal(options, "msgsnd");
  const size = size32(msgsz);
  // The caller may change its buffer while the call is pending.
  const copy = mtext.slice(0, Math.max(0, size));
  const attempt = () => {
    writeFitting(thread, type32(mtype), copy, size);
    return thread.kernel.sys_msgsnd(id, size, flags);
  };
  return finishAsync(thread, "msgsnd", attempt, zero, { signal });
}

/**
 * Takes a message from a queue; sleeps until there is one of the type.
 *
 * @param msgp filled in: `mtype`, and the text at the start of `mtext`
 * @param msgsz bytes that the caller takes at most
 * @param msgtyp 0: the first message; above 0: the first of that type (of any other with
 *   MSG_EXCEPT); below 0: the first of the lowest type up to `-msgtyp`
 * @param msgflg IPC_NOWAIT, MSG_NOERROR, MSG_EXCEPT, MSG_COPY
 * @returns bytes of text
 * @throws {SystemError} E2BIG the text is longer than `msgsz` and MSG_NOERROR is not set; EACCES no
 *   read permission; EFAULT `mtext` is shorter than `msgsz`; EIDRM the queue was removed while the
 *   caller slept; EINTR a signal handler ran while it slept; EINVAL no such queue, a negative size,
 *   or MSG_COPY without IPC_NOWAIT or with MSG_EXCEPT; ENOMSG no such message and IPC_NOWAIT is set
 * @see msgop(2)
 * @example
 * const message = { mtype: 0, mtext: new Uint8Array(64) };
 * const size = sys.msgrcv(msqid, message, 64);
 */
function msgrcv(
  thread: Thread,
  msqid: number,
  msgp: Msgbuf,
  msgsz: number,
  msgtyp?: number,
  msgflg?: number,
): number {
  const id = int(msqid, "msgrcv", "msqid");
  const { mtext } = buffer(msgp, msgsz, "msgrcv");
  const type = msgtyp === undefined ? 0 : wanted32(long(msgtyp, "msgrcv", "msgtyp"));
  const flags = intOr0(msgflg, "msgrcv", "msgflg");
  const size = size32(msgsz);
  const first = thread.kernel.sys_msgrcv(id, size, type, flags);
  if (first >= 0 && thread.i32[thread.wake] === 0 && thread.i32[thread.signal] === 0) {
    msgp.mtype = readMessageType(thread);
    readMessageText(thread, mtext, first);
    return first;
  }
  return msgrcvAgain(thread, id, msgp, size, type, flags, first);
}

function msgrcvAgain(
  thread: Thread,
  id: number,
  msgp: Msgbuf,
  size: number,
  type: number,
  flags: number,
  first: number,
): number {
  const attempt = () => thread.kernel.sys_msgrcv(id, size, type, flags);
  return finish(thread, "msgrcv", first, attempt, (count) => received(thread, msgp, count));
}

function received(thread: Thread, msgp: Msgbuf, count: number): number {
  msgp.mtype = readMessageType(thread);
  readMessageText(thread, msgp.mtext, count);
  return count;
}

function msgrcvAsync(
  thread: Thread,
  msqid: number,
  msgp: Msgbuf,
  msgsz: number,
  msgtyp: number | undefined,
  msgflg: number | undefined,
  options: CallOptions | undefined,
): Promise<number> {
  const id = int(msqid, "msgrcv", "msqid");
  buffer(msgp, msgsz, "msgrcv");
  const type = msgtyp === undefined ? 0 : wanted32(long(msgtyp, "msgrcv", "msgtyp"));
  const flags = intOr0(msgflg, "msgrcv", "msgflg");
  const signal = abortSignal(options, "msgrcv");
  const attempt = () => thread.kernel.sys_msgrcv(id, size32(msgsz), type, flags);
  const take = (count: number) => received(thread, msgp, count);
  return finishAsync(thread, "msgrcv", attempt, take, { signal });
}

/**
 * Looks at a queue, changes it or removes it.
 *
 * @param msqid the id; for MSG_STAT and MSG_STAT_ANY an index in the kernel's table
 * @param cmd IPC_STAT, IPC_SET, IPC_RMID, IPC_INFO, MSG_INFO, MSG_STAT, MSG_STAT_ANY
 * @param buf for IPC_SET: `{ msg_perm: { uid, gid, mode }, msg_qbytes }`; what is left out stays
 * @returns 0, or the structure that the command names
 * @throws {SystemError} EACCES IPC_STAT or MSG_STAT without read permission; EINVAL no such queue,
 *   index or command; EPERM IPC_SET or IPC_RMID by another than owner, creator or root, or
 *   `msg_qbytes` past MSGMNB by another than root
 * @see msgctl(2)
 * @example
 * sys.msgctl(msqid, IPC_RMID);
 */
function msgctl(thread: Thread, msqid: number, cmd: number, buf?: unknown): unknown {
  const id = int(msqid, "msgctl", "msqid");
  const command = int(cmd, "msgctl", "cmd");
  const update = command === IPC_SET ? setUpdate(buf, "msg_perm", "msgctl") : undefined;
  const attempt = () => {
    if (update !== undefined) writeSet(thread, update);
    return thread.kernel.sys_msgctl(id, command);
  };
  return finish(thread, "msgctl", attempt(), attempt, (result) => {
    switch (command) {
      case IPC_STAT:
        return readMsqidDs(thread);
      case MSG_STAT:
      case MSG_STAT_ANY:
        return { ...readMsqidDs(thread), id: result };
      case IPC_INFO:
      case MSG_INFO:
        return { ...readMsginfo(thread), index: result };
      default:
        return 0;
    }
  });
}

/** The message queue calls of one thread. */
export function msgCalls(thread: Thread): MsgCalls {
  return {
    msgget: (key, msgflg) => msgget(thread, key, msgflg),
    msgsnd: (msqid, msgp, msgsz, msgflg) => msgsnd(thread, msqid, msgp, msgsz, msgflg),
    msgrcv: (msqid, msgp, msgsz, msgtyp, msgflg) =>
      msgrcv(thread, msqid, msgp, msgsz, msgtyp, msgflg),
    msgctl: ((msqid, cmd, buf) => msgctl(thread, msqid, cmd, buf)) as MsgCalls["msgctl"],
  };
}

/** The twins of those that wait. */
export function msgCallsAsync(thread: Thread): Pick<AsyncSyscalls, "msgsnd" | "msgrcv"> {
  return {
    msgsnd: async (msqid, msgp, msgsz, msgflg, options) =>
      msgsndAsync(thread, msqid, msgp, msgsz, msgflg, options),
    msgrcv: async (msqid, msgp, msgsz, msgtyp, msgflg, options) =>
      msgrcvAsync(thread, msqid, msgp, msgsz, msgtyp, msgflg, options),
  };
}
