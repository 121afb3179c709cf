/** MutexGuard: a Mutex that is held, unlocked once, by release() or by disposal. */
import { isGone } from "./ipc-object.ts";

/** What a guard does with its mutex. */
export interface MutexHold {
  readonly ownerDied: boolean;
  markConsistent(): void;
  unlock(): void;
}

/**
 * Made by `mutex.lock()`, `mutex.tryLock()` and `await mutex.lockAsync()`.
 *
 * @example
 * ```ts
 * using memory = SharedMemory.create(sys, { size: 4096 });
 * using guard = Mutex.create(memory).lock();
 * guard.ownerDied; // => false
 * guard.release(); // before the end of the block; disposing does nothing more
 * guard.held; // => false
 * ```
 */
export class MutexGuard implements Disposable {
  readonly #hold: MutexHold;
  #held = true;

  /** @internal A Mutex makes guards of what it gives. */
  constructor(hold: MutexHold) {
    this.#hold = hold;
  }

  /**
   * Whether the last owner died while it held the mutex, so that what the mutex protects may be half
   * changed. Put that right and call `markConsistent()`. Released without it, the mutex is of no use
   * any more: everybody gets ENOTRECOVERABLE, until somebody makes it anew with `Mutex.create()`.
   */
  get ownerDied(): boolean {
    return this.#hold.ownerDied;
  }

  /** Whether it has not been released yet. */
  get held(): boolean {
    return this.#held;
  }

  /**
   * Declares that what the mutex protects is right again.
   * @throws {SystemError} EINVAL: the last owner did not die, or it was said already.
   * @see pthread_mutex_consistent(3)
   */
  markConsistent(): void {
    this.#hold.markConsistent();
  }

  /** Unlocks the mutex; a second call does nothing. */
  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#hold.unlock();
  }

  /** Like `release()`, but in a segment that was detached meanwhile there is nothing to unlock. */
  [Symbol.dispose](): void {
    try {
      this.release();
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
}
