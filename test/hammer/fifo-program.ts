/** A writer to the FIFO or a reader from it, until it is killed or told to stop. */
import { O_RDONLY, O_WRONLY, type Syscalls } from "../../runtime/index.ts";
import {
  ACKNOWLEDGED,
  BEGUN,
  FifoArena,
  fillRecord,
  INTENDED,
  NEXT,
  OPENED,
  READING,
  RECORD,
  RECORDS_MOST,
  recordId,
  WRITTEN,
} from "./fifo-arena.ts";

function write(sys: Syscalls, path: string, arena: FifoArena, number: number): void {
  const fd = sys.open(path, O_WRONLY);
  arena.setDoing(number, OPENED);
  const record = new Int32Array(RECORD / 4);
  const bytes = new Uint8Array(record.buffer);
  while (!arena.isDone) {
    const id = Atomics.add(arena.words, NEXT, 1);
    if (id >= RECORDS_MOST) throw new Error("too many records");
    fillRecord(record, id);
    Atomics.store(arena.said, id, INTENDED);
    const size = sys.write(fd, bytes);
    if (size !== RECORD) throw new Error(`record ${id}: ${size} bytes were written`);
    Atomics.store(arena.said, id, WRITTEN);
    Atomics.add(arena.words, ACKNOWLEDGED, 1);
  }
}

function read(sys: Syscalls, path: string, arena: FifoArena, number: number): void {
  const fd = sys.open(path, O_RDONLY);
  const record = new Int32Array(RECORD / 4);
  const bytes = new Uint8Array(record.buffer);
  for (;;) {
    arena.setDoing(number, READING);
    const size = sys.read(fd, bytes);
    if (size === 0) break;
    const id = recordId(record);
    if (size !== RECORD || id < 0) throw new Error(`${size} bytes were read, and are torn`);
    const times = Atomics.add(arena.read, id, 1);
    if (times > 0) throw new Error(`record ${id} was read ${times + 1} times`);
    arena.setDoing(number, OPENED);
  }
  arena.setDoing(number, OPENED);
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  const [, role, path = "", segment, number] = argv;
  const arena = new FifoArena(sys, Number(segment));
  arena.setDoing(Number(number), BEGUN);
  if (role === "writer") write(sys, path, arena, Number(number));
  else read(sys, path, arena, Number(number));
  return 0;
}
