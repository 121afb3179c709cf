/**
 * A scene's memory: saved, restored, told apart from others. What counts is everything but the
 * entries of journals that do not count (nobody reads them before they are written again) and the
 * ends of transfer areas, which no call of a scenario reaches.
 */
import { SB_REGIONS } from "../../assembly/abi/layout.ts";
import { PAGE_SIZE, WASM_PAGE_SIZE } from "../../assembly/abi/limits.ts";
import type { TestMachine } from "../support/machine.ts";
import { kernelConstant, kernelField, kernelText } from "./instrument.ts";

/** Bytes of a transfer area that any call of a scenario uses. */
export const TRANSFER_USED = 512;
/** Journal entries are 16 bytes, frames 4096. */
const ENTRY_SHIFT = 4;
const PAGE_SHIFT = 12;

/** What TypeScript does not know otherwise: words and structures of the kernel, by its own names. */
class KernelLayout {
  readonly #text = kernelText("debug");
  readonly #found = new Map<string, number>();

  #cached(name: string, find: (text: string, name: string) => number): number {
    const known = this.#found.get(name);
    if (known !== undefined) return known;
    const value = find(this.#text, name);
    this.#found.set(name, value);
    return value;
  }

  word(name: string): number {
    return this.#cached(name, kernelConstant);
  }

  field(getter: string): number {
    return this.#cached(getter, kernelField);
  }

  region(machine: TestMachine, name: string): number {
    return machine.i32[(SB_REGIONS >> 2) + this.word(`region/REGION_${name}`)]!;
  }
}

export const LAYOUT = new KernelLayout();

type Rank = "table" | "name" | "object" | "leaf";

export interface Snapshot {
  bytes: Uint8Array;
  woken: readonly number[];
}

export class CrashMemory {
  readonly #machine: TestMachine;
  readonly #fresh: number;
  readonly #pages: number;
  /** Past the kernel's own pages: the ranges, then the log of hashes. */
  readonly rangesAt: number;
  readonly logAt: number;
  /** Words that name a lock's owner, with the lock's rank. */
  readonly #ranks: ReadonlyMap<number, Rank>;

  /** `kernelPages` is how much of the memory the kernel was given. */
  constructor(machine: TestMachine, kernelPages: number) {
    this.#machine = machine;
    this.#fresh = LAYOUT.word("region/WORD_FRAME_FRESH") >> 2;
    this.#pages = LAYOUT.region(machine, "PAGE");
    this.rangesAt = kernelPages * WASM_PAGE_SIZE;
    this.logAt = this.rangesAt + PAGE_SIZE;
    machine.i32.set(this.#ranges(), this.rangesAt >> 2);
    this.#ranks = this.#lockWords();
  }

  #ranges(): number[] {
    const machine = this.#machine;
    const tasks = LAYOUT.region(machine, "TASK");
    const stride = LAYOUT.region(machine, "TASK_STRIDE");
    const journal = LAYOUT.region(machine, "TASK_JOURNAL");
    const transfer = LAYOUT.region(machine, "TASK_TRANSFER");
    const count = LAYOUT.field("task/Task#get:journal_count");
    const ranges = [0, tasks, 0];
    for (let task = 0; task < machine.limits.TASK_MAX; task += 1) {
      const at = tasks + task * stride;
      ranges.push(at, at + journal, 0);
      ranges.push(at + journal, ENTRY_SHIFT, at + count);
      ranges.push(at + transfer, at + transfer + TRANSFER_USED, 0);
    }
    ranges.push(tasks + machine.limits.TASK_MAX * stride, this.#pages, 0);
    ranges.push(this.#pages, PAGE_SHIFT, this.#fresh << 2);
    return [...ranges, 0, 0, 0];
  }

  get locks(): number[] {
    return [...this.#ranks.keys()];
  }

  /** The rank of the lock at this address, undefined for any other address. */
  rankOf(at: number): Rank | undefined {
    return this.#ranks.get(at);
  }

  #lockWords(): Map<number, Rank> {
    const machine = this.#machine;
    const word = (name: string) => LAYOUT.word(`region/LOCK_${name}`);
    const sets = LAYOUT.region(machine, "SEM");
    const size = LAYOUT.word("sem/SEMSET_SIZE");
    const { SEMMNI, PIPE_MAX, INODES } = machine.limits;
    const each = (region: string, bytes: string, count: number) =>
      Array.from(
        { length: count },
        (_, index) => LAYOUT.region(machine, region) + index * LAYOUT.word(bytes),
      );
    const own = [
      ...Array.from({ length: SEMMNI }, (_, index) => sets + index * size),
      ...each("PIPE", "pipe/PIPE_SLOT", PIPE_MAX),
      ...each("INODE", "inode/INODE_SIZE", INODES),
    ];
    return new Map([
      ...["SHM", "SEM", "MSG", "PROC", "MUTEX", "RECORD"].map(
        (name) => [word(name), "table"] as const,
      ),
      ...["PAGE", "UNDO"].map((name) => [word(name), "leaf"] as const),
      [word("NAME"), "name"] as const,
      ...own.map((at) => [at, "object"] as const),
    ]);
  }

  /** Bytes from 0 that can be other than zero. */
  get #end(): number {
    return this.#pages + this.#machine.i32[this.#fresh]! * PAGE_SIZE;
  }

  save(): Snapshot {
    const { u8, woken } = this.#machine;
    return { bytes: u8.slice(0, this.#end), woken: [...woken] };
  }

  restore({ bytes, woken }: Snapshot): void {
    const machine = this.#machine;
    const end = this.#end;
    machine.u8.set(bytes);
    if (end > bytes.length) machine.u8.fill(0, bytes.length, end);
    machine.woken.clear();
    for (const at of woken) machine.woken.add(at);
  }
}
