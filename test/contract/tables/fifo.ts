/** open(2) of FIFOs, and what is read from them and written to them: fifo(7). */
import {
  F_GETFL,
  F_GETPIPE_SZ,
  F_SETFL,
  O_ACCMODE,
  O_APPEND,
  O_CREAT,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from "../../../assembly/abi/fcntl.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT } from "../../../assembly/abi/poll.ts";
import { SIG_IGN, SIGKILL, SIGPIPE, SIGUSR1 } from "../../../assembly/abi/signal.ts";
import { SEEK_SET } from "../../../assembly/abi/unistd.ts";
import type { Stat } from "../../../host/contract-files.ts";
import { equal, fails, ok } from "../check.ts";
import { CAPACITY, closeAll, PAGE, ready } from "../objects-files.ts";
import { ALICE, HANDLER, type Proc, type Row, row, type World } from "../row.ts";
import type { Run } from "../steps-files.ts";

async function fifo({ proc, folder }: World): Promise<{ p: Proc; path: string }> {
  const [p, dir] = [await proc(), await folder()];
  await p.do("umask", 0);
  await p.do("mkfifo", `${dir}/fifo`, 0o666);
  return { p, path: `${dir}/fifo` };
}

/** A FIFO and a descriptor for each end. */
async function openFifo(world: World, flags = 0) {
  const { p, path } = await fifo(world);
  const r: number = await p.do("open", path, O_RDONLY | O_NONBLOCK);
  const w: number = await p.do("open", path, O_WRONLY | flags);
  await p.do("fcntl", r, F_SETFL, flags);
  return { p, path, r, w };
}

export const fifoOpen: readonly Row[] = [
  row(
    "open() returns EINTR when a handler runs while it waits for a FIFO's other end",
    async (v) => {
      const { p, path } = await fifo(v);
      await p.do("sigaction", SIGUSR1, HANDLER);
      for (const flags of [O_RDONLY, O_WRONLY]) {
        const call = p.start("open", path, flags);
        await p.asleep();
        await p.kill(SIGUSR1);
        equal((await fails("EINTR", call)).syscall, "open");
        equal(await p.do<number[]>("signals"), [SIGUSR1]);
      }
      await fails("ENXIO", p.do("open", path, O_WRONLY | O_NONBLOCK));
    },
  ),
  row("open() returns ENXIO with O_NONBLOCK to write a FIFO that nobody reads", async (world) => {
    const { p, path } = await fifo(world);
    await fails("ENXIO", p.do("open", path, O_WRONLY | O_NONBLOCK));
    const r: number = await p.do("open", path, O_RDONLY | O_NONBLOCK);
    const w: number = await p.do("open", path, O_WRONLY | O_NONBLOCK);
    await closeAll(p, r);
    await fails("ENXIO", p.do("open", path, O_WRONLY | O_NONBLOCK));
    await closeAll(p, w);
  }),
  row("open() of a FIFO to read waits for a writer", async (world) => {
    const { p: reader, path } = await fifo(world);
    const writer = await world.proc();
    const call = reader.start("open", path, O_RDONLY);
    await reader.asleep();
    const w: number = await writer.do("open", path, O_WRONLY);
    const r = await call;
    await writer.do("writeText", w, "hello");
    equal(await reader.do<string>("readText", r, 10), "hello");
  }),
  row("open() of a FIFO to write waits for a reader", async (world) => {
    const { p: writer, path } = await fifo(world);
    const reader = await world.proc();
    const call = writer.start("open", path, O_WRONLY);
    await writer.asleep();
    const r: number = await reader.do("open", path, O_RDONLY);
    const w = await call;
    await writer.do("writeText", w, "hello");
    equal(await reader.do<string>("readText", r, 10), "hello");
  }),
  row("open() of a FIFO wakes all that wait for the other end", async (world) => {
    const { p, path } = await fifo(world);
    const others = [await world.proc(), await world.proc(), await world.proc()];
    const calls = others.map((each) => each.start("open", path, O_RDONLY));
    for (const each of others) await each.asleep();
    await p.do("open", path, O_WRONLY);
    for (const fd of await Promise.all(calls)) ok(fd >= 0, "a descriptor");
  }),
  row("open() of a FIFO returns when its other end comes and goes at once", async (world) => {
    const { p, path } = await fifo(world);
    const other = await world.proc();
    const call = other.start("open", path, O_RDONLY);
    await other.asleep();
    await closeAll(p, await p.do("open", path, O_WRONLY | O_NONBLOCK));
    const r = await call;
    equal(await other.do<string>("readText", r, 10), "", "the writer is gone");
  }),
  row("open() of a FIFO is not ended by another that waits for the same", async (world) => {
    const { p, path } = await fifo(world);
    const [a, b] = [await world.proc(), await world.proc()];
    const calls = [a.start("open", path, O_WRONLY), b.start("open", path, O_WRONLY)];
    await a.asleep();
    await b.asleep();
    await p.do("open", path, O_RDONLY);
    await Promise.all(calls);
  }),
  row("open() of a FIFO to read does not wait with O_NONBLOCK, or for a writer", async (world) => {
    const { p, path } = await fifo(world);
    const r: number = await p.do("open", path, O_RDONLY | O_NONBLOCK);
    equal(await p.do("fcntl", r, F_GETFL).then((flags) => flags & ~0o100000), O_NONBLOCK);
    await p.do("open", path, O_WRONLY);
    ok((await p.do("open", path, O_RDONLY)) >= 0, "a second reader");
    ok((await p.do("open", path, O_WRONLY)) >= 0, "a second writer");
  }),
  row("open() of a FIFO with O_RDWR never waits, and is both ends", async (world) => {
    const { p, path } = await fifo(world);
    const fd: number = await p.do("open", path, O_RDWR);
    equal((await p.do("fcntl", fd, F_GETFL)) & O_ACCMODE, O_RDWR);
    await p.do("writeText", fd, "to myself");
    equal(await p.do<string>("readText", fd, 100), "to myself");
    const call = p.start<string>("readTextTwin", fd, 10);
    await p.asleep();
    await p.do("writeText", fd, "no end");
    equal(await call, "no end");
    const w: number = await p.do("open", path, O_WRONLY | O_NONBLOCK);
    ok(w >= 0, "it counts as a reader");
  }),
  row("open() of a FIFO waits again when all have closed it", async (world) => {
    const { p, path, r, w } = await openFifo(world);
    await closeAll(p, r, w);
    const call = p.start("async.open", path, O_RDONLY);
    await p.asleep();
    await p.do("open", path, O_WRONLY);
    await call;
  }),
  row(
    "open() of a FIFO is not undone for others by a waiting one that is killed",
    async (world) => {
      const { p, path } = await fifo(world);
      const other = await world.proc({ fresh: true });
      void other.start("open", path, O_RDONLY);
      await other.asleep();
      await other.kill(SIGKILL);
      await other.ended();
      await fails("ENXIO", p.do("open", path, O_WRONLY | O_NONBLOCK));
    },
  ),
  row("open() of a FIFO counts as its end while it waits", async (world) => {
    const { p, path } = await fifo(world);
    const other = await world.proc();
    const call = other.start("open", path, O_RDONLY);
    await other.asleep();
    const w: number = await p.do("open", path, O_WRONLY | O_NONBLOCK);
    await p.do("writeText", w, "x");
    equal(await other.do<string>("readText", await call, 10), "x");
  }),
  row("open() of a FIFO takes O_CREAT, O_TRUNC and O_APPEND as nothing new", async (world) => {
    const { p, path } = await fifo(world);
    const fd: number = await p.do("open", path, O_RDWR);
    await p.do("writeText", fd, "stays");
    const flags = O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
    const other: number = await p.do("open", path, flags, 0o600);
    equal(await p.do<string>("readText", other, 100), "stays");
  }),
  row("open() of a FIFO as a twin waits while its process opens the other end", async (world) => {
    const { p, path } = await fifo(world);
    const call = p.start("async.open", path, O_RDONLY);
    await p.asleep();
    const w: number = await p.do("open", path, O_WRONLY);
    const r = await call;
    await p.do("writeText", w, "both");
    equal(await p.do<string>("readText", r, 10), "both");
  }),
  row(
    "open() of a FIFO as a twin rejects with its signal's reason, and is no end",
    async (world) => {
      const { p, path } = await fifo(world);
      const call = p.start("async.open", path, O_RDONLY, 0, { abort: "here" });
      await p.asleep();
      await p.do("abort", "here", "stop it");
      const error = await call.then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      equal(error?.message, "stop it", "the reason");
      await fails("ENXIO", p.do("open", path, O_WRONLY | O_NONBLOCK));
    },
  ),
];

export const fifoData: readonly Row[] = [
  row("read() from a FIFO returns 0 at once when nobody has opened it to write", async (world) => {
    const { p, path } = await fifo(world);
    const r: number = await p.do("open", path, O_RDONLY | O_NONBLOCK);
    equal(await p.do<string>("readText", r, 10), "");
    await p.do("fcntl", r, F_SETFL, 0);
    equal(await p.do<string>("readText", r, 10), "", "blocking");
  }),
  row("read() from a FIFO ends with each last writer, and goes on with the next", async (world) => {
    const { p, path, r, w } = await openFifo(world);
    for (const text of ["first", "second"]) {
      const writer: number = text === "first" ? w : await p.do("open", path, O_WRONLY);
      await p.do("writeText", writer, text);
      await closeAll(p, writer);
      equal(await p.do<string>("readText", r, 100), text);
      equal(await p.do<string>("readText", r, 100), "", "the end");
    }
  }),
  row("read() from a FIFO that sleeps is not woken by a writer that only opens", async (world) => {
    const { p, path, r } = await openFifo(world);
    const call = p.start<string>("readTextTwin", r, 10);
    await p.asleep();
    await closeAll(p, await p.do("open", path, O_WRONLY));
    await p.asleep();
    const w: number = await p.do("open", path, O_WRONLY);
    await p.do("writeText", w, "x");
    equal(await call, "x");
  }),
  row(
    "read() from a FIFO returns EAGAIN with O_NONBLOCK while somebody writes it",
    async (world) => {
      const { p, r, w } = await openFifo(world, O_NONBLOCK);
      await fails("EAGAIN", p.do("readText", r, 10));
      await closeAll(p, w);
      equal(await p.do<string>("readText", r, 10), "");
    },
  ),
  row(
    "write() to a FIFO returns EPIPE when its readers are gone, until one comes",
    async (world) => {
      const { p, path, r, w } = await openFifo(world);
      await p.do("sigaction", SIGPIPE, SIG_IGN);
      await closeAll(p, r);
      await fails("EPIPE", p.do("writeText", w, "x"));
      const r2: number = await p.do("open", path, O_RDONLY);
      await p.do("writeText", w, "again");
      equal(await p.do<string>("readText", r2, 10), "again");
    },
  ),
  row("write() to a FIFO keeps the data while anybody has it open", async (world) => {
    const { p, path, r, w } = await openFifo(world);
    await p.do("writeText", w, "one two");
    const r2: number = await p.do("open", path, O_RDONLY);
    await closeAll(p, r, w);
    equal(await p.do<string>("readText", r2, 3), "one");
    await closeAll(p, r2);
    const fd: number = await p.do("open", path, O_RDWR | O_NONBLOCK);
    await fails("EAGAIN", p.do("readText", fd, 10));
  }),
  row("write() to a FIFO holds 65,536 bytes, and fstat() tells 0", async (world) => {
    const { p, r, w } = await openFifo(world, O_NONBLOCK);
    equal(await p.do("fcntl", w, F_GETPIPE_SZ), CAPACITY);
    equal(await p.do("fill", w, PAGE, 3), CAPACITY);
    equal((await p.do<Stat>("fstat", r)).st_size, 0);
    equal(await p.do("readRuns", r, 2 * CAPACITY), [[3, CAPACITY]]);
  }),
  row("write() to a FIFO of up to PIPE_BUF bytes is never torn", async (world) => {
    const { p: reader, path } = await fifo(world);
    const kids = await Promise.all(Array.from({ length: 4 }, () => world.proc(ALICE)));
    const opened = kids.map((kid) => kid.start("open", path, O_WRONLY));
    for (const kid of kids) await kid.asleep();
    const r: number = await reader.do("open", path, O_RDONLY);
    const fds = await Promise.all(opened);
    const writes = kids.map((kid, i) => kid.start("writeRecords", fds[i]!, i, PAGE - 1, 50));
    for (const write of writes) write.then(() => undefined);
    const all = reader.start<Run[]>("readToEnd", r);
    for (const [i, write] of writes.entries()) {
      equal(await write, [PAGE - 1]);
      await closeAll(kids[i]!, fds[i]!);
    }
    for (const [byte, length] of await all) {
      ok(length % (PAGE - 1) === 0, `a run of ${length} bytes ${byte} is whole records`);
    }
  }),
  row("read() from a FIFO by two readers gives each byte to one of them", async (world) => {
    const { p, path, w } = await openFifo(world);
    const kids = [await world.proc(), await world.proc()];
    const fds: number[] = [];
    for (const kid of kids) fds.push(await kid.do("open", path, O_RDONLY));
    const calls = kids.map((kid, i) => kid.start<string>("readText", fds[i], 1));
    for (const kid of kids) await kid.asleep();
    await p.do("writeText", w, "ab");
    equal((await Promise.all(calls)).sort(), ["a", "b"]);
  }),
  row("poll() tells no POLLHUP of a FIFO before its first writer", async (world) => {
    const { p, path } = await fifo(world);
    const r: number = await p.do("open", path, O_RDONLY | O_NONBLOCK);
    equal(await ready(p, r, POLLIN), 0);
    const w: number = await p.do("open", path, O_WRONLY);
    equal(await ready(p, r, POLLIN), 0);
    await closeAll(p, w);
    equal(await ready(p, r, POLLIN), POLLHUP);
    await p.do("open", path, O_WRONLY);
    equal(await ready(p, r, POLLIN), 0, "the next writer takes it back");
    const late: number = await p.do("open", path, O_RDONLY);
    equal(await ready(p, late, POLLIN), 0);
  }),
  row("poll() tells POLLERR of a FIFO without a reader", async (world) => {
    const { p, path, r, w } = await openFifo(world);
    equal(await ready(p, w, POLLOUT), POLLOUT);
    await closeAll(p, r);
    equal(await ready(p, w, POLLOUT), POLLOUT | POLLERR);
    const fd: number = await p.do("open", path, O_RDWR);
    equal(await ready(p, w, POLLOUT), POLLOUT);
    equal(await ready(p, fd, POLLIN | POLLOUT), POLLOUT, "both ends in one");
    await p.do("writeText", w, "x");
    equal(await ready(p, fd, POLLIN | POLLOUT), POLLIN | POLLOUT);
  }),
  row("lseek() returns ESPIPE for a FIFO", async (world) => {
    const { p, r, w } = await openFifo(world);
    for (const fd of [r, w]) await fails("ESPIPE", p.do("lseek", fd, 0, SEEK_SET));
    await fails("ESPIPE", p.do("pread", r, new Uint8Array(1), 1, 0));
    await fails("ESPIPE", p.do("pwrite", w, new Uint8Array(1), 1, 0));
  }),
  row("fstat() tells the FIFO that was opened, with its mode and inode", async (world) => {
    const { p, path, r, w } = await openFifo(world);
    const { st_ino, st_mode } = await p.do<Stat>("stat", path);
    for (const fd of [r, w]) {
      const seen = await p.do<Stat>("fstat", fd);
      equal([seen.st_ino, seen.st_mode], [st_ino, st_mode]);
    }
  }),
];
