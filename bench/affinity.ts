/**
 * Binds the two sides of a round trip to two processors or to one. A scheduler that chooses itself
 * gives two answers: waking a thread of another processor costs several times as much.
 */
import { execFileSync } from "node:child_process";
import { readlinkSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Which partner: on a processor of its own, or on the one that its other side runs on. */
export type Side = "apart" | "one-core";

const PROCESSOR_HERE = 0;
const PROCESSORS_THERE: Record<Side, number> = { apart: 1, "one-core": PROCESSOR_HERE };

/** Other systems have no call for it: there the scheduler chooses. */
const CAN_BIND = process.platform === "linux";
/** taskset(1) of util-linux. */
const TASKSET = "taskset";

/** The calling thread's number in its system, which Node does not tell; see proc(5). */
export function systemThread(): number {
  return CAN_BIND ? Number(readlinkSync("/proc/thread-self").split("/").at(-1)) : 0;
}

/** @throws when there is no taskset(1) or no such processor */
function bind(thread: number, processor: number): void {
  if (!CAN_BIND) return;
  execFileSync(TASKSET, ["-p", "-c", String(processor), String(thread)], { stdio: "pipe" });
}

/** @throws when this machine has one processor only */
export function bindHere(): void {
  if (availableParallelism() < 2) throw new Error("Error: round trips need two processors");
  bind(systemThread(), PROCESSOR_HERE);
}

export function bindThere(thread: number, side: Side): void {
  bind(thread, PROCESSORS_THERE[side]);
}
