/**
 * The entry of every worker that a supervisor starts: joins the pool, parks until a spawn makes it a
 * process, and runs one program. After a module of a user it is not used again, because that keeps its
 * state; after a program of /bin, which keeps none, it joins the pool once more.
 */

import { expose } from "comlink";
import { host } from "#host";
import { STDERR_FILENO } from "../../assembly/abi/unistd.ts";
import { W_EXIT_SHIFT } from "../../assembly/abi/wait.ts";
import type { Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import { writeAll } from "../api/descriptor.ts";
import { instantiate, type KernelExports } from "../instance.ts";
import { Machine } from "../machine.ts";
import { Tracer } from "../strace/strace.ts";
import { syscalls } from "../syscalls/index.ts";
import { Thread } from "../thread.ts";
import { setTitle } from "../title.ts";
import { park, persist } from "../wait.ts";
import { lookAgain } from "../wake.ts";
import { load } from "./load.ts";
import type { MachineHandle, ProgramRecord, WorkerCalls } from "./protocol.ts";
import { takeRecord } from "./record.ts";

const calls: WorkerCalls = {
  announce: () => host.announce(),
  async prepare(handle, serial) {
    const kernel = instantiate(handle.module, handle.memory);
    const task = kernel.pool_join(serial);
    if (task < 0) throw new Error("the task table is full, see TASK_MAX");
    // After the answer has gone out: this thread hears nothing while it is parked.
    setTimeout(() => serve(kernel, handle, serial, task), 0);
  },
};
expose(calls, host.parentEndpoint());

/** One process after another, as long as this worker can be used again. */
async function serve(
  kernel: KernelExports,
  handle: MachineHandle,
  serial: number,
  first: number,
): Promise<void> {
  const buffer = handle.memory.buffer as unknown as SharedArrayBuffer;
  const words = new Int32Array(buffer);
  park(words, kernel, first);
  const thread = new Thread(kernel, handle.memory, first, true);
  thread.supervised = true;
  // Made once: they are some two hundred functions.
  const sys = syscalls(thread);
  for (;;) {
    const isReusable = await new Run(thread, sys, handle).run();
    // A pool that has enough of parked workers needs no more.
    if (!isReusable || kernel.pool_size() >= 2 * handle.pool) break;
    const task = kernel.pool_join(serial);
    if (task < 0) break;
    park(words, kernel, task);
    thread.begin(task);
  }
  host.endWorker();
}

/** One program, from its start to the end of its process. */
class Run {
  readonly #thread: Thread;
  readonly #record: ProgramRecord;
  readonly #machine: Machine;
  readonly #handle: MachineHandle;
  #exited = false;
  /** Whether the process has ended in a way that leaves nothing behind in this worker. */
  #isClean = false;

  constructor(thread: Thread, sys: Syscalls, handle: MachineHandle) {
    this.#thread = thread;
    this.#record = takeRecord(thread, sys);
    this.#handle = handle;
    const { env, strace, name, argv } = this.#record;
    setTitle(thread, name, argv);
    const tracer = strace === true ? new Tracer((line) => this.#print(line)) : undefined;
    this.#machine = new Machine(thread, handle, { env, leave: async () => {}, tracer, sys });
  }

  /** @returns whether the worker is as if it had run nothing */
  async run(): Promise<boolean> {
    const { sys } = this.#machine;
    host.becomeProcess({
      write: (fd, bytes) => void writeAll(sys, fd, bytes),
      isHosted: (fd) => this.#thread.kernel.fd_host(fd) >= 0,
      exit: (code) => this.#exit(code, false),
      fail: (error) => this.#fail(error),
    });
    const { image, argv } = this.#record;
    try {
      const main = await load(image, argv[0]!, sys, this.#handle);
      const status: unknown = await main(sys, argv, this.#machine);
      this.#exit(typeof status === "number" ? status : 0, "builtin" in image);
    } catch (error) {
      this.#fail(error);
    }
    return this.#isClean;
  }

  /** @param isClean whether nothing of the program can run any more */
  #exit(code: number, isClean: boolean): void {
    if (this.#exited) return;
    this.#exited = true;
    if (this.#record.strace === true) this.#print(`+++ exited with ${code & 0xff} +++`);
    const thread = this.#thread;
    const { kernel, i32, main } = thread;
    const status = (code & 0xff) << W_EXIT_SHIFT;
    const killed = persist(thread, () => kernel.sys_exit(status)) !== 0;
    // The supervisor is about to terminate the worker of a process that a signal has ended.
    this.#isClean = isClean && !killed && thread.pending.size === 0;
    if (this.#isClean) thread.freeTasks();
    thread.retire();
    // What listens for its signals listens no more.
    lookAgain(i32, main.park);
    if (!this.#isClean) host.endWorker();
  }

  #fail(error: unknown): void {
    if (this.#exited) return;
    const { sys } = this.#machine;
    complain((fd, bytes) => void writeAll(sys, fd, bytes), describe(error));
    this.#exit(1, false);
  }

  #print(line: string): void {
    host.writeStandard(2, new TextEncoder().encode(`[pid ${this.#thread.pid}] ${line}\n`));
  }
}

/** Says it on the process's standard error, and where that is none on the host's. */
function complain(write: (fd: number, bytes: Uint8Array) => void, text: string): void {
  try {
    write(STDERR_FILENO, new TextEncoder().encode(`${text}\n`));
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    host.logError(text);
  }
}

/** The stack, and below it every cause, as Node prints an uncaught error. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return `Uncaught ${String(error)}`;
  const head = `${error.name}: ${error.message}`;
  // Firefox's stack has no first line with the message.
  const stack = error.stack?.includes(error.message) ? error.stack : `${head}\n${error.stack}`;
  return error.cause === undefined ? stack : `${stack}\nCaused by: ${describe(error.cause)}`;
}
