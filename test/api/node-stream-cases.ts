import assert from "node:assert/strict";
import { finished, pipeline } from "node:stream/promises";
import { nodeReadable, nodeWritable } from "../../runtime/api/node-streams.ts";
import { F_GETFD, Pipe, SIG_IGN, SIGPIPE } from "../../runtime/index.ts";
import { type ApiCase, failsWith } from "./case.ts";

const CAPACITY = 65_536;

export const nodeStreamCases: ApiCase[] = [
  {
    name: "nodeWritable() and nodeReadable() carry more than the pipe holds, and close both ends",
    async run(sys) {
      const [r, w] = sys.pipe();
      const out = nodeWritable(sys, w);
      assert.equal(out.write(Buffer.alloc(5 * CAPACITY, "x")), false, "the producer is held back");
      out.end("end");
      const all: Buffer[] = [];
      await pipeline(nodeReadable(sys, r), async (source) => {
        for await (const chunk of source) all.push(chunk);
      });
      await finished(out);
      const text = Buffer.concat(all).toString();
      assert.equal(text.length, 5 * CAPACITY + 3);
      assert.ok(text.endsWith("xend"));
      for (const fd of [r, w]) failsWith("EBADF", () => sys.fcntl(fd, F_GETFD));
    },
  },
  {
    name: "nodeReadable() gives up a read that waits when it is destroyed, and closes",
    async run(sys) {
      using pipe = Pipe.create(sys);
      const fd = sys.dup(pipe.reader.fd);
      const stream = nodeReadable(sys, fd);
      stream.resume();
      const closed = new Promise((resolve) => stream.once("close", resolve));
      stream.destroy();
      await closed;
      failsWith("EBADF", () => sys.fcntl(fd, F_GETFD));
      pipe.writer.write(Uint8Array.of(1));
      assert.equal(pipe.reader.read(new Uint8Array(2)), 1, "it has taken nothing");
    },
  },
  {
    name: "nodeWritable() gives up a write that waits when it is destroyed, and closes",
    async run(sys) {
      using pipe = Pipe.create(sys);
      const fd = sys.dup(pipe.writer.fd);
      const stream = nodeWritable(sys, fd);
      stream.write(Buffer.alloc(CAPACITY + 1));
      const closed = new Promise((resolve) => stream.once("close", resolve));
      stream.destroy();
      await closed;
      failsWith("EBADF", () => sys.fcntl(fd, F_GETFD));
    },
  },
  {
    name: "nodeWritable() has the error EPIPE when nobody reads",
    async run(sys) {
      const before = sys.sigaction(SIGPIPE, SIG_IGN);
      const [r, w] = sys.pipe();
      sys.close(r);
      const stream = nodeWritable(sys, w);
      stream.end("x");
      await assert.rejects(finished(stream), { code: "EPIPE" });
      sys.sigaction(SIGPIPE, before);
    },
  },
];
