/** Shorthands for rows about locks on files. */
import {
  F_GETLK,
  F_RDLCK,
  F_SETLK,
  F_SETLKW,
  F_UNLCK,
  F_WRLCK,
  O_CREAT,
  O_RDWR,
} from "../../assembly/abi/fcntl.ts";
import { SEEK_SET } from "../../assembly/abi/unistd.ts";
import type { Flock } from "../../host/contract-locks.ts";
import { equal } from "./check.ts";
import { family, type Pipe, type ProcOf } from "./objects-files.ts";
import type { Proc, World } from "./row.ts";

/** What F_GETLK says of a range that nobody else has locked, as it was asked. */
export const FREE = null;

/** `[type, start, length, pid]` of a lock, or FREE. */
export type Seen = [type: number, start: number, len: number, pid: number] | null;

/**
 * A process and the descriptors through which it locks one file: one for reading, one for writing,
 * which are the same for a file that is open for both.
 */
export class Locker {
  readonly p: Proc;
  readonly r: number;
  readonly w: number;

  constructor(p: Proc, [r, w]: Pipe) {
    this.p = p;
    this.r = r;
    this.w = w;
  }

  #fd(type: number): number {
    return type === F_RDLCK ? this.r : this.w;
  }

  set(type: number, l_start: number, l_len: number, cmd: number = F_SETLK): Promise<number> {
    return this.p.do("fcntl", this.#fd(type), cmd, { l_type: type, l_start, l_len });
  }

  read(start = 0, len = 0): Promise<number> {
    return this.set(F_RDLCK, start, len);
  }

  write(start = 0, len = 0): Promise<number> {
    return this.set(F_WRLCK, start, len);
  }

  unlock(start = 0, len = 0): Promise<number> {
    return this.set(F_UNLCK, start, len);
  }

  /** F_SETLKW of what sleeps. */
  async wait(
    type: number,
    l_start = 0,
    l_len = 0,
    count = 1,
  ): Promise<{ result: Promise<number> }> {
    const lock: Flock = { l_type: type, l_start, l_len };
    const result = this.p.start("fcntl", this.#fd(type), F_SETLKW, lock);
    await this.p.asleep(count);
    return { result };
  }

  /** What is in the way of a lock of the whole file, or of a part. */
  async get(type: number, l_start = 0, l_len = 0, cmd: number = F_GETLK): Promise<Seen> {
    const asked: Flock = { l_type: type, l_start, l_len };
    const got: Required<Flock> = await this.p.do("fcntl", this.#fd(type), cmd, asked);
    equal(got.l_whence, SEEK_SET, "l_whence");
    if (got.l_type !== F_UNLCK) return [got.l_type, got.l_start, got.l_len, got.l_pid];
    equal([got.l_start, got.l_len, got.l_pid], [l_start, l_len, 0], "what was asked");
    return FREE;
  }

  /** All that others hold, in the order of bytes, up to byte `end`. */
  async held(end = 1000): Promise<Seen[]> {
    const seen: Seen[] = [];
    for (let at = 0; at < end; ) {
      const next = await this.#first(at, end);
      if (next === FREE) break;
      seen.push(next);
      if (next[2] === 0) break;
      at = next[1] + next[2];
    }
    return seen;
  }

  /** F_GETLK gives any lock in the range: the first one is that with nothing before it. */
  async #first(at: number, end: number): Promise<Seen> {
    let found: Seen = FREE;
    for (let until = end; until > at; until = Math.max(found[1], at)) {
      const next: Seen = await this.get(F_WRLCK, at, until - at);
      if (next === FREE) break;
      found = next;
      if (found[1] <= at) break;
    }
    return found;
  }
}

/** A parent and `count` children that share the descriptors of a new pipe, as lockers of it. */
export async function pipeLockers(proc: ProcOf, count: number): Promise<Locker[]> {
  const { parent, pipe, kids } = await family(proc, count);
  return [parent, ...kids].map((p) => new Locker(p, pipe));
}

/** Opens a file, for reading and writing unless told otherwise; makes it when it is not there. */
export function openFile(p: Proc, path: string, flags: number = O_RDWR): Promise<number> {
  return p.do("open", path, flags | O_CREAT, 0o666);
}

/** Processes that have opened one new file, each for itself. */
export async function fileLockers(
  { proc, folder }: World,
  count: number,
): Promise<{ lockers: Locker[]; path: string }> {
  const path = `${await folder()}/file`;
  const lockers: Locker[] = [];
  for (let i = 0; i < count; i++) {
    const p = await proc(i === 0 ? {} : { fresh: true });
    const fd = await openFile(p, path);
    lockers.push(new Locker(p, [fd, fd]));
  }
  return { lockers, path };
}
