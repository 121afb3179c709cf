/** The kill hammer in Node: a machine of the debug build, and workers that attach themselves. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
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

/** A program in one file: loading sixty modules takes longer than a process here lives. */
async function bundle(name: string, folder: string): Promise<URL> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [fileURLToPath(here(`./${name}.js`))],
    bundle: true,
    format: "esm",
    platform: "node",
    outfile,
  });
  return pathToFileURL(outfile);
}

export interface NodeKillHammer extends KillHammer {
  /** Ends the machine. */
  stop(): Promise<void>;
}

export async function bootKillHammer(lanes = LANES): Promise<NodeKillHammer> {
  const folder = await mkdtemp(join(tmpdir(), "kill-hammer-"));
  const program = await bundle("kill-program", folder);
  const attached = await bundle("kill-attached-node", folder);
  const kernelUrl = here("../../kernel.debug.wasm");
  const machine = await boot({ ...LIMITS, pool: lanes.pool, kernelUrl });
  const kernel = instantiate(kernelModule("debug"), machine.handle.memory) as TestKernel;
  const startAttached = (args: string[]): AttachedWorker => {
    const worker = new Worker(attached, { workerData: { handle: machine.handle, args } });
    const ended = new Promise<void>((done) => worker.once("exit", () => done()));
    return { ended, terminate: () => void worker.terminate() };
  };
  const stop = async () => {
    await machine.shutdown();
    await rm(folder, { recursive: true });
  };
  const room = roomFor(machine);
  return { machine, kernel, program: program.href, startAttached, room, stop, ...lanes };
}
