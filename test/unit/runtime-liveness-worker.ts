/**
 * A Worker of the test's own that attaches itself, and then holds what others want: `workerData.act`
 * says what, and how it ends. It tells by message when it holds it.
 */
import { parentPort, workerData } from "node:worker_threads";
import { LIMIT_TASK_MAX, SB_LIMITS } from "../../assembly/abi/layout.ts";
import type { Machine, MachineHandle } from "../../runtime/index.ts";
import { attach, SEM_UNDO, type SystemError } from "../../runtime/index.ts";
import { instantiate } from "../../runtime/instance.ts";
import { op } from "./runtime-support.ts";

export interface WorkerTask {
  handle: MachineHandle;
  set: number;
  act: string;
  /** A lock word for the acts that hold one, an address. */
  lock?: number;
  /** Wakes the worker from its stop. */
  stop?: Int32Array;
}

const { handle, set, act, lock = 0, stop } = workerData as WorkerTask;

/** Makes this process the owner of a kernel lock, as it is within a call. */
function hold({ pid }: Machine): { release: () => void } {
  const i32 = new Int32Array(handle.memory.buffer);
  const before = Atomics.compareExchange(i32, lock >> 2, 0, mainTask(pid));
  if (before !== 0) throw new Error(`the lock at ${lock} is held: ${before}`);
  return {
    release() {
      Atomics.store(i32, lock >> 2, 0);
      Atomics.notify(i32, lock >> 2);
    },
  };
}

/** The task of a process that has one only. */
function mainTask(pid: number): number {
  const kernel = instantiate(handle.module, handle.memory);
  const tasks = new Int32Array(handle.memory.buffer)[(SB_LIMITS >> 2) + LIMIT_TASK_MAX]!;
  for (let task = 1; task <= tasks; task += 1) {
    if (kernel.task_serial(task) < 0) continue;
    kernel.task_enter(task);
    if (kernel.sys_getpid() === pid) return task;
  }
  throw new Error(`process ${pid} has no task`);
}

const ACTS: Readonly<Record<string, (machine: Machine) => unknown>> = {
  /** Sleeps until it is terminated, with semaphore 0 to be given back. */
  async sleep({ sys }) {
    sys.semop(set, op(0, -1, SEM_UNDO));
    parentPort!.postMessage("holds");
    sys.semop(set, op(1, -1));
  },
  /** Throws with the semaphore, once somebody sleeps for another one as well. */
  throw({ sys }) {
    sys.semop(set, op(0, -1, SEM_UNDO));
    sys.semop(set, op(1, 1));
    throw new Error("dies with the semaphore");
  },
  /** Holds a lock while it is stopped, and goes on when it is let. */
  async lock(machine) {
    const held = hold(machine);
    parentPort!.postMessage("holds");
    Atomics.wait(stop!, 0, 0);
    held.release();
    await machine.shutdown();
    parentPort!.postMessage("left");
  },
  /** Ends with a lock. */
  "lock-and-exit"(machine) {
    machine.sys.semop(set, op(0, -1, SEM_UNDO));
    hold(machine);
    machine.sys.semop(set, op(1, 1));
    process.exit();
  },
  async reap(machine) {
    parentPort!.postMessage(await machine.reap());
  },
  /** Says how a sleeping call ended. */
  wait({ sys }) {
    parentPort!.postMessage("holds");
    try {
      sys.semop(set, op(1, -1));
    } catch (error) {
      parentPort!.postMessage((error as SystemError).code);
    }
  },
};

await ACTS[act]!(await attach(handle));
