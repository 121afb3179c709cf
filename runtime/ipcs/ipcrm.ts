/**
 * ipcrm(): removes System V objects of whatever `Syscalls` it is given, with the messages of
 * util-linux's ipcrm(1). What cannot be removed is told, and the rest is done all the same.
 */
import { EACCES, EIDRM, EINVAL, ENOENT, EPERM } from "../../assembly/abi/errno.ts";
import { IPC_PRIVATE, IPC_RMID } from "../../assembly/abi/ipc.ts";
import { MSG_INFO, MSG_STAT } from "../../assembly/abi/msg.ts";
import { SEM_INFO, SEM_STAT } from "../../assembly/abi/sem.ts";
import { SHM_INFO, SHM_STAT } from "../../assembly/abi/shm.ts";
import type { Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import type { IpcKind } from "./ipcs.ts";
import { statAll } from "./section.ts";

/** One object, by id or by key, or every object of a kind. */
export type IpcrmTarget = { readonly kind: IpcKind } & (
  | { readonly id: number }
  | {
      readonly key: number;
      /** The key as the user wrote it, for messages. */
      readonly keyText?: string;
    }
  | { readonly all: true }
);

/** What ipcrm() did. */
export interface IpcrmResult {
  /** A line for each removal that was tried: what `ipcrm --verbose` prints. */
  readonly actions: readonly string[];
  /** A line for each failure, without the program's name. */
  readonly failures: readonly string[];
}

/**
 * The old form, `ipcrm shm|msg|sem ID...`.
 * @returns its targets, and a failure for each id that is none
 */
export function ipcrmOldForm(
  kind: IpcKind,
  ids: readonly string[],
): { targets: IpcrmTarget[]; failures: string[] } {
  const isId = (text: string) => /^\d{1,10}$/.test(text);
  const targets = ids.filter(isId).map((text) => ({ kind, id: Number(text) | 0 }));
  return {
    targets,
    failures: ids.filter((text) => !isId(text)).map((text) => `invalid id: ${text}`),
  };
}

interface KindCalls {
  readonly name: string;
  find(sys: Syscalls, key: number): number;
  remove(sys: Syscalls, id: number): void;
  /** The highest index in use. */
  highest(sys: Syscalls): number;
  idAt(sys: Syscalls, index: number): number;
}

const CALLS: Readonly<Record<IpcKind, KindCalls>> = {
  shm: {
    name: "shared memory segment",
    find: (sys, key) => sys.shmget(key, 0, 0),
    remove: (sys, id) => sys.shmctl(id, IPC_RMID),
    highest: (sys) => sys.shmctl(0, SHM_INFO).index,
    idAt: (sys, index) => sys.shmctl(index, SHM_STAT).id,
  },
  sem: {
    name: "semaphore",
    find: (sys, key) => sys.semget(key, 0, 0),
    remove: (sys, id) => sys.semctl(id, 0, IPC_RMID),
    highest: (sys) => sys.semctl(0, 0, SEM_INFO).index,
    idAt: (sys, index) => sys.semctl(index, 0, SEM_STAT).id,
  },
  msg: {
    name: "message queue",
    find: (sys, key) => sys.msgget(key, 0),
    remove: (sys, id) => sys.msgctl(id, IPC_RMID),
    highest: (sys) => sys.msgctl(0, MSG_INFO).index,
    idAt: (sys, index) => sys.msgctl(index, MSG_STAT).id,
  },
};

/** What ipcrm(1) calls an errno; another one is not expected, and ends it. */
function reason(error: unknown, missing: number, what: "id" | "key"): string {
  if (!(error instanceof SystemError)) throw error;
  if (error.errno === EACCES || error.errno === EPERM) return `permission denied for ${what}`;
  if (error.errno === EIDRM) return `already removed ${what}`;
  if (error.errno === missing) return `invalid ${what}`;
  throw error;
}

/** The removals of one run, and what came of them. */
class Removal implements IpcrmResult {
  readonly actions: string[] = [];
  readonly failures: string[] = [];
  readonly #sys: Syscalls;

  constructor(sys: Syscalls) {
    this.#sys = sys;
  }

  target(target: IpcrmTarget): void {
    if ("all" in target) this.#all(target.kind);
    else if ("id" in target) this.#id(target.kind, target.id, "id");
    else this.#key(target.kind, target.key, target.keyText ?? String(target.key));
  }

  #id(kind: IpcKind, id: number, what: "id" | "key"): void {
    this.actions.push(`removing ${CALLS[kind].name} id \`${id}'`);
    try {
      CALLS[kind].remove(this.#sys, id);
    } catch (error) {
      this.failures.push(`${reason(error, EINVAL, what)} (${id})`);
    }
  }

  #key(kind: IpcKind, key: number, text: string): void {
    // Every private object has this key: it names none of them.
    if (key === IPC_PRIVATE) {
      this.failures.push(`illegal key (${text})`);
      return;
    }
    let id: number;
    try {
      id = CALLS[kind].find(this.#sys, key);
    } catch (error) {
      this.failures.push(`${reason(error, ENOENT, "key")} (${text})`);
      return;
    }
    this.#id(kind, id, "key");
  }

  /** Objects that the caller may not read are passed over, as ipcrm(1) does. */
  #all(kind: IpcKind): void {
    const calls = CALLS[kind];
    const skipped = [EINVAL, EIDRM, EACCES];
    const highest = calls.highest(this.#sys);
    const ids = statAll(highest, (index) => calls.idAt(this.#sys, index), skipped);
    for (const id of ids) this.#id(kind, id, "id");
  }
}

/**
 * Removes System V objects, in the order given.
 * @param targets - what to remove.
 * @returns what was tried and what failed; nothing failed if `failures` is empty.
 * @throws {SystemError} any errno other than EACCES, EPERM, EINVAL, EIDRM and ENOENT.
 * @see ipcrm(1)
 * @example
 * ```ts
 * const semid = sys.semget(IPC_PRIVATE, 1, 0o600);
 * ipcrm(sys, [{ kind: "sem", id: semid }]).failures; // => []
 * ipcrm(sys, [{ kind: "shm", key: 4711 }]).failures; // => ["invalid key (4711)"]
 * ```
 */
export function ipcrm(sys: Syscalls, targets: readonly IpcrmTarget[]): IpcrmResult {
  const removal = new Removal(sys);
  for (const target of targets) removal.target(target);
  return removal;
}
