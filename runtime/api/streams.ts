/**
 * A descriptor as a WHATWG stream. The stream owns it, and closes it at its end. Back pressure is the
 * pipe's own: a stream reads when somebody asks for bytes, and takes no more to write than the pipe
 * does. For Node's streams see node-streams.ts.
 */
import type { Syscalls } from "../../host/contract.ts";
import { CHUNK_BYTES, OwnedDescriptor, readSome, writeAllAsync } from "./descriptor.ts";

/** @throws {TypeError} for what is not bytes, such as a string, which needs a TextEncoderStream. */
function checkChunk(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError(`chunk is ${typeof chunk}, wanted: a Uint8Array`);
}

/**
 * A descriptor to read from as a stream of bytes, which also fills a reader's own buffers
 * (`mode: "byob"`). It ends where the file does: for a pipe, when the last writer has closed it.
 * Cancelling it gives up a read that waits. In each case the descriptor is closed.
 *
 * @param fd - open for reading; the stream's from now on.
 * @example
 * ```ts
 * const [r, w] = sys.pipe();
 * sys.write(w, new TextEncoder().encode("hello"));
 * sys.close(w);
 * await new Response(readable(sys, r)).text(); // => "hello"
 * ```
 * @see read(2)
 */
export function readable(sys: Syscalls, fd: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  const file = new OwnedDescriptor(sys, fd);
  const stop = new AbortController();
  let reading: Promise<number> = Promise.resolve(0);
  return new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize: CHUNK_BYTES,
    async pull(controller: ReadableByteStreamController) {
      // There is one, because chunks are allocated; its view is a Uint8Array, as the standard says.
      const request = controller.byobRequest!;
      reading = readSome(sys, file.fd, request.view as Uint8Array, stop.signal);
      try {
        const size = await reading;
        if (stop.signal.aborted) return;
        if (size === 0) {
          file.close();
          controller.close();
        }
        request.respond(size);
      } catch (error) {
        if (!stop.signal.aborted) file.close();
        throw error;
      }
    },
    async cancel() {
      stop.abort();
      // It rejects with the abort, or has come to its end: either way nobody reads any more.
      await Promise.allSettled([reading]);
      file.close();
    },
  });
}

/**
 * A descriptor to write to as a stream that takes Uint8Arrays. A write has been done when all its
 * bytes are in the file. `close()` closes the descriptor; so do an error, such as EPIPE when nobody
 * reads the pipe any more, and `abort()`, which gives up a write that waits.
 *
 * @param fd - open for writing; the stream's from now on.
 * @example
 * ```ts
 * const [r, w] = sys.pipe();
 * await new Blob(["hello"]).stream().pipeTo(writable(sys, w));
 * await new Response(readable(sys, r)).text(); // => "hello"
 * ```
 * @see write(2)
 */
export function writable(sys: Syscalls, fd: number): WritableStream<Uint8Array> {
  const file = new OwnedDescriptor(sys, fd);
  // What is no bytes is for write() to refuse, with words.
  const size = (chunk?: Uint8Array) => (chunk instanceof Uint8Array ? chunk.length : 1);
  return new WritableStream<Uint8Array>(
    {
      async write(chunk, controller) {
        const { signal } = controller;
        try {
          await writeAllAsync(sys, file.fd, checkChunk(chunk), signal);
          signal.throwIfAborted();
        } catch (error) {
          file.close();
          throw error;
        }
      },
      close: () => file.close(),
      abort: () => file.close(),
    },
    { highWaterMark: CHUNK_BYTES, size },
  );
}
