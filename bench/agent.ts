/**
 * An agent process: `node agent.js BACKEND [BUILD]`. Prints "ready PARTY...", then answers each
 * line "PARTY N" with "NANOSECONDS CPU_MICROSECONDS" until end of file: as bench/native/agent.c.
 */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Backend } from "./party.ts";

const OPEN: Record<string, (build: string) => Promise<Backend>> = {
  ours: async (build) => (await import("./backend-ours.ts")).openOurs(build),
  "ours-pairs": async (build) => (await import("./pairs-ours.ts")).openOursPairs(build),
  linux: async () => (await import("./backend-linux.ts")).openLinux(),
  javascript: async () => (await import("./backend-javascript.ts")).openJavascript(),
  "javascript-pairs": async () => (await import("./pairs-javascript.ts")).openJavascriptPairs(),
};

/** Straight to the descriptor: a party may have been blocking this thread's event loop. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

async function serve(backend: Backend): Promise<void> {
  say(`ready ${Object.keys(backend.parties).join(" ")}`);
  for await (const line of createInterface({ input: process.stdin })) {
    const [name = "", n] = line.split(" ");
    const party = backend.parties[name];
    if (party === undefined) throw new Error(`no party ${name}`);
    const before = process.cpuUsage();
    const ns = await party(Number(n));
    const { user, system } = process.cpuUsage(before);
    say(`${ns.toFixed(0)} ${user + system}`);
  }
}

const [, , name = "", build = ""] = process.argv;
const open = OPEN[name];
if (open === undefined) throw new Error(`no backend ${name}`);
const backend = await open(build);
try {
  await serve(backend);
} finally {
  await backend.close();
}
