/**
 * System V shared memory in plain TypeScript, after shmget(2), shmop(2) and shmctl(2). SHM_REMAP
 * cuts what it covers as Linux's mmap(MAP_FIXED) does; shmdt takes what is left of the attachment
 * whose lowest piece it names.
 */
import { EACCES, EEXIST, EINVAL, ENOENT, ENOMEM, ENOSPC, EPERM } from "../../assembly/abi/errno.ts";
import { IPC_CREAT, IPC_EXCL } from "../../assembly/abi/ipc.ts";
import { PAGE_SIZE } from "../../assembly/abi/limits.ts";
import {
  SHM_DEST,
  SHM_EXEC,
  SHM_LOCKED,
  SHM_RDONLY,
  SHM_REMAP,
  SHM_RND,
} from "../../assembly/abi/shm.ts";
import type { Limits } from "../support/machine.ts";
import type { Perm } from "../support/machine-structs.ts";
import { PageModel } from "./page-model.ts";
import { newPerm, owns, permits } from "./perm-model.ts";
import type { Who } from "./sem-model.ts";

export interface ModelSegment {
  readonly id: number;
  perm: Perm;
  readonly size: number;
  readonly first: number;
  nattch: number;
  readonly cpid: number;
  lpid: number;
  atime: number;
  dtime: number;
  ctime: number;
}

/** One range of one attachment. */
export interface Piece {
  readonly pid: number;
  readonly segment: ModelSegment;
  readonly serial: number;
  readonly base: number;
  addr: number;
  size: number;
}

/** Addresses end below this. */
const ADDRESS_END = 0x7ffff000;

export const pagesOf = (size: number) => Math.ceil(size / PAGE_SIZE);

export class ShmModel {
  readonly limits: Limits;
  readonly pages: PageModel;
  readonly segments = new Map<number, ModelSegment>();
  /** The machine's table of attachments, as wide as SHMSEG. */
  readonly pieces: (Piece | null)[];
  now = 1000;
  #serial = 0;

  constructor(limits: Limits, frames: number) {
    this.limits = limits;
    this.pages = new PageModel(frames);
    this.pieces = Array<Piece | null>(limits.SHMSEG).fill(null);
  }

  get total(): number {
    return [...this.segments.values()].reduce((sum, { size }) => sum + pagesOf(size), 0);
  }

  /** An errno, the id of the segment that exists, or the first frame of a new one for publish(). */
  get(who: Who, key: number, size: number, flags: number): number | { first: number } {
    const found = [...this.segments.values()].find(({ perm }) => key !== 0 && perm.key === key);
    if (found !== undefined) {
      if ((flags & IPC_CREAT) !== 0 && (flags & IPC_EXCL) !== 0) return -EEXIST;
      if (size > found.size || size < 0) return -EINVAL;
      return permits(who, found.perm, flags) ? found.id : -EACCES;
    }
    if (key !== 0 && (flags & IPC_CREAT) === 0) return -ENOENT;
    if (size < 1 || size > this.limits.SHMMAX) return -EINVAL;
    if (this.total + pagesOf(size) > this.limits.SHMALL) return -ENOSPC;
    const first = this.pages.take(pagesOf(size));
    if (first === null) return -ENOMEM;
    if (this.segments.size < this.limits.SHMMNI) return { first };
    this.pages.give(first, pagesOf(size));
    return -ENOSPC;
  }

  publish(who: Who, id: number, key: number, size: number, flags: number, first: number): void {
    const times = { atime: 0, dtime: 0, ctime: this.now };
    const perm = newPerm(who, key, flags);
    const segment = { id, perm, size, first, nattch: 0, cpid: who.pid, lpid: 0, ...times };
    this.segments.set(id, segment);
  }

  ofProcess(pid: number): Piece[] {
    return this.pieces.filter((piece) => piece?.pid === pid) as Piece[];
  }

  /** Whether the address would lie over something of the process. */
  occupied(pid: number, addr: number, size: number): boolean {
    return this.#overlap(pid, addr, size) !== -1;
  }

  #overlap(pid: number, addr: number, size: number): number {
    return this.pieces.findIndex(
      (piece) => piece?.pid === pid && addr < piece.addr + piece.size && piece.addr < addr + size,
    );
  }

  /** An errno, or where it may go: 0 for anywhere. attach() then does it. */
  at(who: Who, id: number, shmaddr: number, flags: number): number {
    let addr = shmaddr;
    if (addr % PAGE_SIZE !== 0) {
      if ((flags & SHM_RND) === 0) return -EINVAL;
      addr -= addr % PAGE_SIZE;
    }
    if (addr === 0 && (flags & SHM_REMAP) !== 0) return -EINVAL;
    const segment = this.segments.get(id);
    if (segment === undefined) return -EINVAL;
    const write = (flags & SHM_RDONLY) === 0 ? 0o222 : 0;
    const execute = (flags & SHM_EXEC) !== 0 ? 0o111 : 0;
    if (!permits(who, segment.perm, 0o444 | write | execute)) return -EACCES;
    const own = this.pieces.indexOf(null);
    if (own === -1) return -ENOMEM;
    if (addr === 0) return 0;
    const size = pagesOf(segment.size) * PAGE_SIZE;
    if (addr + size > ADDRESS_END) return -EINVAL;
    if ((flags & SHM_REMAP) === 0) return this.occupied(who.pid, addr, size) ? -EINVAL : addr;
    return this.#clear(who, addr, size, own, segment) ? addr : -ENOMEM;
  }

  attach(who: Who, id: number, addr: number): void {
    const segment = this.segments.get(id)!;
    const size = pagesOf(segment.size) * PAGE_SIZE;
    this.#serial += 1;
    const piece = { pid: who.pid, segment, serial: this.#serial, base: addr, addr, size };
    this.pieces[this.pieces.indexOf(null)] = piece;
    segment.nattch += 1;
    segment.lpid = who.pid;
    segment.atime = this.now;
  }

  /** Makes room; false when the rest of a split has no place in the table. */
  #clear(who: Who, addr: number, size: number, own: number, keep: ModelSegment): boolean {
    // The new attachment's place is taken from the start.
    const taken = { pid: -1, addr: 0, size: 0 } as Piece;
    this.pieces[own] = taken;
    for (;;) {
      const index = this.#overlap(who.pid, addr, size);
      const piece = this.pieces[index];
      if (piece == null) break;
      const end = piece.addr + piece.size;
      const rest = { ...piece, addr: addr + size, size: end - addr - size };
      if (piece.addr < addr && rest.size > 0) {
        const place = this.pieces.indexOf(null);
        if (place === -1) {
          this.pieces[own] = null;
          return false;
        }
        this.pieces[place] = rest;
        piece.segment.nattch += 1;
        piece.size = addr - piece.addr;
      } else if (piece.addr < addr) {
        piece.size = addr - piece.addr;
      } else if (rest.size > 0) {
        piece.addr = rest.addr;
        piece.size = rest.size;
      } else {
        this.#drop(index, keep);
        continue;
      }
      // Linux splits its mapping, which counts as an attach, and unmaps a part, which is a detach.
      piece.segment.atime = this.now;
      piece.segment.dtime = this.now;
      piece.segment.lpid = who.pid;
    }
    this.pieces[own] = null;
    return true;
  }

  #drop(index: number, keep?: ModelSegment): void {
    const { segment, pid } = this.pieces[index]!;
    this.pieces[index] = null;
    segment.nattch -= 1;
    segment.lpid = pid;
    segment.dtime = this.now;
    const marked = (segment.perm.mode & SHM_DEST) !== 0;
    if (segment.nattch === 0 && marked && segment !== keep) this.#destroy(segment);
  }

  #destroy(segment: ModelSegment): void {
    this.segments.delete(segment.id);
    this.pages.give(segment.first, pagesOf(segment.size));
  }

  detach(who: Who, addr: number): number {
    const named = this.ofProcess(who.pid).filter(({ base }) => base === addr);
    const lowest = named.sort((left, right) => left.addr - right.addr)[0];
    if (addr <= 0 || addr % PAGE_SIZE !== 0 || lowest === undefined) return -EINVAL;
    for (const [index, piece] of this.pieces.entries()) {
      if (piece?.pid === who.pid && piece.serial === lowest.serial) this.#drop(index);
    }
    return 0;
  }

  exit(pid: number): void {
    for (let index = this.pieces.length - 1; index >= 0; index--) {
      if (this.pieces[index]?.pid === pid) this.#drop(index);
    }
  }

  remove(who: Who, id: number): number {
    const segment = this.segments.get(id);
    if (segment === undefined) return -EINVAL;
    if (!owns(who, segment.perm)) return -EPERM;
    segment.perm = { ...segment.perm, key: 0, mode: segment.perm.mode | SHM_DEST };
    if (segment.nattch === 0) this.#destroy(segment);
    return 0;
  }

  set(who: Who, id: number, owner: readonly [number, number], mode: number): number {
    const segment = this.segments.get(id);
    if (segment === undefined) return -EINVAL;
    if (!owns(who, segment.perm)) return -EPERM;
    const [uid, gid] = owner;
    if (uid === -1 || gid === -1) return -EINVAL;
    const bits = (segment.perm.mode & ~0o777) | (mode & 0o777);
    segment.perm = { ...segment.perm, uid, gid, mode: bits };
    segment.ctime = this.now;
    return 0;
  }

  pin(who: Who, id: number, locks: boolean): number {
    const segment = this.segments.get(id);
    if (segment === undefined) return -EINVAL;
    if (!owns(who, segment.perm)) return -EPERM;
    const { mode } = segment.perm;
    segment.perm = { ...segment.perm, mode: locks ? mode | SHM_LOCKED : mode & ~SHM_LOCKED };
    return 0;
  }
}
