/**
 * What the processes of the kill hammer share: one set, one queue, one pipe, one segment, a round of it. The
 * segment's words hold data that only semaphores guard, and what a process is about to do: it says so
 * before, and takes it back after, so that its death in between is known to have been there.
 *
 *   word 0     stop, reports, next message id, then the pair that a semaphore guards, with its log
 *   word 16    a robust mutex; words 4 and 5 are the pair that it guards
 *   word 32    pids of those who may get a signal, a lane a word
 *   word 64    a record of RECORD_WORDS for each process, in order of their start
 *   then       texts of reports, and two bytes for each message: what was said of it, times received
 */
import type { RobustMutex } from "../../host/contract.ts";
import {
  type Attachment,
  F_SETPIPE_SZ,
  IPC_PRIVATE,
  SETALL,
  type Syscalls,
} from "../../runtime/index.ts";

/** Semaphores of the set; `FIRST` are their values. */
export const MUTEX = 0;
export const TOKENS_A = 1;
export const TOKENS_B = 2;
export const LEFT = 3;
export const RIGHT = 4;
export const GATE = 5;
export const REQUEST = 6;
export const ANSWER = 7;
/** Nobody ever adds to this one: who waits here waits for time. */
export const NEVER = 8;
export const FIRST = [1, 3, 3, 5, 0, 0, 0, 0, 0];

/** Bytes of the pipe: few records, so that it is full now and then. */
const RECORDS_ROOM = 4096;

/** The server and the consumers go on until the rest have ended. */
export const STOP_MOST = 1;
export const STOP_ALL = 2;

/** Words. */
const STOP = 0;
export const REPORTS = 1;
export const NEXT_MESSAGE = 2;
export const PAIR = 8;
/** The same under the robust mutex, whose next owner is told when it must repair them. */
export const MUTEX_PAIR = 4;
const MUTEX_OFFSET = 64;
/** Nonzero while the pair changes: LOG + 1 and LOG + 2 are what it was. */
export const LOG = 10;
/** The process inside, by its number; 0 for none. */
export const INSIDE = 13;
/** Repairs after a death, of the one and of the other. */
export const REPAIRS = 14;
export const INHERITED = 15;
const PIDS = 32;
export const LANES_MOST = 16;
/** From this one on, a lane's processes are attached. */
export const ATTACHED_LANES = 8;

const RECORDS = 64;
export const PROCESSES_MOST = 4096;
const RECORD_WORDS = 8;
/** Of a record. */
export const PID = 0;
export const STEPS = 1;
/** The step that it is in: its place in STEP_NAMES, for those who look at a hang. */
export const DOING = 2;
/** 1 from before a message is received until it is counted. */
export const RECEIVING = 3;
/** 1 from before a request is posted until its answer is taken. */
export const ASKING = 4;
/** Signals that its handler has seen. */
export const SIGNALS = 5;

const TEXTS = 4 * (RECORDS + PROCESSES_MOST * RECORD_WORDS);
const TEXT_BYTES = 512;
const TEXTS_MOST = 16;
const MESSAGES = TEXTS + TEXT_BYTES * TEXTS_MOST;
export const MESSAGES_MOST = 1 << 19;
export const ARENA_BYTES = MESSAGES + 2 * MESSAGES_MOST;

/** What is said of a message. */
export const INTENDED = 1;
export const SENT = 2;

export interface ArenaIds {
  set: number;
  queue: number;
  segment: number;
  /** Ends of the pipe: descriptors of the booter and of all whom it spawns. */
  reader: number;
  writer: number;
}

export class Arena {
  readonly ids: ArenaIds;
  readonly words: Int32Array;
  /** What was said of each message, by id. */
  readonly said: Uint8Array;
  /** How often each was received. */
  readonly received: Uint8Array;
  readonly mutex: RobustMutex;
  readonly #texts: Uint8Array;
  readonly #attachment: Attachment;

  constructor(sys: Syscalls, ids: ArenaIds) {
    this.#attachment = sys.shmat(ids.segment);
    const { bytes } = this.#attachment;
    const { buffer, byteOffset } = bytes;
    this.ids = ids;
    this.mutex = { attachment: this.#attachment, offset: MUTEX_OFFSET };
    this.words = new Int32Array(buffer, byteOffset, TEXTS >> 2);
    this.#texts = bytes.subarray(TEXTS, MESSAGES);
    this.said = bytes.subarray(MESSAGES, MESSAGES + MESSAGES_MOST);
    this.received = bytes.subarray(MESSAGES + MESSAGES_MOST, ARENA_BYTES);
  }

  static create(sys: Syscalls): Arena {
    const set = sys.semget(IPC_PRIVATE, FIRST.length, 0o600);
    sys.semctl(set, 0, SETALL, FIRST);
    const queue = sys.msgget(IPC_PRIVATE, 0o600);
    const segment = sys.shmget(IPC_PRIVATE, ARENA_BYTES, 0o600);
    const [reader, writer] = sys.pipe();
    sys.fcntl(writer, F_SETPIPE_SZ, RECORDS_ROOM);
    return new Arena(sys, { set, queue, segment, reader, writer });
  }

  /** Detaches the segment; nothing may be read after that. */
  leave(sys: Syscalls): void {
    sys.shmdt(this.#attachment);
  }

  /** A new message's id, INTENDED to be sent. */
  nextMessage(): number {
    const id = Atomics.add(this.words, NEXT_MESSAGE, 1);
    if (id >= MESSAGES_MOST) throw new Error("the round has too many messages");
    Atomics.store(this.said, id, INTENDED);
    return id;
  }

  /** STOP_ALL ends those who may be waited for too. */
  isStopped(level: number): boolean {
    return Atomics.load(this.words, STOP) >= level;
  }

  stop(level: number): void {
    Atomics.store(this.words, STOP, level);
  }

  pidAt(lane: number): number {
    return Atomics.load(this.words, PIDS + lane);
  }

  setPid(lane: number, pid: number): void {
    Atomics.store(this.words, PIDS + lane, pid);
  }

  /** Field `field` of process `number`'s record. */
  get(number: number, field: number): number {
    return Atomics.load(this.words, RECORDS + number * RECORD_WORDS + field);
  }

  put(number: number, field: number, value: number): void {
    Atomics.store(this.words, RECORDS + number * RECORD_WORDS + field, value);
  }

  /** How many of the first `count` processes have died with `field` set. */
  countSet(field: number, count: number): number {
    let sum = 0;
    for (let number = 0; number < count; number += 1) sum += this.get(number, field) === 0 ? 0 : 1;
    return sum;
  }

  /** Says what is wrong, before anything else can go wrong. */
  report(text: string): void {
    const index = Atomics.add(this.words, REPORTS, 1);
    if (index >= TEXTS_MOST) return;
    const bytes = new TextEncoder().encode(text).subarray(0, TEXT_BYTES - 1);
    this.#texts.set(bytes, index * TEXT_BYTES);
  }

  /** What was reported, the first TEXTS_MOST. */
  reports(): string[] {
    const count = Math.min(TEXTS_MOST, Atomics.load(this.words, REPORTS));
    return Array.from({ length: count }, (_, index) => {
      const bytes = this.#texts.slice(index * TEXT_BYTES, (index + 1) * TEXT_BYTES);
      return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
    });
  }
}
