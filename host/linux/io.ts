/**
 * read(2), write(2), readv(2), writev(2) of the running kernel. A direct call works on the caller's own
 * buffers, private or shared. A twin's thread has a buffer of its own, copied before or after.
 */
import { int } from "../arguments.ts";
import { iovec, span } from "../arguments-files.ts";
import { Struct } from "./layout.ts";
import type { Libc } from "./libc.ts";

export type IoCall = "read" | "write" | "readv" | "writev";

/** A checked call of a twin: the bytes, and for a vector the length of each of its parts. */
export interface IoRequest {
  fd: number;
  bytes: Uint8Array<ArrayBuffer>;
  count: number;
  lengths: number[] | null;
}

/** struct iovec. */
const IOVEC_SIZE = 16;

function iovecBytes(parts: readonly { address: number; length: number }[]): Uint8Array {
  const s = new Struct(IOVEC_SIZE * parts.length);
  for (const [index, { address, length }] of parts.entries()) {
    s.setLong(index * IOVEC_SIZE, address);
    s.setLong(index * IOVEC_SIZE + 8, length);
  }
  return s.bytes;
}

/** read() or write(). @returns bytes, or a negated errno. */
export function makeIo(libc: Libc, call: "read" | "write", ...args: unknown[]): number {
  const fd = int(args[0], call, "fd");
  const { buf, count } = span(args[1], args[2], call);
  return libc[call](fd, buf, count);
}

/** readv() or writev(). @returns bytes, or a negated errno. */
export function makeVectorIo(libc: Libc, call: "readv" | "writev", ...args: unknown[]): number {
  const fd = int(args[0], call, "fd");
  const buffers = iovec(args[1], call);
  const parts = buffers.map((each) => ({ address: libc.addressOf(each), length: each.length }));
  return libc[call](fd, iovecBytes(parts), parts.length);
}

/** What a twin's thread is to do, with the bytes of a write in it. */
export function ioRequest(call: IoCall, fd: unknown, data: unknown, count?: unknown): IoRequest {
  const id = int(fd, call, "fd");
  const vector = call === "readv" || call === "writev";
  const whole = vector ? undefined : span(data, count, call);
  const buffers = whole === undefined ? iovec(data, call) : [whole.buf.subarray(0, whole.count)];
  const lengths = buffers.map(({ length }) => length);
  const size = lengths.reduce((sum, length) => sum + length, 0);
  const bytes = new Uint8Array(size);
  if (call === "write" || call === "writev") {
    let at = 0;
    for (const each of buffers) {
      bytes.set(each, at);
      at += each.length;
    }
  }
  return { fd: id, bytes, count: whole?.count ?? size, lengths: vector ? lengths : null };
}

/** Makes a twin's call. @returns bytes, or a negated errno. */
export function makeRequest(libc: Libc, call: IoCall, request: IoRequest): number {
  const { fd, bytes, count, lengths } = request;
  if (lengths === null) return libc[call as "read" | "write"](fd, bytes, count);
  let address = libc.addressOf(bytes);
  const parts = lengths.map((length) => {
    const part = { address, length };
    address += length;
    return part;
  });
  return libc[call as "readv" | "writev"](fd, iovecBytes(parts), parts.length);
}

/** Gives the caller's buffers what a twin has read. */
export function scatter(read: Uint8Array, result: number, buffers: readonly Uint8Array[]): number {
  let at = 0;
  for (const each of buffers) {
    const part = read.subarray(at, Math.min(at + each.length, result));
    each.set(part);
    at += part.length;
  }
  return result;
}
