import assert from "node:assert/strict";
import { F_GETFD, F_GETFL, Fifo, O_NONBLOCK, S_IFIFO, S_IFMT } from "../../runtime/index.ts";
import { type ApiCase, failsWith, rejectsWith } from "./case.ts";

let count = 0;
/** A path that no other case, and no other run on a real system, has. */
function newPath(): string {
  count += 1;
  return `/tmp/wasm-ipc-fifo-${process.pid}-${Date.now()}-${count}`;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

export const fifoCases: readonly ApiCase[] = [
  {
    name: "Fifo.create() makes a FIFO with a mode, and disposing removes it",
    run(sys) {
      const path = newPath();
      {
        using fifo = Fifo.create(sys, path, { mode: 0o640 });
        const { st_mode } = sys.stat(fifo.path);
        assert.equal(st_mode & S_IFMT, S_IFIFO);
        assert.equal(st_mode & 0o777, 0o640);
        failsWith("EEXIST", () => Fifo.create(sys, path));
      }
      failsWith("ENOENT", () => sys.stat(path));
    },
  },
  {
    name: "Fifo carries bytes between ends that wait for each other, up to the end",
    async run(sys) {
      using fifo = Fifo.create(sys, newPath());
      const [reader, writer] = await Promise.all([
        Fifo.at(sys, fifo.path).openReaderAsync(),
        fifo.openWriterAsync({ timeoutMs: 20_000 }),
      ]);
      writer.write(bytesOf("through a name"));
      writer.close();
      assert.equal(textOf(reader.readAll()), "through a name");
      reader.close();
    },
  },
  {
    name: "Fifo.openReader() with nonblocking waits for nobody, openWriter() for no reader is ENXIO",
    run(sys) {
      using fifo = Fifo.create(sys, newPath());
      failsWith("ENXIO", () => fifo.openWriter({ nonblocking: true }));
      using reader = fifo.openReader({ nonblocking: true });
      assert.equal(sys.fcntl(reader.fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
      using writer = fifo.openWriter();
      assert.equal(sys.fcntl(writer.fd, F_GETFD), 1);
      writer.write(bytesOf("x"));
      assert.equal(reader.read(new Uint8Array(4)), 1);
    },
  },
  {
    name: "Fifo.openReaderAsync() gives up after its time, or when it is aborted, and is no reader then",
    async run(sys) {
      using fifo = Fifo.create(sys, newPath());
      await rejectsWith("ETIMEDOUT", fifo.openReaderAsync({ timeoutMs: 20 }));
      const controller = new AbortController();
      const opened = fifo.openReaderAsync({ signal: controller.signal });
      const reason = new Error("no longer wanted");
      controller.abort(reason);
      await assert.rejects(opened, (error) => error === reason);
      failsWith("ENXIO", () => fifo.openWriter({ nonblocking: true }));
    },
  },
  {
    name: "Fifo.remove() leaves the ends that are open, and disposing does not remove another one",
    run(sys) {
      const path = newPath();
      using fifo = Fifo.create(sys, path);
      using reader = fifo.openReader({ nonblocking: true });
      using writer = fifo.openWriter();
      fifo.remove();
      writer.write(bytesOf("y"));
      assert.equal(reader.read(new Uint8Array(4)), 1);
      const other = Fifo.create(sys, path);
      fifo[Symbol.dispose]();
      assert.equal(sys.stat(path).st_nlink, 1);
      other.remove();
      failsWith("ENOENT", () => other.remove());
      failsWith("ENOENT", () => other.openReader());
    },
  },
];
