/**
 * Standard streams of a process that is a worker. Node passes a worker's output through the event
 * loops of every thread above it: it would be lost when the program ends, and late while the main
 * thread blocks in a system call. So a process writes to its descriptors itself, as a process does.
 */
import { writeSync } from "node:fs";

const sleepCell = new Int32Array(new SharedArrayBuffer(4));

/** Writes all of it to the descriptor before it returns. */
export function writeFully(fd: number, data: string | Uint8Array): void {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      // The descriptor does not block and its pipe is full; no call waits for one descriptor.
      Atomics.wait(sleepCell, 0, 0, 1);
    }
  }
}

type Write = (fd: number, bytes: Uint8Array) => void;

function takeOver(stream: NodeJS.WriteStream, fd: number, write: Write): void {
  stream.write = (
    chunk: Uint8Array | string,
    encodingOrDone?: BufferEncoding | ((error?: Error | null) => void),
    done?: (error?: Error | null) => void,
  ): boolean => {
    const encoding = typeof encodingOrDone === "string" ? encodingOrDone : "utf8";
    const callback = typeof encodingOrDone === "function" ? encodingOrDone : done;
    write(fd, typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk);
    if (callback !== undefined) process.nextTick(callback);
    return true;
  };
}

/** From now on this worker's process.stdout and process.stderr, and so console, write at once. */
export function takeOverStreams(write: Write): void {
  takeOver(process.stdout, 1, write);
  takeOver(process.stderr, 2, write);
}
