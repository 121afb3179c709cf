/** attach(): a further thread, started by the user, becomes a process of a running machine. */
import { host } from "#host";
import { SB_STATE, STATE_DOWN } from "../assembly/abi/layout.ts";
import { int } from "../host/arguments.ts";
import type { Pledge } from "../host/host.ts";
import { enlist } from "./enlist.ts";
import { checkMachine, checkVersion, instantiate, type KernelExports } from "./instance.ts";
import { leaveAtOnce, leaveMachine, markDown } from "./leave.ts";
import { Machine } from "./machine.ts";
import type { MachineHandle } from "./process/protocol.ts";
import type { Thread } from "./thread.ts";
import { setTitle } from "./title.ts";

/** Credentials of the new process; by default those of the process that booted. */
export interface Credentials {
  uid?: number;
  gid?: number;
}

/**
 * Makes the calling thread a process of a machine that another thread booted, or a second process
 * on the same thread. The process ends with shutdown(), or with the thread.
 *
 * @param handle `machine.handle`, received by message
 * @returns the machine as this process sees it
 * @throws {Error} the handle is none, is of another ABI version (both are named), or its machine
 *   was shut down
 * @throws {SystemError} EAGAIN PROC_MAX processes or TASK_MAX tasks exist
 * @example
 * parentPort.once("message", async (handle) => {
 *   await using machine = await attach(handle);
 *   machine.sys.semop(semid, [{ sem_num: 0, sem_op: -1 }]);
 * });
 */
export async function attach(handle: MachineHandle, options: Credentials = {}): Promise<Machine> {
  host.requireSharedMemory();
  if (typeof handle !== "object" || handle === null || !("abiVersion" in handle)) {
    throw new TypeError("attach: this is not the handle of a machine");
  }
  checkVersion(handle.abiVersion);
  checkMachine(handle.memory);
  const identity = {
    uid: int(options.uid ?? handle.uid, "attach", "uid"),
    gid: int(options.gid ?? handle.gid, "attach", "gid"),
    canBlock: host.canBlock(),
  };
  const kernel = instantiate(handle.module, handle.memory);
  // First a name, then a promise that the end of who has it will be heard, and only then a task.
  const serial = kernel.thread_new();
  const pledge = await promise(handle, kernel, serial);
  try {
    checkMachine(handle.memory);
    const thread = await enlist(kernel, handle.memory, serial, identity);
    setTitle(thread, "attach", []);
    return new Machine(thread, handle, { leave: leaver(thread, pledge) });
  } catch (error) {
    pledge.withdraw();
    throw error;
  }
}

/** Without a supervisor nobody hears of deaths: then it is better to end than to wait for the dead. */
async function promise(
  { supervisor, bootId, memory }: MachineHandle,
  kernel: KernelExports,
  serial: number,
): Promise<Pledge> {
  const words = new Int32Array(memory.buffer);
  const letGo = host.keepAlive();
  try {
    return await host.pledge({
      address: supervisor,
      bootId,
      serial,
      onSupervisorEnd: () => markDown(kernel, words),
      onFailure(error) {
        if (Atomics.load(words, SB_STATE >> 2) === STATE_DOWN) return;
        host.logError(`wasm-ipc: the end of thread ${serial} may not be heard: ${String(error)}`);
      },
    });
  } finally {
    letGo();
  }
}

function leaver(thread: Thread, pledge: Pledge): () => Promise<void> {
  let left: Promise<void> | undefined;
  const leave = async () => {
    const letGo = host.keepAlive();
    stay();
    try {
      await leaveMachine(thread);
      pledge.withdraw();
    } finally {
      letGo();
    }
  };
  const stay = host.onPageHide(() => {
    leaveAtOnce(thread);
    left ??= leave();
  });
  return () => {
    left ??= leave();
    return left;
  };
}
