/** The kill hammer in Node: a machine of the debug build, and workers that attach themselves. */
import { Worker } from "node:worker_threads";
import { boot } from "../../runtime/index.ts";
import { instantiate } from "../../runtime/instance.ts";
import { kernelModule, type TestKernel } from "../support/machine.ts";
import type { AttachedWorker } from "./kill-lane.ts";
import type { KillHammer } from "./kill-round.ts";
import { roomFor } from "./kill-verify.ts";

const here = (name: string) => new URL(name, import.meta.url);

/** Tables a little larger than what lives at a time. */
const LIMITS = { memory: 16 * 2 ** 20, PROC_MAX: 64, TASK_MAX: 128, MSGMNB: 4096 };

export const LANES = { pooled: 5, attached: 2, pool: 5 };

export async function bootKillHammer(lanes = LANES): Promise<KillHammer> {
  const machine = await boot({
    ...LIMITS,
    pool: lanes.pool,
    kernelUrl: here("../../kernel.debug.wasm"),
  });
  const kernel = instantiate(kernelModule("debug"), machine.handle.memory) as TestKernel;
  const startAttached = (args: string[]): AttachedWorker => {
    const workerData = { handle: machine.handle, args };
    const worker = new Worker(here("./kill-attached-node.js"), { workerData });
    const ended = new Promise<void>((done) => worker.once("exit", () => done()));
    return { ended, terminate: () => void worker.terminate() };
  };
  const program = here("./kill-program.js").href;
  return { machine, kernel, program, startAttached, room: roomFor(machine), ...lanes };
}
