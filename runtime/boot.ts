/** boot(): a new machine in this thread's own memory, with a supervisor and a pool of workers. */

import { type Remote, wrap } from "comlink";
import { host } from "#host";
import { SUPERVISOR, WORKER } from "#workers";
import { EINVAL, ENOMEM } from "../assembly/abi/errno.ts";
import { ABI_VERSION, SB_BOOT_ID, SB_LIMITS, SB_WASM_PAGES } from "../assembly/abi/layout.ts";
import { WASM_PAGE_SIZE } from "../assembly/abi/limits.ts";
import type { HostWorker, WorkerSource } from "../host/host.ts";
import { newProcess } from "./enlist.ts";
import { instantiate } from "./instance.ts";
import { compileKernel, createMemory } from "./kernel.ts";
import { endMachine, markDown } from "./leave.ts";
import { Machine } from "./machine.ts";
import { type BootOptions, type Settings, settle } from "./options.ts";
import type { SupervisorCalls, SupervisorInit } from "./process/protocol.ts";
import { seedPrograms } from "./programs.ts";
import { seedServices } from "./services.ts";
import type { Thread } from "./thread.ts";
import { setTitle } from "./title.ts";
import { MachineVolumes } from "./volume/mounts.ts";

/**
 * Makes a machine. The calling thread is its first process (pid 2) and may spawn others; the
 * machine lives in this thread's OS process or page, and ends with shutdown() or with that.
 * On Node it does not keep the event loop alive, but a pending call does.
 *
 * @param options limits, the size of the pool, where the kernel and the workers are
 * @returns the machine, whose pool is filled
 * @throws {Error} threads may not share memory here (names the two HTTP headers that a page needs);
 *   or there is no room for the memory, or the memory is too small for the limits
 * @throws {TypeError} an option that does not exist or is no integer
 * @throws {RangeError} an option out of its range
 * @example
 * await using machine = await boot();
 * const child = await machine.spawn("./program.js");
 */
export async function boot(options: BootOptions = {}): Promise<Machine> {
  host.requireSharedMemory();
  const settings = settle(options);
  const module = await compileKernel(options.kernelUrl);
  const memory = createMemory(settings.pages);
  const bootId = format(module, memory, settings);
  const { uid, gid, pool, poolWaitMs } = settings;
  const base = host.baseUrl();
  const programs = settings.bin ? programSource(options.programsUrl) : undefined;
  if (settings.bin) await seedPrograms(module, memory);
  const identity = { abiVersion: ABI_VERSION, bootId, module, memory, uid, gid };
  const open = { ...identity, base, pool, poolWaitMs, programs: await programs };
  const thread = await newProcess(module, memory, { uid, gid, canBlock: host.canBlock() });
  setTitle(thread, "boot", []);
  const init: SupervisorInit = {
    handle: open,
    booter: thread.kernel.task_serial(thread.main.id),
    pool,
    worker: workerSource(options.workerUrl),
  };
  const { worker, calls, stop, address } = await startSupervisor(supervisorSource(options), init);
  const handle = { ...open, supervisor: address };
  const end = ender(thread, worker, stop);
  if (settings.mounts.length === 0) return new Machine(thread, handle, { leave: end });
  const volumes = new MachineVolumes(thread, handle, calls, worker);
  try {
    await volumes.mount(settings.mounts, uid, gid);
  } catch (error) {
    await end();
    throw error;
  }
  const leave = () => volumes.syncAll().finally(end);
  return new Machine(thread, handle, { leave, carry: () => volumes.sync() });
}

/** How this machine is shut down; and that it ends with its page, or without its supervisor. */
function ender(thread: Thread, worker: HostWorker, stop: () => Promise<void>): () => Promise<void> {
  let ending = false;
  const stay = host.onPageHide(() => markDown(thread.kernel, thread.i32));
  void worker.ended().then(() => {
    if (ending) return;
    host.logError("wasm-ipc: the supervisor has ended, and so has its machine");
    markDown(thread.kernel, thread.i32);
  });
  return async () => {
    ending = true;
    const letGo = host.keepAlive();
    stay();
    try {
      await stop();
      worker.terminate();
      await worker.ended();
      await endMachine(thread);
    } finally {
      letGo();
    }
  };
}

/** Lays the machine out. @returns its boot id. */
function format(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  { pages, limits, mounts }: Settings,
): string {
  const words = new Int32Array(memory.buffer);
  words.set(limits, SB_LIMITS >> 2);
  words[SB_WASM_PAGES >> 2] = pages;
  const [low, high] = crypto.getRandomValues(new Int32Array(2)) as unknown as [number, number];
  const seconds = Math.floor(Date.now() / 1000);
  const kernel = instantiate(module, memory);
  const result = kernel.machine_format(seconds, low, high);
  if (result === -ENOMEM) {
    throw new RangeError(
      `boot: ${pages * WASM_PAGE_SIZE} bytes of memory are too small for tables of these limits; ` +
        "give more with the option `memory`, or lower TASK_MAX, SEMOPM, SEMMSL, MSGMAX or MSGSEG",
    );
  }
  if (result === -EINVAL) throw new RangeError("boot: the kernel refuses one of the limits");
  // A volume that is the root brings an /etc of its own.
  if (!mounts.some(({ path }) => path === "/")) seedServices(kernel, memory);
  const id = new Uint32Array(memory.buffer, SB_BOOT_ID, 2);
  return Array.from(id, (word) => word.toString(16).padStart(8, "0")).join("");
}

function workerSource(url: string | URL | undefined): WorkerSource {
  return url === undefined ? { code: WORKER } : { url: absolute(url) };
}

/** Without an address of its own it is beside the worker: worker.js and supervisor.js. */
function supervisorSource({ workerUrl, supervisorUrl }: BootOptions): WorkerSource {
  if (supervisorUrl !== undefined) return { url: absolute(supervisorUrl) };
  if (workerUrl === undefined) return { code: SUPERVISOR };
  const url = absolute(workerUrl);
  const slash = url.lastIndexOf("/") + 1;
  return { url: url.slice(0, slash) + url.slice(slash).replace("worker", "supervisor") };
}

/** The code of the programs of /bin: an address, or bytes that all workers share. */
async function programSource(url: string | URL | undefined): Promise<SharedArrayBuffer | string> {
  if (url !== undefined) return absolute(url);
  const { PROGRAMS } = await import("#programs");
  const bytes = new TextEncoder().encode(PROGRAMS);
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  return shared;
}

function absolute(url: string | URL): string {
  return new URL(url, host.baseUrl()).href;
}

interface RunningSupervisor {
  calls: Remote<SupervisorCalls>;
  worker: HostWorker;
  stop: () => Promise<void>;
  address: unknown;
}

async function startSupervisor(
  source: WorkerSource,
  init: SupervisorInit,
): Promise<RunningSupervisor> {
  const worker = host.startWorker(source, `wasm-ipc ${init.handle.bootId} supervisor`);
  const letGo = host.keepAlive();
  try {
    const failed = new Promise<never>((_, reject) => worker.onError(reject));
    const calls = wrap<SupervisorCalls>(worker.endpoint);
    const address = await Promise.race([calls.start(init), failed]);
    failed.catch((error) => host.logError(`wasm-ipc: the supervisor failed: ${String(error)}`));
    worker.unref();
    const stop = () => Promise.race([calls.stop(), failed]);
    return { worker, calls, stop, address };
  } catch (cause) {
    worker.terminate();
    throw new Error(`boot: the machine's workers cannot be started: ${String(cause)}`, { cause });
  } finally {
    letGo();
  }
}
