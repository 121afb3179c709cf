/**
 * The textbook's bounded buffer: one process puts chunks of bytes into a ring of slots in shared
 * memory, several take them out. Three semaphores of one set guard it:
 *
 *   FREE    how many slots are free; putting waits for one
 *   FILLED  how many slots are filled; taking waits for one
 *   MUTEX   1 while nobody is inside
 *
 * One semop() takes a slot and the mutex together or waits for both, so there is no order in which
 * two processes could take them and wait for each other. SEM_UNDO gives the mutex back when a
 * process ends while it is inside.
 */
import { IPC_PRIVATE, IPC_RMID, SEM_UNDO, SETALL, SharedMemory, type Syscalls } from "wasm-ipc";

const FREE = 0;
const FILLED = 1;
const MUTEX = 2;

const SLOTS = 16;
/** Bytes of text in a slot, at most. */
export const CHUNK_BYTES = 6144;

/** The segment: two numbers of slots, then the slots, each a length and that many bytes. */
const NEXT_TO_FILL = 0;
const NEXT_TO_TAKE = 1;
const SLOTS_AT = 8;
const SLOT_BYTES = 4 + CHUNK_BYTES;

/** A ring, as one process sees it. */
export class ChunkRing implements Disposable {
  readonly #sys: Syscalls;
  readonly #segment: SharedMemory;
  readonly #semid: number;
  readonly #isOwner: boolean;

  private constructor(sys: Syscalls, segment: SharedMemory, semid: number, isOwner: boolean) {
    this.#sys = sys;
    this.#segment = segment;
    this.#semid = semid;
    this.#isOwner = isOwner;
  }

  /** Makes a ring, which is removed when this handle is disposed of. */
  static create(sys: Syscalls): ChunkRing {
    const segment = SharedMemory.create(sys, { size: SLOTS_AT + SLOTS * SLOT_BYTES });
    const semid = sys.semget(IPC_PRIVATE, 3, 0o600);
    sys.semctl(semid, 0, SETALL, [SLOTS, 0, 1]);
    return new ChunkRing(sys, segment, semid, true);
  }

  /** Opens a ring that another process has made. */
  static open(sys: Syscalls, name: string): ChunkRing {
    const [shmid, semid] = name.split(",").map(Number) as [number, number];
    return new ChunkRing(sys, SharedMemory.open(sys, { id: shmid }), semid, false);
  }

  /** What open() needs to find this ring. */
  get name(): string {
    return `${this.#segment.id},${this.#semid}`;
  }

  /** Puts a chunk into the ring; waits while every slot is filled. */
  put(chunk: Uint8Array): void {
    this.#enter(FREE);
    const { length, bytes } = this.#nextSlot(NEXT_TO_FILL);
    length[0] = chunk.length;
    bytes.set(chunk);
    this.#leave(FILLED);
  }

  /** Takes the oldest chunk out of the ring; waits while there is none. */
  take(): Uint8Array {
    this.#enter(FILLED);
    const { length, bytes } = this.#nextSlot(NEXT_TO_TAKE);
    const chunk = bytes.slice(0, length[0]); // a copy: the slot is filled again at once
    this.#leave(FREE);
    return chunk;
  }

  /** Waits for a slot and for the mutex, and takes both at once. */
  #enter(slots: number): void {
    this.#sys.semop(this.#semid, [
      { sem_num: slots, sem_op: -1 },
      { sem_num: MUTEX, sem_op: -1, sem_flg: SEM_UNDO },
    ]);
  }

  #leave(slots: number): void {
    this.#sys.semop(this.#semid, [
      { sem_num: MUTEX, sem_op: 1, sem_flg: SEM_UNDO },
      { sem_num: slots, sem_op: 1 },
    ]);
  }

  /** The slot that a number in the segment names; the number goes on to the next one. */
  #nextSlot(which: number): { length: Int32Array; bytes: Uint8Array } {
    const numbers = this.#segment.view(Int32Array, 0, 2);
    const slot = numbers[which]!;
    numbers[which] = (slot + 1) % SLOTS;
    const at = SLOTS_AT + slot * SLOT_BYTES;
    return {
      length: this.#segment.view(Int32Array, at, 1),
      bytes: this.#segment.view(Uint8Array, at + 4, CHUNK_BYTES),
    };
  }

  [Symbol.dispose](): void {
    this.#segment[Symbol.dispose]();
    if (this.#isOwner) this.#sys.semctl(this.#semid, 0, IPC_RMID);
  }
}
