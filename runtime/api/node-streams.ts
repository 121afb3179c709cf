/**
 * `wasm-ipc/node`: a descriptor as a stream of Node, for pipeline(), process.stdout and everything else
 * that takes one. The stream owns the descriptor, and closes it when it is destroyed, which Node does
 * at its end and after an error. No page loads this file.
 */
import { Readable, Writable } from "node:stream";
import type { Syscalls } from "../../host/contract.ts";
import { CHUNK_BYTES, OwnedDescriptor, readSome, writeAllAsync } from "./descriptor.ts";

/** One operation at a time on a descriptor, which `end` gives up before it closes it. */
class Operation {
  readonly file: OwnedDescriptor;
  readonly #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(sys: Syscalls, fd: number) {
    this.file = new OwnedDescriptor(sys, fd);
  }

  /** Runs it and reports its result, unless the stream was destroyed meanwhile. */
  run<T>(
    work: (signal: AbortSignal) => Promise<T>,
    resolved: (result: T) => void,
    rejected: (error: Error) => void,
  ): void {
    const unless = <R>(report: (value: R) => void) => {
      return (value: R) => {
        if (!this.#stop.signal.aborted) report(value);
      };
    };
    this.#running = work(this.#stop.signal).then(unless(resolved), unless(rejected));
  }

  end(error: Error | null, done: (error: Error | null) => void): void {
    this.#stop.abort();
    const close = () => {
      this.file.close();
      done(error);
    };
    void this.#running.then(close, close);
  }
}

/**
 * A descriptor to read from as a stream of Node. It ends where the file does: for a pipe, when the
 * last writer has closed it. `destroy()` gives up a read that waits.
 *
 * @param fd - open for reading; the stream's from now on.
 * @example
 * ```ts
 * const [r, w] = sys.pipe();
 * nodeWritable(sys, w).end("hello");
 * for await (const chunk of nodeReadable(sys, r)) {
 *   chunk.toString(); // => "hello"
 * }
 * ```
 * @see read(2)
 */
export function nodeReadable(sys: Syscalls, fd: number): Readable {
  const operation = new Operation(sys, fd);
  return new Readable({
    highWaterMark: CHUNK_BYTES,
    read(size) {
      const buffer = Buffer.allocUnsafeSlow(size);
      operation.run(
        (signal) => readSome(sys, operation.file.fd, buffer, signal),
        (count) => this.push(count === 0 ? null : buffer.subarray(0, count)),
        (error) => this.destroy(error),
      );
    },
    destroy: (error, done) => operation.end(error, done),
  });
}

/**
 * A descriptor to write to as a stream of Node. `end()` closes the descriptor when all is written;
 * an error, such as EPIPE when nobody reads the pipe any more, is the stream's. `destroy()` gives up
 * a write that waits.
 *
 * @param fd - open for writing; the stream's from now on.
 * @example
 * ```ts
 * const [r, w] = sys.pipe();
 * const stream = nodeWritable(sys, w);
 * stream.end("hello");
 * await new Response(readable(sys, r)).text(); // => "hello"
 * ```
 * @see write(2)
 */
export function nodeWritable(sys: Syscalls, fd: number): Writable {
  const operation = new Operation(sys, fd);
  return new Writable({
    highWaterMark: CHUNK_BYTES,
    decodeStrings: true,
    write(chunk: Uint8Array, _encoding, done) {
      operation.run(
        (signal) => writeAllAsync(sys, operation.file.fd, chunk, signal),
        () => done(),
        done,
      );
    },
    destroy: (error, done) => operation.end(error, done),
  });
}
