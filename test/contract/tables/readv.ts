/** readv(2), writev(2) on pipes; pread(2), pwrite(2), lseek(2), which a pipe does not have. */
import { F_SETFL, O_NONBLOCK } from "../../../assembly/abi/fcntl.ts";
import { SIG_IGN, SIGPIPE, SIGUSR1 } from "../../../assembly/abi/signal.ts";
import {
  SEEK_CUR,
  SEEK_DATA,
  SEEK_END,
  SEEK_HOLE,
  SEEK_SET,
} from "../../../assembly/abi/unistd.ts";
import { equal, fails } from "../check.ts";
import { CAPACITY, closeAll, highPipe, NOT_OPEN, PAGE, pipeOf } from "../objects-files.ts";
import { HANDLER, type Row, row } from "../row.ts";

const empty = (count: number) => Array.from({ length: count }, () => new Uint8Array(0));

export const readv: readonly Row[] = [
  row("readv() returns EAGAIN from an empty pipe with O_NONBLOCK", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p, O_NONBLOCK);
    equal((await fails("EAGAIN", p.do("readVector", r, 1, 2))).syscall, "readv");
  }),
  row("readv() returns EBADF for what is not open, or not for reading", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await highPipe(p);
    await fails("EBADF", p.do("readVector", w, 4));
    await closeAll(p, r);
    for (const fd of [...NOT_OPEN, r]) await fails("EBADF", p.do("readVector", fd, 4));
  }),
  row("readv() returns EINTR after a signal handler has run", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    await p.do("sigaction", SIGUSR1, HANDLER);
    const call = p.start("readVector", r, 4, 4);
    await p.asleep();
    await p.kill(SIGUSR1);
    await fails("EINTR", call);
  }),
  row("readv() returns EINVAL for more than IOV_MAX buffers", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    await p.do("writeText", w, "data");
    await fails("EINVAL", p.do("readv", r, empty(1025)));
    equal(await p.do("readv", r, empty(1024)), 0, "IOV_MAX buffers");
    equal(await p.do<string>("readText", r, 9), "data");
  }),
  row("readv() fills one buffer after another", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    await p.do("writeText", w, "abcdefg");
    const seen = await p.do<unknown>("readVector", r, 2, 0, 3, 4);
    equal(seen, { n: 7, texts: ["ab", "", "cde", "fg.."] });
  }),
  row("readv() into no buffer, or none with room, returns 0 at once", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    equal(await p.do("readv", r, []), 0);
    equal(await p.do("readv", r, empty(2)), 0);
  }),
  row("readv() sleeps until something is written, also as a twin", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    const call = p.start<unknown>("readVectorTwin", r, 3, 3);
    await p.asleep();
    await p.do("writeText", w, "four");
    equal(await call, { n: 4, texts: ["fou", "r.."] });
  }),
];

export const writev: readonly Row[] = [
  row("writev() returns EAGAIN when up to PIPE_BUF bytes together do not fit", async (world) => {
    const p = await world.proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    await p.do("fill", w, PAGE);
    await fails("EAGAIN", p.do("writeVector", w, "a", "b"));
    await p.do("readRuns", r, CAPACITY);
    for (let i = 0; i < 15; i++) await p.do("writeRun", w, 0, PAGE);
    await p.do("writeRun", w, 0, PAGE - 10);
    await fails("EAGAIN", p.do("writeVector", w, "123456", "78901"));
    equal(await p.do("writeVector", w, "123456", "7890"), 10);
  }),
  row("writev() returns EBADF for what is not open, or not for writing", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await highPipe(p);
    await fails("EBADF", p.do("writeVector", r, "x"));
    await closeAll(p, w);
    for (const fd of [...NOT_OPEN, w]) await fails("EBADF", p.do("writeVector", fd, "x"));
  }),
  row("writev() returns EINTR after a signal handler has run", async ({ proc }) => {
    const p = await proc();
    const [, w] = await pipeOf(p, O_NONBLOCK);
    await p.do("fill", w, PAGE);
    await p.do("fcntl", w, F_SETFL, 0);
    await p.do("sigaction", SIGUSR1, HANDLER);
    const call = p.start("writeVector", w, "a", "b");
    await p.asleep();
    await p.kill(SIGUSR1);
    await fails("EINTR", call);
  }),
  row("writev() returns EINVAL for more than IOV_MAX buffers", async ({ proc }) => {
    const p = await proc();
    const [, w] = await pipeOf(p, O_NONBLOCK);
    const many = Array.from({ length: 1025 }, () => "x");
    await fails("EINVAL", p.do("writeVector", w, ...many));
    equal(await p.do("writeVector", w, ...many.slice(1)), 1024, "IOV_MAX buffers");
  }),
  row("writev() returns EPIPE when nobody reads", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    await p.do("sigaction", SIGPIPE, SIG_IGN);
    await closeAll(p, r);
    await fails("EPIPE", p.do("writeVector", w, "a", "b"));
    equal(await p.do("writev", w, empty(2)), 0, "of no bytes");
  }),
  row("writev() puts its buffers one after another", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    equal(await p.do("writeVector", w, "one", "", " two", " three"), 13);
    equal(await p.do<string>("readText", r, 100), "one two three");
    equal(await p.do("writev", w, []), 0, "no buffer");
  }),
  row("writev() with O_NONBLOCK returns how much of more than PIPE_BUF bytes fitted", async (v) => {
    const p = await v.proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    const parts = [new Uint8Array(CAPACITY - PAGE), new Uint8Array(PAGE).fill(1), Uint8Array.of(2)];
    equal(await p.do("writev", w, parts), CAPACITY);
    equal(await p.do("readRuns", r, 2 * CAPACITY), [
      [0, CAPACITY - PAGE],
      [1, PAGE],
    ]);
  }),
  row("writev() sleeps until there is room, also as a twin", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    await p.do("fill", w, PAGE);
    await p.do("fcntl", w, F_SETFL, 0);
    const call = p.start("writeVectorTwin", w, "to", "gether");
    await p.asleep();
    await p.do("readRuns", r, CAPACITY);
    equal(await call, 8);
    equal(await p.do<string>("readText", r, 100), "together");
  }),
];

export const seek: readonly Row[] = [
  row("pread() returns ESPIPE for a pipe", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    await p.do("writeText", w, "data");
    for (const offset of [0, 1]) {
      await fails("ESPIPE", p.do("pread", r, new Uint8Array(4), 4, offset));
    }
    await fails("ESPIPE", p.do("pread", r, new Uint8Array(4), 0, 0));
    equal(await p.do<string>("readText", r, 9), "data");
  }),
  row("pread() returns EBADF for a descriptor that is not open", async ({ proc }) => {
    const p = await proc();
    for (const fd of NOT_OPEN) await fails("EBADF", p.do("pread", fd, new Uint8Array(4), 4, 0));
  }),
  row("pread() returns EINVAL for a negative offset, whatever the descriptor", async (world) => {
    const p = await world.proc();
    const [r] = await pipeOf(p);
    for (const fd of [r, 999]) await fails("EINVAL", p.do("pread", fd, new Uint8Array(4), 4, -1));
  }),
  row("pread() returns EFAULT for a count that the buffer does not have", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    await fails("EFAULT", p.do("pread", r, new Uint8Array(4), 5, 0));
  }),
  row("pwrite() returns ESPIPE for a pipe", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    await fails("ESPIPE", p.do("pwrite", w, new Uint8Array(4), 4, 0));
    await fails("EAGAIN", p.do("readText", r, 9));
  }),
  row("pwrite() returns EBADF for a descriptor that is not open", async ({ proc }) => {
    const p = await proc();
    for (const fd of NOT_OPEN) await fails("EBADF", p.do("pwrite", fd, new Uint8Array(4), 4, 0));
  }),
  row("pwrite() returns EINVAL for a negative offset, whatever the descriptor", async (world) => {
    const p = await world.proc();
    const [, w] = await pipeOf(p);
    for (const fd of [w, 999]) await fails("EINVAL", p.do("pwrite", fd, new Uint8Array(4), 4, -1));
  }),
  row("pwrite() returns EFAULT for a count that the buffer does not have", async ({ proc }) => {
    const p = await proc();
    const [, w] = await pipeOf(p);
    await fails("EFAULT", p.do("pwrite", w, new Uint8Array(4), 5, 0));
  }),
  row("lseek() returns ESPIPE for a pipe", async ({ proc }) => {
    const p = await proc();
    for (const fd of await pipeOf(p)) {
      for (const whence of [SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE]) {
        for (const offset of [0, 1, -1]) await fails("ESPIPE", p.do("lseek", fd, offset, whence));
      }
    }
  }),
  row("lseek() returns EINVAL for a whence that does not exist, also on a pipe", async (world) => {
    const p = await world.proc();
    const [r] = await pipeOf(p);
    for (const whence of [-1, 5, 100]) await fails("EINVAL", p.do("lseek", r, 0, whence));
  }),
  row("lseek() returns EBADF for a descriptor that is not open", async ({ proc }) => {
    const p = await proc();
    for (const fd of NOT_OPEN) {
      await fails("EBADF", p.do("lseek", fd, 0, SEEK_SET));
      await fails("EBADF", p.do("lseek", fd, 0, 100));
    }
  }),
];
