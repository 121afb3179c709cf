/**
 * What SharedMemory, Semaphore and MessageQueue have in common: an id, and the life of a System V
 * object, which outlives every process until somebody removes it (sysvipc(7)). A handle made by
 * `create()` owns its object and removes it when disposed; one made by `open()` or
 * `openOrCreate()` does not, since others may still count on it.
 */
import { EIDRM, EINVAL } from "../../assembly/abi/errno.ts";
import { IPC_CREAT, IPC_EXCL, IPC_PRIVATE } from "../../assembly/abi/ipc.ts";
import type { Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";

/** An existing object, by the key that it was made with or by the id that its maker passed on. */
export type IpcName = { key: number; id?: never } | { id: number; key?: never };

/** Options that every `create()` has. */
export interface CreateOptions {
  /** Others open the object by it; without one only the id leads to it. Taken: EEXIST. */
  key?: number;
  /** Permission bits, 0o600 when left out. */
  mode?: number;
}

/** Options that every `openOrCreate()` has: the key is what the processes agree on. */
export interface SharedOptions extends CreateOptions {
  key: number;
}

/** Permission bits of an object to create. */
export function modeOf(options: CreateOptions): number {
  return options.mode ?? 0o600;
}

/** The flags word of shmget(), semget() and msgget() for an object that must be new. */
export function newFlags(options: CreateOptions): number {
  return IPC_CREAT | IPC_EXCL | modeOf(options);
}

/** The flags word for one that is made only if it is missing. */
export function sharedFlags(options: SharedOptions): number {
  return IPC_CREAT | modeOf(options);
}

/** `key` of an object to create; IPC_PRIVATE, which no other call finds, when left out. */
export function keyOf(options: CreateOptions): number {
  return options.key ?? IPC_PRIVATE;
}

/** A handle of one System V object. */
export abstract class IpcObject implements Disposable {
  /** The object's id: hand it to another process, which opens the same object with it. */
  readonly id: number;
  /** The calls that this handle makes. */
  readonly sys: Syscalls;
  /** Whether disposing removes the object. */
  #owned: boolean;

  protected constructor(sys: Syscalls, id: number, owned: boolean) {
    this.sys = sys;
    this.id = id;
    this.#owned = owned;
  }

  /** The IPC_RMID call of the object's kind. */
  protected abstract removeId(): void;

  /**
   * Removes the object for everybody. Whoever waits on it gets EIDRM.
   * @throws {SystemError} EINVAL or EIDRM: it is gone already. EPERM: the caller is neither its
   *   owner nor its creator nor root.
   */
  remove(): void {
    this.removeId();
    this.#owned = false;
  }

  /** Gives back what the handle holds; removes the object if this handle created it. */
  [Symbol.dispose](): void {
    if (!this.#owned) return;
    this.#owned = false;
    try {
      this.removeId();
    } catch (error) {
      // Somebody else removed it first: what disposing is for has happened.
      if (!isGone(error)) throw error;
    }
  }
}

/** Whether a call failed because its object no longer exists. */
export function isGone(error: unknown): boolean {
  return error instanceof SystemError && (error.errno === EINVAL || error.errno === EIDRM);
}
