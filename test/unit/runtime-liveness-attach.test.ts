import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { boot, type Machine } from "../../runtime/index.ts";
import { IDLE_TASKS, tasksTaken } from "./runtime-liveness-support.ts";
import { codeOf } from "./runtime-support.ts";

const ATTACHER = new URL("./runtime-liveness-attach-worker.js", import.meta.url);
const ROUNDS = 240;
/** An attach and a leave take 0.3 ms, the first one several. */
const LATEST_MS = 3;

/** A worker terminated at a random moment of its attaching; some have not begun, some did it often. */
async function attachAndDie(machine: Machine, set: number): Promise<void> {
  const word = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(ATTACHER, { workerData: { handle: machine.handle, set, word } });
  const errors: unknown[] = [];
  worker.on("error", (error) => errors.push(error));
  const begun = Atomics.waitAsync(word, 0, 0);
  if (begun.async) await begun.value;
  const until = performance.now() + Math.random() * LATEST_MS;
  while (performance.now() < until);
  await worker.terminate();
  // EAGAIN, if a thread before it had left something.
  expect(errors).toEqual([]);
}

it(`attach(), ended at any moment ${ROUNDS} times, leaves nothing in the machine`, async () => {
  await using machine = await boot({ pool: 0, PROC_MAX: 8, TASK_MAX: 12 });
  const set = machine.sys.semget(0, 1, 0o1600);
  for (let round = 0; round < ROUNDS; round += 2) {
    await Promise.all([attachAndDie(machine, set), attachAndDie(machine, set)]);
  }
  await machine.reap();
  expect(tasksTaken(machine)).toBe(IDLE_TASKS);
  expect(machine.sys.semctl(set, 0, 12)).toBe(0);
  for (let pid = machine.pid + 1; pid < machine.pid + 5 * ROUNDS; pid += 1) {
    expect(codeOf(() => machine.sys.kill(pid, 0))).toBe("ESRCH");
  }
}, 120_000);
