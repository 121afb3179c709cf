/** The commands of the semaphore model: what may be asked, and how kernel and model are asked it. */
import fc from "fast-check";
import { EAGAIN, EINTR, ELOCK, ETIMEDOUT } from "../../assembly/abi/errno.ts";
import { IPC_CREAT, IPC_EXCL, IPC_NOWAIT, IPC_RMID, IPC_SET } from "../../assembly/abi/ipc.ts";
import { GETVAL, SEM_UNDO, SETALL, SETVAL } from "../../assembly/abi/sem.ts";
import type { Build, Limits } from "../support/machine.ts";
import { LIMITS } from "../support/machine.ts";
import { LOCK_PAGE, LOCK_PROC, LOCK_SEM, semLock, withLock } from "../support/machine-locks.ts";
import { type Op, semop, writePerm, writeValues } from "../support/machine-structs.ts";
import { choice, pick, same } from "./replay.ts";
import { compareSets } from "./sem-compare.ts";
import { SemModel, type Who } from "./sem-model.ts";
import { ENDINGS, OWNERS, type Slot, Stage } from "./stage.ts";

/** One command: numbers pick among what there is when it runs. */
export interface SemCommand {
  readonly what:
    | "semop"
    | "get"
    | "setval"
    | "setall"
    | "set"
    | "remove"
    | "read"
    | "end"
    | "time"
    | "wait";
  readonly task: number;
  readonly set: number;
  readonly ops: readonly Op[];
  readonly num: number;
  readonly value: number;
  readonly extra: number;
}

const flags = fc.constantFrom(0, 0, 0, SEM_UNDO, SEM_UNDO, IPC_NOWAIT, IPC_NOWAIT | SEM_UNDO);

function operation(most: number): fc.Arbitrary<Op> {
  const small = fc.constantFrom(-1, -1, -1, 0, 0, 1, 1, 2, -2, 3);
  const large = fc.integer({ min: -most, max: most });
  const op = fc.oneof({ weight: 9, arbitrary: small }, { weight: 1, arbitrary: large });
  const num = fc.oneof({ weight: 30, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.nat(5) });
  return fc.record({ num, op, flg: flags });
}

const WHATS: readonly [number, SemCommand["what"]][] = [
  [24, "semop"],
  [3, "get"],
  [3, "setval"],
  [1, "setall"],
  [1, "set"],
  [1, "remove"],
  [1, "read"],
  [2, "end"],
  [1, "time"],
  [6, "wait"],
];

export function semCommands(most: number): fc.Arbitrary<SemCommand> {
  const what = fc.oneof(
    ...WHATS.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })),
  );
  const one = fc.array(operation(most), { minLength: 1, maxLength: 1 });
  const many = fc.array(operation(most), { minLength: 0, maxLength: 5, size: "max" });
  return fc.record({
    what,
    task: choice,
    set: choice,
    ops: fc.oneof(one, many),
    num: fc.nat(4),
    value: fc.oneof(fc.nat(3), fc.integer({ min: -1, max: most + 1 })),
    extra: choice,
  });
}

/** Full tables are met often with these. */
export const TINY: Partial<Limits> = {
  SEMMNI: 3,
  SEMMSL: 4,
  SEMMNS: 7,
  SEMOPM: 4,
  SEMMNU: 5,
  SEMVMX: 4,
};

export class SemPlay {
  readonly stage: Stage;
  readonly model: SemModel;
  /** Ids that were live once. */
  readonly seen: number[] = [];

  constructor(build: Build, limits: Partial<Limits>) {
    this.stage = new Stage(build, limits);
    this.model = new SemModel({ ...LIMITS, ...limits });
    this.#get(this.stage.actors[0]!.slots[0]!, 0, 3, 0o666);
  }

  run(commands: readonly SemCommand[]): void {
    for (const command of commands) {
      this.#step(command);
      compareSets(this.stage.machine.root, this.model);
      this.stage.verify();
    }
  }

  #step(command: SemCommand): void {
    const { what } = command;
    if (what === "time") {
      this.model.now += 1;
      this.stage.setTime(this.model.now);
    } else if (what === "wait") {
      this.#wait(command);
    } else {
      const slot = this.stage.idle(command.task);
      if (slot === undefined) return;
      if (what === "end") this.#end(slot, command);
      else if (what === "get") this.#getOne(slot, command);
      else this.#use(slot, command);
    }
  }

  #getOne(slot: Slot, { extra, set, num, value }: SemCommand): void {
    const mode = pick(extra, [0o666, 0o600, 0o664, 0o444, 0o060, 0o7])!;
    const create = pick(set, [IPC_CREAT, IPC_CREAT, 0, IPC_CREAT | IPC_EXCL])!;
    this.#get(slot, num, value, mode | create);
  }

  #use(slot: Slot, command: SemCommand): void {
    // An id that is live, or sometimes one that was.
    const live = [...this.model.sets.keys()];
    const id = pick(command.set, command.extra % 16 === 0 ? this.seen : live) ?? -1;
    const who: Who = { ...slot.actor.who, pid: slot.actor.process.pid };
    this.#busy(slot, id, command);
    if (command.what === "semop") this.#semop(slot, who, id, command);
    else this.#control(slot, who, id, command);
  }

  /** Now and then a lock is held by nobody's task: the call must say so and change nothing. */
  #busy(slot: Slot, id: number, { what, ops, num, value, extra }: SemCommand): void {
    if (extra % 8 !== 1 || !this.model.sets.has(id)) return;
    const { machine } = this.stage;
    const lock =
      what === "remove" ? pick(extra >> 3, [LOCK_SEM, LOCK_PAGE])! : semLock(machine, id);
    const result = withLock(machine, lock, machine.holder, () => {
      if (what === "semop") return semop(slot.task, id, ops, true);
      if (what === "remove") return slot.task.call((kernel) => kernel.sys_semctl(id, 0, 0, 0));
      if (what === "setval") {
        return slot.task.call((kernel) => kernel.sys_semctl(id, num, SETVAL, value));
      }
      return -ELOCK;
    });
    // Refused for another reason, which the real call meets as well, or for the lock.
    if (result >= 0) throw new Error(`${what} went on under a lock that another task holds`);
  }

  #semop(slot: Slot, who: Who, id: number, { ops, extra }: SemCommand): void {
    const wake = (result: number) => this.stage.complete(slot, result);
    this.#wakes.set(slot, wake);
    const single = extra % 2 === 0 && ops.length === 1;
    const model = this.model.semop(who, id, ops, wake);
    const kernel = semop(slot.task, id, ops, single);
    this.stage.answered("semop", slot, kernel, model);
  }

  readonly #wakes = new Map<Slot, (result: number) => void>();

  #get(slot: Slot, key: number, nsems: number, flg: number): void {
    const who: Who = { ...slot.actor.who, pid: slot.actor.process.pid };
    const model = this.model.get(who, key, nsems, flg);
    const kernel = slot.task.call((exports) => exports.sys_semget(key, nsems, flg));
    if (model !== null) {
      same("semget", kernel, model);
      return;
    }
    if (kernel < 0 || this.seen.includes(kernel)) throw new Error(`semget: new id ${kernel}`);
    this.seen.push(kernel);
    this.model.publish(who, kernel, key, nsems, flg);
  }

  #control(slot: Slot, who: Who, id: number, command: SemCommand): void {
    const { num, value, extra, what, ops } = command;
    const call = (cmd: number, arg = 0) =>
      slot.task.call((kernel) => kernel.sys_semctl(id, num, cmd, arg));
    const { model } = this;
    if (what === "setval") {
      const wanted = model.setval(who, id, num, value);
      same("SETVAL", call(SETVAL, value), wanted);
    } else if (what === "setall") {
      const values = Array.from({ length: 8 }, (_, index) => Math.max(0, ops[index]?.op ?? 0));
      writeValues(slot.task, values);
      const wanted = model.setall(who, id, values);
      same("SETALL", call(SETALL), wanted);
    } else if (what === "set") {
      const [uid, gid] = pick(extra, OWNERS)!;
      const mode = pick(extra >> 3, [0o666, 0o600, 0o640, 0o020, 0o002])!;
      writePerm(slot.task, uid, gid, mode);
      const wanted = model.set(who, id, uid, gid, mode);
      same("IPC_SET", call(IPC_SET), wanted);
    } else if (what === "remove") {
      const wanted = model.remove(who, id);
      same("IPC_RMID", call(IPC_RMID), wanted);
    } else {
      const wanted = model.read(who, id, num);
      same("GETVAL", call(GETVAL), wanted === 0 ? model.sets.get(id)!.values[num] : wanted);
    }
  }

  #end(slot: Slot, { extra }: SemCommand): void {
    const { actor } = slot;
    for (const each of actor.slots) this.model.forget(this.#wakes.get(each) ?? (() => {}));
    this.model.exit(actor.process.pid);
    const sets = [...this.model.sets.keys()].map((id) => semLock(this.stage.machine, id));
    const lock = extra % 4 === 1 ? pick(extra >> 3, [LOCK_SEM, LOCK_PAGE, LOCK_PROC, ...sets])! : 0;
    this.stage.end(slot, pick(extra, ENDINGS)!, lock);
  }

  /** Looks at a waiting task: fetches what is done, cancels what is not, or finds it asleep. */
  #wait({ task, extra }: SemCommand): void {
    const slot = this.stage.waiting(task);
    if (slot === undefined) return;
    const errno = pick(extra, [0, EAGAIN, EINTR, ETIMEDOUT])!;
    if (slot.state === "done") {
      this.stage.collect(slot, errno);
    } else if (errno === 0) {
      this.stage.peek(slot);
    } else {
      this.stage.cancel(slot, errno);
      this.model.forget(this.#wakes.get(slot)!);
    }
  }
}
