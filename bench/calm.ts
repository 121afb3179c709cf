/**
 * Whether other jobs used the machine while a row was measured. Linux only: elsewhere nothing is
 * known, and every sample counts.
 */
import { existsSync, readFileSync } from "node:fs";

/** Another job's share of the whole machine above which samples are set aside. */
const CALM_MOST = 0.1;
/** /proc/stat counts hundredths of a second. */
const TICK_US = 10_000;
const STAT = "/proc/stat";

interface Reading {
  /** Idle processor time of the whole machine. */
  idleUs: number;
  processors: number;
  atMs: number;
}

function read(): Reading {
  const lines = readFileSync(STAT, "utf8").split("\n");
  const fields = (lines[0] ?? "").trim().split(/\s+/).map(Number);
  const idleTicks = (fields[4] ?? 0) + (fields[5] ?? 0); // idle and iowait, see proc_stat(5)
  return {
    idleUs: idleTicks * TICK_US,
    processors: lines.filter((line) => /^cpu\d/.test(line)).length,
    atMs: performance.now(),
  };
}

export class LoadMeter {
  readonly #known = existsSync(STAT);
  #start: Reading | undefined;
  #own = process.cpuUsage();

  start(): void {
    if (!this.#known) return;
    this.#own = process.cpuUsage();
    this.#start = read();
  }

  /** @returns the share of the machine that went to others since start(), or undefined */
  others(agentsUs: number): number | undefined {
    if (this.#start === undefined) return undefined;
    const end = read();
    const { user, system } = process.cpuUsage(this.#own);
    const allUs = (end.atMs - this.#start.atMs) * 1000 * end.processors;
    const busyUs = allUs - (end.idleUs - this.#start.idleUs);
    return Math.max(0, busyUs - agentsUs - user - system) / allUs;
  }
}

export function isCalm(others: number | undefined): boolean {
  return others === undefined || others <= CALM_MOST;
}
