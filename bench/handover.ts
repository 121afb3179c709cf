/**
 * The two halves of a round trip: `here` wakes `there`, which wakes `here`. In a parked one each
 * side works for PAUSE_NS first, which is longer than any spin before a sleep, so that the other
 * side is asleep by then; the pauses are taken off the time.
 */
import { nowNs } from "./party.ts";

/** bench/native/handover.c has the same. */
export const PAUSE_NS = 20_000;

/** Works, rather than sleeps: this side keeps its processor. */
export function pause(ns: number): void {
  if (ns === 0) return;
  const end = nowNs() + ns;
  while (nowNs() < end);
}

/** @returns the time of `n` round trips without the pauses of both sides */
export function timeTurns(n: number, pauseNs: number, turn: () => void): number {
  const start = nowNs();
  for (let i = 0; i < n; i++) {
    pause(pauseNs);
    turn();
  }
  return nowNs() - start - 2 * pauseNs * n;
}

/** The same for a turn that is awaited. */
export async function timeTurnsAsync(
  n: number,
  pauseNs: number,
  turn: () => Promise<unknown>,
): Promise<number> {
  const start = nowNs();
  for (let i = 0; i < n; i++) {
    pause(pauseNs);
    await turn();
  }
  return nowNs() - start - 2 * pauseNs * n;
}
