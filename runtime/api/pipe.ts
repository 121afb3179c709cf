/**
 * Pipe: bytes from one process to another, in order, with room for 65,536 of them. Who writes waits
 * while it is full, who reads waits while it is empty, and the end of the file is the last writer's
 * close. A child has the descriptors of its parent under the same numbers. pipe(2), pipe(7).
 */
import { F_SETPIPE_SZ, O_CLOEXEC, O_NONBLOCK } from "../../assembly/abi/fcntl.ts";
import type { Syscalls } from "../../host/contract.ts";
import { PipeReader, PipeWriter } from "./pipe-ends.ts";

/** How a new pipe is. */
export interface PipeOptions {
  /** O_NONBLOCK for both ends: calls that would block throw EAGAIN. The asynchronous ones wait. */
  nonblocking?: boolean;
  /** FD_CLOEXEC for both ends: no child inherits them. */
  closeOnExec?: boolean;
  /** Bytes, made a power of two of pages; 65,536 when left out. */
  capacity?: number;
}

/**
 * Both ends of a pipe. Disposing closes those that are open.
 *
 * @example
 * ```ts
 * using pipe = Pipe.create(sys, { capacity: 4096 });
 * pipe.writer.write(new TextEncoder().encode("to be "));
 * const end = pipe.writer.writeAsync(new TextEncoder().encode("continued"));
 * void end.then(() => pipe.writer.close());
 * new TextDecoder().decode(await pipe.reader.readAllAsync()); // => "to be continued"
 * ```
 * @see pipe(2), pipe(7)
 */
export class Pipe implements Disposable {
  readonly reader: PipeReader;
  readonly writer: PipeWriter;

  private constructor(sys: Syscalls, ends: readonly [number, number]) {
    this.reader = new PipeReader(sys, ends[0]);
    this.writer = new PipeWriter(sys, ends[1]);
  }

  /**
   * Makes a pipe.
   * @throws {SystemError} EMFILE: the process has too many descriptors. ENFILE, ENOMEM: the machine
   *   has no pipe or no memory more. EINVAL, EPERM: no such capacity, see F_SETPIPE_SZ in fcntl(2).
   * @see pipe2(2)
   */
  static create(sys: Syscalls, options: PipeOptions = {}): Pipe {
    const { nonblocking, closeOnExec, capacity } = options;
    const flags = (nonblocking === true ? O_NONBLOCK : 0) | (closeOnExec === true ? O_CLOEXEC : 0);
    const ends = sys.pipe2(flags);
    const pipe = new Pipe(sys, ends);
    try {
      if (capacity !== undefined) sys.fcntl(ends[0], F_SETPIPE_SZ, capacity);
    } catch (error) {
      pipe[Symbol.dispose]();
      throw error;
    }
    return pipe;
  }

  [Symbol.dispose](): void {
    this.writer.close();
    this.reader.close();
  }
}
