/** The whole build, in the order in which each step needs the ones before it. */
import { buildKernel } from "./build-kernel.mjs";
import { buildModules } from "./build-modules.mjs";
import { buildWorkers } from "./build-workers.mjs";

const STEPS = [
  ["kernel", buildKernel],
  ["workers", buildWorkers],
  ["modules", buildModules],
];

for (const [name, step] of STEPS) {
  const start = performance.now();
  const note = await step();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(`${name.padEnd(8)} ${seconds.padStart(5)} s  ${note}\n`);
}
