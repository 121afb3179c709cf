/**
 * One process of the kill hammer, pooled or attached: works until it dies, or until the round stops.
 * What is wrong is reported in the arena, and ends the process with a code of its own.
 */
import {
  type Child,
  type Machine,
  SIGKILL,
  SIGUSR1,
  type Syscalls,
  SystemError,
} from "../../runtime/index.ts";
import { Arena, DOING, PID, SIGNALS, STEPS, STOP_ALL, STOP_MOST } from "./kill-arena.ts";
import { CHURN_STEPS } from "./kill-churn.ts";
import { FILE_STEPS } from "./kill-files.ts";
import { PAIR_STEPS } from "./kill-pairs.ts";
import { RECORD_STEPS } from "./kill-records.ts";
import { SIGNAL_STEPS } from "./kill-signals.ts";
import { isAlive, type Job, SHARED_STEPS, type Step, succeeds } from "./kill-steps.ts";
import { type Random, random } from "./random.ts";

/** How a process may end itself, in the middle of a step. */
export const DEATHS = ["none", "exit", "throw", "trap", "self"] as const;
export type Death = (typeof DEATHS)[number];

export const CODE_WRONG = 99;
export const CODE_EXIT = 7;

/** What a process is told, as numbers: the ids of the arena come first. */
export interface Orders {
  seed: number;
  number: number;
  /** Steps until it dies by itself, or returns; 0: neither. */
  steps: number;
  death: Death;
}

export function encodeOrders({ ids }: Arena, orders: Orders): string[] {
  const { seed, number, steps, death } = orders;
  const { set, queue, segment, reader, writer } = ids;
  const objects = [set, queue, segment, reader, writer];
  return [...objects, seed, number, steps, DEATHS.indexOf(death)].map(String);
}

export function enterArena(sys: Syscalls, args: readonly string[]) {
  const numbers = args.map(Number);
  const [set = -1, queue = -1, segment = -1, reader = -1, writer = -1] = numbers;
  const arena = new Arena(sys, { set, queue, segment, reader, writer });
  const [seed = 0, number = 0, steps = 0, death = 0] = numbers.slice(5);
  const orders: Orders = { seed, number, steps, death: DEATHS[death]! };
  return { arena, orders };
}

/** (module (func (export "trap") unreachable)) */
const TRAP = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 8, 1, 4, 116, 114, 97, 112, 0, 0,
  10, 5, 1, 3, 0, 0, 11,
]);

function trap(): never {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(TRAP));
  (exports.trap as () => void)();
  throw new Error("a trap that does not trap");
}

/** The end of a worker by its own hand: in Node, and in a browser, whose worker ends at its next turn. */
function exitWorker(): never {
  const { process, close } = globalThis as { process?: NodeJS.Process; close?: () => void };
  if (process !== undefined) process.exit(CODE_EXIT);
  close!();
  throw PLANNED;
}

/** Thrown on purpose; short, because the runtime prints it. */
export const PLANNED = "planned death";

const KILLED = "killed by itself";

export class Life {
  readonly job: Job;
  readonly #machine: Machine;
  readonly #orders: Orders;
  #left: number;

  constructor(machine: Machine, arena: Arena, orders: Orders) {
    const { sys } = machine;
    const next = random(orders.seed);
    this.#machine = machine;
    this.#orders = orders;
    this.#left = orders.steps;
    const { number } = orders;
    this.job = { sys, arena, next, number, middle: () => this.#middle() };
    let seen = 0;
    sys.sigaction(SIGUSR1, () => {
      seen += 1;
      arena.put(number, SIGNALS, seen);
    });
    arena.put(number, PID, sys.getpid());
  }

  get #due(): boolean {
    return this.#orders.steps !== 0 && this.#left <= 0;
  }

  get #isDone(): boolean {
    return this.#due && this.#orders.death === "none";
  }

  #middle(): void {
    if (this.#due) this.#die();
  }

  #die(): never {
    const { death } = this.#orders;
    if (death === "exit") exitWorker();
    if (death === "throw") throw PLANNED;
    if (death === "trap") trap();
    this.job.sys.kill(this.job.sys.getpid(), SIGKILL);
    // An attached thread runs on, but what it held is another's now.
    throw KILLED;
  }

  /** Takes steps until there are none left, or the round stops. @returns the exit code. */
  async run({ steps, until, program }: Role): Promise<number> {
    const { arena, number, next } = this.job;
    try {
      for (let taken = 1; !arena.isStopped(until) && !this.#isDone; ) {
        const index = next(steps.length);
        const [code, step] = steps[index]!;
        arena.put(number, DOING, code);
        await step(this.job);
        this.#left -= 1;
        arena.put(number, STEPS, taken);
        taken += 1;
        if (program !== undefined && next(60) === 0) await this.#family(program, next);
      }
      return 0;
    } catch (error) {
      return this.#blame(error);
    } finally {
      arena.put(number, DOING, 0);
    }
  }

  #blame(error: unknown): number {
    const { job } = this;
    if (error === PLANNED || error instanceof WebAssembly.RuntimeError) {
      if (this.#due) throw PLANNED;
    }
    if (error === KILLED) return 0;
    // A thread whose process was killed is told so by every call, and has nothing more to do.
    if (!isAlive(job.sys)) return 0;
    const doing = STEP_NAMES[job.arena.get(job.number, DOING)];
    const text = error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
    job.arena.report(`process ${job.number} in ${doing}: ${text}`);
    return CODE_WRONG;
  }

  /** A leaf, or a program of /bin, whose worker is used again. */
  #start(program: string, args: readonly string[]): Promise<Child> {
    if (this.job.next(3) > 0) return this.#machine.spawn(program, args);
    const env = { LONG: "x".repeat(this.job.next(20_000)) };
    return this.#machine.spawn("true", [], { env, pgroup: 0, sigmask: [], stdio: "ignore" });
  }

  /** A child of its own: killed, waited for, or left behind. */
  async #family(program: string, next: Random): Promise<void> {
    const { arena, number, sys } = this.job;
    arena.put(number, DOING, STEP_NAMES.indexOf("family"));
    const orders: Orders = { seed: next(2 ** 31), number: 0, steps: 1 + next(8), death: "none" };
    let child: Child;
    try {
      child = await this.#start(program, ["leaf", ...encodeOrders(arena, orders)]);
    } catch (error) {
      if (error instanceof SystemError && ["EAGAIN", "EINTR"].includes(error.code)) return;
      throw error;
    }
    const act = next(4);
    if (act === 0) return;
    if (act === 1) child.kill(SIGKILL);
    while (!succeeds(["EINTR"], () => sys.waitpid(child.pid))) if (!isAlive(sys)) return;
  }
}

const ALL_STEPS = {
  ...PAIR_STEPS,
  ...SHARED_STEPS,
  ...RECORD_STEPS,
  ...FILE_STEPS,
  ...CHURN_STEPS,
  ...SIGNAL_STEPS,
};

/** Names of what a process may be doing, by the number in its record. */
export const STEP_NAMES = ["nothing", ...Object.keys(ALL_STEPS), "family"];

const pick = (weights: Partial<Record<keyof typeof ALL_STEPS, number>>): [number, Step][] =>
  Object.entries(weights).flatMap(([name, weight]) => {
    const step = ALL_STEPS[name as keyof typeof ALL_STEPS];
    return Array.from({ length: weight }, (): [number, Step] => [STEP_NAMES.indexOf(name), step]);
  });

/** What kind of process it is. */
export interface Role {
  readonly steps: readonly [number, Step][];
  /** What stops it: STOP_MOST or STOP_ALL. */
  readonly until: number;
  /** The program of its children, if it may have any. */
  readonly program?: string;
}

/** Who may be killed at any moment. */
const mortal: Role = {
  until: STOP_MOST,
  steps: pick({
    lock: 6,
    robust: 5,
    tokens: 4,
    move: 2,
    gate: 2,
    ask: 3,
    twin: 2,
    send: 4,
    receive: 3,
    select: 1,
    put: 4,
    get: 4,
    pipe: 2,
    range: 4,
    whole: 3,
    append: 3,
    names: 3,
    signal: 1,
    masked: 2,
    alarm: 2,
    nap: 3,
    segment: 2,
    keyedSegment: 2,
    keyedSet: 3,
    keyedQueue: 2,
  }),
};

/** A mortal's child has no record of its own, so it does nothing that must be counted. */
const leaf: Role = {
  until: STOP_MOST,
  steps: pick({
    lock: 4,
    robust: 2,
    tokens: 2,
    move: 1,
    gate: 1,
    twin: 1,
    pipe: 1,
    masked: 1,
    segment: 1,
    keyedSet: 1,
  }),
};

/** Those who outlive a round. They end by themselves, whoever dies: each can wait for what comes. */
const survivor: Role = {
  until: STOP_MOST,
  steps: pick({
    lock: 4,
    robust: 3,
    tokens: 3,
    move: 1,
    gate: 1,
    ask: 2,
    twin: 1,
    range: 2,
    whole: 2,
    names: 1,
    nap: 6,
  }),
};
const producer: Role = { until: STOP_MOST, steps: pick({ send: 2, lock: 1, nap: 1 }) };
const consumer: Role = { until: STOP_ALL, steps: pick({ receive: 6, tokens: 1, move: 1 }) };
const writer: Role = { until: STOP_MOST, steps: pick({ put: 3, lock: 1, nap: 1 }) };
const reader: Role = { until: STOP_ALL, steps: pick({ get: 6, tokens: 1, move: 1 }) };
const server: Role = { until: STOP_ALL, steps: pick({ serve: 1 }) };

export const ROLES = { mortal, leaf, survivor, producer, consumer, writer, reader, server };
export const SURVIVORS = [
  "survivor",
  "producer",
  "consumer",
  "writer",
  "reader",
  "server",
] as const;
/** Those of them who go on until nobody else does. */
export const LAST: readonly string[] = ["consumer", "reader", "server"];
