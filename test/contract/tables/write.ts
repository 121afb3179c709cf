/** write(2) to pipes: waiting for room, partial writes, and pipes that nobody reads. */
import { F_SETFL, O_NONBLOCK } from "../../../assembly/abi/fcntl.ts";
import { SIG_DFL, SIG_IGN, SIGKILL, SIGPIPE, SIGUSR1 } from "../../../assembly/abi/signal.ts";
import { equal, fails } from "../check.ts";
import { CAPACITY, closeAll, family, highPipe, NOT_OPEN, PAGE, pipeOf } from "../objects-files.ts";
import { HANDLER, type Proc, type Row, row } from "../row.ts";

type Waited = { pid: number; status: number };

/** A pipe that is full of zeros. */
async function fullPipe(p: Proc): Promise<[number, number]> {
  const [r, w] = await pipeOf(p, O_NONBLOCK);
  equal(await p.do("fill", w, PAGE), CAPACITY);
  for (const fd of [r, w]) await p.do("fcntl", fd, F_SETFL, 0);
  return [r, w];
}

export const write: readonly Row[] = [
  row("write() returns EAGAIN to a full pipe with O_NONBLOCK", async ({ proc }) => {
    const p = await proc();
    const [, w] = await fullPipe(p);
    await p.do("fcntl", w, F_SETFL, O_NONBLOCK);
    for (const size of [1, PAGE, PAGE + 1, 2 * CAPACITY]) {
      equal((await fails("EAGAIN", p.do("writeRun", w, 1, size))).syscall, "write");
    }
  }),
  row("write() returns EAGAIN for up to PIPE_BUF bytes that do not fit whole", async (world) => {
    const p = await world.proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    for (let i = 0; i < 15; i++) await p.do("writeRun", w, 0, PAGE);
    await p.do("writeRun", w, 0, PAGE - 100);
    for (const size of [101, PAGE - 1, PAGE]) await fails("EAGAIN", p.do("writeRun", w, 1, size));
    equal(await p.do("writeRun", w, 1, 100), 100, "what fits");
    equal(await p.do("readRuns", r, CAPACITY), [
      [0, CAPACITY - 100],
      [1, 100],
    ]);
  }),
  row("write() returns EBADF for a descriptor that is not open", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await highPipe(p);
    await closeAll(p, r, w);
    for (const fd of [...NOT_OPEN, w]) {
      await fails("EBADF", p.do("writeText", fd, "x"));
      await fails("EBADF", p.do("writeText", fd, ""));
    }
  }),
  row("write() returns EBADF for the end to read from", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    await fails("EBADF", p.do("writeText", r, "x"));
    await fails("EBADF", p.do("writeText", r, ""));
  }),
  row("write() returns EFAULT for a count that the buffer does not have", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    await fails("EFAULT", p.do("write", w, new Uint8Array(4), 5));
    await fails("EFAULT", p.do("write", w, new Uint8Array(0), 1));
    await fails("EFAULT", p.do("write", w, new Uint8Array(4), -1));
    await fails("EAGAIN", p.do("readText", r, 10));
  }),
  row("write() returns EINTR after a signal handler has run, with nothing written", async (v) => {
    const p = await v.proc();
    const [r, w] = await fullPipe(p);
    await p.do("sigaction", SIGUSR1, HANDLER);
    const call = p.start("writeRun", w, 1, PAGE);
    await p.asleep();
    await p.kill(SIGUSR1);
    equal((await fails("EINTR", call)).syscall, "write");
    equal(await p.do<number[]>("signals"), [SIGUSR1]);
    equal(await p.do("readRuns", r, 2 * CAPACITY), [[0, CAPACITY]]);
  }),
  row("write() returns EINVAL for an epoll instance", async ({ proc }) => {
    const p = await proc();
    const epfd: number = await p.do("epoll_create1");
    await fails("EINVAL", p.do("writeText", epfd, "12345678"));
  }),
  row("write() returns EPIPE after SIGPIPE's handler when nobody reads", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    await p.do("sigaction", SIGPIPE, HANDLER);
    await p.do("writeText", w, "lost");
    await closeAll(p, r);
    for (const size of [1, PAGE, CAPACITY + 1]) {
      equal((await fails("EPIPE", p.do("writeRun", w, 1, size))).syscall, "write");
      equal(await p.do<number[]>("signals"), [SIGPIPE]);
    }
  }),
  row("write() returns EPIPE alone when SIGPIPE is ignored", async ({ proc }) => {
    const p = await proc();
    await p.do("sigaction", SIGPIPE, SIG_IGN);
    for (const flags of [0, O_NONBLOCK]) {
      const [r, w] = await pipeOf(p, flags);
      await closeAll(p, r);
      await fails("EPIPE", p.do("writeText", w, "x"));
      equal(await p.do<number[]>("signals"), []);
    }
  }),
  row("write() returns EPIPE when the last reader closes while it sleeps", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await fullPipe(p);
    const other: number = await p.do("dup", r);
    await p.do("sigaction", SIGPIPE, SIG_IGN);
    const call = p.start("writeRunTwin", w, 1, PAGE);
    await p.asleep();
    await closeAll(p, r);
    await p.asleep();
    await closeAll(p, other);
    await fails("EPIPE", call);
  }),
  row("write() to a pipe that nobody reads ends the process by SIGPIPE", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 1);
    const [kid] = kids as [Proc];
    await closeAll(parent, pipe[0]);
    await closeAll(kid, pipe[0]);
    void kid.start("writeText", pipe[1], "x");
    await kid.ended();
    equal(await parent.do<Waited>("waitpid", kid.pid), { pid: kid.pid, status: SIGPIPE });
  }),
  row("write() as a twin to a pipe that nobody reads ends the process by SIGPIPE", async (v) => {
    const { parent, pipe, kids } = await family(v.proc, 1);
    const [kid] = kids as [Proc];
    await closeAll(parent, pipe[0]);
    await closeAll(kid, pipe[0]);
    void kid.start("writeTextTwin", pipe[1], "x");
    await kid.ended();
    equal(await parent.do<Waited>("waitpid", kid.pid), { pid: kid.pid, status: SIGPIPE });
  }),
  row("write() sends SIGPIPE to the process that wrote, and to no other", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 1);
    const [kid] = kids as [Proc];
    for (const p of [parent, kid]) await p.do("sigaction", SIGPIPE, HANDLER);
    await closeAll(parent, pipe[0]);
    await closeAll(kid, pipe[0]);
    await fails("EPIPE", kid.do("writeText", pipe[1], "x"));
    equal(await kid.do<number[]>("signals"), [SIGPIPE]);
    equal(await parent.do<number[]>("signals"), []);
  }),
  row("write() as a twin notes SIGPIPE for the handler too", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    await p.do("sigaction", SIGPIPE, HANDLER);
    await closeAll(p, r);
    await fails("EPIPE", p.do("writeTextTwin", w, "x"));
    let seen: number[] = [];
    while (seen.length === 0) seen = await p.do<number[]>("signals");
    equal(seen, [SIGPIPE]);
    await p.do("sigaction", SIGPIPE, SIG_DFL);
  }),
  row("write() of no bytes returns 0 at once, even when nobody reads", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await fullPipe(p);
    equal(await p.do("writeText", w, ""), 0, "full");
    await closeAll(p, r);
    equal(await p.do("writeText", w, ""), 0, "without a reader");
    equal(await p.do<number[]>("signals"), []);
  }),
  row("write() sleeps until there is room for all of up to PIPE_BUF bytes", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 1, O_NONBLOCK);
    const [kid] = kids as [Proc];
    await parent.do("fill", pipe[1], PAGE);
    await kid.do("fcntl", pipe[1], F_SETFL, 0);
    const call = kid.start("writeRun", pipe[1], 1, PAGE);
    await kid.asleep();
    equal(await parent.do("readRuns", pipe[0], PAGE), [[0, PAGE]]);
    equal(await call, PAGE);
    equal(await parent.do("readRuns", pipe[0], CAPACITY), [
      [0, CAPACITY - PAGE],
      [1, PAGE],
    ]);
  }),
  row("write() of more than PIPE_BUF bytes puts what fits, and sleeps with the rest", async (v) => {
    const p = await v.proc();
    const [r, w] = await fullPipe(p);
    await p.do("readRuns", r, 2 * PAGE);
    const call = p.start("writeRunTwin", w, 1, 3 * PAGE);
    await p.asleep();
    equal(await p.do("readRuns", r, CAPACITY), [
      [0, CAPACITY - 2 * PAGE],
      [1, 2 * PAGE],
    ]);
    equal(await call, 3 * PAGE);
    equal(await p.do("readRuns", r, CAPACITY), [[1, PAGE]]);
  }),
  row("write() with O_NONBLOCK returns how much of more than PIPE_BUF bytes fitted", async (v) => {
    const p = await v.proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    equal(await p.do("writeRun", w, 1, CAPACITY + 1), CAPACITY, "empty");
    await p.do("readRuns", r, PAGE);
    equal(await p.do("writeRun", w, 2, PAGE + 1), PAGE, "room for a page");
    await fails("EAGAIN", p.do("writeRun", w, 3, PAGE + 1));
    await p.do("readRuns", r, 2 * PAGE);
    equal(await p.do("writeRun", w, 3, PAGE + 1), PAGE + 1, "room for all of it");
  }),
  row("write() of much more than the capacity ends when all is read", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 1);
    const [kid] = kids as [Proc];
    await closeAll(parent, pipe[1]);
    const call = kid.start("writeRun", pipe[1], 7, 1_000_000);
    await kid.asleep();
    const all = parent.start("readToEnd", pipe[0]);
    equal(await call, 1_000_000);
    await closeAll(kid, pipe[1]);
    equal(await all, [[7, 1_000_000]]);
  }),
  row("write() returns what it had written when a handler runs in between", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    await p.do("sigaction", SIGUSR1, HANDLER);
    const call = p.start("writeRun", w, 1, 100_000);
    await p.asleep();
    await p.kill(SIGUSR1);
    equal(await call, CAPACITY);
    equal(await p.do<number[]>("signals"), [SIGUSR1]);
    equal(await p.do("readRuns", r, 2 * CAPACITY), [[1, CAPACITY]]);
  }),
  row(
    "write() returns what it had written when the last reader closes, with SIGPIPE",
    async (v) => {
      const { parent, pipe, kids } = await family(v.proc, 1);
      const [kid] = kids as [Proc];
      await kid.do("sigaction", SIGPIPE, HANDLER);
      await closeAll(kid, pipe[0]);
      const call = kid.start("writeRun", pipe[1], 1, 100_000);
      await kid.asleep();
      await closeAll(parent, pipe[0]);
      equal(await call, CAPACITY);
      equal(await kid.do<number[]>("signals"), [SIGPIPE]);
    },
  ),
  row("write() that is killed leaves what it had put, and then comes the end", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 1);
    const [kid] = kids as [Proc];
    await closeAll(parent, pipe[1]);
    void kid.start("writeRun", pipe[1], 5, 200_000);
    await kid.asleep();
    equal(await parent.do("readRuns", pipe[0], 2 * PAGE), [[5, 2 * PAGE]]);
    await kid.asleep();
    await kid.kill(SIGKILL);
    await kid.ended();
    equal(await parent.do("readToEnd", pipe[0]), [[5, CAPACITY]]);
  }),
  row("write() of up to PIPE_BUF bytes that is killed in its sleep leaves nothing", async (v) => {
    const { parent, pipe, kids } = await family(v.proc, 1);
    const [kid] = kids as [Proc];
    for (let i = 0; i < 16; i++) await parent.do("writeRun", pipe[1], 0, PAGE);
    void kid.start("writeRun", pipe[1], 1, PAGE);
    await kid.asleep();
    await kid.kill(SIGKILL);
    await kid.ended();
    await closeAll(parent, pipe[1]);
    equal(await parent.do("readToEnd", pipe[0]), [[0, CAPACITY]]);
  }),
  row("write() as a twin waits for room, and rejects with its signal's reason", async (v) => {
    const p = await v.proc();
    const [r, w] = await fullPipe(p);
    const call = p.start("writeRunTwin", w, 1, PAGE, { abort: "here" });
    await p.asleep();
    await p.do("abort", "here", "stop it");
    const error = await call.then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    equal(error?.message, "stop it", "the reason");
    equal(await p.do("readRuns", r, 2 * CAPACITY), [[0, CAPACITY]]);
  }),
  row("write() as a twin that has put a part returns it when it is aborted", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    const call = p.start("writeRunTwin", w, 1, 2 * CAPACITY, { abort: "here" });
    await p.asleep();
    await p.do("abort", "here", "stop it");
    equal(await call, CAPACITY);
    equal(await p.do("readRuns", r, 2 * CAPACITY), [[1, CAPACITY]]);
  }),
];
