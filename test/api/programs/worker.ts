/** A process that uses objects of its parent, whose ids are its arguments. */
import type { Syscalls } from "../../../host/contract.ts";
import {
  MessageQueue,
  Mutex,
  PipeReader,
  PipeWriter,
  Semaphore,
  SharedMemory,
  textCodec,
} from "../../../runtime/index.ts";

const ACTIONS: Readonly<Record<string, (sys: Syscalls, ids: number[]) => void>> = {
  /** Ends while it holds the semaphore. */
  hold: (sys, [id = -1]) => Semaphore.open(sys, { id }).acquire(),

  holdWithoutUndo: (sys, [id = -1]) => Semaphore.open(sys, { id, undo: false }).acquire(),

  /** Adds one, so many times, in two steps that others must not come between. */
  count(sys, [semid = -1, shmid = -1, rounds = 0]) {
    const sem = Semaphore.open(sys, { id: semid });
    using memory = SharedMemory.open(sys, { id: shmid });
    const words = memory.view(Int32Array);
    for (let round = 0; round < rounds; round++) {
      using _lock = sem.lock();
      words[0] = words[0]! + 1;
    }
  },

  /** Copies what it reads, until the end: the descriptors are those of its parent. */
  copy(sys, [from = -1, to = -1, ...others]) {
    for (const fd of others) sys.close(fd);
    using reader = new PipeReader(sys, from);
    using writer = new PipeWriter(sys, to);
    const buffer = new Uint8Array(100_000);
    for (let size = reader.read(buffer); size > 0; size = reader.read(buffer)) {
      writer.write(buffer.subarray(0, size));
    }
  },

  /** Writes until the pipe is full, and waits there. */
  fill(sys, [to = -1, ...others]) {
    for (const fd of others) sys.close(fd);
    new PipeWriter(sys, to).write(new Uint8Array(200_000));
  },

  /** Ends while it holds the mutex. */
  holdMutex(sys, [shmid = -1]) {
    Mutex.at(SharedMemory.open(sys, { id: shmid })).lock();
  },

  /** As `count`, with a mutex in the segment. */
  countWithMutex(sys, [shmid = -1, rounds = 0]) {
    using memory = SharedMemory.open(sys, { id: shmid });
    const mutex = Mutex.at(memory, 64);
    const words = memory.view(Int32Array);
    for (let round = 0; round < rounds; round++) {
      using _guard = mutex.lock();
      words[0] = words[0]! + 1;
    }
  },

  /** Answers one message of type 1 with one of type 2. */
  answer(sys, [id = -1]) {
    const queue = MessageQueue.open(sys, { id, codec: textCodec });
    const { value } = queue.receive({ type: 1 });
    queue.send(value.toUpperCase(), { type: 2 });
  },
};

export function main(sys: Syscalls, [, action = "", ...ids]: string[]): number {
  ACTIONS[action]!(sys, ids.map(Number));
  return 0;
}
