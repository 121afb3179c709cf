/**
 * Whether the crash tests would notice: kernels that are wrong in one place, of which each must make a
 * scenario fail. Three are taken by a seed (SEED= replays them); CRASH_MUTANTS= takes those whose names
 * match, `.` each.
 */
import { describe, expect, it } from "vitest";
import { KINDS } from "./cases.ts";
import { Explorer } from "./explore.ts";
import { crashModule, kernelText } from "./instrument.ts";
import { type Mutant, mutants } from "./mutants.ts";
import { NOT_YET, REDUNDANT } from "./redundant.ts";

const CHOSEN = 3;
/** A loop that never ends takes a second or two to make so many. */
const TURNS = 500_000_000;

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const all = mutants(kernelText("debug"));
const wrong = all.filter(({ name }) => !REDUNDANT.has(name) && !NOT_YET.test(name));

/** The next number of a sequence that the seed decides (a linear congruential generator). */
function* randoms(): Generator<number, never> {
  for (let state = seed >>> 0; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

function choose(): Mutant[] {
  const pattern = process.env.CRASH_MUTANTS;
  if (pattern !== undefined) return all.filter(({ name }) => new RegExp(pattern).test(name));
  const random = randoms();
  const left = [...wrong];
  return Array.from({ length: CHOSEN }, () => {
    const index = Math.floor(random.next().value * left.length);
    return left.splice(index, 1)[0]!;
  });
}

/** What each scenario gives with the kernel as it is. */
const right = crashModule(kernelText("debug"));
const truths = new Map(
  KINDS.flatMap(([, scenarios]) => scenarios).map((scenario) => {
    const kernels = { mortal: right.module, others: right.module };
    return [scenario, new Explorer(kernels, right.sites, scenario, {}).references] as const;
  }),
);

/** The scenario that fails with the kernel, or undefined: nobody has noticed. */
function noticed({ text }: Mutant): string | undefined {
  const { module, sites } = crashModule(text, TURNS);
  const kernels = { mortal: module, others: module };
  // First without deaths of buriers, which takes a tenth of the time.
  for (const burials of [undefined, new Set<number>()]) {
    for (const [scenario, truth] of truths) {
      const options = burials === undefined ? { truth } : { truth, burials };
      try {
        new Explorer(kernels, sites, scenario, options).explore();
      } catch (error) {
        return `${scenario.name}: ${error}`;
      }
    }
  }
  return undefined;
}

describe("a kernel that is wrong in one place", () => {
  const chosen = choose();
  const notYet = all.filter(({ name }) => NOT_YET.test(name)).length;
  process.stdout.write(
    `${chosen.length} of ${wrong.length} mutants, SEED=${seed}; ` +
      `${REDUNDANT.size} are noticed by nobody and ${notYet} have not been gone through\n`,
  );

  it.each(chosen)("is noticed: $name", { timeout: 600_000 }, (mutant) => {
    expect(noticed(mutant)).toBeDefined();
  });

  it("is what the list of those that change nothing knows", () => {
    const names = new Set(all.map(({ name }) => name));
    expect([...REDUNDANT.keys()].filter((name) => !names.has(name))).toEqual([]);
  });
});
