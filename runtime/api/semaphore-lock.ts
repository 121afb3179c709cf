/** SemaphoreLock: what is held of a Semaphore, given back once, by release() or by disposal. */
import { isGone } from "./ipc-object.ts";

/**
 * Made by `sem.lock()` and `await sem.lockAsync()`.
 *
 * @example
 * ```ts
 * using sem = Semaphore.create(sys);
 * using lock = await sem.lockAsync({ timeoutMs: 500 });
 * sem.value; // => 0
 * lock.release(); // before the end of the block; disposing does nothing more
 * sem.value; // => 1
 * ```
 */
export class SemaphoreLock implements Disposable {
  readonly #giveBack: () => void;
  #held = true;

  /** @param giveBack - releases on the semaphore what was acquired of it. */
  constructor(giveBack: () => void) {
    this.#giveBack = giveBack;
  }

  /** Whether it has not been released yet. */
  get held(): boolean {
    return this.#held;
  }

  /** Gives back what the lock holds; a second call does nothing. */
  release(): void {
    if (!this.#held) return;
    this.#giveBack();
    this.#held = false;
  }

  /** Like `release()`, but of a semaphore that was removed meanwhile there is nothing to give back. */
  [Symbol.dispose](): void {
    try {
      this.release();
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
}
