/**
 * A machine with those who may die: a process, A, a supervisor, and the one that buries them; with
 * bystanders that may sleep, an observer, and parked workers; and with who comes last and buries all.
 */
import { ELOCK, ESRCH } from "../../assembly/abi/errno.ts";
import { instantiate } from "../../runtime/instance.ts";
import { type Limits, ROOT, TestMachine, TestTask } from "../support/machine.ts";
import { CrashMemory } from "./crash-memory.ts";
import type { CrashKernel } from "./instrument.ts";
import { MortalTask } from "./mortal.ts";

/** Small, so that it is copied fast and its tables are soon full. */
const SMALL: Partial<Limits> = {
  PROC_MAX: 10,
  TASK_MAX: 16,
  SHMMNI: 4,
  SHMALL: 40,
  SHMSEG: 6,
  LOCK_MAX: 8,
  SEMMNI: 4,
  SEMMNU: 8,
  MSGMNI: 4,
  // A small pool of blocks, so that recycled ones are used.
  MSGSEG: 12,
  MSGMNB: 600,
  MSGMAX: 300,
  OPEN_MAX: 8,
  FILE_MAX: 16,
  PIPE_MAX: 3,
  WATCH_MAX: 4,
};
const PAGES = 16;
/** Behind them the ranges that are hashed, and the hashes. */
const PAGES_BEHIND = 2;
const INIT = 1;
const WORKERS = 2;
/** Somebody sleeps on this lock: as lock.ts marks it. */
const SLEEPERS = 1 << 16;

/** The kernels of a scene: that of those who die, and that of the others. */
export interface Kernels {
  mortal: WebAssembly.Module;
  others: WebAssembly.Module;
}

export class Scene {
  readonly machine: TestMachine;
  readonly memory: CrashMemory;
  /** A's process is a child of B's, so that B can wait for it. */
  readonly a: MortalTask;
  readonly b: TestTask;
  readonly c: TestTask;
  readonly d: TestTask;
  readonly observer: TestTask;
  readonly supervisor: MortalTask;
  readonly burier: MortalTask;
  /** Started workers, parked. Those who run on them are stepped with their tasks. */
  readonly workers: readonly TestTask[];
  readonly pids: { a: number; b: number; c: number; d: number; observer: number };
  /** Ids, addresses and pids that a scenario's preparation leaves for its call. */
  id = 0;
  other = 0;
  addr = 0;
  /** Where a mutex is, 0 for none. */
  mutex = 0;
  /** Tasks that a scenario's preparation has made beside those above. */
  readonly more: MortalTask[] = [];
  readonly #kernels: Kernels;

  constructor(kernels: Kernels, limits: Partial<Limits> = {}) {
    this.#kernels = kernels;
    this.machine = new TestMachine("debug", PAGES + PAGES_BEHIND, kernels.others);
    const failed = this.machine.format({ ...SMALL, ...limits }, PAGES);
    if (failed !== 0) throw new Error(`machine_format: ${failed}`);
    this.memory = new CrashMemory(this.machine, PAGES);
    const b = this.machine.process();
    const a = this.machine.process(ROOT, b.pid);
    const c = this.machine.process();
    const d = this.machine.process();
    const observer = this.machine.process();
    this.pids = { a: a.pid, b: b.pid, c: c.pid, d: d.pid, observer: observer.pid };
    this.a = this.mortal(a.main.id);
    [this.b, this.c, this.d, this.observer] = [b.main, c.main, d.main, observer.main];
    this.supervisor = this.mortal(this.machine.root.kernel.task_create(INIT, 0));
    this.burier = this.mortal(this.machine.root.kernel.task_create(INIT, 0));
    this.workers = Array.from({ length: WORKERS }, () => {
      const kernel = this.machine.instance();
      return new TestTask(this.machine, kernel, kernel.pool_join(0));
    });
    this.machine.woken.clear();
  }

  /** A task stepped by a kernel that can die. */
  mortal(id: number): MortalTask {
    if (id < 0) throw new Error(`no task: ${id}`);
    const { mortal } = this.#kernels;
    const kernel = instantiate(mortal, this.machine.memory) as CrashKernel;
    kernel.crash_ranges(this.memory.rangesAt);
    return new MortalTask(this.machine, kernel, id);
  }

  /** Another task of A's thread: that of an asynchronous call. */
  call(): MortalTask {
    const { machine, a, pids } = this;
    const task = new MortalTask(machine, a.mortal, a.kernel.task_create(pids.a, 0));
    this.more.push(task);
    return task;
  }

  /** A process with a task, a child of process `ppid`. */
  child(ppid: number, who = ROOT): { pid: number; task: MortalTask } {
    const process = this.machine.process(who, ppid);
    const task = this.mortal(process.main.id);
    this.more.push(task);
    return { pid: process.pid, task };
  }

  /** As if others slept on every lock that is held now. @returns where those locks are. */
  sleepOnLocks(): number[] {
    const { i32 } = this.machine;
    const held = this.memory.locks.filter((at) => i32[at >> 2] !== 0);
    for (const at of held) i32[at >> 2]! |= SLEEPERS;
    return held;
  }

  /** What a supervisor does when threads have ended, in this order, until nothing is to do. */
  bury(by: TestTask, serials: readonly number[]): void {
    let left = [...serials];
    for (let round = 0; left.length > 0; round += 1) {
      // Whoever holds a lock that delays another is buried before that one's next turn.
      if (round > serials.length)
        throw new Error(`thread_dead: still locked after ${round} rounds`);
      left = left.filter((serial) => {
        const result = by.call((kernel) => kernel.thread_dead(serial));
        if (result !== 0 && result !== -ELOCK && result !== -ESRCH) {
          throw new Error(`thread_dead: ${result}`);
        }
        return result === -ELOCK;
      });
    }
  }
}
