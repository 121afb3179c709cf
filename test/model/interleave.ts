/**
 * Two threads, each making a few calls, interleaved at every access to memory: all schedules with
 * one or two preemptions, or a seeded choice of them. What comes out must be what some order of whole
 * calls gives (the calls are linearizable), nobody may sleep on what has happened, and the machine
 * must be whole.
 */
import { EINVAL, ELOCK, EWAIT } from "../../assembly/abi/errno.ts";
import { WASM_PAGE_SIZE } from "../../assembly/abi/limits.ts";
import {
  type Limits,
  type TestKernel,
  TestMachine,
  type TestProcess,
  type TestTask,
} from "../support/machine.ts";
import { Coroutine } from "./coroutine.ts";
import { portrait } from "./portrait.ts";

export type Random = (below: number) => number;

/** One call: what goes into the transfer area before it, and the entry. */
export interface Step {
  readonly prepare?: (task: TestTask) => void;
  readonly call: (kernel: TestKernel) => number;
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
};

const PAGES = 16;
const machine = new TestMachine("debug", PAGES + 2);
const fibers = [0, 1].map((index) => new Coroutine(machine.memory, PAGES + index));

/** The machine of a scenario: A and B act, C and D may sleep; each is a process. */
export class Scene {
  readonly machine = machine;
  readonly a: TestProcess;
  readonly b: TestProcess;
  readonly c: TestProcess;

  constructor(uid = 0) {
    const result = machine.format(TINY, PAGES);
    if (result !== 0) throw new Error(`machine_format: ${result}`);
    this.a = machine.process({ uid, gid: uid });
    this.b = machine.process();
    this.c = machine.process();
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
class Thread {
  readonly co: Coroutine;
  readonly task: TestTask;
  readonly steps: readonly Step[];
  readonly results: (number | string)[] = [];
  #mode: "step" | "drain" | "asleep" = "step";
  #slept = false;

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
          finished += 1;
        }
      } else if (turn === -ELOCK) {
        return "blocked";
      } else {
        this.#slept = turn === -EWAIT;
        if (!this.#slept) this.results.push(turn);
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
class Stage {
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
    const { main } = this.#scene.a;
    for (let turns = 0; turns < 1000; turns++) {
      const result = machine.root.call((kernel) => kernel.task_dead(main.id));
      if (result === 0) return;
      if (result !== -ELOCK) throw new Error(`task_dead: ${result}`);
      b.advance(1);
    }
    throw new Error("task_dead: a lock stays busy");
  }
}

/** Every order of whole calls, as which thread's turn it is. */
function orders(left: number, right: number): number[][] {
  if (left === 0) return [Array<number>(right).fill(1)];
  if (right === 0) return [Array<number>(left).fill(0)];
  const first = orders(left - 1, right).map((rest) => [0, ...rest]);
  return [...first, ...orders(left, right - 1).map((rest) => [1, ...rest])];
}

/** What whole calls give, in any order. */
function sequential(stage: Stage): Set<string> {
  const outcomes = new Set<string>();
  for (const order of orders(...stage.steps)) {
    const threads = stage.begin();
    for (const index of order) threads[index]!.advance(1e6, 1);
    outcomes.add(stage.finish(threads, threads));
  }
  return outcomes;
}

/** The same when A dies after none, some or all of its calls, and is buried between two of B's. */
function sequentialDeath(stage: Stage): Set<string> {
  const outcomes = new Set<string>();
  const [left, right] = stage.steps;
  for (let calls = 0; calls <= left; calls++) {
    for (const order of orders(calls + 1, right)) {
      const [a, b] = stage.begin();
      let made = 0;
      for (const index of order) {
        if (index === 1) b.advance(1e6, 1);
        else if (made < calls) a.advance(1e6, 1);
        else stage.bury(b);
        made += 1 - index;
      }
      a.abandon();
      outcomes.add(stage.finish([a, b], [b]));
    }
  }
  return outcomes;
}

export interface Found {
  readonly schedules: number;
  /** Different outcomes that were met, of those that whole calls give. */
  readonly met: number;
  readonly wanted: number;
}

/** Accesses that thread `index` needs when it goes first and alone. */
function length(stage: Stage, index: number): number {
  const thread = stage.begin()[index]!;
  thread.advance(1e6);
  return thread.co.points;
}

/** Which thread begins, and for how long each goes on before the other may. */
type Schedule = readonly [first: number, ...points: number[]];

function* schedules(stage: Stage, most: number, random: Random): Generator<Schedule> {
  const lengths = [length(stage, 0), length(stage, 1)];
  for (const first of [0, 1]) {
    const [one, two] = [lengths[first]!, lengths[1 - first]!];
    for (let at = 0; at <= one; at++) yield [first, at, 1e6];
    const all = (one + 1) * two;
    const share = most / 2;
    for (let index = 0; index < Math.min(all, share); index++) {
      const place = all <= share ? index : random(all);
      yield [first, Math.floor(place / two), 1 + (place % two)];
    }
    // Three preemptions, at random.
    for (let index = 0; index < share / 4; index++) {
      yield [first, random(one + 1), 1 + random(two), 1 + random(one)];
    }
  }
}

/** Runs one schedule and compares. @throws {Error} naming it, if nothing whole gives its outcome. */
function judge(what: string, wanted: Set<string>, met: Set<string>, run: () => string): void {
  try {
    const outcome = run();
    met.add(outcome);
    if (wanted.has(outcome)) return;
    throw new Error(`${outcome}\nis not one of\n${[...wanted].join("\n")}`);
  } catch (error) {
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @throws {Error} naming the schedule whose outcome no order of whole calls gives. */
export function explore(scenario: Scenario, most: number, random: Random): Found {
  const stage = new Stage(scenario);
  const wanted = sequential(stage);
  const met = new Set<string>();
  let count = 0;
  for (const [first, ...points] of schedules(stage, most, random)) {
    const what = `${scenario.name}, ${"AB"[first]} first, turns of ${points.join(", ")}`;
    judge(what, wanted, met, () => {
      const threads = stage.begin();
      for (const [turn, number] of points.entries()) threads[(first + turn) % 2]!.advance(number);
      const next = (first + points.length) % 2;
      return stage.finish(threads, [threads[next]!, threads[1 - next]!]);
    });
    count += 1;
  }
  return { schedules: count, met: met.size, wanted: wanted.size };
}

/** The same when A dies at any access while B is at any of its own. */
export function exploreDeath(scenario: Scenario, most: number, random: Random): Found {
  const stage = new Stage(scenario);
  const wanted = sequentialDeath(stage);
  const met = new Set<string>();
  const lengths = [length(stage, 0), length(stage, 1)] as const;
  const each = Math.max(2, Math.floor(most / lengths[0]));
  let count = 0;
  for (let at = 0; at <= lengths[0]; at++) {
    for (let index = 0; index < each; index++) {
      // B begins before A does, or only when A is dead, or at last after the burial.
      const [before, after] = [index % 2 === 0 ? 0 : random(lengths[1]), random(lengths[1] + 1)];
      const what = `${scenario.name}, B ${before}, A dies after ${at}, B ${after}, burial`;
      judge(what, wanted, met, () => {
        const [a, b] = stage.begin();
        b.advance(before);
        a.advance(at);
        a.abandon();
        b.advance(after);
        stage.bury(b);
        return stage.finish([a, b], [b]);
      });
      count += 1;
    }
  }
  return { schedules: count, met: met.size, wanted: wanted.size };
}
