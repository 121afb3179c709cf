/** What robust mutexes do, plainly: whose each is, and who sleeps on it in which order. */
import {
  EBUSY,
  EDEADLK,
  EINVAL,
  ENOTRECOVERABLE,
  EOWNERDEAD,
  EPERM,
  EWAIT,
} from "../../assembly/abi/errno.ts";

interface MutexState {
  /** A pid; the owner's, also when it has died. */
  owner: number | undefined;
  dead: boolean;
  /** Nobody has said yet that what a dead owner left is right again. */
  inconsistent: boolean;
  gone: "" | "not recoverable" | "destroyed";
  sleepers: (() => void)[];
}

export class MutexModel {
  readonly #mutexes: MutexState[];

  constructor(count: number) {
    this.#mutexes = Array.from({ length: count }, () => ({ ...FREE, sleepers: [] }));
  }

  /** `wake` is called when the sleeper is to call again; without it the call does not wait. */
  lock(index: number, pid: number, wake?: () => void): number {
    const mutex = this.#mutexes[index]!;
    if (mutex.gone !== "") return mutex.gone === "destroyed" ? -EINVAL : -ENOTRECOVERABLE;
    if (mutex.owner === pid && !mutex.dead) return -EDEADLK;
    if (mutex.owner !== undefined && !mutex.dead) {
      if (wake === undefined) return -EBUSY;
      mutex.sleepers.push(wake);
      return -EWAIT;
    }
    mutex.owner = pid;
    mutex.inconsistent = mutex.dead;
    mutex.dead = false;
    return mutex.inconsistent ? EOWNERDEAD : 0;
  }

  unlock(index: number, pid: number): number {
    const mutex = this.#mutexes[index]!;
    if (mutex.gone === "destroyed") return -EINVAL;
    if (mutex.gone !== "" || mutex.owner !== pid || mutex.dead) return -EPERM;
    mutex.owner = undefined;
    if (!mutex.inconsistent) return this.pass(index);
    mutex.gone = "not recoverable";
    return this.#wakeAll(mutex);
  }

  /** Wakes one sleeper. */
  pass(index: number): 0 {
    this.#mutexes[index]!.sleepers.shift()?.();
    return 0;
  }

  consistent(index: number, pid: number): number {
    const mutex = this.#mutexes[index]!;
    const mine = mutex.gone === "" && mutex.owner === pid && !mutex.dead;
    if (!mine || !mutex.inconsistent) return -EINVAL;
    mutex.inconsistent = false;
    return 0;
  }

  init(index: number): number {
    const mutex = this.#mutexes[index]!;
    const woken = this.#wakeAll(mutex);
    Object.assign(mutex, FREE);
    return woken;
  }

  destroy(index: number): number {
    const mutex = this.#mutexes[index]!;
    if (mutex.gone === "" && mutex.owner !== undefined && !mutex.dead) return -EBUSY;
    mutex.gone = "destroyed";
    return this.#wakeAll(mutex);
  }

  /** A sleeper sleeps no more. */
  forget(wake: () => void): void {
    for (const mutex of this.#mutexes) {
      mutex.sleepers = mutex.sleepers.filter((each) => each !== wake);
    }
  }

  /** The process ends, after its sleepers were forgotten: everybody looks again. */
  end(pid: number): void {
    for (const mutex of this.#mutexes) {
      if (mutex.owner === pid) mutex.dead = true;
      this.#wakeAll(mutex);
    }
  }

  #wakeAll(mutex: MutexState): 0 {
    for (const wake of mutex.sleepers.splice(0)) wake();
    return 0;
  }
}

const FREE = { owner: undefined, dead: false, inconsistent: false, gone: "" } as const;
