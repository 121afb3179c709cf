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
import type { HostWorker, Peer } from "../../host/host.ts";
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
  readonly #starting = new Set<HostWorker>();
  /** Tasks whose worker was told to end. */
  readonly #ending = new Set<number>();
  /** Threads that no spawn started, by task. */
  readonly #peers = new Map<number, Peer>();
  #stopping = false;
  #started = 0;

  async start(init: SupervisorInit): Promise<unknown> {
    await host.announce();
    this.#init = init;
    const { bootId, module, memory } = init.handle;
    this.#thread = initThread(module, memory);
    this.#peers.set(init.booter.task, init.booter);
    const address = host.watchPeers(bootId, {
      joined: (peer) => void this.#peers.set(peer.task, peer),
      left: ({ task }) => void this.#peers.delete(task),
      died: ({ task }) => void this.#bury(task),
    });
    this.#handle = { ...init.handle, supervisor: address };
    this.#publishTime();
    await this.#fillPool();
    void this.#watch();
    return address;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const worker of this.#starting) worker.terminate();
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

  async #startWorker(): Promise<void> {
    this.#started += 1;
    const name = `wasm-ipc ${this.#init.handle.bootId} worker ${this.#started}`;
    const worker = host.startWorker(this.#init.worker, name);
    this.#starting.add(worker);
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
    } finally {
      this.#starting.delete(worker);
    }
    // It may have been spawned and killed before its answer came.
    await this.#endKilled();
  }

  /** The thread of a task has ended: the kernel repairs what it left, and ends its process. */
  async #bury(task: number): Promise<void> {
    this.#workers.delete(task);
    this.#peers.delete(task);
    this.#ending.delete(task);
    if (this.#stopping) return;
    await persistAsync(this.#thread, () => this.#thread.kernel.task_dead(task));
    await this.#endKilled();
    await this.#fillPool().catch((error) => this.#report(error));
  }

  /**
   * Ends the first process that a signal has killed and that still lives; the next one's turn comes
   * when this one is buried.
   */
  async #endKilled(): Promise<void> {
    const { kernel } = this.#thread;
    for (let task = kernel.proc_next_killed(); task !== 0; task = kernel.proc_next_killed()) {
      const worker = this.#workers.get(task);
      const peer = this.#peers.get(task);
      if (worker !== undefined && !this.#ending.has(task)) {
        this.#ending.add(task);
        worker.terminate();
      }
      if (peer === undefined) return;
      // Nobody may end that thread; its process ends, and every call it makes is refused.
      await persistAsync(this.#thread, () => kernel.proc_exit(peer.pid, SIGKILL));
    }
  }
}

expose(new Supervisor() as SupervisorCalls, host.parentEndpoint());
