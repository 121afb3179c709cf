/** What the product weighs: the kernel's file, and the memory of a machine that does nothing. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { reason } from "./agent-process.ts";
import { summarize } from "./statistics.ts";

/** A finished line of the table. */
export interface Footprint {
  work: string;
  reference: string;
  ours: string;
  theirs: string;
  ratio: string;
  wanted: string;
  met: boolean | undefined;
}

const KIB = 1024;
const MIB = 1024 * 1024;
const KERNEL_MOST = 64 * KIB;
const ROUNDS = 5;

function kernelSize(build: string): Footprint {
  const path = join(build, "kernel.wasm");
  const line = { work: "size of the kernel", reference: "-", theirs: "-", wanted: "<= 64 KiB" };
  if (!existsSync(path)) return { ...line, ours: `- (no ${path})`, ratio: "-", met: undefined };
  const bytes = readFileSync(path);
  const zipped = gzipSync(bytes, { level: 9 }).length;
  const kib = (size: number) => `${(size / KIB).toFixed(1)} KiB`;
  return {
    ...line,
    ours: `${kib(bytes.length)}, gzip ${kib(zipped)}`,
    ratio: `${(bytes.length / KERNEL_MOST).toFixed(2)}x the limit`,
    met: bytes.length <= KERNEL_MOST,
  };
}

/** Resident bytes of a process of its own: see idle.ts. */
async function residentBytes(...args: string[]): Promise<number> {
  const script = fileURLToPath(new URL("./idle.js", import.meta.url));
  const run = promisify(execFile)(process.execPath, [script, ...args]);
  const { stdout } = await run.catch((error: { stderr: string }) => {
    throw new Error(reason(error.stderr));
  });
  const bytes = Number(stdout);
  if (!(bytes > 0)) throw new Error(`idle.js ${args[0]} said ${JSON.stringify(stdout)}`);
  return bytes;
}

async function idleMemory(build: string): Promise<Footprint> {
  const work = "resident memory, idle machine with a pool of four";
  const reference = "a process with four bare workers";
  const wanted = "<= 1.2x + 4 MiB";
  const ours: number[] = [];
  const theirs: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      theirs.push(await residentBytes("workers"));
      ours.push(await residentBytes("machine", build));
    }
  } catch (error) {
    const missing = `- (${(error as Error).message})`;
    return { work, reference, wanted, ours: missing, theirs: "-", ratio: "-", met: undefined };
  }
  const cell = (values: readonly number[]) => {
    const { median, p10, p90 } = summarize(values);
    const mib = (bytes: number) => (bytes / MIB).toFixed(1);
    return `${mib(median)} MiB (${mib(p10)} .. ${mib(p90)})`;
  };
  const mine = summarize(ours).median;
  const bare = summarize(theirs).median;
  return {
    work,
    reference,
    wanted,
    ours: cell(ours),
    theirs: cell(theirs),
    ratio: `${(mine / bare).toFixed(2)}x, +${((mine - bare) / MIB).toFixed(1)} MiB`,
    met: mine <= 1.2 * bare + 4 * MIB,
  };
}

/** The footprints whose name contains `filter`. */
export async function footprints(build: string, filter: string): Promise<Footprint[]> {
  const found: Footprint[] = [];
  if ("kernel-size".includes(filter)) found.push(kernelSize(build));
  if ("idle-memory".includes(filter)) found.push(await idleMemory(build));
  return found;
}
