/** What locks on one file do, plainly: an array of bytes for each owner, and who waits in which order. */
import { EAGAIN, EDEADLK, ENOLCK, EWAIT } from "../../assembly/abi/errno.ts";
import { F_RDLCK, F_UNLCK, F_WRLCK } from "../../assembly/abi/fcntl.ts";

/** Bytes that have a place of their own; the last place stands for all bytes from there on. */
export const BYTES = 12;

export type Kind = "proc" | "file" | "flock";

/** What is asked for: bytes `from` to `to`, both included; BYTES is the end of every file. */
export interface Wish {
  readonly kind: Kind;
  /** A process or a description, by a name of its own. */
  readonly owner: string;
  readonly type: number;
  readonly from: number;
  readonly to: number;
}

export interface Seen {
  readonly kind: Kind;
  readonly owner: string;
  readonly type: number;
  readonly from: number;
  readonly to: number;
}

interface Waiting extends Wish {
  readonly done: (result: number) => void;
}

type Bytes = number[];

const key = ({ kind, owner }: Wish) => `${kind} ${owner}`;
const overlap = (a: Wish, b: Wish) => a.from <= b.to && b.from <= a.to;

/** The locks that an owner's bytes are. */
function runs(bytes: Bytes): { type: number; from: number; to: number }[] {
  const found: { type: number; from: number; to: number }[] = [];
  for (const [index, type] of bytes.entries()) {
    const last = found.at(-1);
    if (type === F_UNLCK) continue;
    if (last?.type === type && last.to === index - 1) last.to = index;
    else found.push({ type, from: index, to: index });
  }
  return found;
}

export class LockModel {
  readonly #max: number;
  /** In the order of each owner's first lock. */
  readonly #held = new Map<string, { kind: Kind; owner: string; bytes: Bytes }>();
  #waiting: Waiting[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  /** All locks, in the order in which F_GETLK looks at them. */
  #locks(): Seen[] {
    return [...this.#held.values()].flatMap(({ kind, owner, bytes }) =>
      runs(bytes).map((run) => ({ kind, owner, ...run })),
    );
  }

  #blockers(wish: Wish): Seen[] {
    return this.#locks().filter(
      (lock) =>
        key(lock) !== key(wish) &&
        (lock.kind === "flock") === (wish.kind === "flock") &&
        wish.type !== F_UNLCK &&
        overlap(lock, wish) &&
        (lock.type === F_WRLCK || wish.type === F_WRLCK),
    );
  }

  /** F_GETLK. */
  get(wish: Wish): Seen | undefined {
    return this.#blockers(wish)[0];
  }

  /** F_OFD_GETLK of F_UNLCK. */
  own(wish: Wish): Seen | undefined {
    return this.#locks().find((lock) => key(lock) === key(wish) && overlap(lock, wish));
  }

  /** Takes, changes or gives up; without `done` it does not wait. */
  set(wish: Wish, done?: (result: number) => void): number {
    if (this.#blockers(wish).length === 0) {
      const result = this.#apply(wish);
      this.#serve();
      return result;
    }
    if (wish.kind === "flock") this.#forgetOwner(wish);
    if (done === undefined) return -EAGAIN;
    if (wish.kind === "proc" && this.#isDeadlock(wish)) return -EDEADLK;
    this.#waiting.push({ ...wish, done });
    return -EWAIT;
  }

  #apply(wish: Wish): number {
    const before = this.#held.get(key(wish));
    const bytes = [...(before?.bytes ?? Array<number>(BYTES + 1).fill(F_UNLCK))];
    bytes.fill(wish.type, wish.from, wish.to + 1);
    const others = this.#locks().filter((lock) => key(lock) !== key(wish)).length;
    if (others + runs(bytes).length > this.#max) return -ENOLCK;
    if (runs(bytes).length === 0) this.#held.delete(key(wish));
    else if (before !== undefined) before.bytes = bytes;
    else this.#held.set(key(wish), { kind: wish.kind, owner: wish.owner, bytes });
    return 0;
  }

  /** Everybody who waits for nobody any more, one after another. */
  #serve(): void {
    for (;;) {
      const next = this.#waiting.find((each) => this.#blockers(each).length === 0);
      if (next === undefined) return;
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      next.done(this.#apply(next));
    }
  }

  /** Whether a process that is in the way waits, over others, for the process that asks. */
  #isDeadlock(wish: Wish): boolean {
    const seen = new Set<string>();
    const waitsFor = (from: Wish): boolean =>
      this.#blockers(from)
        .filter(({ kind }) => kind === "proc")
        .some(({ owner }) => {
          if (owner === wish.owner) return true;
          if (seen.has(owner)) return false;
          seen.add(owner);
          return this.#waiting.some(
            (each) => each.kind === "proc" && each.owner === owner && waitsFor(each),
          );
        });
    return waitsFor(wish);
  }

  #forgetOwner({ kind, owner }: Pick<Wish, "kind" | "owner">): void {
    this.#held.delete(`${kind} ${owner}`);
    this.#serve();
  }

  /** A descriptor is closed, of a description that ends with it. */
  close(pid: string, file: string): void {
    for (const [kind, owner] of [
      ["proc", pid],
      ["file", file],
      ["flock", file],
    ] as const) {
      this.#held.delete(`${kind} ${owner}`);
    }
    this.#serve();
  }

  /** A process ends: its record locks go before it closes anything. */
  end(pid: string): void {
    this.#forgetOwner({ kind: "proc", owner: pid });
  }

  /** Somebody waits no more. */
  forget(done: (result: number) => void): void {
    this.#waiting = this.#waiting.filter((each) => each.done !== done);
  }
}

export const TYPES: readonly number[] = [F_RDLCK, F_WRLCK, F_UNLCK];
