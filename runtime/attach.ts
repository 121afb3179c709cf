/** attach(): a further thread, started by the user, becomes a process of a running machine. */
import { host } from "#host";
import { int } from "../host/arguments.ts";
import { newProcess } from "./enlist.ts";
import { checkMachine, checkVersion } from "./instance.ts";
import { leaveMachine } from "./leave.ts";
import { Machine } from "./machine.ts";
import type { MachineHandle } from "./process/protocol.ts";

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
  const thread = newProcess(handle.module, handle.memory, {
    uid: int(options.uid ?? handle.uid, "attach", "uid"),
    gid: int(options.gid ?? handle.gid, "attach", "gid"),
    canBlock: host.canBlock(),
  });
  const { supervisor, bootId } = handle;
  const notice = await host.announcePeer(supervisor, bootId, thread.main.id, (error) => {
    if (thread.isClosed()) return;
    host.logError(`wasm-ipc: the death of process ${thread.pid} would not be heard: ${error}`);
  });
  return new Machine(thread, handle, async () => {
    const letGo = host.keepAlive();
    try {
      notice.withdraw();
      await leaveMachine(thread);
    } finally {
      letGo();
    }
  });
}
