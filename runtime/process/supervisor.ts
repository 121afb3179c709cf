/**
 * The entry of the supervisor: a worker of its own that never blocks. It keeps the pool filled,
 * hears of deaths and has the kernel repair what they left, ends processes that a signal killed,
 * and publishes the time of day. The machine goes on while it is slow, and nothing waits for it but
 * the dead.
 */

import { expose, wrap } from "comlink";
import { host } from "#host";
import { SB_SUPERVISOR } from "../../assembly/abi/layout.ts";
import { SIGKILL } from "../../assembly/abi/signal.ts";
import type { HostWorker } from "../../host/host.ts";
import { initThread } from "../enlist.ts";
import type { Thread } from "../thread.ts";
import { elapse, persistAsync } from "../wait.ts";
import type { MachineHandle, SupervisorCalls, SupervisorInit, WorkerCalls } from "./protocol.ts";

class Supervisor implements SupervisorCalls {
  #thread!: Thread;
  #handle!: MachineHandle;
  #init!: SupervisorInit;
  /** Workers that have joined the pool, by task, until they have ended. */
  readonly #workers = new Map<number, HostWorker>();
  readonly #starting = new Map<HostWorker, Promise<void>>();
  #stopping = false;
  #started = 0;

  async start(init: SupervisorInit): Promise<unknown> {
    await host.announce();
    this.#init = init;
    const { bootId, module, memory } = init.handle;
    this.#thread = initThread(module, memory);
    const address = host.watchPeers(bootId, (task) => void this.#bury(task));
    this.#handle = { ...init.handle, supervisor: address };
    this.#publishTime();
    await this.#fillPool();
    void this.#watch();
    return address;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const worker of this.#starting.keys()) worker.terminate();
    const ends = [...this.#workers.values()].map((worker) => {
      worker.terminate();
      return worker.ended();
    });
    await Promise.all(ends);
  }

  /** On every full second, which is what the kernel's times count. */
  #publishTime(): void {
    const now = Date.now();
    this.#thread.kernel.machine_set_time(Math.floor(now / 1000));
    setTimeout(() => this.#publishTime(), 1000 - (now % 1000));
  }

  /** Looks at what there is to do whenever the kernel has changed the word. */
  async #watch(): Promise<void> {
    const index = SB_SUPERVISOR >> 2;
    while (!this.#stopping) {
      const value = Atomics.load(this.#thread.i32, index);
      await this.#endKilled();
      this.#fillPool().catch((error) => this.#report(error));
      await elapse(this.#thread, { index, value, until: Number.POSITIVE_INFINITY });
    }
  }

  #report(error: unknown): void {
    if (!this.#stopping) host.logError(`wasm-ipc: a worker failed: ${String(error)}`);
  }

  /** Resolves when as many workers have joined as are missing now. */
  async #fillPool(): Promise<void> {
    const parked = this.#thread.kernel.pool_size();
    const missing = this.#init.pool - parked - this.#starting.size;
    const starts = Array.from({ length: Math.max(0, missing) }, () => this.#startWorker());
    await Promise.all(starts);
  }

  #startWorker(): Promise<void> {
    this.#started += 1;
    const name = `wasm-ipc ${this.#init.handle.bootId} worker ${this.#started}`;
    const worker = host.startWorker(this.#init.worker, name);
    const start = this.#enlist(worker).finally(() => this.#starting.delete(worker));
    this.#starting.set(worker, start);
    // Until its answer came it counted twice, as parked and as starting.
    return start.then(() => this.#fillPool());
  }

  async #enlist(worker: HostWorker): Promise<void> {
    const failed = new Promise<never>((_, reject) => worker.onError(reject));
    try {
      const calls = wrap<WorkerCalls>(worker.endpoint);
      const task = await Promise.race([calls.prepare(this.#handle), failed]);
      this.#workers.set(task, worker);
      failed.catch((error) => this.#report(error));
      void worker.ended().then(() => this.#bury(task));
    } catch (error) {
      worker.terminate();
      throw error;
    }
  }

  /** The thread of a task has ended: the kernel repairs what it left, and ends its process. */
  async #bury(task: number): Promise<void> {
    this.#workers.delete(task);
    if (this.#stopping) return;
    const serial = this.#thread.kernel.task_serial(task);
    await persistAsync(this.#thread, () => this.#thread.kernel.thread_dead(serial));
    await this.#fillPool().catch((error) => this.#report(error));
  }

  /**
   * Ends every process that a signal has killed: in the kernel, which refuses its calls from then on
   * and tells its parent, and then its worker, which Chromium takes 2 s to stop when it spins.
   * A thread that attached itself lives on; nobody but its owner may end it.
   */
  async #endKilled(): Promise<void> {
    const { kernel } = this.#thread;
    for (let task = kernel.proc_next_killed(); task !== 0; task = kernel.proc_next_killed()) {
      if (this.#stopping) return;
      const pid = this.#pidOf(task);
      // The kernel has kept the signal, and that is the status.
      await persistAsync(this.#thread, () => kernel.proc_exit(pid, SIGKILL));
      // A worker may have been spawned and killed before its answer came.
      if (!this.#workers.has(task)) await Promise.allSettled(this.#starting.values());
      this.#workers.get(task)?.terminate();
    }
  }

  #pidOf(task: number): number {
    const { kernel, main } = this.#thread;
    kernel.task_enter(task);
    const pid = kernel.sys_getpid();
    kernel.task_enter(main.id);
    return pid;
  }
}

expose(new Supervisor() as SupervisorCalls, host.parentEndpoint());
