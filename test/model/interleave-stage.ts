/**
 * Two threads of one machine, stepped access by access, and a scenario that can be put back to its
 * start: what interleave.ts schedules.
 */
import { EINVAL, ELOCK, ERETRY, EWAIT } from "../../assembly/abi/errno.ts";
import { WASM_PAGE_SIZE } from "../../assembly/abi/limits.ts";
import {
  type Limits,
  ROOT,
  type TestKernel,
  TestMachine,
  TestProcess,
  TestTask,
} from "../support/machine.ts";
import { Coroutine } from "./coroutine.ts";
import { portrait } from "./portrait.ts";

export type Random = (below: number) => number;

/** One call: what goes into the transfer area before it, and the entry. */
export interface Step {
  readonly prepare?: (task: TestTask) => void;
  readonly call: (kernel: TestKernel) => number;
  /** The entry after a sleep that ended with ERETRY; without it that is the result. */
  readonly again?: (kernel: TestKernel) => number;
}

/** What a scenario prepares: who does what, and who else sleeps. */
export interface Scenario {
  readonly name: string;
  /** The user of A; root if left out, as B and C are. */
  readonly uid?: number;
  readonly prepare: (scene: Scene) => {
    readonly a: readonly Step[];
    readonly b: readonly Step[];
    readonly sleepers?: readonly TestTask[];
    /** Part of the outcome beside what root sees. */
    readonly also?: () => unknown;
  };
}

/** Small tables, so that a scan of one is short. */
const TINY: Partial<Limits> = {
  PROC_MAX: 6,
  TASK_MAX: 9,
  SHMMNI: 2,
  SHMSEG: 3,
  SEMMNI: 2,
  SEMMNU: 2,
  SEMOPM: 4,
  MSGMNI: 2,
  MSGMNB: 200,
  MSGMAX: 100,
  MSGSEG: 8,
  OPEN_MAX: 8,
  FILE_MAX: 10,
  PIPE_MAX: 3,
  WATCH_MAX: 2,
  LOCK_MAX: 6,
  INODES: 32,
  FILE_PAGES: 20,
};

const PAGES = 16;
const machine = new TestMachine("debug", PAGES + 2);
const fibers = [0, 1].map((index) => new Coroutine(machine.memory, PAGES + index));

/** The machine of a scenario: A and B act, C and D may sleep; each is a process. */
export class Scene {
  readonly machine = machine;
  readonly a: TestProcess;
  b: TestProcess;
  readonly c: TestProcess;

  constructor(uid = 0) {
    const result = machine.format(TINY, PAGES);
    if (result !== 0) throw new Error(`machine_format: ${result}`);
    this.a = machine.process({ uid, gid: uid });
    this.b = machine.process();
    this.c = machine.process();
  }

  /** A child of A, with its descriptors, takes B's place. */
  share(): void {
    const kernel = machine.instance();
    const id = kernel.pool_join(0);
    this.do(this.a.main, (own) => own.pool_claim(), id);
    const pid = this.do(this.a.main, (own) => own.sys_spawn(id, 0));
    this.b = new TestProcess(machine, pid, ROOT);
    this.b.tasks.push(new TestTask(machine, kernel, id));
  }

  /** A call before the threads begin. */
  do(task: TestTask, call: (kernel: TestKernel) => number, wanted?: number): number {
    const result = task.call(call);
    if (wanted === undefined ? result < 0 : result !== wanted) {
      throw new Error(`the preparation returned ${result}`);
    }
    return result;
  }
}

/** One thread at work. */
export class Thread {
  readonly co: Coroutine;
  readonly task: TestTask;
  readonly steps: readonly Step[];
  readonly results: (number | string)[] = [];
  #mode: "step" | "drain" | "asleep" = "step";
  #slept = false;
  #again = false;

  constructor(co: Coroutine, task: TestTask, steps: readonly Step[]) {
    this.co = co;
    this.task = task;
    this.steps = steps;
    co.points = 0;
    co.turn(Number.POSITIVE_INFINITY, () => {
      co.kernel.task_enter(task.id);
      return 0;
    });
    co.points = 0;
  }

  get asleep(): boolean {
    return this.#mode === "asleep" && this.task.park === 1;
  }

  /** Whether it has nothing to do by now. */
  get idle(): boolean {
    return !this.co.suspended && (this.done || this.asleep);
  }

  get done(): boolean {
    return this.#mode === "step" && this.results.length === this.steps.length;
  }

  /** Goes on for at most so many accesses and calls. @returns why it does not go on. */
  advance(points: number, calls = Number.POSITIVE_INFINITY): "stopped" | "blocked" | "ended" {
    const stop = this.co.points + points;
    for (let finished = 0; ; ) {
      if (this.idle) return "ended";
      if (finished >= calls) return "stopped";
      const turn = this.co.turn(stop - this.co.points, this.#entry());
      if (turn === undefined) return "stopped";
      if (this.#mode === "drain") {
        if (turn !== 0) {
          machine.woken.add(turn);
        } else {
          this.#mode = this.#slept ? "asleep" : "step";
          if (!this.#again || this.#slept) finished += 1;
        }
      } else if (turn === -ELOCK) {
        return "blocked";
      } else {
        this.#slept = turn === -EWAIT;
        const { again } = this.steps[this.results.length]!;
        this.#again = again !== undefined && (turn === -ERETRY || this.#slept);
        if (!this.#slept && !this.#again) this.results.push(turn);
        this.#mode = "drain";
      }
    }
  }

  #entry(): (() => number) | undefined {
    if (this.co.suspended) return undefined;
    const { kernel } = this.co;
    if (this.#mode === "drain") return () => kernel.wake_next();
    if (this.#mode === "asleep") return () => kernel.wait_result();
    const step = this.steps[this.results.length]!;
    if (this.#again) return () => step.again!(kernel);
    step.prepare?.(this.task);
    return () => step.call(kernel);
  }

  /** Its thread has ended: what it was in the middle of is never gone on with. */
  abandon(): void {
    this.co.forget();
  }

  outcome(): unknown[] {
    return this.#mode === "asleep" ? [...this.results, "asleep"] : this.results;
  }
}

/** A prepared scenario, put back to its start before each schedule. */
export class Stage {
  readonly #scene: Scene;
  readonly #parts: ReturnType<Scenario["prepare"]>;
  readonly #memory: Uint8Array;
  readonly #woken: readonly number[];

  constructor(scenario: Scenario) {
    this.#scene = new Scene(scenario.uid);
    this.#parts = scenario.prepare(this.#scene);
    this.#memory = machine.u8.slice(0, PAGES * WASM_PAGE_SIZE);
    this.#woken = [...machine.woken];
  }

  /** Fresh threads over the prepared memory. */
  begin(): [Thread, Thread] {
    machine.u8.set(this.#memory);
    machine.woken.clear();
    for (const at of this.#woken) machine.woken.add(at);
    const { a, b } = this.#scene;
    return [
      new Thread(fibers[0]!, a.main, this.#parts.a),
      new Thread(fibers[1]!, b.main, this.#parts.b),
    ];
  }

  get steps(): [number, number] {
    return [this.#parts.a.length, this.#parts.b.length];
  }

  /** Lets them go on, the first of them first, until none can, and says what has come out. */
  finish(threads: readonly Thread[], order: readonly Thread[]): string {
    for (let turns = 0; ; turns++) {
      const states = order.map((thread) => thread.advance(1e6));
      if (states.every((state) => state === "ended") && order.every(({ idle }) => idle)) break;
      if (turns > 20) throw new Error("neither thread can go on");
    }
    const sleepers = (this.#parts.sleepers ?? []).map((task) =>
      task.park === 1 ? "asleep" : task.waitResult(),
    );
    const ends = threads.map((thread) => (order.includes(thread) ? thread.outcome() : "dead"));
    const outcome = [ends, sleepers, this.#parts.also?.()];
    this.#nobodyForgotten(order);
    const text = JSON.stringify(outcome) + portrait(machine);
    const broken = machine.check();
    if (broken !== 0) throw new Error(`machine_check: rule ${broken} after ${text}`);
    return text;
  }

  /** Who still sleeps must have nothing to hear: its call is not done. */
  #nobodyForgotten(threads: readonly Thread[]): void {
    const tasks = [...threads.map(({ task }) => task), ...(this.#parts.sleepers ?? [])];
    for (const task of tasks) {
      if (task.park !== 1) continue;
      const result = task.waitResult();
      // EINVAL: it does not wait, its word is just old.
      if (result !== -EWAIT && result !== -EINVAL) throw new Error(`a lost wakeup: ${result}`);
    }
  }

  /** A's thread runs no more: a supervisor buries it. B goes on where it holds a lock. */
  bury(b: Thread): void {
    const { root } = machine;
    const serial = root.kernel.task_serial(this.#scene.a.main.id);
    for (let turns = 0; turns < 1000; turns++) {
      const result = root.call((kernel) => kernel.thread_dead(serial));
      if (result === 0) return;
      if (result !== -ELOCK) throw new Error(`thread_dead: ${result}`);
      b.advance(1);
    }
    throw new Error("thread_dead: a lock stays busy");
  }
}
