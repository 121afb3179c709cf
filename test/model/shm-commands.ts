/** The commands of the shared memory model. */
import fc from "fast-check";
import { EINVAL, ELOCK } from "../../assembly/abi/errno.ts";
import { IPC_CREAT, IPC_EXCL, IPC_RMID, IPC_SET, IPC_STAT } from "../../assembly/abi/ipc.ts";
import { SB_REGIONS, SB_WASM_PAGES } from "../../assembly/abi/layout.ts";
import { PAGE_SIZE, WASM_PAGE_SIZE } from "../../assembly/abi/limits.ts";
import {
  SHM_EXEC,
  SHM_INFO,
  SHM_INFO_SHM_TOT,
  SHM_LOCK,
  SHM_RDONLY,
  SHM_REMAP,
  SHM_RND,
  SHM_STAT_ANY,
  SHM_UNLOCK,
} from "../../assembly/abi/shm.ts";
import { type Build, LIMITS, type Limits } from "../support/machine.ts";
import { LOCK_PAGE, LOCK_SHM, withLock } from "../support/machine-locks.ts";
import { readAttach, readShmid, writePerm } from "../support/machine-structs.ts";
import { choice, pick, same } from "./replay.ts";
import type { Who } from "./sem-model.ts";
import { type ModelSegment, pagesOf, ShmModel } from "./shm-model.ts";
import { ENDINGS, OWNERS, type Slot, Stage } from "./stage.ts";

const REGION_PAGE = 15;
const REGION_PAGE_COUNT = 16;
const ROOT_FRAMES = 4;

export interface ShmCommand {
  readonly what: "get" | "at" | "dt" | "remove" | "set" | "pin" | "write" | "end" | "time";
  readonly task: number;
  readonly segment: number;
  readonly size: number;
  readonly pages: number;
  readonly flags: number;
  readonly extra: number;
}

const WHATS: readonly [number, ShmCommand["what"]][] = [
  [8, "get"],
  [12, "at"],
  [5, "dt"],
  [3, "remove"],
  [1, "set"],
  [1, "pin"],
  [2, "write"],
  [1, "end"],
  [1, "time"],
];

export const shmCommand: fc.Arbitrary<ShmCommand> = fc.record({
  what: fc.oneof(...WHATS.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) }))),
  task: choice,
  segment: choice,
  size: fc.oneof(
    fc.constantFrom(0, 1, 4095, 4096, 4097, -1, 8 * PAGE_SIZE),
    fc.nat(6 * PAGE_SIZE),
    fc.nat(90 * PAGE_SIZE),
  ),
  pages: fc.integer({ min: -3, max: 5 }),
  flags: fc.constantFrom(
    ...[0, 0, SHM_REMAP, SHM_REMAP, SHM_REMAP, SHM_RDONLY, SHM_RND, SHM_RND | SHM_REMAP],
    ...[SHM_EXEC, SHM_RDONLY | SHM_REMAP],
  ),
  extra: choice,
});

/** Frames run out before SHMALL does; few attachments fit. */
export const CROWDED: Partial<Limits> = { SHMMNI: 8, SHMALL: 4096, SHMSEG: 5 };

export class ShmPlay {
  readonly stage: Stage;
  readonly model: ShmModel;
  readonly seen: number[] = [];
  /** The byte that a segment is full of. */
  readonly #fill = new WeakMap<ModelSegment, number>();

  constructor(build: Build, limits: Partial<Limits>) {
    this.stage = new Stage(build, limits);
    this.model = new ShmModel({ ...LIMITS, ...limits }, this.#region(REGION_PAGE_COUNT));
    // Those of the root, /dev, /proc and /proc/sysvipc.
    this.model.pages.take(ROOT_FRAMES);
  }

  #region(index: number): number {
    return this.stage.machine.i32[(SB_REGIONS >> 2) + index]!;
  }

  run(commands: readonly ShmCommand[]): void {
    for (const command of commands) {
      this.#step(command);
      this.#compare();
      this.stage.verify();
    }
  }

  #step(command: ShmCommand): void {
    const { what, extra, segment } = command;
    const slot = this.stage.idle(command.task)!;
    const who = { ...slot.actor.who, pid: slot.actor.process.pid };
    const live = [...this.model.segments.keys()];
    const id = pick(segment, extra % 16 === 0 ? this.seen : live) ?? -1;
    const lock = extra % 8 === 1 ? pick(extra >> 3, [LOCK_SHM, LOCK_PAGE])! : 0;
    if (what === "time") {
      this.model.now += 1;
      this.stage.setTime(this.model.now);
    } else if (what === "end") {
      this.model.exit(who.pid);
      this.stage.end(slot, pick(extra, ENDINGS)!, lock);
    } else if (what === "get") this.#get(slot, who, command, lock);
    else if (what === "at") this.#at(slot, who, id, command, lock);
    else if (what === "dt") this.#dt(slot, who, command, lock);
    else if (what === "write") this.#write(id, extra);
    else this.#control(slot, who, id, command, lock);
  }

  /** The call with a busy lock first, if there is one to be busy: it says so, or needs it not. */
  #call(lock: number, call: () => number): number {
    const { machine } = this.stage;
    if (lock === 0) return call();
    const result = withLock(machine, lock, machine.holder, call);
    return result === -ELOCK ? call() : result;
  }

  #get(slot: Slot, who: Who, { size, segment, extra }: ShmCommand, lock: number): void {
    const key = segment % 4;
    const mode = pick(extra, [0o666, 0o600, 0o664, 0o444, 0o060, 0o777])!;
    const flags = mode | pick(extra >> 4, [IPC_CREAT, IPC_CREAT, 0, IPC_CREAT | IPC_EXCL])!;
    const model = this.model.get(who, key, size, flags);
    const kernel = this.#call(lock, () =>
      slot.task.call((exports) => exports.sys_shmget(key, size, flags)),
    );
    if (typeof model === "number") {
      same("shmget", kernel, model);
      return;
    }
    if (kernel < 0 || this.seen.includes(kernel)) throw new Error(`shmget: new id ${kernel}`);
    this.seen.push(kernel);
    this.model.publish(who, kernel, key, size, flags, model.first);
  }

  #address(who: Who, { pages, extra }: ShmCommand): number {
    const end = this.stage.machine.i32[SB_WASM_PAGES >> 2]! * WASM_PAGE_SIZE;
    const bases = this.model.ofProcess(who.pid).map(({ addr }) => addr);
    const base = pick(extra, [...bases, ...bases, 0, end + (64 << 12), 0x7fff0000])!;
    const odd = (extra >> 5) % 8 === 0 ? 123 : 0;
    return base === 0 ? odd : Math.max(0, base + pages * PAGE_SIZE + odd);
  }

  #at(slot: Slot, who: Who, id: number, command: ShmCommand, lock: number): void {
    const { flags } = command;
    const addr = this.#address(who, command);
    // With SHM_REMAP a busy page lock may leave some pieces detached already.
    const busy = (flags & SHM_REMAP) !== 0 && lock === LOCK_PAGE ? LOCK_SHM : lock;
    const segment = this.model.segments.get(id);
    const place = segment === undefined ? 0 : this.#placeOf(segment);
    const size = segment === undefined ? 0 : pagesOf(segment.size) * PAGE_SIZE;
    const model = this.model.at(who, id, addr, flags);
    const free = model === 0 && !this.model.occupied(who.pid, place, size);
    const kernel = this.#call(busy, () =>
      slot.task.call((exports) => exports.sys_shmat(id, addr, flags)),
    );
    if (model === 0) {
      if (kernel <= 0 || kernel % PAGE_SIZE !== 0) throw new Error(`shmat: address ${kernel}`);
      if (this.model.occupied(who.pid, kernel, size)) throw new Error("shmat: occupied address");
      if (free) same("shmat at its own place", kernel, place);
    } else {
      same("shmat", kernel, model);
    }
    if (kernel < 0 || segment === undefined) return;
    this.model.attach(who, id, kernel);
    same("the bytes", readAttach(slot.task), { offset: place, size: segment.size });
    this.#look(segment);
  }

  #placeOf({ first }: ModelSegment): number {
    return this.#region(REGION_PAGE) + first * PAGE_SIZE;
  }

  #bytes(segment: ModelSegment): Uint8Array {
    const place = this.#placeOf(segment);
    return this.stage.machine.u8.subarray(place, place + pagesOf(segment.size) * PAGE_SIZE);
  }

  /** New segments are zero, and nobody else writes to what one was filled with. */
  #look(segment: ModelSegment): void {
    const fill = this.#fill.get(segment) ?? 0;
    const wrong = this.#bytes(segment).findIndex((byte) => byte !== fill);
    if (wrong !== -1) throw new Error(`byte ${wrong} of segment ${segment.id} is not ${fill}`);
  }

  #write(id: number, extra: number): void {
    const segment = this.model.segments.get(id);
    if (segment === undefined || segment.nattch === 0) return;
    this.#look(segment);
    this.#bytes(segment).fill(extra & 0xff);
    this.#fill.set(segment, extra & 0xff);
  }

  #dt(slot: Slot, who: Who, { segment, pages, extra }: ShmCommand, lock: number): void {
    const bases = this.model.ofProcess(who.pid).map(({ base }) => base);
    const wrong = extra % 8 === 0 ? pages * PAGE_SIZE + (extra % 3) : 0;
    const addr = (pick(segment, bases) ?? 4096) + wrong;
    const model = this.model.detach(who, addr);
    const kernel = this.#call(lock, () => slot.task.call((exports) => exports.sys_shmdt(addr)));
    same("shmdt", kernel, model);
  }

  #control(slot: Slot, who: Who, id: number, command: ShmCommand, lock: number): void {
    const { what, extra, pages } = command;
    const call = (cmd: number) =>
      this.#call(lock, () => slot.task.call((kernel) => kernel.sys_shmctl(id, cmd)));
    if (what === "remove") {
      const model = this.model.remove(who, id);
      same("IPC_RMID", call(IPC_RMID), model);
    } else if (what === "pin") {
      const model = this.model.pin(who, id, pages > 0);
      same("SHM_LOCK", call(pages > 0 ? SHM_LOCK : SHM_UNLOCK), model);
    } else {
      const [uid, gid] = pick(extra, OWNERS)!;
      const mode = pick(extra >> 3, [0o666, 0o600, 0o640, 0o020, 0o444, 0o777])!;
      writePerm(slot.task, uid, gid, mode);
      const model = this.model.set(who, id, [uid, gid], mode);
      same("IPC_SET", call(IPC_SET), model);
    }
  }

  /** Everything that shmctl(2) shows to root, against the model. */
  #compare(): void {
    const { root } = this.stage.machine;
    const { segments } = this.model;
    for (const { id, perm, size, nattch, cpid, lpid, atime, dtime, ctime } of segments.values()) {
      same(
        "IPC_STAT",
        root.call((kernel) => kernel.sys_shmctl(id, IPC_STAT)),
        0,
      );
      const wanted = { perm, size, atime, dtime, ctime, cpid, lpid, nattch };
      same("shmid_ds", readShmid(root), wanted);
      const byIndex = root.call((kernel) => kernel.sys_shmctl(id & 0x7fff, SHM_STAT_ANY));
      same("SHM_STAT_ANY", byIndex, id);
    }
    for (const id of this.seen.slice(-6)) {
      if (segments.has(id)) continue;
      const stale = root.call((kernel) => kernel.sys_shmctl(id, IPC_STAT));
      same("a stale id", stale, -EINVAL);
    }
    const high = Math.max(0, ...[...segments.keys()].map((id) => id & 0x7fff));
    same(
      "SHM_INFO",
      root.call((kernel) => kernel.sys_shmctl(0, SHM_INFO)),
      high,
    );
    const pages = root.machine.view.getInt32(root.transfer + SHM_INFO_SHM_TOT, true);
    same("pages", pages, this.model.total);
  }
}
