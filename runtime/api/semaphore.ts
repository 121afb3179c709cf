/**
 * Semaphore: a System V semaphore set of one, counting. `acquire` takes from its value and waits
 * while there is not enough, `release` gives back. With SEM_UNDO, the default, the kernel gives
 * back what a process had taken when it ends, however it ends. semget(2), semop(2), semctl(2).
 */
import { EAGAIN } from "../../assembly/abi/errno.ts";
import { IPC_NOWAIT, IPC_RMID } from "../../assembly/abi/ipc.ts";
import { GETVAL, SEM_UNDO } from "../../assembly/abi/sem.ts";
import type { Sembuf, Syscalls } from "../../host/contract.ts";
import {
  type CreateOptions,
  type IpcName,
  IpcObject,
  keyOf,
  modeOf,
  newFlags,
  type SharedOptions,
} from "./ipc-object.ts";
import { SemaphoreLock } from "./semaphore-lock.ts";
import { checkCount, checkValue, findOrMakeSet, makeSet } from "./semaphore-set.ts";
import {
  type AsyncOptions,
  callOptions,
  deadlineOf,
  hasErrno,
  type TimeoutOptions,
  timedOut,
  timeLeft,
  uninterrupted,
  uninterruptedAsync,
} from "./wait-options.ts";

/** How a new semaphore begins. */
export interface SemaphoreValue {
  /** How many may hold it at once, 0 to SEMVMX (32767); 1 when left out: a mutex. */
  value?: number;
}

/** How this handle uses the semaphore. */
export interface UndoOption {
  /**
   * Whether the kernel undoes this process's operations when it ends; true when left out. Say
   * false where one process releases what another acquires: a signal, not a lock.
   */
  undo?: boolean;
}

/** How much to take. */
export interface CountOption {
  /** 1 when left out. Several are taken at once or not at all. */
  count?: number;
}

const SEM_NUM = 0;

/**
 * A counting semaphore between processes; with value 1, a mutex that a crash does not leave locked.
 *
 * Handles dispose: `using` removes, at the end of the block, what `create()` made.
 *
 * @example
 * ```ts
 * using sem = Semaphore.create(sys, { value: 1 });
 * {
 *   using lock = sem.lock(); // waits; released at the end of the block
 *   sem.value; // => 0
 *   sem.tryAcquire(); // => false
 * }
 * await sem.runExclusive(async () => sem.value, { timeoutMs: 1000 }); // => 0
 * ```
 * @see semget(2), semop(2)
 */
export class Semaphore extends IpcObject {
  readonly #flags: number;

  private constructor(sys: Syscalls, id: number, owned: boolean, options: UndoOption) {
    super(sys, id, owned);
    this.#flags = options.undo === false ? 0 : SEM_UNDO;
  }

  /**
   * Makes a new semaphore, which disposing the handle removes.
   * @param options - `value` (1), `key` (none: only the id leads to it), `mode` (0o600), `undo`.
   * @throws {SystemError} EEXIST: the key is taken. ENOSPC, ENOMEM: no semaphore more. ERANGE:
   *   value is past SEMVMX.
   * @see semget(2)
   */
  static create(
    sys: Syscalls,
    options: CreateOptions & SemaphoreValue & UndoOption = {},
  ): Semaphore {
    const value = checkValue(options.value);
    const id = makeSet(sys, keyOf(options), newFlags(options), value);
    return new Semaphore(sys, id, true, options);
  }

  /**
   * Opens an existing semaphore by key or by id. An id is not looked up before its first use.
   * @throws {SystemError} ENOENT: no such key. EACCES: its mode forbids it.
   * @see semget(2)
   */
  static open(sys: Syscalls, name: IpcName & UndoOption): Semaphore {
    return new Semaphore(sys, name.id ?? sys.semget(name.key, 0, 0), false, name);
  }

  /**
   * Opens the semaphore of a key, made now if it is missing. Disposing does not remove it. Two
   * processes may do this at the same moment: both get the same semaphore, with its value once.
   * @throws {SystemError} as `create()` (never EEXIST) and `open()`.
   * @see semget(2)
   */
  static openOrCreate(
    sys: Syscalls,
    options: SharedOptions & SemaphoreValue & UndoOption,
  ): Semaphore {
    const value = checkValue(options.value);
    const id = findOrMakeSet(sys, options.key, modeOf(options), value);
    return new Semaphore(sys, id, false, options);
  }

  /** How many can be acquired at this moment. @throws {SystemError} EACCES, EINVAL, EIDRM */
  get value(): number {
    return this.sys.semctl(this.id, SEM_NUM, GETVAL);
  }

  /**
   * Waits until it can take `count`, and takes it. Blocks the thread.
   * @param options - `count` (1), `timeoutMs` (none).
   * @throws {SystemError} ETIMEDOUT: `timeoutMs` passed. EIDRM: removed meanwhile. EINVAL: gone
   *   before. EACCES: its mode forbids it. @throws {TypeError} for a count that is no count.
   * @see semtimedop(2)
   */
  acquire(options: CountOption & TimeoutOptions = {}): void {
    const sops = [this.#take(options, 0)];
    const deadline = deadlineOf(options);
    try {
      uninterrupted(() => this.sys.semtimedop(this.id, sops, timeLeft(deadline)));
    } catch (error) {
      throw timedOut(error, options);
    }
  }

  /** Takes `count` (1) if it can without waiting, and says whether it did. */
  tryAcquire(options: CountOption = {}): boolean {
    try {
      this.sys.semop(this.id, [this.#take(options, IPC_NOWAIT)]);
      return true;
    } catch (error) {
      if (hasErrno(error, EAGAIN)) return false;
      throw error;
    }
  }

  /**
   * `acquire()` without blocking the thread.
   * @param options - `count` (1), `timeoutMs` (none), `signal`.
   * @throws as `acquire()`; the signal's reason when it aborts, and then nothing was taken.
   */
  async acquireAsync(options: CountOption & AsyncOptions = {}): Promise<void> {
    const sops = [this.#take(options, 0)];
    const deadline = deadlineOf(options);
    const signal = callOptions(options.signal);
    try {
      await uninterruptedAsync(() =>
        this.sys.async.semtimedop(this.id, sops, timeLeft(deadline), signal),
      );
    } catch (error) {
      throw timedOut(error, options);
    }
  }

  /**
   * Gives back `count`, 1 when left out; never waits.
   * @throws {SystemError} ERANGE: the value would pass SEMVMX. EINVAL, EACCES as `acquire()`.
   */
  release(count = 1): void {
    this.sys.semop(this.id, [
      { sem_num: SEM_NUM, sem_op: checkCount(count), sem_flg: this.#flags },
    ]);
  }

  /** Acquires, and returns a lock that releases when disposed: `using lock = sem.lock()`. */
  lock(options: CountOption & TimeoutOptions = {}): SemaphoreLock {
    this.acquire(options);
    return new SemaphoreLock(() => this.release(options.count));
  }

  /** `lock()` without blocking the thread: `using lock = await sem.lockAsync()`. */
  async lockAsync(options: CountOption & AsyncOptions = {}): Promise<SemaphoreLock> {
    await this.acquireAsync(options);
    return new SemaphoreLock(() => this.release(options.count));
  }

  /** Runs `work` while holding the semaphore, and resolves to what it returns. */
  async runExclusive<T>(
    work: () => T | PromiseLike<T>,
    options: CountOption & AsyncOptions = {},
  ): Promise<T> {
    using _lock = await this.lockAsync(options);
    return await work();
  }

  protected override removeId(): void {
    this.sys.semctl(this.id, SEM_NUM, IPC_RMID);
  }

  #take(options: CountOption, flags: number): Sembuf {
    const sem_op = -checkCount(options.count ?? 1);
    return { sem_num: SEM_NUM, sem_op, sem_flg: this.#flags | flags };
  }
}
