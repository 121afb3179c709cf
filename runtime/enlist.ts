/**
 * How a thread that no spawn started comes into a machine: boot's own, an attached one, and the
 * supervisor. Process 1, which every machine has from the start, lends it a task to begin with.
 */
import { SB_SUPERVISOR } from "../assembly/abi/layout.ts";
import { SystemError } from "../host/errno.ts";
import { instantiate, type KernelExports } from "./instance.ts";
import { Thread } from "./thread.ts";
import { persistAsync } from "./wait.ts";

const INIT_PID = 1;

/** User, group, and whether the thread may be put to sleep. */
export interface Enlistment {
  uid: number;
  gid: number;
  canBlock: boolean;
}

/** A thread that acts for process 1. @throws {SystemError} EAGAIN when the task table is full. */
export function initThread(module: WebAssembly.Module, memory: WebAssembly.Memory): Thread {
  const kernel = instantiate(module, memory);
  return lend(kernel, memory, kernel.thread_new(), false);
}

function lend(
  kernel: KernelExports,
  memory: WebAssembly.Memory,
  serial: number,
  canBlock: boolean,
): Thread {
  const task = kernel.task_create(INIT_PID, serial);
  if (task < 0) throw new SystemError(-task, "attach", "TASK_MAX is reached");
  return new Thread(kernel, memory, task, canBlock);
}

/**
 * Gives the thread `serial` a process of its own, a child of process 1. The thread may end at any
 * point of it: the task and the process name it from their first store on, see assembly/thread.ts.
 * @throws {SystemError} EAGAIN when the process table or the task table is full.
 */
export async function enlist(
  kernel: KernelExports,
  memory: WebAssembly.Memory,
  serial: number,
  { uid, gid, canBlock }: Enlistment,
): Promise<Thread> {
  const init = lend(kernel, memory, serial, canBlock);
  try {
    const pid = await persistAsync(init, () => kernel.proc_create(INIT_PID, uid, gid, 0));
    if (pid < 0) throw new SystemError(-pid, "attach", "PROC_MAX is reached");
    const task = kernel.task_create(pid, serial);
    // The supervisor has a thread to listen for.
    Atomics.notify(init.i32, SB_SUPERVISOR >> 2);
    if (task >= 0) return new Thread(kernel, memory, task, canBlock);
    await persistAsync(init, () => kernel.proc_exit(pid, 0));
    throw new SystemError(-task, "attach", "TASK_MAX is reached");
  } finally {
    kernel.task_free(init.main.id);
  }
}

/** The same for a thread that has no serial yet: boot's own. */
export function newProcess(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  enlistment: Enlistment,
): Promise<Thread> {
  const kernel = instantiate(module, memory);
  return enlist(kernel, memory, kernel.thread_new(), enlistment);
}
