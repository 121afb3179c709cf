/**
 * Tries every death of a scenario. What is covered, for each scenario:
 *
 * - the caller dies at each of its stores, half-way through and before each bulk operation, and
 *   before each notification; then it is buried, with and without sleepers on the locks that it held;
 * - the burier dies at each of its own stores and notifications, and another buries both, in either
 *   order. Of deaths whose burial passes the same sites in the same order, in whichever scenario, the
 *   first is gone through, unless CRASH_PRODUCT=1 asks for each.
 *
 * A death that leaves the very memory that an earlier one of the scenario has left (but for journals
 * that do not count) is not gone through again: what follows is the same.
 *
 * What is asserted each time: the whole machine's check; that the survivors see, and go on with, what
 * they do when the caller died before the call, or after it; that whoever must be notified was; that
 * nothing is left when all have gone.
 */
import { end, goOn } from "./continue.ts";
import type { Snapshot } from "./crash-memory.ts";
import { observe } from "./observe.ts";
import type { Scenario } from "./scenario.ts";
import { type Kernels, Scene } from "./scene.ts";

/** A way to go on that is right, and who is notified then. */
export interface Reference {
  outcome: string;
  woken: readonly number[];
}

export interface Tried {
  /** Places at which the caller died. */
  points: number;
  /** Deaths of the burier that were gone through. */
  repairs: number;
}

/** Something that a death has done and that must not be. */
export class Broken extends Error {}

export interface ExploreOptions {
  /** The burials, by the sites that they pass, in which the burier died; left out: it does not die. */
  burials?: Set<number>;
  /** Told of each site at which somebody died. */
  died?: (site: number) => void;
  /** What is right; left out: what the scenario's own kernels do when nobody is cut off. */
  truth?: readonly Reference[];
}

const PRODUCT = process.env.CRASH_PRODUCT === "1";

type Point = { store?: number; notification?: number };

export class Explorer {
  readonly #scene: Scene;
  readonly #scenario: Scenario;
  readonly #sites: readonly string[];
  readonly #options: ExploreOptions;
  readonly #prepared: Snapshot;
  readonly references: readonly Reference[];
  readonly #outcomes = new Map<string, string>();
  readonly #states = new Set<string>();
  #repairs = 0;

  constructor(
    kernels: Kernels,
    sites: readonly string[],
    scenario: Scenario,
    options: ExploreOptions,
  ) {
    this.#scenario = scenario;
    this.#sites = sites;
    this.#options = options;
    const scene = new Scene(kernels, scenario.limits);
    this.#scene = scene;
    scenario.prepare(scene);
    if (!scenario.sameSecond) scene.machine.setTime(2000);
    scene.machine.woken.clear();
    this.#prepared = scene.memory.save();
    const nothing = () => 0;
    const calls = [nothing, ...(scenario.steps ?? []), scenario.call];
    this.references = options.truth ?? calls.map((call) => this.#reference(call));
  }

  get #caller() {
    return this.#scenario.caller?.(this.#scene) ?? this.#scene.a;
  }

  get #dead(): number[] {
    const dead = this.#scenario.dead?.(this.#scene) ?? [this.#caller];
    return dead.map(({ serial }) => serial);
  }

  #reference(call: (scene: Scene) => number): Reference {
    const scene = this.#scene;
    scene.memory.restore(this.#prepared);
    call(scene);
    scene.bury(scene.machine.root, this.#dead);
    const woken = [...scene.machine.woken];
    return { outcome: this.#outcome(), woken };
  }

  /** What follows; the same memory and notifications have the same future. */
  #outcome(): string {
    const scene = this.#scene;
    const key = this.#key();
    const known = this.#outcomes.get(key);
    if (known !== undefined) return known;
    const rule = scene.machine.check();
    if (rule !== 0) throw new Broken(`machine_check: rule ${rule}`);
    const seen = observe(scene);
    const gone = goOn(scene);
    const { did, left } = end(scene);
    if (left.length > 0) throw new Broken(`left at the end: ${left.join(", ")}`);
    const outcome = JSON.stringify([seen, gone, did]);
    this.#outcomes.set(key, outcome);
    return outcome;
  }

  #key(): string {
    const { a, machine } = this.#scene;
    return `${a.mortal.crash_hash()} ${[...machine.woken].sort().join()}`;
  }

  /** Compares the future of the machine as it is now. */
  #verify(what: string, locks: readonly number[] = []): void {
    const { woken } = this.#scene.machine;
    // The list has a place a rank: of two locks of a rank, the sleepers of one look again by themselves.
    const { memory } = this.#scene;
    const ranks = new Set([...woken].map((at) => memory.rankOf(at)));
    const unheard = locks.filter((at) => !ranks.has(memory.rankOf(at)));
    if (unheard.length > 0) throw new Broken(`${what}: lock ${unheard} was freed without a word`);
    const heard = new Set(woken);
    const outcome = this.#outcomeOf(what);
    const same = this.references.filter((reference) => reference.outcome === outcome);
    if (same.length === 0) throw new Broken(`${what}: ${this.#difference(outcome)}`);
    // A lock's sleeper looks again by itself: a release that dies before its list is only slow.
    const missing = ({ woken: all }: Reference) =>
      all.filter((at) => !heard.has(at) && memory.rankOf(at) === undefined);
    if (same.some((reference) => missing(reference).length === 0)) return;
    const missed = missing(same[0]!);
    throw new Broken(`${what}: nobody was notified at ${missed}`);
  }

  #outcomeOf(what: string): string {
    try {
      return this.#outcome();
    } catch (error) {
      throw new Broken(what, { cause: error });
    }
  }

  #difference(outcome: string): string {
    const references = this.references.map((reference) => reference.outcome);
    return `neither wholly nor not at all:\n${[outcome, ...references].join("\n")}`;
  }

  /** Runs the scenario's call, which is cut off. @returns whether it was. */
  #cut(from: Snapshot, point: Point): boolean {
    const scene = this.#scene;
    scene.memory.restore(from);
    const died = this.#caller.dies(point, () => this.#scenario.call(scene));
    if (died && point.store !== undefined) this.#options.died?.(this.#caller.mortal.crash_site());
    return died;
  }

  explore(): Tried {
    const points = this.#each("store") + this.#each("notification");
    return { points, repairs: this.#repairs };
  }

  /**
   * The deaths of something that is not a kernel: `step` makes the call in the scene, as it was
   * prepared, and is cut off at the point of this number. @returns how many there are.
   */
  async exploreSteps(step: (scene: Scene, count: number) => Promise<boolean>): Promise<Tried> {
    for (let count = 1; ; count += 1) {
      this.#scene.memory.restore(this.#prepared);
      if (!(await step(this.#scene, count))) return { points: count - 1, repairs: this.#repairs };
      this.#afterDeath(`${this.#scenario.name}, dead at step ${count}`);
    }
  }

  #each(kind: "store" | "notification"): number {
    for (let count = 1; ; count += 1) {
      const point = { [kind]: count };
      if (!this.#cut(this.#prepared, point)) return count - 1;
      const site = kind === "store" ? this.#sites[this.#caller.mortal.crash_site()] : "";
      this.#afterDeath(`${this.#scenario.name}, dead at ${kind} ${count} ${site}`);
    }
  }

  #isNew(): boolean {
    const key = this.#key();
    if (this.#states.has(key)) return false;
    this.#states.add(key);
    return true;
  }

  /** The caller has died, and its memory is as it left it. */
  #afterDeath(what: string): void {
    if (!this.#isNew()) return;
    const scene = this.#scene;
    const { root } = scene.machine;
    const left = scene.memory.save();
    scene.bury(root, this.#dead);
    this.#verify(what);
    scene.memory.restore(left);
    const locks = scene.sleepOnLocks();
    const asleep = scene.memory.save();
    if (locks.length > 0) {
      scene.bury(root, this.#dead);
      this.#verify(`${what}, slept for`, locks);
    }
    const { burials } = this.#options;
    if (burials !== undefined) this.#dieInRepair(asleep, what, burials);
  }

  /** Every store of the burier that changes what there is, and every notification. */
  #dieInRepair(left: Snapshot, what: string, burials: Set<number>): void {
    const scene = this.#scene;
    const { burier, memory } = scene;
    const { mortal } = burier;
    memory.restore(left);
    mortal.crash_watch(memory.logAt);
    scene.bury(burier, this.#dead);
    const end = mortal.crash_watched();
    const trace = mortal.crash_trace();
    mortal.crash_watch(0);
    if (!PRODUCT && burials.has(trace)) return;
    burials.add(trace);
    const seen = `${left.woken.join()} `;
    const log = new BigUint64Array(scene.machine.memory.buffer.slice(memory.logAt, end));
    for (let index = 0; index < log.length; index += 2) {
      this.#options.died?.(Number(log[index + 1]));
      const key = seen + log[index];
      if (this.#states.has(key)) continue;
      this.#states.add(key);
      this.#repairCut(left, { store: index / 2 + 1 }, what);
    }
    for (let count = 1; this.#repairCut(left, { notification: count }, what); count += 1);
  }

  #repairCut(left: Snapshot, point: Point, what: string): boolean {
    const scene = this.#scene;
    const { burier, memory } = scene;
    memory.restore(left);
    if (!burier.dies(point, () => scene.bury(burier, this.#dead))) return false;
    const { store } = point;
    const at = store === undefined ? "" : this.#sites[burier.mortal.crash_site()];
    const both = memory.save();
    this.#repairs += 1;
    const orders = [
      [burier.serial, ...this.#dead],
      [...this.#dead, burier.serial],
    ];
    for (const order of orders) {
      memory.restore(both);
      scene.bury(scene.machine.root, order);
      const who = order[0] === burier.serial ? "first" : "last";
      const number = store ?? point.notification;
      this.#verify(`${what}, its burier dead at ${number} ${at}, buried ${who}`);
    }
    return true;
  }
}
