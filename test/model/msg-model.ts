/**
 * System V message queues in plain TypeScript, after msgop(2) and msgctl(2). A sender gives its
 * message to the first receiver asleep that asked for such a type; one whose buffer is too small is
 * told E2BIG instead. Room goes to the senders asleep in order of arrival, each if it fits by now.
 */
import {
  E2BIG,
  EACCES,
  EAGAIN,
  EEXIST,
  EIDRM,
  EINVAL,
  ENOENT,
  ENOMEM,
  ENOMSG,
  ENOSPC,
  EPERM,
  EWAIT,
} from "../../assembly/abi/errno.ts";
import { IPC_CREAT, IPC_EXCL, IPC_NOWAIT } from "../../assembly/abi/ipc.ts";
import { MSGSSZ } from "../../assembly/abi/limits.ts";
import { MSG_COPY, MSG_EXCEPT, MSG_NOERROR } from "../../assembly/abi/msg.ts";
import type { Limits } from "../support/machine.ts";
import type { Perm } from "../support/machine-structs.ts";
import { newPerm, owns, permits, READ, WRITE } from "./perm-model.ts";
import type { Who } from "./sem-model.ts";

export interface Message {
  readonly mtype: number;
  readonly size: number;
  /** The byte that the text starts with. */
  readonly fill: number;
}

/** What a receiver asks for. */
export interface Request {
  readonly size: number;
  readonly type: number;
  readonly flags: number;
}

type Wake = (result: number, message?: Message) => void;

interface Sender {
  readonly who: Who;
  readonly message: Message;
  readonly wake: Wake;
}

interface Receiver {
  readonly who: Who;
  readonly request: Request;
  readonly wake: Wake;
}

export interface ModelQueue {
  readonly id: number;
  perm: Perm;
  messages: Message[];
  senders: Sender[];
  receivers: Receiver[];
  qbytes: number;
  stime: number;
  rtime: number;
  ctime: number;
  lspid: number;
  lrpid: number;
}

function matches(mtype: number, { type, flags }: Request): boolean {
  if (type === 0) return true;
  if (type < 0) return mtype <= -type;
  return (mtype === type) !== ((flags & MSG_EXCEPT) !== 0);
}

const blocks = ({ size }: Message) => Math.max(1, Math.ceil(size / MSGSSZ));
const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

export const bytesIn = (queue: ModelQueue) => sum(queue.messages.map(({ size }) => size));

export class MsgModel {
  readonly limits: Limits;
  readonly queues = new Map<number, ModelQueue>();
  now = 1000;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  get messages(): Message[] {
    return [...this.queues.values()].flatMap(({ messages }) => messages);
  }

  /** An errno, the id of the queue that exists, or null: a new one, which publish() makes. */
  get(who: Who, key: number, flags: number): number | null {
    const found = [...this.queues.values()].find(({ perm }) => key !== 0 && perm.key === key);
    if (found !== undefined) {
      if ((flags & IPC_CREAT) !== 0 && (flags & IPC_EXCL) !== 0) return -EEXIST;
      return permits(who, found.perm, flags) ? found.id : -EACCES;
    }
    if (key !== 0 && (flags & IPC_CREAT) === 0) return -ENOENT;
    return this.queues.size === this.limits.MSGMNI ? -ENOSPC : null;
  }

  publish(who: Who, id: number, key: number, flags: number): void {
    this.queues.set(id, {
      id,
      perm: newPerm(who, key, flags),
      messages: [],
      senders: [],
      receivers: [],
      qbytes: this.limits.MSGMNB,
      stime: 0,
      rtime: 0,
      ctime: this.now,
      lspid: 0,
      lrpid: 0,
    });
  }

  send(who: Who, id: number, message: Message, flags: number, wake: Wake): number {
    const { size, mtype } = message;
    if (id < 0 || size < 0 || size > this.limits.MSGMAX || mtype < 1) return -EINVAL;
    const queue = this.queues.get(id);
    if (queue === undefined) return -EINVAL;
    if (!permits(who, queue.perm, WRITE)) return -EACCES;
    if (this.#fits(queue, message)) return this.#deliver(queue, who, message);
    if ((flags & IPC_NOWAIT) !== 0) return -EAGAIN;
    queue.senders.push({ who, message, wake });
    return -EWAIT;
  }

  #fits(queue: ModelQueue, { size }: Message): boolean {
    return bytesIn(queue) + size <= queue.qbytes && queue.messages.length + 1 <= queue.qbytes;
  }

  #deliver(queue: ModelQueue, who: Who, message: Message): number {
    const asked = queue.receivers.filter(({ request }) => matches(message.mtype, request));
    const large = ({ request }: Receiver) =>
      request.size >= message.size || (request.flags & MSG_NOERROR) !== 0;
    const taker = asked.find(large);
    const used = sum(this.messages.map(blocks));
    if (taker === undefined && used + blocks(message) > this.limits.MSGSEG) return -ENOMEM;
    const refused = taker === undefined ? asked : asked.slice(0, asked.indexOf(taker));
    queue.receivers = queue.receivers.filter((each) => each !== taker && !refused.includes(each));
    for (const { wake } of refused) wake(-E2BIG);
    queue.lspid = who.pid;
    queue.stime = this.now;
    if (taker === undefined) {
      queue.messages.push(message);
    } else {
      queue.lrpid = taker.who.pid;
      queue.rtime = this.now;
      taker.wake(Math.min(message.size, taker.request.size), message);
    }
    return 0;
  }

  /** `wake` also hears of a message that is there at once. */
  receive(who: Who, id: number, request: Request, wake: Wake): number {
    const { size, type, flags } = request;
    if (id < 0 || size < 0) return -EINVAL;
    const copies = (flags & MSG_COPY) !== 0;
    if (copies && ((flags & IPC_NOWAIT) === 0 || (flags & MSG_EXCEPT) !== 0)) return -EINVAL;
    const queue = this.queues.get(id);
    if (queue === undefined) return -EINVAL;
    if (!permits(who, queue.perm, READ)) return -EACCES;
    if (copies) {
      const message = queue.messages[type];
      if (message === undefined) return -ENOMSG;
      if (message.size > size) return (flags & MSG_NOERROR) !== 0 ? -EINVAL : -E2BIG;
      wake(message.size, message);
      return message.size;
    }
    const message = this.#find(queue, request);
    if (message === undefined) {
      if ((flags & IPC_NOWAIT) !== 0) return -ENOMSG;
      queue.receivers.push({ who, request, wake });
      return -EWAIT;
    }
    if (message.size > size && (flags & MSG_NOERROR) === 0) return -E2BIG;
    queue.messages = queue.messages.filter((each) => each !== message);
    queue.lrpid = who.pid;
    queue.rtime = this.now;
    const result = Math.min(size, message.size);
    wake(result, message);
    this.#serve(queue);
    return result;
  }

  #find(queue: ModelQueue, request: Request): Message | undefined {
    const found = queue.messages.filter(({ mtype }) => matches(mtype, request));
    if (request.type >= 0) return found[0];
    const lowest = Math.min(...found.map(({ mtype }) => mtype));
    return found.find(({ mtype }) => mtype === lowest);
  }

  #serve(queue: ModelQueue): void {
    for (const sender of [...queue.senders]) {
      if (!this.#fits(queue, sender.message)) continue;
      queue.senders = queue.senders.filter((each) => each !== sender);
      const allowed = permits(sender.who, queue.perm, WRITE);
      sender.wake(allowed ? this.#deliver(queue, sender.who, sender.message) : -EACCES);
    }
  }

  /** A wait ends without service. */
  forget(wake: Wake): void {
    for (const queue of this.queues.values()) {
      queue.senders = queue.senders.filter((each) => each.wake !== wake);
      queue.receivers = queue.receivers.filter((each) => each.wake !== wake);
    }
  }

  set(who: Who, id: number, owner: readonly [number, number], mode: number, qbytes: number) {
    const queue = this.queues.get(id);
    if (queue === undefined) return -EINVAL;
    if (!owns(who, queue.perm)) return -EPERM;
    if (qbytes > this.limits.MSGMNB && who.uid !== 0) return -EPERM;
    const [uid, gid] = owner;
    if (uid === -1 || gid === -1) return -EINVAL;
    queue.perm = { ...queue.perm, uid, gid, mode: mode & 0o777 };
    queue.qbytes = qbytes;
    queue.ctime = this.now;
    const denied = queue.receivers.filter((each) => !permits(each.who, queue.perm, READ));
    queue.receivers = queue.receivers.filter((each) => !denied.includes(each));
    for (const { wake } of denied) wake(-EACCES);
    this.#serve(queue);
    return 0;
  }

  remove(who: Who, id: number): number {
    const queue = this.queues.get(id);
    if (queue === undefined) return -EINVAL;
    if (!owns(who, queue.perm)) return -EPERM;
    this.queues.delete(id);
    for (const { wake } of [...queue.senders, ...queue.receivers]) wake(-EIDRM);
    return 0;
  }
}
