/**
 * The entry of every worker that a supervisor starts: joins the pool, parks until a spawn makes it a
 * process, runs one program, exits. It is not used again: a program's modules keep their state.
 */

import { expose } from "comlink";
import { host } from "#host";
import { STDERR_FILENO } from "../../assembly/abi/unistd.ts";
import { W_EXIT_SHIFT } from "../../assembly/abi/wait.ts";
import { SystemError } from "../../host/errno.ts";
import { writeAll } from "../api/descriptor.ts";
import { instantiate, type KernelExports } from "../instance.ts";
import { Machine } from "../machine.ts";
import { Tracer } from "../strace/strace.ts";
import { Thread } from "../thread.ts";
import { park, persist } from "../wait.ts";
import type { MachineHandle, ProgramRecord, WorkerCalls } from "./protocol.ts";
import { readRecord } from "./record.ts";

const calls: WorkerCalls = {
  announce: () => host.announce(),
  async prepare(handle, serial) {
    const kernel = instantiate(handle.module, handle.memory);
    const task = kernel.pool_join(serial);
    if (task < 0) throw new Error("the task table is full, see TASK_MAX");
    // After the answer has gone out: this thread hears nothing while it is parked.
    setTimeout(() => becomeProcess(kernel, handle, task), 0);
  },
};
expose(calls, host.parentEndpoint());

function becomeProcess(kernel: KernelExports, handle: MachineHandle, task: number): void {
  const buffer = handle.memory.buffer as unknown as SharedArrayBuffer;
  park(new Int32Array(buffer), kernel, task);
  const thread = new Thread(kernel, handle.memory, task, true);
  thread.supervised = true;
  void run(thread, handle, readRecord(buffer, thread.transfer));
}

async function run(thread: Thread, handle: MachineHandle, record: ProgramRecord): Promise<void> {
  let exited = false;
  const print = (line: string) =>
    host.writeStandard(2, new TextEncoder().encode(`[pid ${thread.pid}] ${line}\n`));
  const tracer = record.strace === true ? new Tracer(print) : undefined;
  const exit = (code: number): void => {
    if (exited) return;
    exited = true;
    if (tracer !== undefined) print(`+++ exited with ${code & 0xff} +++`);
    persist(thread, () => thread.kernel.sys_exit((code & 0xff) << W_EXIT_SHIFT));
    thread.retire();
    host.endWorker();
  };
  const machine = new Machine(thread, handle, async () => {}, tracer);
  const write = (fd: number, bytes: Uint8Array) => void writeAll(machine.sys, fd, bytes);
  const fail = (error: unknown): void => {
    if (exited) return;
    complain(write, describe(error));
    exit(1);
  };
  const isHosted = (fd: number) => thread.kernel.fd_host(fd) >= 0;
  host.becomeProcess({ write, isHosted, exit, fail });
  try {
    const module: Record<string, unknown> = await import(record.program);
    if (typeof module.main !== "function") {
      throw new TypeError(`${record.argv[0]}: the program exports no function \`main\``);
    }
    const status: unknown = await module.main(machine.sys, record.argv, machine);
    exit(typeof status === "number" ? status : 0);
  } catch (error) {
    fail(error);
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
