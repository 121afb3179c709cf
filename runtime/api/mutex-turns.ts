/**
 * Who of this thread has a mutex. The kernel knows its owner by the thread, so the tasks of one thread
 * take turns here first: one asynchronous locker at a time asks the kernel, the others wait for it.
 */
import type { Syscalls } from "../../host/contract.ts";

/** One mutex, as the tasks of one thread see it. */
export class MutexTurns {
  /** An asynchronous locker asks, or holds. */
  #asked = false;
  /** A blocking locker holds. */
  #blocking = false;
  readonly #waiting = new Set<() => void>();

  /** The turns of a mutex, the same for every handle of the thread. */
  static of(sys: Syscalls, shmid: number, offset: number): MutexTurns {
    const all = threads.get(sys) ?? new Map<string, MutexTurns>();
    threads.set(sys, all);
    const key = `${shmid}/${offset}`;
    const turns = all.get(key) ?? new MutexTurns();
    all.set(key, turns);
    return turns;
  }

  /** Whether a blocking locker of this thread holds the mutex. */
  get blocking(): boolean {
    return this.#blocking;
  }

  /** A blocking locker has got the mutex. @returns what to call when it has unlocked it. */
  took(): () => void {
    this.#blocking = true;
    return () => {
      this.#blocking = false;
      this.#changed();
    };
  }

  /** Waits for the turn of an asynchronous locker. @returns what to call when it is over. */
  async take(signal: AbortSignal | undefined): Promise<() => void> {
    while (this.#asked || this.#blocking) await this.change(signal);
    this.#asked = true;
    return () => {
      this.#asked = false;
      this.#changed();
    };
  }

  /** Resolves when somebody of this thread has unlocked; rejects with the signal's reason. */
  change(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const done = () => {
        signal?.removeEventListener("abort", aborted);
        resolve();
      };
      const aborted = () => {
        this.#waiting.delete(done);
        reject(signal?.reason);
      };
      this.#waiting.add(done);
      signal?.addEventListener("abort", aborted, { once: true });
    });
  }

  /** All look again, in the order in which they came: the first one has the turn. */
  #changed(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const done of waiting) done();
  }
}

const threads = new WeakMap<Syscalls, Map<string, MutexTurns>>();
