/**
 * A machine in one thread, for tests that step it: one memory, one kernel instance a process, and
 * nobody who waits. A call that must wait returns -EWAIT and its task stays asleep until another
 * call lists it; what was listed is kept in `woken` for the test to look at.
 */
import { readFileSync } from "node:fs";
import * as layout from "../../assembly/abi/layout.ts";
import { WASM_PAGE_SIZE } from "../../assembly/abi/limits.ts";
import { instantiate, type KernelExports } from "../../runtime/instance.ts";

export type Build = "debug" | "release";
export type LimitName = keyof typeof layout extends infer Name
  ? Name extends `LIMIT_${infer Limit}`
    ? Exclude<Limit, "COUNT">
    : never
  : never;
export type Limits = Record<LimitName, number>;

/** Small tables, so that a machine is formatted fast and its tables are soon full. */
export const LIMITS: Limits = {
  PROC_MAX: 10,
  TASK_MAX: 24,
  SHMMNI: 6,
  SHMMAX: 1 << 20,
  SHMALL: 64,
  SHMSEG: 12,
  SEMMNI: 6,
  SEMMSL: 8,
  SEMMNS: 32,
  SEMOPM: 8,
  SEMVMX: 32767,
  SEMMNU: 32,
  MSGMNI: 6,
  MSGMAX: 512,
  MSGMNB: 1024,
  MSGSEG: 64,
  OPEN_MAX: 16,
  FILE_MAX: 24,
  PIPE_MAX: 4,
  LOCK_MAX: 12,
  WATCH_MAX: 8,
  INODES: 29,
  FILE_PAGES: 64,
};

const SLOTS = new Map<string, number>(Object.entries(layout));
const MODULES = new Map<Build, WebAssembly.Module>();

/** The compiled kernel of this build; the debug one asserts and has machine_check(). */
export function kernelModule(build: Build): WebAssembly.Module {
  const known = MODULES.get(build);
  if (known !== undefined) return known;
  const file = build === "debug" ? "kernel.debug.wasm" : "kernel.wasm";
  const module = new WebAssembly.Module(readFileSync(new URL(`../../${file}`, import.meta.url)));
  MODULES.set(build, module);
  return module;
}

/** The exports with what only the debug build has. */
export interface TestKernel extends KernelExports {
  machine_check?(): number;
}

/** A task of a process, stepped by the test. */
export class TestTask {
  readonly machine: TestMachine;
  readonly kernel: TestKernel;
  readonly id: number;
  readonly transfer: number;
  readonly #park: number;
  readonly #wake: number;

  constructor(machine: TestMachine, kernel: TestKernel, id: number) {
    this.machine = machine;
    this.kernel = kernel;
    this.id = id;
    this.transfer = kernel.task_transfer_at(id);
    this.#park = kernel.task_park_at(id);
    this.#wake = kernel.task_wake_at(id);
  }

  get parkAt(): number {
    return this.#park;
  }

  /** The park word: 1 while the task's thread would sleep. */
  get park(): number {
    return this.machine.i32[this.#park >> 2]!;
  }

  /** One entry into the kernel as this task, then its wake list. */
  call(entry: (kernel: TestKernel) => number): number {
    this.kernel.task_enter(this.id);
    const result = entry(this.kernel);
    if (this.machine.i32[this.#wake >> 2] !== 0) this.drain();
    return result;
  }

  /** Empties the wake list, as the runtime does after each call. */
  drain(): void {
    for (let at = this.kernel.wake_next(); at !== 0; at = this.kernel.wake_next()) {
      this.machine.woken.add(at);
    }
  }

  waitResult(): number {
    return this.call((kernel) => kernel.wait_result());
  }

  waitCancel(errno: number): number {
    return this.call((kernel) => kernel.wait_cancel(errno));
  }
}

/** A process with an instance of its own and its tasks: the thread's, then those of its calls. */
export class TestProcess {
  readonly machine: TestMachine;
  readonly kernel: TestKernel;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly tasks: TestTask[] = [];

  constructor(machine: TestMachine, pid: number, who: Credentials) {
    this.machine = machine;
    this.kernel = machine.instance();
    this.pid = pid;
    this.uid = who.uid;
    this.gid = who.gid;
    this.groups = who.groups ?? [];
  }

  /** A further task, or the negated errno. */
  task(): TestTask | number {
    const id = this.kernel.task_create(this.pid, 0);
    if (id < 0) return id;
    const task = new TestTask(this.machine, this.kernel, id);
    this.tasks.push(task);
    return task;
  }

  get main(): TestTask {
    const task = this.tasks[0];
    if (task === undefined) throw new Error(`process ${this.pid} has no task`);
    return task;
  }
}

export interface Credentials {
  uid: number;
  gid: number;
  groups?: readonly number[];
}

export const ROOT: Credentials = { uid: 0, gid: 0 };

export class TestMachine {
  readonly build: Build;
  readonly memory: WebAssembly.Memory;
  readonly i32: Int32Array;
  readonly u8: Uint8Array;
  readonly view: DataView;
  /** Addresses that were listed to be notified since the test last cleared them. */
  readonly woken = new Set<number>();
  limits: Limits = LIMITS;
  /** A task of process 1, which is root: the test's own. */
  root!: TestTask;
  /** Another task of process 1, which never runs: it owns the locks that a test holds. */
  holder = 0;

  readonly #module: WebAssembly.Module;
  readonly #instances: TestKernel[] = [];
  #used = 0;

  constructor(build: Build, pages = 32, module = kernelModule(build)) {
    this.build = build;
    this.#module = module;
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.i32 = new Int32Array(this.memory.buffer);
    this.u8 = new Uint8Array(this.memory.buffer);
    this.view = new DataView(this.memory.buffer);
  }

  /** Formats the memory anew. @returns machine_format's result; 0 gives `root`. */
  format(limits: Partial<Limits> = {}, pages = this.u8.length / WASM_PAGE_SIZE): number {
    this.u8.fill(0);
    this.woken.clear();
    this.#used = 0;
    this.limits = { ...LIMITS, ...limits };
    this.i32[layout.SB_WASM_PAGES >> 2] = pages;
    for (const [name, value] of Object.entries(this.limits)) {
      this.i32[(layout.SB_LIMITS >> 2) + SLOTS.get(`LIMIT_${name}`)!] = value;
    }
    const kernel = this.instance();
    const result = kernel.machine_format(1000, 7, 11);
    if (result !== 0) return result;
    this.root = new TestTask(this, kernel, kernel.task_create(1, 0));
    this.holder = kernel.task_create(1, 0);
    return 0;
  }

  /** The next instance of the kernel over this memory; kept when the memory is formatted anew. */
  instance(): TestKernel {
    let kernel = this.#instances[this.#used];
    if (kernel === undefined) {
      kernel = instantiate(this.#module, this.memory);
      this.#instances.push(kernel);
    }
    this.#used += 1;
    return kernel;
  }

  /** A process with one task. @throws {Error} when a table is full. */
  process(who: Credentials = ROOT, ppid = 1): TestProcess {
    const groups = who.groups ?? [];
    this.i32.set(groups, this.root.transfer >> 2);
    const pid = this.root.call((kernel) =>
      kernel.proc_create(ppid, who.uid, who.gid, groups.length),
    );
    if (pid < 0) throw new Error(`proc_create: ${pid}`);
    const process = new TestProcess(this, pid, who);
    const task = process.task();
    if (typeof task === "number") throw new Error(`task_create: ${task}`);
    return process;
  }

  setTime(seconds: number): void {
    this.root.kernel.machine_set_time(seconds);
  }

  /** The rule of the whole-machine check that is broken, 0 for none. Only the debug build looks. */
  check(): number {
    return this.root.kernel.machine_check?.() ?? 0;
  }
}
