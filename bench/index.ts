/**
 * `npm run bench [-- FILTER] [--rounds N] [--against BUILD] [--json FILE] [--gate]`: measures our
 * kernel beside what its users would take instead, in one interleaved run, and prints a Markdown
 * table, which build/bench.md keeps when the run is whole.
 *
 * FILTER keeps the rows whose name contains it. --against measures another build folder of this
 * package as well. --gate ends with status 1 when a one-party row misses what is wanted.
 */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { AgentProcess } from "./agent-process.ts";
import { environment, ROOT } from "./environment.ts";
import { footprints } from "./footprint.ts";
import { Measurement } from "./measure.ts";
import { compileNative, type NativeProgram } from "./native.ts";
import { PlacementProbe } from "./placement.ts";
import { report } from "./report.ts";
import { ROWS } from "./rows.ts";

const ROUNDS = 20;
const USAGE =
  "usage: npm run bench [-- [FILTER] [--rounds N] [--against BUILD] [--json FILE] [--gate]]";

function options() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: String(ROUNDS) },
      json: { type: "string" },
      against: { type: "string" },
      build: { type: "string", default: join(ROOT, "build") },
      gate: { type: "boolean", default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || positionals.length > 1) {
    throw new TypeError("at most one FILTER, and at least one round");
  }
  return { ...values, rounds, filter: positionals[0] ?? "" };
}

type Options = ReturnType<typeof options>;

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** What cannot start is a column that says why, never a failed run. */
async function started(name: string, start: () => Promise<AgentProcess>) {
  try {
    return await start();
  } catch (error) {
    note(`${name} is not measured: ${(error as Error).message}`);
    return error as Error;
  }
}

function compiled(): NativeProgram | Error {
  try {
    return compileNative();
  } catch (error) {
    return error as Error;
  }
}

async function main({ rounds, filter, json, against, build, gate }: Options): Promise<void> {
  const rows = ROWS.filter(({ id }) => id.includes(filter));
  const native = compiled();
  const agents = new Map<string, AgentProcess | Error>();
  const add = async (name: string, start: () => Promise<AgentProcess>) =>
    agents.set(name, await started(name, start));
  const probe = new PlacementProbe();
  try {
    for (const [name, folder] of Object.entries({ ours: build, against })) {
      if (folder === undefined) continue;
      await add(name, () => AgentProcess.backend("ours", resolve(folder)));
      await add(`${name}-pairs`, () => AgentProcess.backend("ours-pairs", resolve(folder)));
    }
    for (const name of ["javascript", "javascript-pairs", "linux"]) {
      await add(name, () => AgentProcess.backend(name));
    }
    await add("native", async () => {
      if (native instanceof Error) throw native;
      return AgentProcess.start(native.path, []);
    });

    const measurement = new Measurement(rows, agents, probe);
    note("warming up");
    await measurement.warmUp();
    for (let round = 0; round < rounds; round++) {
      note(`round ${round + 1} of ${rounds}`);
      await measurement.round(round);
    }
    const weights = await footprints(resolve(build), filter);
    const compiler = native instanceof Error ? "none" : native.compiler;
    const { results, load } = measurement;
    const head = [...environment(compiler), `rounds: ${rounds}`];
    const { markdown, missed } = report(head, results, weights, load, probe.history);
    process.stdout.write(markdown);
    if (filter === "") writeFileSync(join(ROOT, "build/bench.md"), markdown);
    if (json !== undefined) {
      const data = { head, results, footprints: weights, load, probes: probe.history };
      writeFileSync(json, `${JSON.stringify(data, null, 1)}\n`);
    }
    for (const text of missed) note(`missed: ${text}`);
    if (gate && missed.length > 0) process.exitCode = 1;
  } finally {
    for (const agent of agents.values()) if (!(agent instanceof Error)) await agent.close();
    await probe.close();
    if (!(native instanceof Error)) native.remove();
  }
}

let chosen: Options | undefined;
try {
  chosen = options();
} catch (error) {
  note(`bench: ${(error as Error).message}\n${USAGE}`);
  process.exitCode = 2;
}
if (chosen !== undefined) await main(chosen);
