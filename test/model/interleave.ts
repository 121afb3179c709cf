/**
 * Two threads, each making a few calls, interleaved at every access to memory: all schedules with
 * one or two preemptions, or a seeded choice of them. What comes out must be what some order of whole
 * calls gives (the calls are linearizable), nobody may sleep on what has happened, and the machine
 * must be whole.
 */
import { type Random, type Scenario, Stage } from "./interleave-stage.ts";

export { type Random, type Scenario, Scene, type Step } from "./interleave-stage.ts";

/** Every order of whole calls, as which thread's turn it is. */
function orders(left: number, right: number): number[][] {
  if (left === 0) return [Array<number>(right).fill(1)];
  if (right === 0) return [Array<number>(left).fill(0)];
  const first = orders(left - 1, right).map((rest) => [0, ...rest]);
  return [...first, ...orders(left, right - 1).map((rest) => [1, ...rest])];
}

/** What whole calls give, in any order. */
function sequential(stage: Stage): Set<string> {
  const outcomes = new Set<string>();
  for (const order of orders(...stage.steps)) {
    const threads = stage.begin();
    for (const index of order) threads[index]!.advance(1e6, 1);
    outcomes.add(stage.finish(threads, threads));
  }
  return outcomes;
}

/** The same when A dies after none, some or all of its calls, and is buried between two of B's. */
function sequentialDeath(stage: Stage): Set<string> {
  const outcomes = new Set<string>();
  const [left, right] = stage.steps;
  for (let calls = 0; calls <= left; calls++) {
    for (const order of orders(calls + 1, right)) {
      const [a, b] = stage.begin();
      let made = 0;
      for (const index of order) {
        if (index === 1) b.advance(1e6, 1);
        else if (made < calls) a.advance(1e6, 1);
        else stage.bury(b);
        made += 1 - index;
      }
      a.abandon();
      outcomes.add(stage.finish([a, b], [b]));
    }
  }
  return outcomes;
}

export interface Found {
  readonly schedules: number;
  /** Different outcomes that were met, of those that whole calls give. */
  readonly met: number;
  readonly wanted: number;
}

/** Accesses that thread `index` needs when it goes first and alone. */
function length(stage: Stage, index: number): number {
  const thread = stage.begin()[index]!;
  thread.advance(1e6);
  return thread.co.points;
}

/** Which thread begins, and for how long each goes on before the other may. */
type Schedule = readonly [first: number, ...points: number[]];

function* schedules(stage: Stage, most: number, random: Random): Generator<Schedule> {
  const lengths = [length(stage, 0), length(stage, 1)];
  for (const first of [0, 1]) {
    const [one, two] = [lengths[first]!, lengths[1 - first]!];
    for (let at = 0; at <= one; at++) yield [first, at, 1e6];
    const all = (one + 1) * two;
    const share = most / 2;
    for (let index = 0; index < Math.min(all, share); index++) {
      const place = all <= share ? index : random(all);
      yield [first, Math.floor(place / two), 1 + (place % two)];
    }
    // Three preemptions, at random.
    for (let index = 0; index < share / 4; index++) {
      yield [first, random(one + 1), 1 + random(two), 1 + random(one)];
    }
  }
}

/** Runs one schedule and compares. @throws {Error} naming it, if nothing whole gives its outcome. */
function judge(what: string, wanted: Set<string>, met: Set<string>, run: () => string): void {
  try {
    const outcome = run();
    met.add(outcome);
    if (wanted.has(outcome)) return;
    throw new Error(`${outcome}\nis not one of\n${[...wanted].join("\n")}`);
  } catch (error) {
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @throws {Error} naming the schedule whose outcome no order of whole calls gives. */
export function explore(scenario: Scenario, most: number, random: Random): Found {
  const stage = new Stage(scenario);
  const wanted = sequential(stage);
  const met = new Set<string>();
  let count = 0;
  for (const [first, ...points] of schedules(stage, most, random)) {
    const what = `${scenario.name}, ${"AB"[first]} first, turns of ${points.join(", ")}`;
    judge(what, wanted, met, () => {
      const threads = stage.begin();
      for (const [turn, number] of points.entries()) threads[(first + turn) % 2]!.advance(number);
      const next = (first + points.length) % 2;
      return stage.finish(threads, [threads[next]!, threads[1 - next]!]);
    });
    count += 1;
  }
  return { schedules: count, met: met.size, wanted: wanted.size };
}

/** The same when A dies at any access while B is at any of its own. */
export function exploreDeath(scenario: Scenario, most: number, random: Random): Found {
  const stage = new Stage(scenario);
  const wanted = sequentialDeath(stage);
  const met = new Set<string>();
  const lengths = [length(stage, 0), length(stage, 1)] as const;
  const each = Math.max(2, Math.floor(most / lengths[0]));
  let count = 0;
  for (let at = 0; at <= lengths[0]; at++) {
    for (let index = 0; index < each; index++) {
      // B begins before A does, or only when A is dead, or at last after the burial.
      const [before, after] = [index % 2 === 0 ? 0 : random(lengths[1]), random(lengths[1] + 1)];
      const what = `${scenario.name}, B ${before}, A dies after ${at}, B ${after}, burial`;
      judge(what, wanted, met, () => {
        const [a, b] = stage.begin();
        b.advance(before);
        a.advance(at);
        a.abandon();
        b.advance(after);
        stage.bury(b);
        return stage.finish([a, b], [b]);
      });
      count += 1;
    }
  }
  return { schedules: count, met: met.size, wanted: wanted.size };
}
