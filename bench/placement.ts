/**
 * Where the host has put the two processors of this machine: a cache line goes there and back in
 * about 100 ns between neighbours (near) and in about 500 ns otherwise (far), and a host changes
 * that within seconds. Every two-party time follows it, so each such sample comes with a probe, and
 * near samples are compared with near ones only.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { nowNs } from "./party.ts";
import { quantile } from "./statistics.ts";

export type Placement = "near" | "far";

/** Between the two modes, as a JavaScript ping-pong sees them: 150 and 940 ns. */
const NEAR_MOST_NS = 350;
const BATCHES = 10;
const TURNS = 100;
/** When another job holds a processor, a turn lasts milliseconds. */
const PROBE_NS = 20e6;

const GO = 0;
/** Odd: the worker's turn. A cache line away from GO. */
const TURN = 16;

/** Written as text: the worker has nothing to load. It sleeps while no probe runs. */
const PARTNER = `
const { workerData: words } = require("node:worker_threads");
for (;;) {
  Atomics.wait(words, ${GO}, 0);
  while (Atomics.load(words, ${GO}) === 1) {
    const turn = Atomics.load(words, ${TURN});
    if (turn & 1) Atomics.store(words, ${TURN}, turn + 1);
  }
}`;

export class PlacementProbe {
  readonly #words = new Int32Array(new SharedArrayBuffer(128));
  readonly #worker: Worker;
  /** Every finished probe, in ns. */
  readonly history: number[] = [];

  constructor() {
    this.#worker = new Worker(PARTNER, { eval: true, workerData: this.#words });
  }

  /** @returns undefined when the processors were too busy to tell, or there is only one */
  probe(): Placement | undefined {
    if (availableParallelism() < 2) return undefined;
    const words = this.#words;
    Atomics.store(words, GO, 1);
    Atomics.notify(words, GO);
    const deadline = nowNs() + PROBE_NS;
    const batches: number[] = [];
    while (batches.length < BATCHES) {
      const ns = batch(words, deadline);
      if (ns === undefined) break;
      batches.push(ns);
    }
    Atomics.store(words, GO, 0);
    if (batches.length < BATCHES) return undefined;
    const ns = quantile(batches, 0.25);
    this.history.push(ns);
    return ns <= NEAR_MOST_NS ? "near" : "far";
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

function batch(words: Int32Array, deadline: number): number | undefined {
  const start = nowNs();
  let looks = 0;
  for (let i = 0; i < TURNS; i++) {
    const turn = Atomics.load(words, TURN) | 1;
    Atomics.store(words, TURN, turn);
    while (Atomics.load(words, TURN) === turn) {
      looks++;
      if ((looks & 1023) === 0 && nowNs() > deadline) return undefined;
    }
  }
  return (nowNs() - start) / TURNS;
}
