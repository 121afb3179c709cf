/**
 * The program record: what a spawner leaves for its child. It stands in the claimed worker's transfer
 * area, or, when it is larger, in a pipe whose read end is a descriptor of the child's.
 */
import { E2BIG } from "../../assembly/abi/errno.ts";
import { F_SETPIPE_SZ, O_CLOEXEC } from "../../assembly/abi/fcntl.ts";
import { LIMIT_OPEN_MAX } from "../../assembly/abi/layout.ts";
import type { Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import { readOnce, writeAll } from "../api/descriptor.ts";
import type { Thread } from "../thread.ts";
import type { ChildDescriptors } from "./file-actions.ts";
import type { ProgramRecord } from "./protocol.ts";

/** The text follows its length, or, when that is negative, is in the pipe -1 - length. */
const LENGTH_BYTES = 4;

/** As much as a pipe may hold, see pipe(7); Linux takes 2 MiB, 128 KiB of them in one string. */
const MOST_BYTES = 1 << 20;

export function encodeRecord(record: ProgramRecord): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(record));
}

/** Leaves a record that has room in the transfer area at `at`. */
export function writeRecord(buffer: SharedArrayBuffer, at: number, bytes: Uint8Array): void {
  new Int32Array(buffer, at, 1)[0] = bytes.length;
  new Uint8Array(buffer, at + LENGTH_BYTES, bytes.length).set(bytes);
}

/** A record on its way. */
export class Parcel {
  readonly #bytes: Uint8Array;
  readonly #sys: Syscalls;
  #reader = -1;
  /** The child's number of the pipe. */
  #fd = -1;

  constructor(sys: Syscalls, record: ProgramRecord) {
    this.#sys = sys;
    this.#bytes = encodeRecord(record);
  }

  /**
   * Makes a pipe when the transfer area has no room.
   * @throws {SystemError} E2BIG the arguments and the environment are too long, as execve(2) says it;
   *   of pipe(2), what it throws
   */
  pack(thread: Thread, descriptors: ChildDescriptors): void {
    const { length } = this.#bytes;
    if (length <= thread.transferSize - LENGTH_BYTES) return;
    if (length > MOST_BYTES) {
      const text = `the arguments and the environment take ${length} bytes, ${MOST_BYTES} is the most`;
      throw new SystemError(E2BIG, "spawn", text);
    }
    const [reader, writer] = this.#sys.pipe2(O_CLOEXEC);
    this.#reader = reader;
    try {
      this.#sys.fcntl(writer, F_SETPIPE_SZ, length);
      writeAll(this.#sys, writer, this.#bytes);
    } finally {
      this.#sys.close(writer);
    }
    // The highest number that nothing else is given under.
    this.#fd = thread.limit(LIMIT_OPEN_MAX) - 1;
    while (!descriptors.give(this.#fd, reader)) this.#fd -= 1;
  }

  /** Leaves it in a claimed worker's transfer area. */
  write({ buffer }: Thread, at: number): void {
    if (this.#fd >= 0) new Int32Array(buffer, at, 1)[0] = -1 - this.#fd;
    else writeRecord(buffer, at, this.#bytes);
  }

  /** The child has it, or there is none. */
  close(): void {
    if (this.#reader >= 0) this.#sys.close(this.#reader);
    this.#reader = -1;
  }
}

/** The child's own record; the pipe is closed. */
export function takeRecord({ buffer, transfer }: Thread, sys: Syscalls): ProgramRecord {
  const length = new Int32Array(buffer, transfer, 1)[0]!;
  // A copy: TextDecoder takes no shared memory in a page.
  const bytes =
    length < 0
      ? drain(sys, -1 - length)
      : new Uint8Array(buffer, transfer + LENGTH_BYTES, length).slice();
  return JSON.parse(new TextDecoder().decode(bytes)) as ProgramRecord;
}

function drain(sys: Syscalls, fd: number): Uint8Array {
  const bytes = new Uint8Array(MOST_BYTES);
  let total = 0;
  for (;;) {
    const count = readOnce(sys, fd, bytes.subarray(total));
    if (count === 0) break;
    total += count;
  }
  sys.close(fd);
  return bytes.subarray(0, total);
}
