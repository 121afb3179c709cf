/** From samples to medians, ratios and whether a row has what is wanted. */
import type { Column, Measured } from "./measure.ts";
import type { Placement } from "./placement.ts";
import type { Wanted } from "./rows.ts";
import { type Summary, summarize } from "./statistics.ts";

/** Fewer calm samples than this prove nothing: all of them are used, and that is said. */
const CALM_LEAST = 5;

export interface Estimate extends Summary {
  /** Whether only calm samples were used. */
  calm: boolean;
}

/** The samples that count. @param placement only those taken there; all when undefined */
function chosen(column: Column, placement?: Placement): { calm: boolean; samples: Measured[] } {
  const there = (sample: Measured) => placement === undefined || sample.placement === placement;
  const all = column.samples.filter(there);
  const calm = all.filter((sample) => sample.calm);
  const isCalm = calm.length >= CALM_LEAST || calm.length === all.length;
  return { calm: isCalm, samples: isCalm ? calm : all };
}

function estimate(column: Column, placement?: Placement): Estimate | undefined {
  const { calm, samples } = chosen(column, placement);
  if (samples.length === 0) return undefined;
  return { ...summarize(samples.map((sample) => sample.ns)), calm };
}

/**
 * The median of each round's ratio. A neighbour on the same core, which this machine cannot see,
 * slows a whole second by half: within a round both sides have the same one.
 */
function speedupOf(ours: Column, theirs: Column, placement?: Placement): number | undefined {
  const rounds = new Map(chosen(ours, placement).samples.map(({ round, ns }) => [round, ns]));
  const ratios = chosen(theirs, placement).samples.flatMap(({ round, ns }) => {
    const own = rounds.get(round);
    return own === undefined ? [] : [ns / own];
  });
  return ratios.length === 0 ? undefined : summarize(ratios).median;
}

export interface Comparison {
  ours: Estimate | undefined;
  reference: Estimate | undefined;
  /** The reference's time over ours, round by round: how many times faster we are. */
  speedup: number | undefined;
  wanted: string;
  /** Undefined: nothing was wanted, or something was not measured. */
  met: boolean | undefined;
}

function at(wanted: number | readonly [number, number], placement?: Placement): number {
  if (typeof wanted === "number") return wanted;
  return placement === "far" ? wanted[1] : wanted[0];
}

function judge(
  wanted: Wanted,
  ours: number,
  speedup: number | undefined,
  placement?: Placement,
): { wanted: string; met: boolean | undefined } {
  if (wanted.limitNs !== undefined) {
    return { wanted: `<= ${wanted.limitNs / 1000} us`, met: ours <= wanted.limitNs };
  }
  if (wanted.faster !== undefined) {
    const least = at(wanted.faster, placement);
    return {
      wanted: `${least}x faster`,
      met: speedup === undefined ? undefined : speedup >= least,
    };
  }
  if (wanted.atMost !== undefined) {
    const most = at(wanted.atMost, placement);
    return {
      wanted: `<= ${most}x its time`,
      met: speedup === undefined ? undefined : 1 / speedup <= most,
    };
  }
  return { wanted: "", met: undefined };
}

export function compare(ours: Column, reference: Column, placement?: Placement): Comparison {
  const mine = estimate(ours, placement);
  const theirs = estimate(reference, placement);
  const speedup = speedupOf(ours, reference, placement);
  const { wanted } = reference.reference;
  const verdict = judge(wanted, mine?.median ?? Number.NaN, speedup, placement);
  const met = mine === undefined ? undefined : verdict.met;
  return { ours: mine, reference: theirs, speedup, wanted: verdict.wanted, met };
}
