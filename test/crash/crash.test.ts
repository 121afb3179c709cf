/**
 * Death at every store, in the checked build and in the one that ships: see explore.ts for what is
 * tried. The points go to build/crash/points.json, from which CONFORMANCE.md is made.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { callOf, KINDS } from "./cases.ts";
import { Explorer } from "./explore.ts";
import { crashModule, kernelText } from "./instrument.ts";

const BUILDS = ["debug", "release"] as const;
const checked = crashModule(kernelText("debug"));
const KERNELS = { debug: checked, release: crashModule(kernelText("release")) };

/** Stores that no call of a running machine comes to, or whose death leaves nothing behind. */
const NEVER_REACHED = [
  // Before anybody may attach.
  /^assembly\/boot\//,
  /^assembly\/region\/region_set/,
  /^assembly\/file\/file_format/,
  /^assembly\/fs-format\//,
  /^assembly\/mount\//,
  // What looks at a quiet machine.
  /^assembly\/check/,
  // A cache of who found what where, which is asked before it is believed.
  /^assembly\/undo\/undo_find/,
];

const points = new Map<string, { scenarios: number; debug: number; release: number }>();
const reached = new Set<number>();

describe.each(BUILDS)("the %s build", (build) => {
  const { module, sites } = KERNELS[build];
  const burials = new Set<number>();
  let died = 0;
  let repairs = 0;

  describe.each(KINDS)("%s", (_kind, scenarios) => {
    it.each(scenarios)("$name happens wholly or not at all", (scenario) => {
      const kernels = { mortal: module, others: checked.module };
      const note = (site: number) => build === "debug" && reached.add(site);
      const tried = new Explorer(kernels, sites, scenario, { burials, died: note }).explore();
      died += tried.points;
      repairs += tried.repairs;
      const call = points.get(callOf(scenario)) ?? { scenarios: 0, debug: 0, release: 0 };
      points.set(callOf(scenario), call);
      call[build] += tried.points;
      if (build === "debug") call.scenarios += 1;
    });
  });

  it("has made its callers and their buriers die", () => {
    expect(died).toBeGreaterThan(5000);
    process.stdout.write(
      `${build} build: ${died} crash points of callers, ${repairs} of buriers ` +
        `in ${burials.size} different burials\n`,
    );
  });
});

describe("the scenarios", () => {
  it("reach every line of the kernel that stores", () => {
    const missed = checked.sites.filter((_, site) => site > 0 && !reached.has(site));
    const known = (line: string) => NEVER_REACHED.some((pattern) => pattern.test(line));
    expect(missed.filter((line) => !known(line))).toEqual([]);
  });
});

afterAll(() => {
  const folder = new URL("../../crash/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL("points.json", folder), JSON.stringify(Object.fromEntries(points)));
});
