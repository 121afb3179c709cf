/**
 * The spin before a sleep. A wake-up by the system costs 5 us or more, so an answer that comes
 * sooner is worth waiting for awake; on a busy machine a longer spin only keeps the answer away
 * (70 to 96 us a turn). After misses a thread spins ever more seldom.
 */

const SPIN_MS = 0.005;
/** Loads between two looks at the clock, which costs about 30 ns. */
const LOADS_A_LOOK = 16;
/** Looks at most: in a browser the clock may stand still for 5 to 20 us, and longer. */
const LOOKS_MOST = 32;
/** Waits without a spin at most, after misses. */
const SKIP_MOST = 63;

let misses = 0;
let skip = 0;

/** Waits awake for the word to change from `value`. @returns whether it has. */
export function spin(words: Int32Array, index: number, value: number): boolean {
  if (Atomics.load(words, index) !== value) return true;
  if (skip > 0) {
    skip -= 1;
    return false;
  }
  const stop = performance.now() + SPIN_MS;
  for (let look = 0; look < LOOKS_MOST; look += 1) {
    for (let load = 0; load < LOADS_A_LOOK; load += 1) {
      if (Atomics.load(words, index) !== value) {
        misses = 0;
        return true;
      }
    }
    if (performance.now() >= stop) break;
  }
  misses += 1;
  skip = Math.min(SKIP_MOST, 2 ** misses - 1);
  return false;
}
