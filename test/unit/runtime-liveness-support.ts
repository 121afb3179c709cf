/** What the tests of liveness share. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { LIMIT_TASK_MAX, SB_LIMITS } from "../../assembly/abi/layout.ts";
import type { Machine } from "../../runtime/index.ts";
import { instantiate } from "../../runtime/instance.ts";
import type { WorkerTask } from "./runtime-liveness-worker.ts";
import { op } from "./runtime-support.ts";

export const HOLDER = new URL("./runtime-liveness-worker.js", import.meta.url);

/** A set whose semaphore 0 is a lock that is free, and whose semaphore 1 is 0. */
export function lockAndBell({ sys }: Machine): number {
  const set = sys.semget(0, 2, 0o1600);
  sys.semop(set, op(0, 1));
  return set;
}

/** A Worker that attaches itself and acts; resolves when it holds what it shall hold. */
export async function holder(
  { handle }: Machine,
  set: number,
  task: Omit<WorkerTask, "handle" | "set">,
): Promise<Worker> {
  const worker = new Worker(HOLDER, { workerData: { handle, set, ...task } });
  await once(worker, "message");
  return worker;
}

/** How many tasks of the machine are not free: in an idle one those of booter and supervisor. */
export function tasksTaken({ handle }: Machine): number {
  const kernel = instantiate(handle.module, handle.memory);
  const tasks = new Int32Array(handle.memory.buffer)[(SB_LIMITS >> 2) + LIMIT_TASK_MAX]!;
  const taken = Array.from({ length: tasks }, (_, index) => kernel.task_serial(index + 1));
  return taken.filter((serial) => serial >= 0).length;
}

export const IDLE_TASKS = 2;
