/** The Markdown of a run: its head, one table of comparisons, and how calm the machine was. */
import type { Footprint } from "./footprint.ts";
import type { Column, RowResult } from "./measure.ts";
import type { Placement } from "./placement.ts";
import { summarize } from "./statistics.ts";
import { type Comparison, compare, type Estimate } from "./verdict.ts";

/** One line of the table. */
interface Line {
  work: string;
  reference: string;
  ours: string;
  theirs: string;
  ratio: string;
  wanted: string;
  met: boolean | undefined;
  gates: boolean;
}

function duration(ns: number): string {
  if (ns < 1000) return `${ns.toFixed(ns < 100 ? 1 : 0)} ns`;
  if (ns < 1e6) return `${(ns / 1000).toFixed(ns < 1e5 ? 2 : 0)} us`;
  return `${(ns / 1e6).toFixed(2)} ms`;
}

/** Median, with the tenth and the ninetieth percentile. */
function cell(estimate: Estimate | undefined): string {
  if (estimate === undefined) return "-";
  const { median, p10, p90, calm } = estimate;
  return `${duration(median)} (${duration(p10)} .. ${duration(p90)})${calm ? "" : " busy"}`;
}

function ratio({ speedup }: Comparison): string {
  if (speedup === undefined) return "-";
  return speedup >= 1 ? `${speedup.toFixed(2)}x faster` : `${(1 / speedup).toFixed(2)}x its time`;
}

function line(result: RowResult, ours: Column, theirs: Column, placement?: Placement): Line {
  const { row } = result;
  const comparison = compare(ours, theirs, placement);
  return {
    work: placement === undefined ? row.work : `${row.work} (${placement})`,
    reference: theirs.reference.name,
    ours: cell(comparison.ours),
    theirs: cell(comparison.reference),
    ratio: ratio(comparison),
    wanted: comparison.wanted,
    met: comparison.met,
    gates: row.kind === "alone",
  };
}

/** A host that moved the processors once has not shown how fast they are there. */
const PLACEMENT_LEAST = 3;

/** A two-party row has a line for each placement that occurred. */
function placements({ row, columns }: RowResult): (Placement | undefined)[] {
  if (row.kind !== "pair") return [undefined];
  const seen = columns[0]?.samples.map(({ placement }) => placement) ?? [];
  const count = (placement: Placement) => seen.filter((each) => each === placement).length;
  const known = (["near", "far"] as const).filter((each) => count(each) >= PLACEMENT_LEAST);
  return known.length === 0 ? [undefined] : known;
}

function linesOf(result: RowResult): Line[] {
  const [ours, ...others] = result.columns;
  if (ours === undefined) return [];
  return placements(result).flatMap((placement) =>
    others.map((theirs) => line(result, ours, theirs, placement)),
  );
}

function footprintLine(footprint: Footprint): Line {
  const { work, reference, ours, theirs, ratio, wanted, met } = footprint;
  return { work, reference, ours, theirs, ratio, wanted, met, gates: true };
}

function verdict({ met, wanted }: Line): string {
  if (wanted === "") return "";
  return met === undefined ? "not measured" : met ? "met" : "MISSED";
}

function table(lines: readonly Line[]): string[] {
  const head = ["work", "reference", "ours", "reference's", "ratio", "wanted", "result"];
  const rows = lines.map((each) => [
    each.work,
    each.reference,
    each.ours,
    each.theirs,
    each.ratio,
    each.wanted,
    verdict(each),
  ]);
  const marks = head.map(() => "---");
  return [head, marks, ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)}%`;
}

/** Calm samples, other jobs' share of the machine, and what the placement probe saw. */
function circumstances(
  results: readonly RowResult[],
  load: readonly number[],
  probes: readonly number[],
): string[] {
  const samples = results.flatMap(({ columns }) => columns.flatMap((column) => column.samples));
  const calm = samples.filter((sample) => sample.calm).length;
  const lines = [`calm samples: ${calm} of ${samples.length}`];
  if (load.length > 0) {
    const { median, p90 } = summarize(load);
    lines[0] += `; other jobs' share of the machine: median ${percent(median)}, p90 ${percent(p90)}`;
  }
  if (probes.length > 0) {
    const { median, p10, p90 } = summarize(probes);
    const count = (placement: Placement) =>
      samples.filter((sample) => sample.placement === placement).length;
    lines.push(
      `cache line there and back: median ${median.toFixed(0)} ns (${p10.toFixed(0)} .. ` +
        `${p90.toFixed(0)}); two-party samples near ${count("near")}, far ${count("far")}`,
    );
  }
  return lines;
}

/** What is not in the table, and why. */
function gaps(results: readonly RowResult[]): string[] {
  const missing = results.flatMap(({ columns }) => columns.filter(({ missing }) => missing));
  const reasons = missing.map(({ reference, missing }) => `${reference.name}: ${missing}`);
  return [...new Set(reasons)].map((reason) => `not measured, ${reason}`);
}

export interface Report {
  markdown: string;
  /** One-party lines that miss what is wanted. */
  missed: string[];
}

export function report(
  head: readonly string[],
  results: readonly RowResult[],
  footprints: readonly Footprint[],
  load: readonly number[],
  probes: readonly number[],
): Report {
  const lines = [...results.flatMap(linesOf), ...footprints.map(footprintLine)];
  const facts = [...head, ...circumstances(results, load, probes), ...gaps(results)].map(
    (fact) => `- ${fact}`,
  );
  const note =
    "Medians with p10 .. p90; the ratio is the median of the rounds' ratios. One-party rows gate; two-party rows depend on the placement of the " +
    "processors, near or far from each other. A cell marked busy had too few calm samples and " +
    "uses all. In a round trip whose sides are woken each works for 20 us before it wakes the " +
    "other, which is not counted: so the other is asleep.";
  const markdown = [...facts, "", note, "", ...table(lines), ""].join("\n");
  const missed = lines
    .filter((each) => each.gates && each.met === false)
    .map((each) => `${each.work}, against ${each.reference}: ${each.ratio}, ${each.wanted} wanted`);
  return { markdown, missed };
}
