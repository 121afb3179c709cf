/** The commands of the mutex model: what may be asked, and how kernel and model are asked it. */
import fc from "fast-check";
import { EINTR, ELOCK, ERETRY, ETIMEDOUT } from "../../assembly/abi/errno.ts";
import { ROBUST_MUTEX_SIZE } from "../../assembly/abi/mutex.ts";
import { SHMAT_OFFSET } from "../../assembly/abi/shm.ts";
import type { Build, TestKernel } from "../support/machine.ts";
import { LOCK_MUTEX, LOCK_PROC, withLock } from "../support/machine-locks.ts";
import { MutexModel } from "./mutex-model.ts";
import { choice, pick, same } from "./replay.ts";
import { ENDINGS, type Slot, Stage } from "./stage.ts";

export interface MutexCommand {
  readonly what: "lock" | "trylock" | "unlock" | "consistent" | "init" | "destroy" | "end" | "wait";
  readonly task: number;
  readonly mutex: number;
  readonly extra: number;
}

const WHATS: readonly [number, MutexCommand["what"]][] = [
  [12, "lock"],
  [3, "trylock"],
  [10, "unlock"],
  [3, "consistent"],
  [1, "init"],
  [1, "destroy"],
  [3, "end"],
  [8, "wait"],
];

const MUTEXES = 3;

export function mutexCommands(): fc.Arbitrary<MutexCommand> {
  const what = fc.oneof(
    ...WHATS.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })),
  );
  return fc.record({ what, task: choice, mutex: choice, extra: choice });
}

export class MutexPlay {
  readonly stage: Stage;
  readonly model = new MutexModel(MUTEXES);
  readonly #first: number;
  /** What each sleeper waits for, and what the model calls to wake it. */
  readonly #waits = new Map<Slot, { index: number; wake: () => void }>();

  constructor(build: Build) {
    this.stage = new Stage(build, {});
    const { root, view } = this.stage.machine;
    const id = root.call((kernel) => kernel.sys_shmget(0, 4096, 0o666));
    root.call((kernel) => kernel.sys_shmat(id, 0, 0));
    this.#first = view.getUint32(root.transfer + SHMAT_OFFSET, true);
  }

  run(commands: readonly MutexCommand[]): void {
    for (const command of commands) {
      this.#step(command);
      this.stage.verify();
    }
  }

  #at(index: number): number {
    return this.#first + index * ROBUST_MUTEX_SIZE;
  }

  #step(command: MutexCommand): void {
    const slot = this.stage.idle(command.task);
    if (command.what === "wait") this.#wait(command);
    else if (slot === undefined) return;
    else if (command.what === "end") this.#end(slot, command);
    else if (command.what === "lock") this.#lock(slot, command.mutex % MUTEXES, command.extra);
    else this.#other(command.what, slot, command);
  }

  #other(
    what: Exclude<MutexCommand["what"], "wait" | "end" | "lock">,
    slot: Slot,
    { mutex, extra }: MutexCommand,
  ): void {
    const index = mutex % MUTEXES;
    const { pid } = slot.actor.process;
    const wanted = {
      trylock: () => this.model.lock(index, pid),
      unlock: () => this.model.unlock(index, pid),
      consistent: () => this.model.consistent(index, pid),
      init: () => this.model.init(index),
      destroy: () => this.model.destroy(index),
    }[what]();
    const entry = `sys_mutex_${what}` as const;
    same(
      what,
      this.#whole(slot, extra, (kernel) => kernel[entry](this.#at(index))),
      wanted,
    );
  }

  /** Makes a call; sometimes the sleepers' lock is held at first, and what needs it is repeated. */
  #whole(slot: Slot, extra: number, call: (kernel: TestKernel) => number): number {
    const { machine } = this.stage;
    if (extra % 5 !== 0) return slot.task.call(call);
    const first = withLock(machine, LOCK_MUTEX, machine.holder, () => slot.task.call(call));
    return first === -ELOCK ? slot.task.call(call) : first;
  }

  #lock(slot: Slot, index: number, extra: number): void {
    const wake = () => this.stage.complete(slot, -ERETRY);
    const wanted = this.model.lock(index, slot.actor.process.pid, wake);
    const result = this.#whole(slot, extra, (kernel) => kernel.sys_mutex_lock(this.#at(index)));
    this.stage.answered("lock", slot, result, wanted);
    this.#waits.set(slot, { index, wake });
  }

  #end(slot: Slot, { extra }: MutexCommand): void {
    const { actor } = slot;
    for (const each of actor.slots) this.model.forget(this.#waits.get(each)?.wake ?? (() => {}));
    this.model.end(actor.process.pid);
    const lock = extra % 3 === 1 ? pick(extra >> 3, [LOCK_MUTEX, LOCK_PROC])! : 0;
    this.stage.end(slot, pick(extra, ENDINGS)!, lock);
  }

  /** Looks at a waiting task. One that was woken competes again, or lets another one. */
  #wait({ task, extra }: MutexCommand): void {
    const slot = this.stage.waiting(task);
    if (slot === undefined) return;
    const { index, wake } = this.#waits.get(slot)!;
    const errno = pick(extra, [0, EINTR, ETIMEDOUT, 0])!;
    if (slot.state === "done") {
      this.stage.collect(slot, errno);
      if (extra % 3 > 0) this.#lock(slot, index, extra);
      else this.#pass(slot, index);
    } else if (errno === 0) {
      this.stage.peek(slot);
    } else {
      this.stage.cancel(slot, errno);
      this.model.forget(wake);
    }
  }

  #pass(slot: Slot, index: number): void {
    const passed = slot.task.call((kernel) => kernel.sys_mutex_pass(this.#at(index)));
    same("pass", passed, this.model.pass(index));
  }
}
