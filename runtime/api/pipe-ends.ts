/**
 * PipeReader and PipeWriter: the two ends of a pipe, or a descriptor that a process was born with. A
 * handle owns its descriptor: disposing closes it. The end of the file is nobody's word: a reader
 * meets it when no process has a descriptor to write any more, so close the copies that spawn made.
 */
import type { Syscalls } from "../../host/contract.ts";
import {
  CHUNK_BYTES,
  joined,
  OwnedDescriptor,
  readOnce,
  readSome,
  writeAll,
  writeAllAsync,
} from "./descriptor.ts";
import { readable, writable } from "./streams.ts";
import { type AsyncOptions, withTimeout } from "./wait-options.ts";

/** What both ends have. */
abstract class PipeEnd implements Disposable {
  protected readonly sys: Syscalls;
  readonly #file: OwnedDescriptor;

  /** @param fd - an open descriptor, this handle's from now on. */
  constructor(sys: Syscalls, fd: number) {
    this.sys = sys;
    this.#file = new OwnedDescriptor(sys, fd);
  }

  /** The descriptor, -1 after `close()`: a child that inherits it has it under the same number. */
  get fd(): number {
    return this.#file.fd;
  }

  /** Gives the descriptor to somebody else: this handle is closed, the descriptor is not. */
  protected release(): number {
    return this.#file.release();
  }

  /** Closes the descriptor; a second call does nothing. @see close(2) */
  close(): void {
    this.#file.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * The end of a pipe to read from.
 *
 * @example
 * ```ts
 * const [r, w] = sys.pipe();
 * using reader = new PipeReader(sys, r);
 * {
 *   using writer = new PipeWriter(sys, w);
 *   writer.write(Uint8Array.of(1, 2, 3));
 * }
 * reader.readAll(); // => Uint8Array.of(1, 2, 3)
 * ```
 * @see read(2), pipe(7)
 */
export class PipeReader extends PipeEnd implements AsyncIterable<Uint8Array<ArrayBuffer>> {
  /**
   * Reads what is there, up to the buffer's length; blocks the thread while there is nothing.
   * @returns bytes, 0 at the end of the file.
   * @throws {SystemError} EAGAIN: `nonblocking`, and there is nothing yet. EBADF: closed.
   * @see read(2)
   */
  read(buffer: Uint8Array): number {
    return readOnce(this.sys, this.fd, buffer);
  }

  /**
   * `read()` without blocking the thread. It waits on a nonblocking pipe too.
   * @param options - `timeoutMs` (none), `signal`.
   * @throws {SystemError} ETIMEDOUT, EBADF; the signal's reason when it aborts. In each case nothing
   *   was read.
   */
  async readAsync(buffer: Uint8Array, options: AsyncOptions = {}): Promise<number> {
    return await withTimeout("read", options, ({ signal }) =>
      readSome(this.sys, this.fd, buffer, signal),
    );
  }

  /**
   * Everything up to the end of the file; blocks the thread until the last writer has closed.
   * @throws as `read()`.
   */
  readAll(): Uint8Array<ArrayBuffer> {
    const parts: Uint8Array[] = [];
    for (;;) {
      const buffer = new Uint8Array(CHUNK_BYTES);
      const size = this.read(buffer);
      if (size === 0) return joined(parts);
      parts.push(buffer.subarray(0, size));
    }
  }

  /**
   * `readAll()` without blocking the thread.
   * @param options - `timeoutMs` for all of it (none), `signal`.
   * @throws as `readAsync()`; what was read by then is lost.
   */
  async readAllAsync(options: AsyncOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return await withTimeout("read", options, async (call) => {
      const parts: Uint8Array[] = [];
      for await (const chunk of this.chunks(call)) parts.push(chunk);
      return joined(parts);
    });
  }

  /**
   * The bytes in chunks as they come, until the end of the file. Each is the caller's to keep.
   * `for await (const chunk of reader)` is the same without options.
   * @param options - `signal`; `timeoutMs` for each chunk.
   * @throws as `readAsync()`.
   */
  async *chunks(options: AsyncOptions = {}): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const size = await this.readAsync(buffer, options);
      if (size === 0) return;
      yield buffer.slice(0, size);
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
    return this.chunks();
  }

  /** The rest as a stream, which owns the descriptor from now on; see `readable()`. */
  readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return readable(this.sys, this.release());
  }
}

/**
 * The end of a pipe to write to.
 *
 * @example
 * ```ts
 * using pipe = Pipe.create(sys);
 * const writer = new PipeWriter(sys, sys.dup(pipe.writer.fd));
 * await writer.writeAsync(Uint8Array.of(1, 2));
 * writer.close();
 * pipe.reader.read(new Uint8Array(8)); // => 2
 * ```
 * @see write(2), pipe(7)
 */
export class PipeWriter extends PipeEnd {
  /**
   * Writes all bytes; blocks the thread while the pipe is full. Up to PIPE_BUF (4096) bytes arrive
   * together, more may be mixed with what others write.
   * @returns the bytes written: fewer than all only when `nonblocking`.
   * @throws {SystemError} EAGAIN: `nonblocking`, and there is no room. EPIPE: nobody can read it any
   *   more; a program that does not ignore SIGPIPE ends instead. EBADF: closed.
   * @see write(2)
   */
  write(bytes: Uint8Array): number {
    return writeAll(this.sys, this.fd, bytes);
  }

  /**
   * `write()` without blocking the thread. It waits on a nonblocking pipe too.
   * @param options - `timeoutMs` (none), `signal`.
   * @returns the bytes written: fewer than all only when the time was up or the signal aborted after
   *   the first of them.
   * @throws {SystemError} ETIMEDOUT, EPIPE, EBADF; the signal's reason when it aborts.
   */
  async writeAsync(bytes: Uint8Array, options: AsyncOptions = {}): Promise<number> {
    return await withTimeout("write", options, ({ signal }) =>
      writeAllAsync(this.sys, this.fd, bytes, signal),
    );
  }

  /** A stream that owns the descriptor from now on; see `writable()`. */
  writable(): WritableStream<Uint8Array> {
    return writable(this.sys, this.release());
  }
}
