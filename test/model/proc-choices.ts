/** What the commands of the process model are drawn from. */
import fc from "fast-check";
import { choice } from "./replay.ts";

export interface ProcCommand {
  readonly what:
    | "join"
    | "spawn"
    | "exit"
    | "wait"
    | "kill"
    | "action"
    | "take"
    | "mask"
    | "group"
    | "reap"
    | "look";
  readonly who: number;
  readonly pid: number;
  readonly sig: number;
  readonly extra: number;
}

const WHATS: readonly [number, ProcCommand["what"]][] = [
  [6, "join"],
  [8, "spawn"],
  [4, "exit"],
  [8, "wait"],
  [5, "kill"],
  [4, "action"],
  [3, "take"],
  [4, "mask"],
  [4, "group"],
  [4, "reap"],
  [6, "look"],
];

export const procCommand: fc.Arbitrary<ProcCommand> = fc.record({
  what: fc.oneof(...WHATS.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) }))),
  who: choice,
  pid: choice,
  sig: fc.oneof(fc.constantFrom(10, 15, 17, 9, 0, 2), fc.integer({ min: -1, max: 33 })),
  extra: choice,
});

/** Signals of some bits: those that commands send, and two that cannot be blocked. */
export function signalsOf(bits: number): number[] {
  return [2, 9, 10, 13, 15, 17, 19, 28, 31].filter((_, index) => (bits >> index) & 1);
}

export function maskOf(signals: readonly number[]): number {
  return signals.reduce((bits, sig) => bits | (1 << sig), 0);
}
