/**
 * The spin before a sleep. An answer that comes sooner than a wake-up by the system (5 us here, 25 us
 * on some virtual machines) is worth waiting for awake; on a busy machine a longer spin only keeps
 * the answer away (70 to 96 us a turn). So a spin is short, and a thread that misses spins ever more
 * seldom; but when it slept no longer than a long spin would have taken, the next spin is a long one,
 * and spins stay long while they hit. Two threads that answer each other at once then never sleep
 * (1.6 us a round trip instead of 55); after a long miss the next trial is four times as far away, so that
 * two threads on one processor soon stop trying.
 */

const SHORT_MS = 0.005;
const LONG_MS = 0.05;
/** Loads between two looks at the clock, which costs about 30 ns. */
const LOADS_A_LOOK = 16;
/** Looks at most, a short spin's: in a browser the clock may stand still for 5 to 20 us, and longer. */
const LOOKS_MOST = 32;
/** Waits without a spin at most, after misses. */
const SKIP_MOST = 63;
/** Short sleeps without a long trial at most, after long misses. */
const REST_MOST = 4095;

let window = SHORT_MS;
let misses = 0;
let skip = 0;
let rest = 0;
let longMisses = 0;

/** Waits awake for the word to change from `value`. @returns whether it has. */
export function spin(words: Int32Array, index: number, value: number): boolean {
  if (Atomics.load(words, index) !== value) return true;
  if (skip > 0) {
    skip -= 1;
    return false;
  }
  const stop = performance.now() + window;
  const looks = LOOKS_MOST * (window / SHORT_MS);
  for (let look = 0; look < looks; look += 1) {
    for (let load = 0; load < LOADS_A_LOOK; load += 1) {
      if (Atomics.load(words, index) !== value) {
        hit();
        return true;
      }
    }
    if (performance.now() >= stop) break;
  }
  miss();
  return false;
}

/** Says how long the sleep took that followed a spin, or a spin left out. */
export function slept(ms: number): void {
  if (ms > LONG_MS || window === LONG_MS) return;
  if (rest > 0) {
    rest -= 1;
    return;
  }
  window = LONG_MS;
  skip = 0;
}

function hit(): void {
  misses = 0;
  if (window === LONG_MS) longMisses = 0;
}

function miss(): void {
  if (window === LONG_MS) {
    window = SHORT_MS;
    longMisses += 1;
    rest = Math.min(REST_MOST, 4 ** longMisses - 1);
  }
  misses += 1;
  skip = Math.min(SKIP_MOST, 2 ** misses - 1);
}
