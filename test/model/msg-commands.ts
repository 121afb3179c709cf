/** The commands of the message queue model. */
import fc from "fast-check";
import { EAGAIN, EINTR } from "../../assembly/abi/errno.ts";
import {
  IPC_CREAT,
  IPC_EXCL,
  IPC_NOWAIT,
  IPC_RMID,
  IPC_SET,
  IPC_STAT,
} from "../../assembly/abi/ipc.ts";
import {
  MSG_COPY,
  MSG_EXCEPT,
  MSG_INFO,
  MSG_NOERROR,
  MSG_STAT_ANY,
  MSGINFO_MSGMAP,
  MSGINFO_MSGPOOL,
  MSGINFO_MSGTQL,
} from "../../assembly/abi/msg.ts";
import { type Build, LIMITS, type Limits } from "../support/machine.ts";
import { LOCK_MSG, LOCK_PAGE, LOCK_PROC, withLock } from "../support/machine-locks.ts";
import {
  readMessage,
  readMsqid,
  writeMessage,
  writePerm,
  writeQbytes,
} from "../support/machine-structs.ts";
import { bytesIn, type Message, MsgModel } from "./msg-model.ts";
import { choice, pick, same } from "./replay.ts";
import type { Who } from "./sem-model.ts";
import { ENDINGS, OWNERS, type Slot, Stage } from "./stage.ts";

export interface MsgCommand {
  readonly what: "send" | "receive" | "get" | "set" | "remove" | "end" | "time" | "wait";
  readonly task: number;
  readonly queue: number;
  readonly size: number;
  readonly type: number;
  readonly flags: number;
  readonly extra: number;
}

const WHATS: readonly [number, MsgCommand["what"]][] = [
  [14, "send"],
  [14, "receive"],
  [2, "get"],
  [2, "set"],
  [1, "remove"],
  [1, "end"],
  [1, "time"],
  [6, "wait"],
];

const NOWAIT_SEARCHES = [MSG_NOERROR, MSG_EXCEPT, MSG_COPY, MSG_COPY | MSG_NOERROR, 0];

/** `most` is MSGMAX; sizes lie on both sides of blocks and limits. */
export function msgCommands(most: number): fc.Arbitrary<MsgCommand> {
  const what = fc.oneof(
    ...WHATS.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })),
  );
  const edges = [0, 1, 8, 111, 112, 113, 224, 225, most, most + 1, -1];
  return fc.record({
    what,
    task: choice,
    queue: choice,
    size: fc.oneof(fc.constantFrom(...edges), fc.nat(most), fc.nat(30)),
    type: fc.oneof(fc.integer({ min: -4, max: 4 }), fc.constantFrom(0, 1, 0x7fffffff)),
    flags: fc.oneof(
      fc.constantFrom(0, 0, MSG_NOERROR, MSG_EXCEPT),
      fc.constantFrom(...NOWAIT_SEARCHES.map((flags) => flags | IPC_NOWAIT)),
      fc.constantFrom(MSG_COPY, MSG_COPY | MSG_EXCEPT | IPC_NOWAIT, MSG_EXCEPT | MSG_NOERROR),
    ),
    extra: choice,
  });
}

/** A queue holds a few messages, the pool fewer than the queues would. */
export const TINY: Partial<Limits> = { MSGMNI: 2, MSGMAX: 300, MSGMNB: 320, MSGSEG: 4 };

export class MsgPlay {
  readonly stage: Stage;
  readonly model: MsgModel;
  readonly seen: number[] = [];
  readonly #wakes = new Map<Slot, (result: number, message?: Message) => void>();

  constructor(build: Build, limits: Partial<Limits>) {
    this.stage = new Stage(build, limits);
    this.model = new MsgModel({ ...LIMITS, ...limits });
    this.#get(this.stage.actors[0]!.slots[0]!, 0, 0o666);
  }

  run(commands: readonly MsgCommand[]): void {
    for (const command of commands) {
      this.#step(command);
      this.#compare();
      this.stage.verify();
    }
  }

  #step(command: MsgCommand): void {
    const { what, extra } = command;
    if (what === "time") {
      this.model.now += 1;
      this.stage.setTime(this.model.now);
    } else if (what === "wait") {
      this.#wait(command);
    } else {
      const slot = this.stage.idle(command.task);
      if (slot === undefined) return;
      if (what === "end") {
        this.#end(slot, extra);
      } else if (what === "get") {
        const mode = pick(extra, [0o666, 0o600, 0o664, 0o444, 0o222, 0o060, 0o7])!;
        const create = pick(extra >> 3, [IPC_CREAT, IPC_CREAT, 0, IPC_CREAT | IPC_EXCL])!;
        this.#get(slot, command.queue % 4, mode | create);
      } else {
        this.#use(slot, command);
      }
    }
  }

  #end(slot: Slot, extra: number): void {
    for (const each of slot.actor.slots) this.model.forget(this.#wakes.get(each) ?? (() => {}));
    const lock = extra % 4 === 1 ? pick(extra >> 3, [LOCK_MSG, LOCK_PROC, LOCK_PAGE])! : 0;
    this.stage.end(slot, pick(extra, ENDINGS)!, lock);
  }

  #get(slot: Slot, key: number, flags: number): void {
    const who = this.#who(slot);
    const model = this.model.get(who, key, flags);
    const kernel = slot.task.call((exports) => exports.sys_msgget(key, flags));
    if (model !== null) {
      same("msgget", kernel, model);
      return;
    }
    if (kernel < 0 || this.seen.includes(kernel)) throw new Error(`msgget: new id ${kernel}`);
    this.seen.push(kernel);
    this.model.publish(who, kernel, key, flags);
  }

  #who(slot: Slot): Who {
    return { ...slot.actor.who, pid: slot.actor.process.pid };
  }

  #use(slot: Slot, command: MsgCommand): void {
    const { what, queue, extra } = command;
    const live = [...this.model.queues.keys()];
    const id = pick(queue, extra % 16 === 0 ? this.seen : live) ?? -1;
    const call = this.#calls(slot, id, command);
    if (extra % 8 === 1) {
      // A busy lock: the call says so, unless its arguments were wrong before it looked.
      const { machine } = this.stage;
      const result = withLock(machine, LOCK_MSG, machine.holder, call);
      if (result >= 0) throw new Error(`${what} went on under a lock that another task holds`);
    }
    if (what === "send") this.#send(slot, id, command, call);
    else if (what === "receive") this.#receive(slot, id, command, call);
    else this.#control(slot, id, command, call);
  }

  /** The command as an entry into the kernel. */
  #calls(slot: Slot, id: number, { what, size, type, flags, extra }: MsgCommand): () => number {
    const { task } = slot;
    if (what === "send") {
      return () => {
        writeMessage(task, type, Math.min(Math.max(0, size), this.model.limits.MSGMAX), extra);
        return task.call((kernel) => kernel.sys_msgsnd(id, size, flags));
      };
    }
    if (what === "receive") {
      return () => task.call((kernel) => kernel.sys_msgrcv(id, size, type, flags));
    }
    if (what === "remove") return () => task.call((kernel) => kernel.sys_msgctl(id, IPC_RMID));
    const [uid, gid] = pick(extra, OWNERS)!;
    return () => {
      writePerm(task, uid, gid, pick(extra >> 3, MODES)!);
      writeQbytes(task, this.#qbytes(extra));
      return task.call((kernel) => kernel.sys_msgctl(id, IPC_SET));
    };
  }

  #qbytes(extra: number): number {
    const { MSGMNB } = this.model.limits;
    return pick(extra >> 6, [MSGMNB, MSGMNB, 0, 3, MSGMNB >> 1, MSGMNB + 100])!;
  }

  #send(slot: Slot, id: number, command: MsgCommand, call: () => number): void {
    const { size, type, flags, extra } = command;
    const message = { mtype: type, size, fill: extra };
    const wake = (result: number) => this.stage.complete(slot, result);
    this.#wakes.set(slot, wake);
    slot.collected = () => {};
    const model = this.model.send(this.#who(slot), id, message, flags, wake);
    this.stage.answered("msgsnd", slot, call(), model);
  }

  #receive(slot: Slot, id: number, command: MsgCommand, call: () => number): void {
    const { size, type, flags } = command;
    let message: Message | undefined;
    let waits = false;
    const wake = (result: number, arrived?: Message) => {
      message = arrived;
      if (waits) this.stage.complete(slot, result);
    };
    this.#wakes.set(slot, wake);
    slot.collected = (result) => {
      if (message === undefined) return;
      const wanted = { mtype: message.mtype, intact: true };
      same("the message", readMessage(slot.task, result, message.fill), wanted);
    };
    const model = this.model.receive(this.#who(slot), id, { size, type, flags }, wake);
    const kernel = call();
    waits = true;
    if (this.stage.answered("msgrcv", slot, kernel, model)) slot.collected(kernel);
  }

  #control(slot: Slot, id: number, { what, extra }: MsgCommand, call: () => number): void {
    const who = this.#who(slot);
    const mode = pick(extra >> 3, MODES)!;
    const model =
      what === "remove"
        ? this.model.remove(who, id)
        : this.model.set(who, id, pick(extra, OWNERS)!, mode, this.#qbytes(extra));
    same(what, call(), model);
  }

  #wait({ task, extra }: MsgCommand): void {
    const slot = this.stage.waiting(task);
    if (slot === undefined) return;
    const errno = pick(extra, [0, EAGAIN, EINTR])!;
    if (slot.state === "done") {
      this.stage.collect(slot, errno);
    } else if (errno === 0) {
      this.stage.peek(slot);
    } else {
      this.stage.cancel(slot, errno);
      this.model.forget(this.#wakes.get(slot)!);
    }
  }

  /** Everything that msgctl(2) shows to root, against the model. */
  #compare(): void {
    const { root } = this.stage.machine;
    for (const queue of this.model.queues.values()) {
      const { id, perm, qbytes, stime, rtime, ctime, lspid, lrpid } = queue;
      const counts = { cbytes: bytesIn(queue), qnum: queue.messages.length, qbytes };
      same(
        "IPC_STAT",
        root.call((kernel) => kernel.sys_msgctl(id, IPC_STAT)),
        0,
      );
      const wanted = { perm, stime, rtime, ctime, ...counts, lspid, lrpid };
      same("msqid_ds", readMsqid(root), wanted);
      const byIndex = root.call((kernel) => kernel.sys_msgctl(id & 0x7fff, MSG_STAT_ANY));
      same("MSG_STAT_ANY", byIndex, id);
    }
    const high = Math.max(0, ...[...this.model.queues.keys()].map((id) => id & 0x7fff));
    same(
      "MSG_INFO",
      root.call((kernel) => kernel.sys_msgctl(0, MSG_INFO)),
      high,
    );
    const word = (offset: number) => root.machine.view.getInt32(root.transfer + offset, true);
    same("queues", word(MSGINFO_MSGPOOL), this.model.queues.size);
    same("messages", word(MSGINFO_MSGMAP), this.model.messages.length);
    const bytes = this.model.messages.reduce((sum, { size }) => sum + size, 0);
    same("bytes", word(MSGINFO_MSGTQL), bytes);
  }
}

const MODES = [0o666, 0o600, 0o640, 0o020, 0o002, 0o222, 0o444];
