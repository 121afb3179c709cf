/**
 * read(2) and write(2) over the kernel. What is too large for the transfer area moves in parts: a
 * read takes what is there without waiting again, a write goes on until all is written.
 */
import { host } from "#host";
import { EHOST, EINVAL } from "../../assembly/abi/errno.ts";
import { IOV_MAX, PIPE_BUF } from "../../assembly/abi/limits.ts";
import { STDIN_FILENO, STDOUT_FILENO } from "../../assembly/abi/unistd.ts";
import { abortSignal, int, long } from "../../host/arguments.ts";
import { iovec, span } from "../../host/arguments-files.ts";
import type { CallOptions } from "../../host/contract.ts";
import type { AsyncFileCalls, ReadWriteCalls } from "../../host/contract-files.ts";
import { SystemError } from "../../host/errno.ts";
import { end, finish, finishAsync } from "../finish.ts";
import { type Attempt, enter } from "../steps.ts";
import type { Thread } from "../thread.ts";
import { same } from "./result.ts";
import {
  isStaged,
  type Stage,
  stageAt,
  stageOf,
  stagePut,
  stageTake,
  stageWhole,
} from "./stage.ts";

/** One call of read() or write(), its arguments checked. */
interface Transfer {
  readonly call: string;
  readonly fd: number;
  readonly buf: Uint8Array;
  readonly count: number;
  readonly stage: Stage;
}

function transfer(thread: Thread, call: string, fd: unknown, data: unknown, size: unknown) {
  const id = int(fd, call, "fd");
  const { buf, count } = span(data, size, call);
  return { call, fd: id, buf, count, stage: stageOf(thread, buf) };
}

/** Reads the part from `done` on; `nowait`: only what is there. */
function readPart(thread: Thread, { fd, buf, count, stage }: Transfer, done: number, nowait = 0) {
  const size = Math.min(count - done, stage.room);
  return thread.kernel.sys_read(fd, stageAt(thread, stage, buf, done), size, nowait);
}

function takePart(thread: Thread, { buf, stage }: Transfer, done: number, size: number): number {
  stageTake(thread, stage, buf, done, size);
  return size;
}

function writePart(thread: Thread, { fd, buf, count, stage }: Transfer, done: number): number {
  const size = Math.min(count - done, stage.room);
  const at = stagePut(thread, stage, buf, done, size);
  return thread.kernel.sys_write(fd, at, size, count > PIPE_BUF ? 1 : 0);
}

/** After a first part that filled the area: the rest, as far as it is there. @returns all bytes read */
function readRest(thread: Thread, of: Transfer, first: number): number {
  let total = first;
  for (let last = first; last === of.stage.room && total < of.count; ) {
    last = enter(thread, () => readPart(thread, of, total, 1));
    if (last <= 0) break;
    total += takePart(thread, of, total, last);
  }
  return total;
}

/** The standard streams of the host are its own. */
function readHost({ buf, count }: Transfer): number {
  return host.readStandard(buf.subarray(0, count));
}

function writeHost(thread: Thread, { fd, buf, count }: Transfer): number {
  const stream = thread.kernel.fd_host(fd);
  host.writeStandard(stream === TERMINAL ? STDOUT_FILENO : stream, buf.subarray(0, count));
  return count;
}

/** Of fd_host(): /dev/tty, which is read and written. */
const TERMINAL = 3;

function readsHost({ kernel }: Thread, { fd }: Transfer): boolean {
  const stream = kernel.fd_host(fd);
  return stream === STDIN_FILENO || stream === TERMINAL;
}

/** @param first what the first entry has returned */
function readOn(thread: Thread, of: Transfer, first: number): number {
  if (first === -EHOST) return readHost(of);
  const attempt = () => readPart(thread, of, 0);
  const size = finish(thread, of.call, first, attempt, (got) => takePart(thread, of, 0, got));
  return readRest(thread, of, size);
}

/** read() that need not wait nor be done in parts: nothing is allocated, and no argument looked at twice. */
function read(thread: Thread, fd: number, buf: Uint8Array, count?: number): number {
  if ((fd | 0) === fd && buf instanceof Uint8Array) {
    const size = count === undefined ? buf.length : count;
    const at = (size | 0) === size && size <= buf.length ? stageWhole(thread, buf, size) : 0;
    if (at !== 0) {
      const got = thread.kernel.sys_read(fd, at, size, 0);
      if (got < 0) return readOn(thread, transfer(thread, "read", fd, buf, count), got);
      if (got !== 0 && isStaged(thread, at)) buf.set(thread.bytesAt(at, got));
      return done(thread, got);
    }
  }
  const of = transfer(thread, "read", fd, buf, count);
  return readOn(thread, of, readPart(thread, of, 0));
}

/** What follows a call that has moved `count` bytes. */
function done(thread: Thread, count: number): number {
  if (thread.i32[thread.wake] !== 0 || thread.i32[thread.signal] !== 0) end(thread);
  return count;
}

/** A twin may sleep while its thread goes on and closes the descriptor: the call keeps what it names. */
function held(thread: Thread, { fd }: Transfer, attempt: Attempt): number {
  const failed = thread.kernel.fd_hold(fd);
  return failed < 0 ? failed : attempt();
}

async function readAsync(thread: Thread, of: Transfer, options?: CallOptions): Promise<number> {
  const signal = abortSignal(options, of.call);
  if (readsHost(thread, of)) return readHost(of);
  const attempt = () => held(thread, of, () => readPart(thread, of, 0));
  const take = (got: number) => takePart(thread, of, 0, got);
  const size = await finishAsync(thread, of.call, attempt, take, { signal, holds: true });
  return readRest(thread, of, size);
}

/** What a write that is cut short returns: as much as it has written, or its failure. */
function partOf(total: number, error: unknown, signal?: AbortSignal): number {
  const isCut = error instanceof SystemError || signal?.aborted === true;
  if (total === 0 || !isCut) throw error;
  return total;
}

/** @param first what the first entry has returned */
function writeOn(thread: Thread, of: Transfer, first: number): number {
  if (first === -EHOST) return writeHost(thread, of);
  let total = 0;
  const attempt: Attempt = () => writePart(thread, of, total);
  for (let result = first; ; result = attempt()) {
    try {
      total += finish(thread, of.call, result, attempt, same);
    } catch (error) {
      return partOf(total, error);
    }
    if (total >= of.count) return total;
  }
}

/** write() that need not wait nor be done in parts, as read(). */
function write(thread: Thread, fd: number, buf: Uint8Array, count?: number): number {
  if ((fd | 0) === fd && buf instanceof Uint8Array) {
    const size = count === undefined ? buf.length : count;
    const at = (size | 0) === size && size <= buf.length ? stageWhole(thread, buf, size) : 0;
    if (at !== 0 && size >= 0) {
      if (isStaged(thread, at))
        thread.u8.set(size === buf.length ? buf : buf.subarray(0, size), at);
      const given = thread.kernel.sys_write(fd, at, size, size > PIPE_BUF ? 1 : 0);
      if (given === size) return done(thread, given);
      return writeOn(thread, transfer(thread, "write", fd, buf, count), given);
    }
  }
  const of = transfer(thread, "write", fd, buf, count);
  return writeOn(thread, of, writePart(thread, of, 0));
}

async function writeAsync(thread: Thread, of: Transfer, options?: CallOptions): Promise<number> {
  const signal = abortSignal(options, of.call);
  if (thread.kernel.fd_host(of.fd) > 0) return writeHost(thread, of);
  let total = 0;
  do {
    const attempt = () => held(thread, of, () => writePart(thread, of, total));
    try {
      total += await finishAsync(thread, of.call, attempt, same, { signal, holds: true });
    } catch (error) {
      return partOf(total, error, signal);
    }
  } while (total < of.count);
  return total;
}

/** The buffers of a vector as one. @throws {SystemError} EINVAL more than IOV_MAX */
function joined(iov: unknown, call: string): { parts: readonly Uint8Array[]; buf: Uint8Array } {
  const parts = iovec(iov, call);
  if (parts.length > IOV_MAX) throw new SystemError(EINVAL, call, `${parts.length} buffers`);
  return { parts, buf: new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0)) };
}

function gather(iov: unknown, call: string): Uint8Array {
  const { parts, buf } = joined(iov, call);
  let at = 0;
  for (const part of parts) {
    buf.set(part, at);
    at += part.length;
  }
  return buf;
}

function scatter(parts: readonly Uint8Array[], buf: Uint8Array, size: number): number {
  let at = 0;
  for (const part of parts) {
    if (at >= size) break;
    part.set(buf.subarray(at, Math.min(size, at + part.length)));
    at += part.length;
  }
  return size;
}

function lseek(thread: Thread, fd: number, offset: number, whence: number): number {
  const id = int(fd, "lseek", "fd");
  const by = long(offset, "lseek", "offset");
  const from = int(whence, "lseek", "whence");
  const attempt = () => thread.kernel.sys_lseek(id, by, from);
  return finish(thread, "lseek", attempt(), attempt, same);
}

/** pread() and pwrite(): parts at their places, until one is short. */
function positioned(thread: Thread, call: "pread" | "pwrite") {
  return (fd: number, buf: Uint8Array, count: number, offset: number): number => {
    const of = transfer(thread, call, fd, buf, long(count, call, "count"));
    const from = long(offset, call, "offset");
    if (from < 0) throw new SystemError(EINVAL, call, `offset is ${from}`);
    let total = 0;
    for (;;) {
      const size = Math.min(of.count - total, of.stage.room);
      const attempt = () => positionedPart(thread, of, total, size, from + total);
      try {
        total += finish(thread, call, attempt(), attempt, (part) =>
          call === "pread" ? takePart(thread, of, total, part) : part,
        );
      } catch (error) {
        return partOf(total, error);
      }
      if (total >= of.count || total % of.stage.room !== 0 || total === 0) return total;
    }
  };
}

function positionedPart(thread: Thread, of: Transfer, done: number, size: number, at: number) {
  const { call, fd, buf, stage } = of;
  if (call === "pread")
    return thread.kernel.sys_pread(fd, stageAt(thread, stage, buf, done), size, at);
  return thread.kernel.sys_pwrite(fd, stagePut(thread, stage, buf, done, size), size, at);
}

/** The calls of one thread that move bytes, without fstat(). */
export function ioCalls(thread: Thread): Omit<ReadWriteCalls, "fstat" | "close"> {
  return {
    read: (fd, buf, count) => read(thread, fd, buf, count),
    write: (fd, buf, count) => write(thread, fd, buf, count),
    readv: (fd, iov) => {
      const { parts, buf } = joined(iov, "readv");
      const of = transfer(thread, "readv", fd, buf, undefined);
      return scatter(parts, buf, readOn(thread, of, readPart(thread, of, 0)));
    },
    writev: (fd, iov) => {
      const of = transfer(thread, "writev", fd, gather(iov, "writev"), undefined);
      return writeOn(thread, of, writePart(thread, of, 0));
    },
    pread: positioned(thread, "pread"),
    pwrite: positioned(thread, "pwrite"),
    lseek: (fd, offset, whence) => lseek(thread, fd, offset, whence),
  };
}

/** The twins of those that wait. */
export function ioCallsAsync(
  thread: Thread,
): Pick<AsyncFileCalls, "read" | "write" | "readv" | "writev"> {
  return {
    read: async (fd, buf, count, options) =>
      readAsync(thread, transfer(thread, "read", fd, buf, count), options),
    write: async (fd, buf, count, options) => {
      const { buf: from, count: size } = span(buf, count, "write");
      // The caller may change its bytes before they are all written.
      return writeAsync(thread, transfer(thread, "write", fd, from.slice(0, size), size), options);
    },
    readv: async (fd, iov, options) => {
      const { parts, buf } = joined(iov, "readv");
      const size = await readAsync(thread, transfer(thread, "readv", fd, buf, undefined), options);
      return scatter(parts, buf, size);
    },
    writev: async (fd, iov, options) =>
      writeAsync(thread, transfer(thread, "writev", fd, gather(iov, "writev"), undefined), options),
  };
}
