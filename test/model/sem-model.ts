/**
 * System V semaphores in plain TypeScript, after semop(2), semctl(2) and Linux's order of service:
 * after a change the waiters for zero go first (single operations before arrays), then those that
 * change values in order of arrival, and from the first again after each that went.
 */
import {
  E2BIG,
  EACCES,
  EAGAIN,
  EEXIST,
  EFBIG,
  EIDRM,
  EINVAL,
  ENOENT,
  ENOMEM,
  ENOSPC,
  EPERM,
  ERANGE,
  EWAIT,
} from "../../assembly/abi/errno.ts";
import { IPC_CREAT, IPC_EXCL, IPC_NOWAIT } from "../../assembly/abi/ipc.ts";
import { SEM_UNDO } from "../../assembly/abi/sem.ts";
import type { Credentials, Limits } from "../support/machine.ts";
import type { Op, Perm } from "../support/machine-structs.ts";
import { newPerm, owns, permits, READ, WRITE } from "./perm-model.ts";

export interface Who extends Credentials {
  readonly pid: number;
}

/** A sleeping semop. */
export interface Sleeper {
  readonly pid: number;
  readonly ops: readonly Op[];
  readonly wake: (result: number) => void;
}

export interface ModelSet {
  readonly id: number;
  perm: Perm;
  values: number[];
  pids: number[];
  otime: number;
  ctime: number;
  sleepers: Sleeper[];
}

/** What a look at an array of operations finds. */
type Outcome =
  | { kind: "ready"; values: Map<number, number>; adjust: Map<number, number> }
  | { kind: "blocked"; at: number }
  | { kind: "failed"; errno: number };

const alters = (ops: readonly Op[]) => ops.some(({ op }) => op !== 0);

export class SemModel {
  readonly limits: Limits;
  readonly sets = new Map<number, ModelSet>();
  /** `pid/semid` in order of first use, to semaphore number to adjustment. */
  readonly undo = new Map<string, Map<number, number>>();
  now = 1000;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  get semaphores(): number {
    return [...this.sets.values()].reduce((sum, { values }) => sum + values.length, 0);
  }

  get undoEntries(): number {
    return [...this.undo.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** An errno, the id of the set that exists, or null: a new set, which publish() makes. */
  get(who: Who, key: number, nsems: number, flags: number): number | null {
    if (nsems < 0 || nsems > this.limits.SEMMSL) return -EINVAL;
    const found = [...this.sets.values()].find(({ perm }) => key !== 0 && perm.key === key);
    if (found !== undefined) {
      if ((flags & IPC_CREAT) !== 0 && (flags & IPC_EXCL) !== 0) return -EEXIST;
      if (nsems > found.values.length) return -EINVAL;
      return permits(who, found.perm, flags) ? found.id : -EACCES;
    }
    if (key !== 0 && (flags & IPC_CREAT) === 0) return -ENOENT;
    if (nsems === 0) return -EINVAL;
    const full = this.sets.size === this.limits.SEMMNI;
    return full || this.semaphores + nsems > this.limits.SEMMNS ? -ENOSPC : null;
  }

  publish(who: Who, id: number, key: number, nsems: number, flags: number): void {
    const zeros = () => Array<number>(nsems).fill(0);
    const perm = newPerm(who, key, flags);
    const times = { otime: 0, ctime: this.now };
    this.sets.set(id, { id, perm, values: zeros(), pids: zeros(), ...times, sleepers: [] });
  }

  semop(who: Who, id: number, ops: readonly Op[], wake: (result: number) => void): number {
    if (ops.length < 1 || id < 0) return -EINVAL;
    if (ops.length > this.limits.SEMOPM) return -E2BIG;
    const set = this.sets.get(id);
    if (set === undefined) return -EINVAL;
    if (ops.some(({ num }) => num >= set.values.length)) return -EFBIG;
    if (!permits(who, set.perm, alters(ops) ? WRITE : READ)) return -EACCES;
    for (const { num, flg } of ops) {
      if ((flg & SEM_UNDO) !== 0 && !this.#ensure(who.pid, id, num)) return -ENOMEM;
    }
    const outcome = this.#look(set, who.pid, ops);
    if (outcome.kind === "failed") return -outcome.errno;
    if (outcome.kind === "blocked") {
      set.sleepers.push({ pid: who.pid, ops, wake });
      return -EWAIT;
    }
    this.#apply(set, who.pid, ops, outcome);
    this.#serve(set);
    return 0;
  }

  #ensure(pid: number, id: number, num: number): boolean {
    const key = `${pid}/${id}`;
    if (this.undo.get(key)?.has(num)) return true;
    if (this.undoEntries === this.limits.SEMMNU) return false;
    const vector = this.undo.get(key) ?? new Map<number, number>();
    this.undo.set(key, vector.set(num, 0));
    return true;
  }

  #look(set: ModelSet, pid: number, ops: readonly Op[]): Outcome {
    const vector = this.undo.get(`${pid}/${set.id}`);
    const values = new Map<number, number>();
    const adjust = new Map<number, number>();
    for (const [at, { num, op, flg }] of ops.entries()) {
      const before = values.get(num) ?? set.values[num]!;
      if (before + op < 0 || (op === 0 && before !== 0)) {
        if ((flg & IPC_NOWAIT) !== 0) return { kind: "failed", errno: EAGAIN };
        return { kind: "blocked", at };
      }
      if (before + op > this.limits.SEMVMX) return { kind: "failed", errno: ERANGE };
      if ((flg & SEM_UNDO) !== 0) {
        const adj = (adjust.get(num) ?? vector?.get(num) ?? 0) - op;
        if (adj < -32768 || adj > 32767) return { kind: "failed", errno: ERANGE };
        adjust.set(num, adj);
      }
      values.set(num, before + op);
    }
    return { kind: "ready", values, adjust };
  }

  #apply(set: ModelSet, pid: number, ops: readonly Op[], outcome: Outcome): void {
    if (outcome.kind !== "ready") return;
    for (const [num, value] of outcome.values) set.values[num] = value;
    for (const { num } of ops) set.pids[num] = pid;
    for (const [num, adj] of outcome.adjust) this.undo.get(`${pid}/${set.id}`)!.set(num, adj);
    set.otime = this.now;
  }

  /** Serves one sleeper if it can go on or must fail. */
  #try(set: ModelSet, sleeper: Sleeper): boolean {
    const outcome = this.#look(set, sleeper.pid, sleeper.ops);
    if (outcome.kind === "blocked") return false;
    set.sleepers = set.sleepers.filter((other) => other !== sleeper);
    this.#apply(set, sleeper.pid, sleeper.ops, outcome);
    sleeper.wake(outcome.kind === "ready" ? 0 : -outcome.errno);
    return true;
  }

  #serveZero(set: ModelSet): void {
    const waiters = set.sleepers.filter(({ ops }) => !alters(ops));
    for (const sleeper of waiters) if (sleeper.ops.length === 1) this.#try(set, sleeper);
    for (const sleeper of waiters) if (sleeper.ops.length > 1) this.#try(set, sleeper);
  }

  #serve(set: ModelSet): void {
    this.#serveZero(set);
    for (;;) {
      const sleeper = set.sleepers.find(
        ({ pid, ops }) => alters(ops) && this.#look(set, pid, ops).kind !== "blocked",
      );
      if (sleeper === undefined) return;
      this.#try(set, sleeper);
      this.#serveZero(set);
    }
  }

  /** A wait ends without service. */
  forget(wake: (result: number) => void): void {
    for (const set of this.sets.values()) {
      set.sleepers = set.sleepers.filter((sleeper) => sleeper.wake !== wake);
    }
  }

  /** GETNCNT or GETZCNT: sleepers whose blocking operation is on `num`. */
  count(set: ModelSet, num: number, zero: boolean): number {
    return set.sleepers.filter(({ pid, ops }) => {
      const outcome = this.#look(set, pid, ops);
      if (outcome.kind !== "blocked") return false;
      const op = ops[outcome.at]!;
      return op.num === num && (op.op === 0) === zero;
    }).length;
  }

  setval(who: Who, id: number, num: number, value: number): number {
    if (id < 0) return -EINVAL;
    if (value < 0 || value > this.limits.SEMVMX) return -ERANGE;
    const set = this.sets.get(id);
    if (set === undefined || num < 0 || num >= set.values.length) return -EINVAL;
    if (!permits(who, set.perm, WRITE)) return -EACCES;
    for (const [key, vector] of this.undo) {
      if (key.endsWith(`/${id}`) && vector.has(num)) vector.set(num, 0);
    }
    set.values[num] = value;
    set.pids[num] = who.pid;
    set.ctime = this.now;
    this.#serve(set);
    return 0;
  }

  setall(who: Who, id: number, values: readonly number[]): number {
    const set = this.sets.get(id);
    if (set === undefined) return -EINVAL;
    if (!permits(who, set.perm, WRITE)) return -EACCES;
    const wanted = values.slice(0, set.values.length);
    if (wanted.some((value) => value > this.limits.SEMVMX)) return -ERANGE;
    for (const [key, vector] of this.undo) {
      if (key.endsWith(`/${id}`)) for (const num of vector.keys()) vector.set(num, 0);
    }
    set.values = [...wanted];
    set.pids = wanted.map(() => who.pid);
    set.ctime = this.now;
    this.#serve(set);
    return 0;
  }

  /** GETVAL and the like: whether the answer may be given. */
  read(who: Who, id: number, num: number): number {
    const set = this.sets.get(id);
    if (set === undefined) return -EINVAL;
    if (!permits(who, set.perm, READ)) return -EACCES;
    return num < 0 || num >= set.values.length ? -EINVAL : 0;
  }

  set(who: Who, id: number, uid: number, gid: number, mode: number): number {
    const set = this.sets.get(id);
    if (set === undefined) return -EINVAL;
    if (!owns(who, set.perm)) return -EPERM;
    if (uid === -1 || gid === -1) return -EINVAL;
    set.perm = { ...set.perm, uid, gid, mode: mode & 0o777 };
    set.ctime = this.now;
    return 0;
  }

  remove(who: Who, id: number): number {
    const set = this.sets.get(id);
    if (set === undefined) return -EINVAL;
    if (!owns(who, set.perm)) return -EPERM;
    this.sets.delete(id);
    for (const key of [...this.undo.keys()]) if (key.endsWith(`/${id}`)) this.undo.delete(key);
    for (const sleeper of set.sleepers) sleeper.wake(-EIDRM);
    return 0;
  }

  /** exit(3): the sets used last go first; values stay within 0 and SEMVMX. */
  exit(pid: number): void {
    const own = [...this.undo].filter(([key]) => key.startsWith(`${pid}/`)).reverse();
    for (const [key, vector] of own) {
      this.undo.delete(key);
      const set = this.sets.get(Number(key.slice(key.indexOf("/") + 1)));
      if (set === undefined) continue;
      for (const [num, adj] of vector) {
        if (adj === 0) continue;
        set.values[num] = Math.max(0, Math.min(set.values[num]! + adj, this.limits.SEMVMX));
        set.pids[num] = pid;
      }
      set.otime = this.now;
      this.#serve(set);
    }
  }
}
