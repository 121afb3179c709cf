/** read(2) from pipes: waiting, the end of the file, and what cannot be read. */
import { F_SETFL, O_NONBLOCK } from "../../../assembly/abi/fcntl.ts";
import { SIG_IGN, SIGKILL, SIGUSR1, SIGUSR2 } from "../../../assembly/abi/signal.ts";
import { equal, fails } from "../check.ts";
import { CAPACITY, closeAll, family, highPipe, NOT_OPEN, PAGE, pipeOf } from "../objects-files.ts";
import { HANDLER, type Row, row } from "../row.ts";

export const read: readonly Row[] = [
  row("read() returns EAGAIN from an empty pipe with O_NONBLOCK", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    equal((await fails("EAGAIN", p.do("readText", r, 1))).syscall, "read");
    await p.do("writeText", w, "x");
    equal(await p.do<string>("readText", r, 10), "x");
    await fails("EAGAIN", p.do("readText", r, 10));
  }),
  row("read() returns EAGAIN as soon as F_SETFL has set O_NONBLOCK", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    await p.do("fcntl", r, F_SETFL, O_NONBLOCK);
    await fails("EAGAIN", p.do("readText", r, 1));
  }),
  row("read() returns EBADF for a descriptor that is not open", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await highPipe(p);
    await closeAll(p, r, w);
    for (const fd of [...NOT_OPEN, r]) {
      await fails("EBADF", p.do("readText", fd, 1));
      await fails("EBADF", p.do("readText", fd, 0));
    }
  }),
  row("read() returns EBADF for the end to write to", async ({ proc }) => {
    const p = await proc();
    const [, w] = await pipeOf(p);
    await p.do("writeText", w, "data");
    await fails("EBADF", p.do("readText", w, 1));
    await fails("EBADF", p.do("readText", w, 0));
  }),
  row("read() returns EFAULT for a count that the buffer does not have", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    await p.do("writeText", w, "data");
    await fails("EFAULT", p.do("read", r, new Uint8Array(4), 5));
    await fails("EFAULT", p.do("read", r, new Uint8Array(0), 1));
    await fails("EFAULT", p.do("read", r, new Uint8Array(4), -1));
    equal(await p.do<string>("readText", r, 10), "data", "nothing was taken");
  }),
  row("read() returns EINTR after a signal handler has run", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    await p.do("sigaction", SIGUSR1, HANDLER);
    const call = p.start("readText", r, 10);
    await p.asleep();
    await p.kill(SIGUSR1);
    equal((await fails("EINTR", call)).syscall, "read");
    equal(await p.do<number[]>("signals"), [SIGUSR1]);
  }),
  row("read() returns EINVAL for an epoll instance", async ({ proc }) => {
    const p = await proc();
    const epfd: number = await p.do("epoll_create1");
    await fails("EINVAL", p.do("readText", epfd, 8));
  }),
  row("read() gives what there is, without waiting for more", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    await p.do("writeText", w, "abc");
    equal(await p.do<string>("readText", r, 2), "ab");
    equal(await p.do<string>("readText", r, CAPACITY), "c");
  }),
  row("read() joins what several writes have left", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    for (const part of ["a", "bc", "", "def"]) await p.do("writeText", w, part);
    equal(await p.do<string>("readText", r, 5), "abcde");
    equal(await p.do<string>("readText", r, 5), "f");
  }),
  row("read() of no bytes returns 0 at once, whatever is in the pipe", async ({ proc }) => {
    const p = await proc();
    for (const flags of [0, O_NONBLOCK]) {
      const [r, w] = await pipeOf(p, flags);
      equal(await p.do<string>("readText", r, 0), "", "empty");
      await p.do("writeText", w, "x");
      equal(await p.do<string>("readText", r, 0), "", "with data");
      equal(await p.do<string>("readText", r, 2), "x");
      await closeAll(p, w);
      equal(await p.do<string>("readText", r, 0), "", "at its end");
    }
  }),
  row("read() sleeps until something is written", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 1);
    const [kid] = kids as [(typeof kids)[0]];
    const call = kid.start<string>("readText", pipe[0], 100);
    await kid.asleep();
    equal(await parent.do("writeText", pipe[1], ""), 0, "of no bytes");
    await kid.asleep();
    await parent.do("writeText", pipe[1], "hello");
    equal(await call, "hello");
  }),
  row("read() sleeps on through signals that are ignored", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    await p.do("sigaction", SIGUSR2, SIG_IGN);
    const call = p.start<string>("readTextTwin", r, 10);
    await p.asleep();
    await p.kill(SIGUSR2);
    await p.do("writeText", w, "on");
    equal(await call, "on");
  }),
  row("read() returns 0 at the end, when the last writer has closed", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    const other: number = await p.do("dup", w);
    await p.do("writeText", w, "last");
    await closeAll(p, w);
    equal(await p.do<string>("readText", r, 2), "la");
    await closeAll(p, other);
    equal(await p.do<string>("readText", r, 10), "st", "what is left comes first");
    for (let again = 0; again < 2; again++) equal(await p.do<string>("readText", r, 10), "");
  }),
  row("read() returns 0 at the end with O_NONBLOCK too", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    await fails("EAGAIN", p.do("readText", r, 10));
    await closeAll(p, w);
    equal(await p.do<string>("readText", r, 10), "");
  }),
  row("read() that sleeps returns 0 when the last writer closes", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    const other: number = await p.do("dup", w);
    const call = p.start<string>("readTextTwin", r, 10);
    await p.asleep();
    await closeAll(p, w);
    await p.asleep();
    await closeAll(p, other);
    equal(await call, "");
  }),
  row("read() that sleeps returns 0 when the last writer is killed", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 2);
    const [reader, writer] = kids as [(typeof kids)[0], (typeof kids)[0]];
    await reader.do("close", pipe[1]);
    await parent.do("close", pipe[1]);
    const call = reader.start<string>("readText", pipe[0], 10);
    await reader.asleep();
    await writer.kill(SIGKILL);
    equal(await call, "");
  }),
  row("read() that is killed takes nothing", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 1);
    const [kid] = kids as [(typeof kids)[0]];
    void kid.start("readText", pipe[0], 10);
    await kid.asleep();
    await kid.kill(SIGKILL);
    await kid.ended();
    await parent.do("waitpid", kid.pid);
    await parent.do("writeText", pipe[1], "all of it");
    equal(await parent.do<string>("readText", pipe[0], 20), "all of it");
  }),
  row("read() by two readers gives each byte to one of them", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 2);
    const calls = kids.map((kid) => kid.start<string>("readText", pipe[0], 1));
    for (const kid of kids) await kid.asleep();
    await parent.do("writeText", pipe[1], "ab");
    equal((await Promise.all(calls)).sort(), ["a", "b"]);
  }),
  row("read() into shared memory changes the bytes it read, and no others", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    await p.do("writeShared", w, "shared");
    const seen = await p.do<unknown>("readShared", r, 20);
    equal(seen, { text: "shared", around: [0xee, 0xee] });
  }),
  row("read() of a full pipe takes all of it at once", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    for (let i = 0; i < CAPACITY / PAGE; i++) await p.do("writeRun", w, i, PAGE);
    const runs = await p.do<[number, number][]>("readRuns", r, 4 * CAPACITY);
    equal(
      runs,
      Array.from({ length: CAPACITY / PAGE }, (_, i) => [i, PAGE]),
    );
  }),
  row("read() as a twin gives what is written later, while its process goes on", async (w) => {
    const p = await w.proc();
    const [a, b] = [await pipeOf(p), await pipeOf(p)];
    const calls = [a, b].map(([r]) => p.start<string>("readTextTwin", r, 10));
    await p.asleep(2);
    await p.do("writeText", b[1], "second");
    equal(await calls[1], "second");
    await p.do("writeText", a[1], "first");
    equal(await calls[0], "first");
  }),
  row("read() as a twin rejects with its signal's reason and takes nothing", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    const call = p.start("readTextTwin", r, 10, { abort: "here" });
    await p.asleep();
    await p.do("abort", "here", "stop it");
    const error = await call.then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    equal(error?.message, "stop it", "the reason");
    await p.do("writeText", w, "kept");
    equal(await p.do<string>("readText", r, 10), "kept");
  }),
  row("read() as a twin fails as the call does", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    await fails("EAGAIN", p.do("readTextTwin", r, 1));
    await fails("EBADF", p.do("readTextTwin", w, 1));
    await fails("EBADF", p.do("readTextTwin", -1, 1));
    await fails("EFAULT", p.do("async.read", r, new Uint8Array(2), 3));
    await fails("TypeError", p.do("async.read", r, "no buffer", 3));
  }),
];
