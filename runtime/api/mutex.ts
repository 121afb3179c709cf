/**
 * Mutex: a robust mutex in a shared segment, which C programs share through wasm-ipc/linux. It belongs
 * to the thread that locked it; when that one dies, the next owner is told. pthread_mutex_lock(3p),
 * pthread_mutexattr_setrobust(3).
 */
import { EBUSY, EDEADLK, EOWNERDEAD } from "../../assembly/abi/errno.ts";
import type { Locked, RobustMutex, Syscalls, Timespec } from "../../host/contract.ts";
import { MutexGuard } from "./mutex-guard.ts";
import { MutexTurns } from "./mutex-turns.ts";
import type { SharedMemory } from "./shared-memory.ts";
import {
  type AsyncOptions,
  checkTimeout,
  hasErrno,
  type TimeoutOptions,
  withTimeout,
} from "./wait-options.ts";

/** The time of day in so many milliseconds. */
function timeOfDay(timeoutMs: number): Timespec {
  const at = Date.now() + timeoutMs;
  const tv_sec = Math.floor(at / 1000);
  return { tv_sec, tv_nsec: Math.floor((at - tv_sec * 1000) * 1e6) };
}

/**
 * A mutex in ROBUST_MUTEX_SIZE (64) bytes of a segment, between threads and processes. Unlike a
 * `Semaphore` that undoes, it says that its last owner died: `guard.ownerDied`.
 *
 * Asynchronous tasks of one thread exclude each other too. Release it before the segment is detached. A blocking `lock()` in a thread that holds
 * the mutex already is EDEADLK: nothing could end that wait.
 *
 * @example
 * ```ts
 * using memory = SharedMemory.create(sys, { size: 4096 });
 * const mutex = Mutex.create(memory); // others: Mutex.at(SharedMemory.open(sys, { id }))
 * {
 *   using guard = mutex.lock(); // waits; unlocked at the end of the block
 *   if (guard.ownerDied) guard.markConsistent(); // once the data is put right
 *   mutex.tryLock(); // => undefined
 * }
 * await mutex.runExclusive(async () => "alone", { timeoutMs: 1000 }); // => "alone"
 * ```
 * @see pthread_mutex_lock(3p), pthread_mutexattr_setrobust(3)
 */
export class Mutex {
  readonly #sys: Syscalls;
  readonly #mutex: RobustMutex;
  readonly #turns: MutexTurns;

  private constructor(memory: SharedMemory, offset: number) {
    this.#sys = memory.sys;
    this.#mutex = { attachment: memory.attachment, offset };
    this.#turns = MutexTurns.of(memory.sys, memory.id, offset);
  }

  /**
   * Makes a mutex, free, whatever the bytes held before.
   * @param memory - the segment, attached for writing.
   * @param offset - where in it, a multiple of ROBUST_MUTEX_ALIGN (8); 0 when left out.
   * @throws {SystemError} EINVAL: misaligned, not inside the segment, or that is detached.
   * @see pthread_mutex_init(3p)
   */
  static create(memory: SharedMemory, offset = 0): Mutex {
    const mutex = new Mutex(memory, offset);
    mutex.#sys.pthread_mutex_init(mutex.#mutex);
    return mutex;
  }

  /** Uses a mutex that somebody has made. It is not looked at before its first use. */
  static at(memory: SharedMemory, offset = 0): Mutex {
    return new Mutex(memory, offset);
  }

  /**
   * Waits until it has the mutex. Blocks the thread.
   * @param options - `timeoutMs` (none).
   * @throws {SystemError} ETIMEDOUT: `timeoutMs` passed. EDEADLK: this thread holds it.
   *   ENOTRECOVERABLE: somebody released it after its owner's death without `markConsistent()`.
   *   EINVAL: no mutex is there.
   * @see pthread_mutex_lock(3p)
   */
  lock(options: TimeoutOptions = {}): MutexGuard {
    const { timeoutMs } = options;
    const result =
      timeoutMs === undefined
        ? this.#sys.pthread_mutex_lock(this.#mutex)
        : this.#sys.pthread_mutex_timedlock(this.#mutex, timeOfDay(checkTimeout(timeoutMs)));
    return this.#guard(result, this.#turns.took());
  }

  /**
   * Takes the mutex if it can without waiting; undefined while somebody holds it.
   * @throws {SystemError} ENOTRECOVERABLE, EINVAL as `lock()`.
   * @see pthread_mutex_trylock(3p)
   */
  tryLock(): MutexGuard | undefined {
    try {
      const result = this.#sys.pthread_mutex_trylock(this.#mutex);
      return this.#guard(result, this.#turns.took());
    } catch (error) {
      if (hasErrno(error, EBUSY) || hasErrno(error, EDEADLK)) return undefined;
      throw error;
    }
  }

  /**
   * `lock()` without blocking the thread: `using guard = await mutex.lockAsync()`.
   * @param options - `timeoutMs` (none), `signal`.
   * @throws as `lock()`, but waits for other tasks of this thread; the signal's reason when it
   *   aborts, and then the mutex was not taken.
   */
  lockAsync(options: AsyncOptions = {}): Promise<MutexGuard> {
    return withTimeout("pthread_mutex_lock", options, async ({ signal }) => {
      const end = await this.#turns.take(signal);
      try {
        return this.#guard(await this.#ask(signal), end);
      } catch (error) {
        end();
        throw error;
      }
    });
  }

  /** Runs `work` while holding the mutex, and resolves to what it returns. */
  async runExclusive<T>(
    work: (guard: MutexGuard) => T | PromiseLike<T>,
    options: AsyncOptions = {},
  ): Promise<T> {
    using guard = await this.lockAsync(options);
    return await work(guard);
  }

  /** A blocking locker of this thread may come first, while this one waits for another thread. */
  async #ask(signal: AbortSignal | undefined): Promise<Locked> {
    const options = signal === undefined ? {} : { signal };
    for (;;) {
      try {
        return await this.#sys.async.pthread_mutex_lock(this.#mutex, options);
      } catch (error) {
        if (!hasErrno(error, EDEADLK) || !this.#turns.blocking) throw error;
        await this.#turns.change(signal);
      }
    }
  }

  #guard(result: Locked, end: () => void): MutexGuard {
    return new MutexGuard({
      ownerDied: result === EOWNERDEAD,
      markConsistent: () => this.#sys.pthread_mutex_consistent(this.#mutex),
      unlock: () => {
        try {
          this.#sys.pthread_mutex_unlock(this.#mutex);
        } finally {
          end();
        }
      },
    });
  }
}
