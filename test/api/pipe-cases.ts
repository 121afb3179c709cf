import assert from "node:assert/strict";
import type { Syscalls } from "../../host/contract.ts";
import {
  F_GETFD,
  F_GETPIPE_SZ,
  F_SETFL,
  O_NONBLOCK,
  Pipe,
  PipeReader,
  POLLOUT,
  readable,
  SIG_IGN,
  SIGPIPE,
  writable,
} from "../../runtime/index.ts";
import { type ApiCase, failsWith, rejectsWith } from "./case.ts";

const CAPACITY = 65_536;

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const pattern = (size: number) =>
  Uint8Array.from({ length: size }, (_, index) => (index * 7) & 255);

/** Resolves once the pipe has room no more: state, not time, says that a write has begun. */
async function untilFull(sys: Syscalls, fd: number): Promise<void> {
  while (sys.poll([{ fd, events: POLLOUT }], 0) !== 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Asserts that nobody has a descriptor to write to the pipe any more, and reads what is left. */
function restOf(sys: Syscalls, fd: number): Uint8Array {
  sys.fcntl(fd, F_SETFL, O_NONBLOCK);
  using reader = new PipeReader(sys, fd);
  return reader.readAll();
}

const isClosed = (sys: Syscalls, fd: number) => failsWith("EBADF", () => sys.fcntl(fd, F_GETFD));

export const pipeCases: ApiCase[] = [
  {
    name: "Pipe.create() makes two ends, and what is written is read in order",
    run(sys) {
      using pipe = Pipe.create(sys);
      assert.equal(pipe.writer.write(bytesOf("one ")), 4);
      assert.equal(pipe.writer.write(bytesOf("two")), 3);
      const buffer = new Uint8Array(5);
      assert.equal(pipe.reader.read(buffer), 5);
      assert.equal(textOf(buffer), "one t");
      pipe.writer.close();
      assert.equal(textOf(pipe.reader.readAll()), "wo");
      assert.equal(pipe.reader.read(buffer), 0);
    },
  },
  {
    name: "Pipe.create() gives a nonblocking pipe, a capacity and close-on-exec when asked",
    run(sys) {
      using pipe = Pipe.create(sys, { nonblocking: true, capacity: 5000, closeOnExec: true });
      assert.equal(sys.fcntl(pipe.reader.fd, F_GETPIPE_SZ), 8192);
      assert.equal(sys.fcntl(pipe.writer.fd, F_GETFD), 1);
      failsWith("EAGAIN", () => pipe.reader.read(new Uint8Array(1)));
      assert.equal(pipe.writer.write(new Uint8Array(10_000)), 8192);
      failsWith("EAGAIN", () => pipe.writer.write(new Uint8Array(1)));
      using plain = Pipe.create(sys);
      assert.equal(sys.fcntl(plain.reader.fd, F_GETPIPE_SZ), CAPACITY);
      assert.equal(sys.fcntl(plain.reader.fd, F_GETFD), 0);
    },
  },
  {
    name: "Pipe.create() leaves nothing open when it cannot have its capacity",
    run(sys) {
      const [first, second] = sys.pipe();
      sys.close(first);
      sys.close(second);
      failsWith("EINVAL", () => Pipe.create(sys, { capacity: -1 }));
      isClosed(sys, first);
      isClosed(sys, second);
    },
  },
  {
    name: "Pipe's ends close once, refuse calls afterwards, and are closed by disposing",
    run(sys) {
      const pipe = Pipe.create(sys);
      const { reader, writer } = pipe;
      const { fd } = reader;
      reader.close();
      using other = new PipeReader(sys, sys.dup(writer.fd));
      assert.equal(other.fd, fd, "the number is used again");
      reader.close();
      assert.equal(reader.fd, -1);
      sys.fcntl(fd, F_GETFD);
      failsWith("EBADF", () => reader.read(new Uint8Array(1)));
      const number = writer.fd;
      pipe[Symbol.dispose]();
      isClosed(sys, number);
      failsWith("EBADF", () => writer.write(new Uint8Array(1)));
    },
  },
  {
    name: "PipeReader.readAsync() waits for bytes, on a nonblocking pipe too",
    async run(sys) {
      for (const nonblocking of [false, true]) {
        using pipe = Pipe.create(sys, { nonblocking });
        const buffer = new Uint8Array(10);
        const read = pipe.reader.readAsync(buffer);
        assert.equal(await pipe.writer.writeAsync(bytesOf("abc")), 3);
        assert.equal(await read, 3);
        assert.equal(textOf(buffer.subarray(0, 3)), "abc");
      }
    },
  },
  {
    name: "PipeReader.readAsync() gives up by time or signal, and takes nothing",
    async run(sys) {
      using pipe = Pipe.create(sys);
      const buffer = new Uint8Array(4);
      await rejectsWith("ETIMEDOUT", pipe.reader.readAsync(buffer, { timeoutMs: 5 }));
      const controller = new AbortController();
      const { signal } = controller;
      const reason = new Error("no longer wanted");
      const read = pipe.reader.readAsync(buffer, { signal });
      controller.abort(reason);
      await assert.rejects(read, (error) => error === reason);
      pipe.writer.write(bytesOf("kept"));
      await assert.rejects(pipe.reader.readAsync(buffer, { signal }), (error) => error === reason);
      assert.equal(pipe.reader.read(buffer), 4);
    },
  },
  {
    name: "PipeWriter.writeAsync() writes more than the pipe holds while somebody reads",
    async run(sys) {
      for (const nonblocking of [false, true]) {
        using pipe = Pipe.create(sys, { nonblocking });
        const sent = pattern(5 * CAPACITY + 3);
        const written = pipe.writer.writeAsync(sent).then((count) => {
          pipe.writer.close();
          return count;
        });
        assert.deepEqual(await pipe.reader.readAllAsync(), sent);
        assert.equal(await written, sent.length);
      }
    },
  },
  {
    name: "PipeWriter.writeAsync() tells how much it wrote when it was given up in between",
    async run(sys) {
      using pipe = Pipe.create(sys);
      const controller = new AbortController();
      const { signal } = controller;
      const written = pipe.writer.writeAsync(pattern(CAPACITY + 4096), { signal });
      await untilFull(sys, pipe.writer.fd);
      controller.abort();
      assert.equal(await written, CAPACITY);
      await assert.rejects(pipe.writer.writeAsync(pattern(1), { signal }), { name: "AbortError" });
      await rejectsWith("ETIMEDOUT", pipe.writer.writeAsync(pattern(1), { timeoutMs: 5 }));
      pipe.writer.close();
      assert.deepEqual(pipe.reader.readAll(), pattern(CAPACITY));
    },
  },
  {
    name: "PipeReader is iterated by chunk until the last writer has closed",
    async run(sys) {
      using pipe = Pipe.create(sys);
      pipe.writer.write(bytesOf("ab"));
      const seen: string[] = [];
      for await (const chunk of pipe.reader) {
        seen.push(textOf(chunk));
        if (seen.length === 2) pipe.writer.close();
        else pipe.writer.write(bytesOf("cd"));
      }
      assert.deepEqual(seen, ["ab", "cd"]);
    },
  },
  {
    name: "PipeWriter fails with EPIPE when nobody can read any more, also while it waits",
    async run(sys) {
      using pipe = Pipe.create(sys);
      const before = sys.sigaction(SIGPIPE, SIG_IGN);
      const written = pipe.writer.writeAsync(pattern(CAPACITY + 1));
      const end = written.then(
        (count) => count,
        (error) => error.code,
      );
      await untilFull(sys, pipe.writer.fd);
      pipe.reader.close();
      // What was written before the end counts, as for write(2); then there is only the failure.
      assert.ok([CAPACITY, "EPIPE"].includes(await end));
      failsWith("EPIPE", () => pipe.writer.write(bytesOf("x")));
      await rejectsWith("EPIPE", pipe.writer.writeAsync(bytesOf("x")));
      sys.sigaction(SIGPIPE, before);
    },
  },
  {
    name: "readable() streams the bytes, also into the reader's own buffers, and closes at the end",
    async run(sys) {
      const pipe = Pipe.create(sys);
      const { fd } = pipe.reader;
      const reader = pipe.reader.readable().getReader({ mode: "byob" });
      pipe.writer.write(bytesOf("abcdef"));
      const first = await reader.read(new Uint8Array(4));
      assert.equal(textOf(first.value!), "abcd");
      const waiting = reader.read(new Uint8Array(8));
      assert.equal(textOf((await waiting).value!), "ef");
      pipe.writer.close();
      assert.equal((await reader.read(new Uint8Array(8))).done, true);
      await reader.closed;
      isClosed(sys, fd);
    },
  },
  {
    name: "readable() waits on a nonblocking pipe, and pipes through what streams pipe through",
    async run(sys) {
      const pipe = Pipe.create(sys, { nonblocking: true });
      const decoder = new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>;
      const text = pipe.reader.readable().pipeThrough(decoder);
      const encoder = new TextEncoderStream();
      void encoder.readable.pipeTo(pipe.writer.writable());
      const writer = encoder.writable.getWriter();
      void writer.write("gr\u00fc").then(() => writer.write("\u00dfe"));
      const reader = text.getReader();
      let all = "";
      while (all.length < 5) all += (await reader.read()).value!;
      assert.equal(all, "gr\u00fc\u00dfe");
      await writer.close();
      assert.equal((await reader.read()).done, true);
    },
  },
  {
    name: "readable() gives up a read that waits when it is cancelled, and closes",
    async run(sys) {
      const [r, w] = sys.pipe();
      const stream = readable(sys, r);
      const reader = stream.getReader();
      const waiting = reader.read();
      await reader.cancel("enough");
      assert.equal((await waiting).done, true);
      isClosed(sys, r);
      sys.close(w);
    },
  },
  {
    name: "readable() passes an error on",
    async run(sys) {
      const [r, w] = sys.pipe();
      const reader = readable(sys, w).getReader();
      await rejectsWith("EBADF", reader.read());
      isClosed(sys, w);
      sys.close(r);
    },
  },
  {
    name: "writable() holds its producer back while the pipe is full",
    async run(sys) {
      const [r, w] = sys.pipe();
      const writer = writable(sys, w).getWriter();
      assert.equal(writer.desiredSize, CAPACITY);
      const sent = pattern(2 * CAPACITY);
      const written = writer.write(sent);
      await untilFull(sys, w);
      assert.ok(writer.desiredSize! <= 0);
      using reader = new PipeReader(sys, r);
      const read = reader.readAllAsync();
      await written;
      await writer.close();
      assert.deepEqual(await read, sent);
      isClosed(sys, w);
    },
  },
  {
    name: "writable() gives up a write that waits when it is aborted, and closes",
    async run(sys) {
      const [r, w] = sys.pipe();
      const writer = writable(sys, w).getWriter();
      const reason = new Error("no longer wanted");
      const written = writer.write(pattern(CAPACITY + 1));
      const failed = assert.rejects(written, (error) => error === reason);
      const closed = assert.rejects(writer.closed, (error) => error === reason);
      await untilFull(sys, w);
      await writer.abort(reason);
      await failed;
      await closed;
      isClosed(sys, w);
      assert.equal(restOf(sys, r).length, CAPACITY);
    },
  },
  {
    name: "writable() fails with EPIPE when nobody reads, refuses what is no bytes, and closes",
    async run(sys) {
      const before = sys.sigaction(SIGPIPE, SIG_IGN);
      const [r, w] = sys.pipe();
      sys.close(r);
      const writer = writable(sys, w).getWriter();
      writer.closed.catch(() => {});
      await rejectsWith("EPIPE", writer.write(bytesOf("x")));
      isClosed(sys, w);
      sys.sigaction(SIGPIPE, before);
      using pipe = Pipe.create(sys);
      const other = pipe.writer.writable().getWriter();
      other.closed.catch(() => {});
      await assert.rejects(other.write("text" as unknown as Uint8Array), /Uint8Array/);
    },
  },
];
