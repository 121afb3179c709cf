/**
 * What the processes at one FIFO share beside it: which records were meant to be written, which write()
 * has acknowledged, how often each was read, and who was about to read when it died.
 *
 *   word 0 next record   1 acknowledged   2 killed   16 on: what each process does, a word for each
 */
import { type Attachment, IPC_PRIVATE, type Syscalls } from "../../runtime/index.ts";

export const NEXT = 0;
export const ACKNOWLEDGED = 1;
export const KILLED = 2;
const DOING = 16;
const PROCESSES_MOST = 4000;
const TABLES = 4 * (DOING + PROCESSES_MOST);
export const RECORDS_MOST = 4_000_000;

/** Who is killed before it is enough. */
export const KILLS = 20;

/** What is said of a record. */
export const INTENDED = 1;
export const WRITTEN = 2;

/** What a process does. */
export const BEGUN = 1;
export const OPENED = 2;
export const READING = 3;

/** Bytes of a record: PIPE_BUF, the most that is written whole. */
export const RECORD = 4096;
/** 100 MiB. */
export const RECORDS = (100 << 20) / RECORD;

export class FifoArena {
  readonly words: Int32Array;
  readonly said: Uint8Array;
  readonly read: Uint8Array;
  readonly #attachment: Attachment;

  constructor(sys: Syscalls, segment: number) {
    this.#attachment = sys.shmat(segment);
    const { bytes } = this.#attachment;
    this.words = new Int32Array(bytes.buffer, bytes.byteOffset, DOING + PROCESSES_MOST);
    this.said = bytes.subarray(TABLES, TABLES + RECORDS_MOST);
    this.read = bytes.subarray(TABLES + RECORDS_MOST, TABLES + 2 * RECORDS_MOST);
  }

  static create(sys: Syscalls): { segment: number; arena: FifoArena } {
    const segment = sys.shmget(IPC_PRIVATE, TABLES + 2 * RECORDS_MOST, 0o600);
    return { segment, arena: new FifoArena(sys, segment) };
  }

  /** Whether enough was moved. */
  get isDone(): boolean {
    const { words } = this;
    return Atomics.load(words, ACKNOWLEDGED) >= RECORDS && Atomics.load(words, KILLED) >= KILLS;
  }

  /** Says what process `number` does: nothing yet, begun, has the FIFO open, reads. */
  setDoing(number: number, value: number): void {
    if (number >= PROCESSES_MOST) throw new Error("too many processes");
    Atomics.store(this.words, DOING + number, value);
  }

  hasBegun(number: number): boolean {
    return Atomics.load(this.words, DOING + number) >= BEGUN;
  }

  hasOpened(number: number): boolean {
    return Atomics.load(this.words, DOING + number) >= OPENED;
  }

  /** How many have died while they read, or before they counted what they had read. */
  get reading(): number {
    return this.words.subarray(DOING).filter((value) => value === READING).length;
  }
}

/** Words that tell the record's id, from the first to the last. */
export function fillRecord(record: Int32Array, id: number): void {
  for (let at = 0; at < record.length; at += 1) record[at] = id ^ Math.imul(at, 0x9e3779b1);
}

/** The id of a whole record, or -1: it is torn. */
export function recordId(record: Int32Array): number {
  const id = record[0]!;
  for (let at = 1; at < record.length; at += 1) {
    if (record[at] !== (id ^ Math.imul(at, 0x9e3779b1))) return -1;
  }
  return id;
}
