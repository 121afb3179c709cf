/**
 * Steps of the kill hammer on a pipe: records of one size, which is a part of PIPE_BUF, so each is written
 * whole or not at all, and is read whole however many read. Each has an id, and is counted as a message.
 */
import {
  F_GETFD,
  POLLHUP,
  POLLIN,
  POLLOUT,
  type Syscalls,
  SystemError,
} from "../../runtime/index.ts";
import { type Arena, RECEIVING, SENT } from "./kill-arena.ts";
import { again, isAlive, type Job, type Step, succeeds } from "./kill-steps.ts";

/** Bytes of a record: a part of the pipe's capacity too. */
export const RECORD = 64;

export function newRecord(id: number): Uint8Array {
  const record = Uint8Array.from({ length: RECORD }, (_, at) => (id * 7 + at) & 0xff);
  new DataView(record.buffer).setInt32(0, id);
  return record;
}

/** Counts a record that was read. @throws {Error} for one that is torn, or that comes again. */
export function countRecord({ received }: Arena, record: Uint8Array, size: number): void {
  const id = new DataView(record.buffer).getInt32(0);
  const wanted = newRecord(id);
  const wrong = record.findIndex((byte, at) => byte !== wanted[at]);
  if (size !== RECORD || wrong >= 0) throw new Error(`${size} bytes, byte ${wrong} is wrong`);
  const times = Atomics.add(received, id, 1);
  if (times !== 0) throw new Error(`record ${id} was read ${times + 1} times`);
}

/** The pipe's ends are inherited: a thread that attached itself has none. */
const hasPipe = ({ sys, arena }: Job) =>
  succeeds(["EBADF"], () => sys.fcntl(arena.ids.reader, F_GETFD));

/** As again(), of an asynchronous call. */
async function againAsync<T>({ sys }: Job, call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof SystemError) || error.code !== "EINTR") throw error;
      if (!isAlive(sys)) throw error;
    }
  }
}

const put: Step = async (job) => {
  if (!hasPipe(job)) return;
  const { sys, arena, next } = job;
  const { writer } = arena.ids;
  const id = arena.nextMessage();
  const record = newRecord(id);
  const way = next(4);
  if (way === 0) await againAsync(job, () => sys.async.write(writer, record));
  else {
    if (way === 1) again(job, () => sys.poll([{ fd: writer, events: POLLOUT }], -1));
    again(job, () => sys.write(writer, record));
  }
  Atomics.store(arena.said, id, SENT);
};

const get: Step = async (job) => {
  if (!hasPipe(job)) return;
  const { sys, arena, next, number } = job;
  const { reader } = arena.ids;
  const record = new Uint8Array(RECORD);
  const way = next(4);
  if (way === 1) again(job, () => sys.poll([{ fd: reader, events: POLLIN }], -1));
  arena.put(number, RECEIVING, 1);
  const size =
    way === 0
      ? await againAsync(job, () => sys.async.read(reader, record))
      : again(job, () => sys.read(reader, record));
  countRecord(arena, record, size);
  arena.put(number, RECEIVING, 0);
};

/** A pipe of one's own, which nobody else has unless a child inherits it. */
const pipe: Step = (job) => {
  const { sys } = job;
  const [r, w] = sys.pipe();
  sys.write(w, newRecord(job.number));
  job.middle();
  if (job.next(2) === 0) sys.dup2(r, w);
  else if (sys.read(r, new Uint8Array(RECORD)) !== RECORD) throw new Error("a record is gone");
  sys.close(w);
  sys.close(r);
};

export const RECORD_STEPS = { put, get, pipe };

/** A last record for who waits for one. A full pipe says that nobody does. */
export function putLast(sys: Syscalls, arena: Arena): void {
  const { writer } = arena.ids;
  if (sys.poll([{ fd: writer, events: POLLOUT }], 0) === 0) return;
  const id = arena.nextMessage();
  sys.write(writer, newRecord(id));
  arena.said[id] = SENT;
}

/** Whether nobody else writes to the pipe any more: the end of a killed worker may take its time. */
export function hasEnded(sys: Syscalls, { ids }: Arena): boolean {
  const fds = [{ fd: ids.reader, events: 0, revents: 0 }];
  sys.poll(fds, 0);
  return (fds[0]!.revents & POLLHUP) !== 0;
}

/** Counts what is left in the pipe, and closes it. */
export function drain(sys: Syscalls, arena: Arena, wrong: (text: string) => void): void {
  const { reader } = arena.ids;
  // Nobody writes, so no read waits.
  for (;;) {
    const record = new Uint8Array(RECORD);
    const size = sys.read(reader, record);
    if (size === 0) break;
    try {
      countRecord(arena, record, size);
    } catch (error) {
      wrong(`in the pipe: ${(error as Error).message}`);
    }
  }
  sys.close(reader);
}
