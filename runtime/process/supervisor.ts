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
import { errnoOf } from "../../host/errno.ts";
import type { HostWorker } from "../../host/host.ts";
import { initThread } from "../enlist.ts";
import type { Thread } from "../thread.ts";
import type { MountPlan } from "../volume/mount.ts";
import { VolumeServer } from "../volume/server.ts";
import { elapse, persistAsync } from "../wait.ts";
import { Deaths } from "./deaths.ts";
import type {
  Failure,
  MachineHandle,
  SupervisorCalls,
  SupervisorInit,
  WorkerCalls,
} from "./protocol.ts";

class Supervisor implements SupervisorCalls {
  #thread!: Thread;
  #handle!: MachineHandle;
  #init!: SupervisorInit;
  #deaths!: Deaths;
  /** Workers by the serials of their threads, from their start until they are buried. */
  readonly #workers = new Map<number, HostWorker>();
  readonly #starting = new Map<HostWorker, Promise<void>>();
  /** Tasks whose process is being ended. */
  readonly #ending = new Set<number>();
  #volumes!: VolumeServer;
  #stopping = false;
  #started = 0;
  /** Resolves once it is stopping. */
  #watching: Promise<void> | undefined;

  async start(init: SupervisorInit): Promise<unknown> {
    await host.announce();
    this.#init = init;
    const { bootId, module, memory } = init.handle;
    this.#thread = initThread(module, memory);
    const watch = host.watchThreads(bootId, (serial) => void this.#bury(serial));
    this.#deaths = new Deaths(this.#thread, watch, (error) => this.#report(error));
    this.#deaths.own(init.booter);
    this.#handle = { ...init.handle, supervisor: watch.address };
    this.#volumes = new VolumeServer(this.#thread, (error) => this.#report(error));
    this.#tick();
    await this.#fillPool();
    this.#watching = this.#watch();
    return watch.address;
  }

  mount(path: string, plan: MountPlan): Promise<Failure | undefined> {
    return failureOf(this.#volumes.mount(host.openDirectory(path), plan), "mount");
  }

  sync(): Promise<Failure | undefined> {
    return failureOf(this.#volumes.sync(), "sync");
  }

  async stop(): Promise<void> {
    // While every lock has a living owner, or one that will be buried.
    await this.#volumes.stop();
    this.#stopping = true;
    for (const worker of this.#starting.keys()) worker.terminate();
    const ends = [...this.#workers.values()]
      .filter((worker) => !this.#starting.has(worker))
      .map((worker) => {
        worker.terminate();
        return worker.ended();
      });
    await Promise.all(ends);
    // Nobody may notify a word that this worker waits on while it is terminated, see persistAsync().
    Atomics.add(this.#thread.i32, SB_SUPERVISOR >> 2, 1);
    Atomics.notify(this.#thread.i32, SB_SUPERVISOR >> 2);
    await this.#watching;
  }

  /** On every full second, which is what the kernel's times count. */
  #tick(): void {
    const now = Date.now();
    this.#thread.kernel.machine_set_time(Math.floor(now / 1000));
    setTimeout(() => this.#tick(), 1000 - (now % 1000));
    if (this.#stopping) return;
    this.#deaths.tick();
    this.#volumes.tick();
    this.#endKilled();
  }

  /** Looks at what there is to do whenever the kernel has changed the word. */
  async #watch(): Promise<void> {
    const index = SB_SUPERVISOR >> 2;
    while (!this.#stopping) {
      const value = Atomics.load(this.#thread.i32, index);
      this.#deaths.serve();
      this.#volumes.serve();
      this.#endKilled();
      this.#fillPool().catch((error) => this.#report(error));
      await elapse(this.#thread, { index, value, until: await this.#alarms() });
    }
  }

  /** Sends SIGALRM to whom it is due. @returns when the next is, on performance.now()'s scale */
  async #alarms(): Promise<number> {
    const { kernel } = this.#thread;
    const next = kernel.alarm_next();
    if (next === 0) return Number.POSITIVE_INFINITY;
    const left = next - host.clock();
    if (left > 0) return performance.now() + left;
    await persistAsync(this.#thread, () => kernel.alarm_fire(host.clock()));
    // At once: whom the signal has ended is to be ended.
    return 0;
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

  /** The worker is known by its thread's serial before it can have anything in the machine. */
  async #enlist(worker: HostWorker): Promise<void> {
    const serial = this.#thread.kernel.thread_new();
    this.#workers.set(serial, worker);
    this.#deaths.own(serial);
    const failed = new Promise<never>((_, reject) => worker.onError(reject));
    try {
      const calls = wrap<WorkerCalls>(worker.endpoint);
      await Promise.race([calls.announce(), failed]);
      const buried = worker.ended().then(() => this.#bury(serial));
      // One that was spawned and killed before its answer ends without it.
      await Promise.race([calls.prepare(this.#handle, serial), failed, buried]);
      failed.catch((error) => this.#report(error));
    } catch (error) {
      worker.terminate();
      throw error;
    }
  }

  async #bury(serial: number): Promise<void> {
    this.#workers.delete(serial);
    if (this.#stopping) return;
    await this.#deaths.bury(serial);
    await this.#fillPool().catch((error) => this.#report(error));
  }

  /** Ends every process that a signal has killed; several at a time, for each may wait for a lock. */
  #endKilled(): void {
    const { kernel } = this.#thread;
    for (let task = kernel.proc_next_killed(); task !== 0; task = kernel.proc_next_killed()) {
      if (this.#ending.has(task)) return;
      this.#ending.add(task);
      this.#end(task)
        .catch((error) => this.#report(error))
        .finally(() => this.#ending.delete(task));
    }
  }

  /**
   * Ends a process: the kernel refuses its calls from now on, and then its worker is terminated, which
   * takes Chromium 2 s when it spins. One that has ended by itself meanwhile is left alone: its worker may
   * be another process's already. Until it has stopped it may store into what the process holds, so
   * that is given up, and its parent told, by the burial. A thread that attached itself lives on, for
   * nobody but its owner may end it: its process ends at once.
   */
  async #end(task: number): Promise<void> {
    const { kernel, main } = this.#thread;
    const worker = this.#workers.get(kernel.task_serial(task));
    kernel.task_enter(task);
    const pid = kernel.sys_getpid();
    kernel.task_enter(main.id);
    // The kernel has kept the signal, and that is the status. Its first attempt is made at once.
    const ended = persistAsync(this.#thread, () =>
      worker === undefined ? kernel.proc_exit(pid, SIGKILL) : kernel.proc_refuse(pid, SIGKILL),
    );
    if ((await ended) === 0) worker?.terminate();
  }
}

/** How what was done has failed, if it has. */
async function failureOf(done: Promise<void>, syscall: string): Promise<Failure | undefined> {
  try {
    await done;
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const errno = error instanceof Error && "code" in error ? errnoOf(error) : 0;
    return { errno, syscall, message };
  }
}

expose(new Supervisor() as SupervisorCalls, host.parentEndpoint());
