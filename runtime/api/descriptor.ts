/**
 * Reading and writing a descriptor to the end: what Pipe and the streams have in common. A signal
 * handler that runs meanwhile interrupts nothing, and of a descriptor with O_NONBLOCK the
 * asynchronous ones wait all the same, in poll(2).
 */
import { EAGAIN } from "../../assembly/abi/errno.ts";
import { POLLIN, POLLOUT } from "../../assembly/abi/poll.ts";
import type { Syscalls } from "../../host/contract.ts";
import { callOptions, hasErrno, uninterrupted, uninterruptedAsync } from "./wait-options.ts";

/** Bytes of a buffer to read into when nobody says how large: a new pipe's capacity. */
export const CHUNK_BYTES = 65_536;

/** read(). @returns bytes, 0 at the end */
export function readOnce(sys: Syscalls, fd: number, buffer: Uint8Array): number {
  return uninterrupted(() => sys.read(fd, buffer));
}

/** Makes a call that finds a descriptor with O_NONBLOCK not ready once more when it is. */
async function whenReady<T>(
  sys: Syscalls,
  fd: number,
  events: number,
  signal: AbortSignal | undefined,
  call: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await uninterruptedAsync(call);
    } catch (error) {
      if (!hasErrno(error, EAGAIN)) throw error;
    }
    await uninterruptedAsync(() => sys.async.poll([{ fd, events }], -1, callOptions(signal)));
  }
}

/** Waits for bytes. @returns how many are in the buffer now, 0 at the end */
export async function readSome(
  sys: Syscalls,
  fd: number,
  buffer: Uint8Array,
  signal?: AbortSignal,
): Promise<number> {
  const call = () => sys.async.read(fd, buffer, buffer.length, callOptions(signal));
  return await whenReady(sys, fd, POLLIN, signal, call);
}

/**
 * write() until all is written.
 * @returns the bytes written: fewer only when a descriptor with O_NONBLOCK has no more room
 */
export function writeAll(sys: Syscalls, fd: number, bytes: Uint8Array): number {
  let total = 0;
  do {
    try {
      total += uninterrupted(() => sys.write(fd, total === 0 ? bytes : bytes.subarray(total)));
    } catch (error) {
      if (total > 0 && hasErrno(error, EAGAIN)) break;
      throw error;
    }
  } while (total < bytes.length);
  return total;
}

/** The same without blocking. @returns fewer than all only when the signal aborted in between */
export async function writeAllAsync(
  sys: Syscalls,
  fd: number,
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<number> {
  let total = 0;
  do {
    if (total > 0 && signal?.aborted) break;
    const rest = total === 0 ? bytes : bytes.subarray(total);
    const call = () => sys.async.write(fd, rest, rest.length, callOptions(signal));
    try {
      total += await whenReady(sys, fd, POLLOUT, signal, call);
    } catch (error) {
      if (total > 0 && signal?.aborted) break;
      throw error;
    }
  } while (total < bytes.length);
  return total;
}

/** Everything up to the end, of the parts that were read. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A descriptor that somebody has to close, once. */
export class OwnedDescriptor implements Disposable {
  readonly #sys: Syscalls;
  #fd: number;

  constructor(sys: Syscalls, fd: number) {
    this.#sys = sys;
    this.#fd = fd;
  }

  /** -1 when it is closed or given away: every call refuses it with EBADF. */
  get fd(): number {
    return this.#fd;
  }

  /** Leaves it to somebody else. @returns the descriptor */
  release(): number {
    const fd = this.#fd;
    this.#fd = -1;
    return fd;
  }

  /** A second call does nothing: the number may belong to another file by then. */
  close(): void {
    if (this.#fd < 0) return;
    this.#sys.close(this.release());
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
