/**
 * Where segments are attached: inside shared WebAssembly memories, because only there does
 * JavaScript see foreign pages as a SharedArrayBuffer (Atomics work, posting shares, and a touch
 * after shmdt() reads zeros instead of killing the process). An arena is ordinary anonymous memory;
 * a segment is put over part of it with SHM_REMAP and, at the end, anonymous memory over the segment
 * again, in one step each, so no other thread of the process can map anything into a hole.
 *
 * Addresses are those of the process. Each thread has arenas of its own and detaches what it attached.
 * See shmop(2), mmap(2).
 */
import { EINVAL, ENOMEM } from "../../assembly/abi/errno.ts";
import { WASM_PAGE_SIZE } from "../../assembly/abi/limits.ts";
import { SHM_REMAP, SHM_RND } from "../../assembly/abi/shm.ts";
import { SegmentAttachment } from "../attachment.ts";
import { SystemError } from "../errno.ts";
import type { Libc } from "./libc.ts";

const ARENA_SIZE = 64 * 1024 * 1024;
const ARENA_SIZE_MAX = 65536 * WASM_PAGE_SIZE;
const SC_PAGESIZE = 30;
const PROT_READ_WRITE = 3;
/** MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE */
const MAP_OVER = 0x02 | 0x10 | 0x20 | 0x4000;

interface Arena {
  buffer: SharedArrayBuffer;
  start: number;
  end: number;
}

/** An attachment and the addresses [start, end) that it was given. */
interface Mapping {
  start: number;
  end: number;
  attachment: SegmentAttachment;
}

export class AddressSpace {
  readonly #libc: Libc;
  readonly #pageSize: number;
  readonly #arenas: Arena[] = [];
  /** The newest first: of two at one address the later one is detached first. */
  #mappings: Mapping[] = [];

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#pageSize = libc.sysconf(SC_PAGESIZE);
  }

  /**
   * shmat() of a segment of `size` bytes; `addr` is 0 for any place.
   * @throws {SystemError} also EINVAL for an address outside of the memory that JavaScript can see.
   */
  attach(shmid: number, size: number, addr: number, shmflg: number): SegmentAttachment {
    const length = Math.ceil(size / this.#pageSize) * this.#pageSize;
    if (addr === 0) {
      // EINVAL: SHM_REMAP needs an address; the kernel says so itself.
      if (shmflg & SHM_REMAP) return this.#refused(shmid, 0, shmflg);
      return this.#map(shmid, size, this.#place(length), length, shmflg);
    }
    const start = shmflg & SHM_RND ? addr - (addr % this.#pageSize) : addr;
    const end = start + length;
    const arena = this.#arenas.find((each) => start >= each.start && end <= each.end);
    if (start % this.#pageSize !== 0) return this.#refused(shmid, addr, shmflg);
    if (arena === undefined) {
      throw new SystemError(EINVAL, "shmat", "only an address that shmat() once gave is usable");
    }
    const occupied = this.#mappings.some((each) => each.start < end && start < each.end);
    // EINVAL: the place is taken; to the kernel it always is, by the arena.
    if (occupied && !(shmflg & SHM_REMAP)) return this.#refused(shmid, start, shmflg);
    return this.#map(shmid, size, start, length, shmflg);
  }

  /** shmdt(). */
  detach(addr: number): void {
    const index = this.#mappings.findIndex((each) => each.start === addr);
    if (index < 0) {
      const result = this.#libc.shmdt(addr);
      if (result < 0) throw new SystemError(-result, "shmdt");
      return;
    }
    const [mapping] = this.#mappings.splice(index, 1) as [Mapping];
    mapping.attachment.detached();
    let gaps = [{ start: mapping.start, end: mapping.end }];
    for (const other of this.#mappings) {
      gaps = gaps.flatMap((gap) => without(gap, other));
    }
    for (const gap of gaps) this.#clear(gap.start, gap.end);
  }

  /** Lets the kernel refuse what it always refuses. */
  #refused(shmid: number, addr: number, shmflg: number): never {
    const result = this.#libc.shmat(shmid, addr, shmflg);
    if (result >= 0) throw new Error(`shmat: the kernel attached segment ${shmid} at ${addr}`);
    throw new SystemError(-result, "shmat");
  }

  #map(
    shmid: number,
    size: number,
    start: number,
    length: number,
    shmflg: number,
  ): SegmentAttachment {
    const result = this.#libc.shmat(shmid, start, (shmflg & ~SHM_RND) | SHM_REMAP);
    const end = start + length;
    if (result < 0) throw new SystemError(-result, "shmat");
    // What lies wholly below the new segment is unmapped by the kernel, so it is detached.
    this.#mappings = this.#mappings.filter((each) => {
      const covered = each.start >= start && each.end <= end;
      if (covered) each.attachment.detached();
      return !covered;
    });
    const arena = this.#arenas.find((each) => start >= each.start && end <= each.end)!;
    const offset = start - arena.start;
    const attachment = new SegmentAttachment(start, shmid, arena.buffer, offset, size);
    this.#mappings.unshift({ start, end, attachment });
    return attachment;
  }

  /** A free place for `length` bytes: the first that fits, or a new arena. */
  #place(length: number): number {
    const taken = [...this.#mappings].sort((a, b) => a.start - b.start);
    for (const arena of this.#arenas) {
      let start = arena.start;
      for (const each of taken) {
        if (each.end <= start || each.start >= arena.end) continue;
        if (each.start - start >= length) break;
        start = each.end;
      }
      if (start + length <= arena.end) return start;
    }
    return this.#grow(length).start;
  }

  #grow(length: number): Arena {
    const size = Math.max(ARENA_SIZE, Math.ceil(length / WASM_PAGE_SIZE) * WASM_PAGE_SIZE);
    // ENOMEM: no address space that JavaScript could see.
    if (size > ARENA_SIZE_MAX) throw new SystemError(ENOMEM, "shmat");
    const pages = size / WASM_PAGE_SIZE;
    let buffer: SharedArrayBuffer;
    try {
      const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
      buffer = memory.buffer as unknown as SharedArrayBuffer;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new SystemError(ENOMEM, "shmat", error.message);
    }
    const start = this.#libc.addressOf(new Uint8Array(buffer));
    const arena = { buffer, start, end: start + size };
    this.#arenas.push(arena);
    return arena;
  }

  #clear(start: number, end: number): void {
    const result = this.#libc.mmap(start, end - start, PROT_READ_WRITE, MAP_OVER, -1, 0);
    if (result < 0) throw new SystemError(-result, "shmdt", "mmap");
  }
}

/** What is left of a range without the part that another one covers. */
function without(gap: Range, other: Range): Range[] {
  const left = { start: gap.start, end: Math.min(gap.end, other.start) };
  const right = { start: Math.max(gap.start, other.end), end: gap.end };
  return [left, right].filter((each) => each.start < each.end);
}

interface Range {
  start: number;
  end: number;
}
