/** The driver's side of a process on our kernel: a BroadcastChannel, and its tasks' park words. */
import { LIMIT_TASK_MAX, SB_LIMITS } from "../../assembly/abi/layout.ts";
import type { Machine } from "../../runtime/index.ts";
import type { KernelExports } from "../../runtime/instance.ts";
import { instantiate } from "../../runtime/instance.ts";
import { ProcBase } from "./proc-base.ts";
import type { Command, Reply } from "./wire.ts";

const PARK_ASLEEP = 1;
const POLL_MS = 1;
/** How long an ended worker's clean-up may take. */
const QUIET_MS = 2000;

/** Looks at the tasks of a machine with a kernel instance of its own. */
export class TaskObserver {
  readonly #kernel: KernelExports & { machine_check?: () => number };
  readonly #words: Int32Array;

  constructor({ handle }: Machine) {
    this.#kernel = instantiate(handle.module, handle.memory);
    this.#words = new Int32Array(handle.memory.buffer);
  }

  /** How many tasks of a process sleep: their park word says so until they are woken. */
  sleepers(pid: number): number {
    const count = this.#words[(SB_LIMITS >> 2) + LIMIT_TASK_MAX]!;
    let asleep = 0;
    for (let task = 1; task <= count; task++) {
      const park = Atomics.load(this.#words, this.#kernel.task_park_at(task) >>> 2);
      if (park !== PARK_ASLEEP) continue;
      this.#kernel.task_enter(task);
      if (this.#kernel.sys_getpid() === pid) asleep++;
    }
    return asleep;
  }

  /** Whether a thread still acts for the process: a zombie has none. */
  hasThread(pid: number): boolean {
    const count = this.#words[(SB_LIMITS >> 2) + LIMIT_TASK_MAX]!;
    for (let task = 1; task <= count; task++) {
      if (this.#kernel.task_serial(task) < 0) continue;
      this.#kernel.task_enter(task);
      if (this.#kernel.sys_getpid() === pid) return true;
    }
    return false;
  }

  /**
   * The debug build's check of the whole machine. It wants a quiet one, and a worker that ended may
   * still be cleaned up, so a broken rule counts only when it stays broken.
   * @throws {Error} with the rule's number, see assembly/check-rules.ts
   */
  async check(): Promise<void> {
    const { machine_check } = this.#kernel;
    if (machine_check === undefined) return;
    const end = performance.now() + QUIET_MS;
    let broken = machine_check();
    while (broken !== 0 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      broken = machine_check();
    }
    if (broken !== 0) throw new Error(`machine_check: rule ${broken} is broken`);
  }
}

export class KernelProc extends ProcBase {
  readonly pid: number;
  readonly #machine: Machine;
  readonly #channel: BroadcastChannel;
  readonly #observer: TaskObserver;

  constructor(machine: Machine, observer: TaskObserver, channel: BroadcastChannel, pid: number) {
    super();
    this.pid = pid;
    this.#machine = machine;
    this.#observer = observer;
    this.#channel = channel;
    channel.onmessage = ({ data }: MessageEvent<Reply>) => this.receive(data);
  }

  protected send(command: Command): void {
    this.#channel.postMessage(command);
  }

  protected sleepers(): number {
    return this.#observer.sleepers(this.pid);
  }

  async kill(signal: number): Promise<void> {
    this.#machine.sys.kill(this.pid, signal);
  }

  protected runs(): boolean {
    return this.#observer.hasThread(this.pid);
  }

  override hasEnded(how: string): void {
    this.#channel.close();
    super.hasEnded(how);
  }
}

/**
 * A process whose parent is another one: the driver cannot wait for it. Asked to exit, it is taken
 * as ended once it has agreed; killed, once no thread is left of it.
 */
export class KernelGrandchild extends KernelProc {
  override async exit(code = 0): Promise<void> {
    await this.do("exit", code);
    this.hasEnded("it exits");
  }

  override async ended(): Promise<void> {
    while (this.alive && this.runs()) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    if (this.alive) this.hasEnded("it is gone");
  }
}
