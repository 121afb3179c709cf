/**
 * What a JavaScript program writes when it has no kernel: a semaphore of one word and a ping-pong
 * on two words of a SharedArrayBuffer. No keys, no owners, no undo, no removal.
 */
import { pause, timeTurns } from "./handover.ts";
import { nowNs } from "./party.ts";

const VALUE = 0;
const WAITERS = 1;

function acquire(words: Int32Array): void {
  for (;;) {
    const value = Atomics.load(words, VALUE);
    if (value > 0) {
      if (Atomics.compareExchange(words, VALUE, value, value - 1) === value) return;
    } else {
      Atomics.add(words, WAITERS, 1);
      Atomics.wait(words, VALUE, 0);
      Atomics.sub(words, WAITERS, 1);
    }
  }
}

function release(words: Int32Array): void {
  Atomics.add(words, VALUE, 1);
  if (Atomics.load(words, WAITERS) > 0) Atomics.notify(words, VALUE, 1);
}

export function atomicsPair(n: number): number {
  const words = new Int32Array(new SharedArrayBuffer(8));
  words[VALUE] = 1;
  const start = nowNs();
  for (let i = 0; i < n; i++) {
    acquire(words);
    release(words);
  }
  const ns = nowNs() - start;
  if (words[VALUE] !== 1) throw new Error("the semaphore lost count");
  return ns;
}

/** Two ping-pong words, a cache line apart. */
export const PING_BYTES = 128;
const PING = 0;
const PONG = 16;

export interface AtomicsTurns {
  n: number;
  pauseNs: number;
  /** Spin until the word changes, or Atomics.wait for it at once. */
  spin: boolean;
}

function take(words: Int32Array, at: number, spin: boolean): void {
  if (spin) while (Atomics.load(words, at) === 0);
  else while (Atomics.load(words, at) === 0) Atomics.wait(words, at, 0);
  Atomics.store(words, at, 0);
}

function give(words: Int32Array, at: number, spin: boolean): void {
  Atomics.store(words, at, 1);
  if (!spin) Atomics.notify(words, at, 1);
}

/** The caller has started atomicsThere() on another thread. */
export function atomicsHere(words: Int32Array, { n, pauseNs, spin }: AtomicsTurns): number {
  take(words, PONG, false);
  return timeTurns(n, pauseNs, () => {
    give(words, PING, spin);
    take(words, PONG, spin);
  });
}

export function atomicsThere(words: Int32Array, { n, pauseNs, spin }: AtomicsTurns): void {
  give(words, PONG, false);
  for (let i = 0; i < n; i++) {
    take(words, PING, spin);
    pause(pauseNs);
    give(words, PONG, spin);
  }
}
