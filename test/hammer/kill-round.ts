/**
 * The kill hammer: rounds of processes that work on the same objects while others end them, and of a
 * few that nobody kills and that must come to their end. Run by Node and by pages, so only
 * asynchronous calls wait here. What is wrong is said in words; the first wait without end ends it.
 */
import {
  type Child,
  GETVAL,
  IPC_NOWAIT,
  IPC_PRIVATE,
  IPC_RMID,
  type Machine,
} from "../../runtime/index.ts";
import type { TestKernel } from "../support/machine.ts";
import {
  Arena,
  ATTACHED_LANES,
  INHERITED,
  NEXT_MESSAGE,
  REPAIRS,
  REQUEST,
  SENT,
  STEPS,
  STOP_ALL,
  STOP_MOST,
} from "./kill-arena.ts";
import { createFiles } from "./kill-files.ts";
import { type AttachedWorker, attachedLane, type LaneContext, pooledLane } from "./kill-lane.ts";
import { encodeOrders, LAST, SURVIVORS } from "./kill-life.ts";
import { hasEnded, putLast } from "./kill-records.ts";
import { succeeds } from "./kill-steps.ts";
import { threadsOf, verify } from "./kill-verify.ts";
import { describe, describeTasks, lives, until, WATCH_MS, watch } from "./kill-watch.ts";
import { random } from "./random.ts";

export interface KillHammer {
  readonly machine: Machine;
  /** A kernel of the debug build over the same memory, to look at it. */
  readonly kernel: TestKernel;
  /** The module kill-program.ts, as spawn takes it. */
  readonly program: string;
  readonly startAttached: (args: string[]) => AttachedWorker;
  /** Lanes of pooled processes, and of attached ones. */
  readonly pooled: number;
  readonly attached: number;
  /** What roomFor() said of the machine at its start. */
  readonly room: number;
  /** Workers that the machine keeps ready. */
  readonly pool: number;
}

/** What a round was, and what was wrong with it. */
export interface Round {
  kills: number;
  steps: number;
  repairs: number;
  messages: number;
  wrong: string[];
}

interface Survivor {
  role: string;
  child: Child;
}

/** Numbers of a round: 0 is that of children, which have no record; survivors come next. */
const FIRST_NUMBER = 1;

/** Tasks that a thread keeps for asynchronous calls to come, and its own. */
const BOOT_TASKS_MOST = 5;

export class KillRound {
  readonly #hammer: KillHammer;
  readonly #arena: Arena;
  readonly #round: Round = { kills: 0, steps: 0, repairs: 0, messages: 0, wrong: [] };
  #started = FIRST_NUMBER;
  readonly #last: number;
  readonly #seed: number;

  constructor(hammer: KillHammer, seed: number, kills: number) {
    this.#hammer = hammer;
    this.#arena = Arena.create(hammer.machine.sys);
    createFiles(hammer.machine.sys);
    this.#last = FIRST_NUMBER + SURVIVORS.length + kills;
    this.#seed = seed;
  }

  /** How many have died so far. */
  get kills(): number {
    return this.#round.kills;
  }

  #wrong = (text: string): void => {
    this.#round.wrong.push(text);
  };

  #watch = <T>(promise: Promise<T>, what: string): Promise<T> => {
    const { machine, kernel } = this.#hammer;
    return watch(promise, what, () => describe(machine, kernel, this.#arena, this.#started));
  };

  #take = (): number => {
    if (this.#started >= this.#last) return -1;
    this.#started += 1;
    return this.#started - 1;
  };

  /** @throws {Hang} when somebody waits for ever. */
  async run(): Promise<Round> {
    const { machine, kernel } = this.#hammer;
    const arena = this.#arena;
    const survivors = await this.#startSurvivors();
    await this.#runLanes();
    arena.stop(STOP_MOST);
    await this.#end(survivors.filter(({ role }) => !LAST.includes(role)));
    // The dead have asked too: on a busy machine the server may not have come to that yet.
    const { set } = arena.ids;
    const served = await until(() => machine.sys.semctl(set, REQUEST, GETVAL) === 0, WATCH_MS);
    if (!served) this.#wrong("the server lives, and leaves requests");
    arena.stop(STOP_ALL);
    this.#release();
    await this.#end(survivors);
    // Children of the dead stop by themselves, and so do the workers that join the pool.
    const alone = await until(() => !lives(machine.sys, -1), WATCH_MS);
    if (!alone)
      this.#wrong(`processes are left\n${describe(machine, kernel, arena, this.#started)}`);
    machine.sys.close(arena.ids.writer);
    if (!(await until(() => hasEnded(machine.sys, arena), WATCH_MS)))
      throw new Error(`somebody dead writes\n${describe(machine, kernel, arena, this.#started)}`);
    this.#count();
    verify(machine.sys, arena, this.#started, this.#wrong);
    await this.#verifyThreads();
    return this.#round;
  }

  async #startSurvivors(): Promise<Survivor[]> {
    const { machine, program } = this.#hammer;
    const next = random(this.#seed);
    const starts = SURVIVORS.map(async (role) => {
      const number = this.#take();
      const orders = { seed: next(2 ** 31), number, steps: 0, death: "none" as const };
      const args = [role, ...encodeOrders(this.#arena, orders)];
      return { role, child: await this.#watch(machine.spawn(program, args), `starting ${role}`) };
    });
    return Promise.all(starts);
  }

  async #runLanes(): Promise<void> {
    const { machine, program, startAttached, pooled, attached } = this.#hammer;
    const context: Omit<LaneContext, "next"> = {
      machine,
      program,
      startAttached,
      arena: this.#arena,
      take: this.#take,
      died: () => {
        this.#round.kills += 1;
      },
      wrong: this.#wrong,
      watch: this.#watch,
    };
    const lanes = Array.from({ length: pooled + attached }, (_, lane) => {
      const own = { ...context, next: random(this.#seed + 7919 * (lane + 1)) };
      if (lane < pooled) return pooledLane(own, lane);
      return attachedLane(own, ATTACHED_LANES + lane - pooled);
    });
    await Promise.all(lanes);
  }

  /** A last request and a last message, for those who wait for one. */
  #release(): void {
    const { sys } = this.#hammer.machine;
    const { ids, said } = this.#arena;
    sys.semop(ids.set, [{ sem_num: REQUEST, sem_op: 1 }]);
    const id = this.#arena.nextMessage();
    const mtext = new Uint8Array(4);
    new DataView(mtext.buffer).setInt32(0, id);
    // A full queue says that the consumer waits for nothing.
    const send = () => sys.msgsnd(ids.queue, { mtype: 1, mtext }, 4, IPC_NOWAIT);
    if (succeeds(["EAGAIN"], send)) said[id] = SENT;
    putLast(sys, this.#arena);
  }

  async #end(survivors: readonly Survivor[]): Promise<void> {
    for (const { role, child } of survivors) {
      const end = await this.#watch(child.wait(), `the end of the ${role}`);
      if (end.code !== 0) this.#wrong(`the ${role} ended so: ${JSON.stringify(end)}`);
    }
  }

  #count(): void {
    const { words } = this.#arena;
    for (let number = 0; number < this.#started; number += 1) {
      this.#round.steps += this.#arena.get(number, STEPS);
    }
    this.#round.repairs = words[REPAIRS]! + words[INHERITED]!;
    this.#round.messages = words[NEXT_MESSAGE]!;
  }

  /** Only the booter, the supervisor and the pool have tasks, and the machine is whole. */
  async #verifyThreads(): Promise<void> {
    const { machine, kernel, pool, room } = this.#hammer;
    // A worker that is given back, because its claimer died, makes the pool larger for a while.
    const isQuiet = () => {
      const parked = kernel.pool_size();
      return parked >= pool && threadsOf(machine, kernel).size === 2 + parked;
    };
    const quiet = await until(isQuiet, WATCH_MS);
    const threads = threadsOf(machine, kernel);
    const counts = [...threads.values()].sort((one, other) => other - one);
    if (!quiet || counts[0]! > BOOT_TASKS_MOST || counts[1] !== 1) {
      const tasks = describeTasks(machine, kernel).join("\n");
      this.#wrong(`the pool of ${pool} holds ${kernel.pool_size()}; tasks:\n${tasks}`);
    }
    const { sys } = machine;
    const whole = () => sys.shmctl(sys.shmget(IPC_PRIVATE, room, 0o600), IPC_RMID);
    if (!succeeds(["ENOMEM"], whole)) this.#wrong(`there is no room for ${room} bytes any more`);
    const broken = kernel.machine_check!();
    if (broken !== 0) this.#wrong(`machine_check() says ${broken}`);
  }
}
