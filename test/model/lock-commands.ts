/** The commands of the model of locks on files: what may be asked, and how kernel and model are asked it. */
import fc from "fast-check";
import { EINTR, ELOCK } from "../../assembly/abi/errno.ts";
import {
  F_GETLK,
  F_OFD_GETLK,
  F_OFD_SETLK,
  F_OFD_SETLKW,
  F_RDLCK,
  F_SETLK,
  F_SETLKW,
  F_UNLCK,
  LOCK_EX,
  LOCK_NB,
  LOCK_SH,
  LOCK_UN,
} from "../../assembly/abi/fcntl.ts";
import {
  FLOCK_LEN,
  FLOCK_PID,
  FLOCK_SIZE,
  FLOCK_START,
  FLOCK_TYPE,
} from "../../assembly/abi/flock.ts";
import type { Build, TestKernel } from "../support/machine.ts";
import { LOCK_PROC, LOCK_RECORD, withLock } from "../support/machine-locks.ts";
import { BYTES, type Kind, LockModel, type Seen, TYPES, type Wish } from "./lock-model.ts";
import { choice, pick, same } from "./replay.ts";
import { ENDINGS, type Slot, Stage } from "./stage.ts";

export interface LockCommand {
  readonly what: "set" | "wait" | "get" | "close" | "end" | "look";
  readonly task: number;
  readonly kind: Kind;
  readonly type: number;
  readonly from: number;
  readonly size: number;
  readonly extra: number;
}

const WHATS: readonly [number, LockCommand["what"]][] = [
  [14, "set"],
  [8, "wait"],
  [6, "get"],
  [2, "close"],
  [1, "end"],
  [8, "look"],
];

/** Descriptions that each process opens: of one file, which every epoll instance is. */
const FIRST = 3;
const COUNT = 2;
const LOCK_MAX = 14;

export function lockCommands(): fc.Arbitrary<LockCommand> {
  const what = fc.oneof(
    ...WHATS.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })),
  );
  return fc.record({
    what,
    task: choice,
    kind: fc.constantFrom<Kind>("proc", "proc", "file", "flock"),
    type: fc.constantFrom(...TYPES),
    from: fc.nat({ max: BYTES - 1 }),
    size: fc.nat({ max: BYTES }),
    extra: choice,
  });
}

export class LockPlay {
  readonly stage: Stage;
  readonly model = new LockModel(LOCK_MAX);
  /** What each description is called; it has another name each time it is opened. */
  readonly #names = new Map<string, string>();
  readonly #waits = new Map<Slot, { wish: Wish; done: (result: number) => void }>();
  #opened = 0;

  constructor(build: Build) {
    this.stage = new Stage(build, { LOCK_MAX });
    for (const { process } of this.stage.actors) this.#open(process.main, process.pid);
  }

  run(commands: readonly LockCommand[]): void {
    for (const command of commands) {
      this.#step(command);
      this.stage.verify();
    }
  }

  #open(task: Slot["task"], pid: number): void {
    for (let fd = FIRST; fd < FIRST + COUNT; fd++) {
      same(
        "epoll_create1",
        task.call((kernel) => kernel.sys_epoll_create1(0)),
        fd,
      );
      this.#opened += 1;
      this.#names.set(`${pid} ${fd}`, `${this.#opened}`);
    }
  }

  #step(command: LockCommand): void {
    if (command.what === "look") {
      this.#look(command);
      return;
    }
    const slot = this.stage.idle(command.task);
    if (slot === undefined) return;
    if (command.what === "end") this.#end(slot, command);
    else if (command.what === "close") this.#close(slot, command);
    else if (command.what === "get") this.#get(slot, command);
    else this.#set(slot, command, command.what === "wait");
  }

  #fd({ extra }: LockCommand): number {
    return FIRST + (extra % COUNT);
  }

  #wish({ actor }: Slot, command: LockCommand): Wish {
    const { kind, type, from, size } = command;
    const { pid } = actor.process;
    const owner = kind === "proc" ? `${pid}` : this.#names.get(`${pid} ${this.#fd(command)}`)!;
    if (kind === "flock") return { kind, owner, type, from: 0, to: BYTES };
    return { kind, owner, type, from, to: size === 0 ? BYTES : Math.min(from + size - 1, BYTES) };
  }

  /** Makes a call; sometimes the lock of locks is held at first, and what needs it is repeated. */
  #whole({ task }: Slot, extra: number, call: (kernel: TestKernel) => number): number {
    const { machine } = this.stage;
    if (extra % 5 !== 0) return task.call(call);
    const first = withLock(machine, LOCK_RECORD, machine.holder, () => task.call(call));
    return first === -ELOCK ? task.call(call) : first;
  }

  /** A range that ends at BYTES has no end, whatever its length was. */
  #write({ task }: Slot, { type, from, to }: Wish): void {
    const { u8, view } = task.machine;
    u8.fill(0, task.transfer, task.transfer + FLOCK_SIZE);
    view.setInt16(task.transfer + FLOCK_TYPE, type, true);
    view.setBigInt64(task.transfer + FLOCK_START, BigInt(from), true);
    const len = to === BYTES ? 0 : to - from + 1;
    view.setBigInt64(task.transfer + FLOCK_LEN, BigInt(len), true);
  }

  #set(slot: Slot, command: LockCommand, waits: boolean): void {
    const wish = this.#wish(slot, command);
    const fd = this.#fd(command);
    const done = (result: number) => this.stage.complete(slot, result);
    const wanted = this.model.set(wish, waits ? done : undefined);
    const result = this.#whole(slot, command.extra, (kernel) => {
      if (wish.kind === "flock") {
        const operation =
          wish.type === F_RDLCK ? LOCK_SH : wish.type === F_UNLCK ? LOCK_UN : LOCK_EX;
        return kernel.sys_flock(fd, operation | (waits ? 0 : LOCK_NB));
      }
      this.#write(slot, wish);
      const cmd = wish.kind === "proc" ? F_SETLK : F_OFD_SETLK;
      const waiting = wish.kind === "proc" ? F_SETLKW : F_OFD_SETLKW;
      return kernel.sys_fcntl_lock(fd, waits ? waiting : cmd);
    });
    this.stage.answered(`${wish.kind} lock`, slot, result, wanted);
    if (slot.state !== "idle") this.#waits.set(slot, { wish, done });
  }

  #get(slot: Slot, command: LockCommand): void {
    if (command.kind === "flock") return;
    const wish = this.#wish(slot, command);
    const isOwn = wish.type === F_UNLCK;
    if (isOwn && wish.kind === "proc") return;
    const cmd = wish.kind === "proc" ? F_GETLK : F_OFD_GETLK;
    const result = this.#whole(slot, command.extra, (kernel) => {
      this.#write(slot, wish);
      return kernel.sys_fcntl_lock(this.#fd(command), cmd);
    });
    same("F_GETLK", result, 0);
    const wanted = isOwn ? this.model.own(wish) : this.model.get(wish);
    same("F_GETLK's lock", this.#read(slot), this.#shown(wanted, wish));
  }

  #read({ task }: Slot): number[] {
    const { view } = task.machine;
    return [
      view.getInt16(task.transfer + FLOCK_TYPE, true),
      Number(view.getBigInt64(task.transfer + FLOCK_START, true)),
      Number(view.getBigInt64(task.transfer + FLOCK_LEN, true)),
      view.getInt32(task.transfer + FLOCK_PID, true),
    ];
  }

  #shown(seen: Seen | undefined, { from, to }: Wish): number[] {
    const len = (first: number, last: number) => (last === BYTES ? 0 : last - first + 1);
    if (seen === undefined) return [F_UNLCK, from, len(from, to), 0];
    const pid = seen.kind === "proc" ? Number(seen.owner) : -1;
    return [seen.type, seen.from, len(seen.from, seen.to), pid];
  }

  /** Closes a description and opens another; not one through which a call of the process waits. */
  #close(slot: Slot, command: LockCommand): void {
    const { actor, task } = slot;
    const { pid } = actor.process;
    if (actor.slots.some(({ state }) => state !== "idle")) return;
    const closed = Array.from({ length: COUNT }, (_, index) => FIRST + index);
    for (const fd of closed) {
      this.model.close(`${pid}`, this.#names.get(`${pid} ${fd}`)!);
      const result = this.#whole(slot, command.extra, (kernel) => kernel.sys_close(fd));
      same("close", result, 0);
      this.stage.verify();
    }
    this.#open(task, pid);
  }

  #end(slot: Slot, { extra }: LockCommand): void {
    const { actor } = slot;
    const { pid } = actor.process;
    for (const each of actor.slots) this.model.forget(this.#waits.get(each)?.done ?? (() => {}));
    this.model.end(`${pid}`);
    for (let fd = FIRST; fd < FIRST + COUNT; fd++) {
      this.model.close(`${pid}`, this.#names.get(`${pid} ${fd}`)!);
    }
    const lock = extra % 3 === 1 ? pick(extra >> 3, [LOCK_RECORD, LOCK_PROC])! : 0;
    this.stage.end(slot, pick(extra, ENDINGS)!, lock);
    this.#open(actor.process.main, actor.process.pid);
  }

  /** Looks at a waiting task, or gives its wait up. */
  #look({ task, extra }: LockCommand): void {
    const slot = this.stage.waiting(task);
    if (slot === undefined) return;
    const errno = pick(extra, [0, EINTR, 0, 0])!;
    if (slot.state === "done") this.stage.collect(slot, errno);
    else if (errno === 0) this.stage.peek(slot);
    else {
      this.stage.cancel(slot, errno);
      this.model.forget(this.#waits.get(slot)!.done);
    }
  }
}
