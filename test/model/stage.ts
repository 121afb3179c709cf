/**
 * The stage that every model plays on: a machine in one thread, actors (processes of several users,
 * two tasks each), and what each task is doing. A task is idle, asleep in a call, or done: its call
 * was completed by a waker and nobody has asked for the result yet, so a cancel can still come late.
 */
import { EINTR, ELOCK, EWAIT } from "../../assembly/abi/errno.ts";
import {
  type Build,
  type Credentials,
  type Limits,
  type TestKernel,
  TestMachine,
  type TestProcess,
  type TestTask,
} from "../support/machine.ts";
import { withLock } from "../support/machine-locks.ts";
import { pick, same } from "./replay.ts";

export interface Slot {
  readonly actor: Actor;
  readonly task: TestTask;
  state: "idle" | "asleep" | "done";
  /** What wait_result must return once the state is done. */
  expected: number;
  /** Looks at what the finished call left in the transfer area. */
  collected: (result: number) => void;
}

export interface Actor {
  readonly who: Credentials;
  process: TestProcess;
  slots: Slot[];
}

/** root, two processes of one user, and one whose supplementary group is that user's group. */
export const CAST: readonly Credentials[] = [
  { uid: 0, gid: 0 },
  { uid: 100, gid: 10 },
  { uid: 100, gid: 10 },
  { uid: 200, gid: 20, groups: [10] },
  { uid: 300, gid: 30 },
];

/** Owners that IPC_SET sets; -1 is none. */
export const OWNERS: readonly (readonly [number, number])[] = [
  [100, 10],
  [200, 20],
  [0, 0],
  [-1, 10],
  [300, 10],
];

/** How a process ends. */
export const ENDINGS = ["exit", "supervised", "dead"] as const;
export type Ending = (typeof ENDINGS)[number];

const MACHINES = new Map<Build, TestMachine>();

export class Stage {
  readonly machine: TestMachine;
  readonly actors: Actor[];
  seconds = 1000;

  constructor(build: Build, limits: Partial<Limits>, cast = CAST) {
    const machine = MACHINES.get(build) ?? new TestMachine(build, 16);
    MACHINES.set(build, machine);
    this.machine = machine;
    same("machine_format", machine.format(limits), 0);
    this.actors = cast.map((who) => this.#enter({ who } as Actor));
  }

  #enter(actor: Actor): Actor {
    actor.process = this.machine.process(actor.who);
    const second = actor.process.task();
    if (typeof second === "number") throw new Error(`task_create: ${second}`);
    actor.slots = actor.process.tasks.map((task) => ({
      actor,
      task,
      state: "idle",
      expected: 0,
      collected: () => {},
    }));
    return actor;
  }

  get slots(): Slot[] {
    return this.actors.flatMap(({ slots }) => slots);
  }

  /** An idle task, if there is one. */
  idle(number: number): Slot | undefined {
    return pick(
      number,
      this.slots.filter(({ state }) => state === "idle"),
    );
  }

  /** A task that sleeps or has a result to fetch. */
  waiting(number: number): Slot | undefined {
    return pick(
      number,
      this.slots.filter(({ state }) => state !== "idle"),
    );
  }

  /** Compares a call's answer; a call that must wait puts the task to sleep. */
  answered(what: string, slot: Slot, kernel: number, model: number): boolean {
    same(what, kernel, model);
    if (kernel !== -EWAIT) return kernel >= 0;
    slot.state = "asleep";
    return false;
  }

  /** The model's waker completed this task's call. */
  complete(slot: Slot, result: number): void {
    slot.state = "done";
    slot.expected = result;
  }

  /** Fetches a result by wait_result, or by a cancel that came too late. */
  collect(slot: Slot, errno: number): void {
    const result = errno === 0 ? slot.task.waitResult() : slot.task.waitCancel(errno);
    same(`result of task ${slot.task.id}`, result, slot.expected);
    slot.state = "idle";
    slot.collected(result);
  }

  /** Cancels a sleeping task's wait. */
  cancel(slot: Slot, errno: number): void {
    same(`cancel of task ${slot.task.id}`, slot.task.waitCancel(errno), -errno);
    slot.state = "idle";
  }

  /** A spurious look at a task that still sleeps. */
  peek(slot: Slot): void {
    same(`early wait_result of task ${slot.task.id}`, slot.task.waitResult(), -EWAIT);
  }

  /**
   * Ends a process, by its idle task or from outside; another of the same user takes its place. The
   * lock at `busy` (0: none) is held by another task at first: the end is then cut short and repeated.
   */
  end({ actor, task }: Slot, ending: Ending, busy = 0): void {
    const { root } = this.machine;
    const { main, pid, tasks } = actor.process;
    const until = (what: string, by: TestTask, call: (kernel: TestKernel) => number) => {
      const first =
        busy === 0
          ? -ELOCK
          : withLock(this.machine, busy, this.machine.holder, () => by.call(call));
      same(what, first === -ELOCK ? by.call(call) : first, 0);
    };
    if (ending === "exit") {
      until("sys_exit", task, (kernel) => kernel.sys_exit(0));
      for (const { id } of [...tasks].reverse()) {
        same("task_free", main.kernel.task_free(id), 0);
      }
    } else {
      if (ending === "supervised") {
        until("proc_exit", root, (kernel) => kernel.proc_exit(pid, 9));
        this.#refused(main);
      }
      until("thread_dead", root, (kernel) => kernel.thread_dead(kernel.task_serial(main.id)));
    }
    this.#enter(actor);
  }

  /** A thread that outlives its process is refused. */
  #refused(task: TestTask): void {
    same(
      "call after the end",
      task.call((kernel) => kernel.sys_msgget(0, 0o600)),
      -EINTR,
    );
  }

  setTime(seconds: number): void {
    this.seconds = seconds;
    this.machine.setTime(seconds);
  }

  /** Park words as the model has them, and every invariant of the machine. */
  verify(): void {
    for (const { task, state } of this.slots) {
      // A task that is idle runs, so nobody looks at its word.
      if (state !== "idle" && (task.park === 1) !== (state === "asleep")) {
        throw new Error(`park word of task ${task.id} is ${task.park}, the model: ${state}`);
      }
    }
    same("machine_check", this.machine.check(), 0);
  }
}
