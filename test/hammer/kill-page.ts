/** The kill hammer in a page; run by kill-browser.test.ts. */
import { boot } from "../../runtime/index.ts";
import { instantiate } from "../../runtime/instance.ts";
import type { Page } from "../support/browser-page.ts";
import type { TestKernel } from "../support/machine.ts";
import type { AttachedWorker } from "./kill-lane.ts";
import { KillRound } from "./kill-round.ts";
import { roomFor } from "./kill-verify.ts";

const KERNEL = "/kernel.debug.wasm";
const LIMITS = { memory: 16 * 2 ** 20, PROC_MAX: 64, TASK_MAX: 128, MSGMNB: 4096 };

/** What the test wants, at /options.json. */
export interface PageOptions {
  seed: number;
  /** A round is begun while less has gone by. */
  seconds: number;
  /** Or fewer have been killed. */
  least: number;
  /** Of a round. */
  kills: number;
  lanes: { pooled: number; attached: number; pool: number };
}

export interface PageResult {
  kills: number;
  rounds: number;
  seconds: number;
  wrong: string[];
}

/** Rounds until enough time has gone by, or something is wrong. */
export async function run(page: Page): Promise<PageResult> {
  const options = (await (await fetch("/options.json")).json()) as PageOptions;
  const { seed, seconds, least, lanes } = options;
  await using machine = await boot({ ...LIMITS, pool: lanes.pool, kernelUrl: KERNEL });
  const module = await WebAssembly.compileStreaming(fetch(KERNEL));
  const kernel = instantiate(module, machine.handle.memory) as TestKernel;
  const startAttached = (args: string[]): AttachedWorker => {
    const worker = new Worker("/kill-attached-page.js", { type: "module" });
    worker.onerror = (event) => event.preventDefault();
    worker.postMessage({ handle: machine.handle, args });
    let end = () => {};
    const ended = new Promise<void>((done) => {
      end = done;
      worker.onmessage = () => done();
    });
    const terminate = () => {
      worker.terminate();
      end();
    };
    return { ended, terminate };
  };
  const room = roomFor(machine);
  const hammer = { machine, kernel, startAttached, room, program: "kill-program.js", ...lanes };
  const start = performance.now();
  const result: PageResult = { kills: 0, rounds: 0, seconds: 0, wrong: [] };
  const goesOn = () => result.seconds < seconds || result.kills < least;
  while (goesOn() && result.wrong.length === 0) {
    const round = new KillRound(hammer, seed + result.rounds, options.kills);
    const { kills, wrong } = await round.run().catch(async (error) => {
      // First of all: a machine in which somebody hangs may not end either.
      await page.progress({ ...result, wrong: [String(error)] });
      throw error;
    });
    result.kills += kills;
    result.wrong = wrong;
    result.rounds += 1;
    result.seconds = (performance.now() - start) / 1000;
    await page.progress(result);
  }
  return result;
}
