/** poll(2) on pipes. */
import { F_SETFL, F_SETPIPE_SZ, O_NONBLOCK } from "../../../assembly/abi/fcntl.ts";
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
  POLLRDNORM,
  POLLWRNORM,
} from "../../../assembly/abi/poll.ts";
import { SIG_IGN, SIGKILL, SIGUSR1 } from "../../../assembly/abi/signal.ts";
import { equal, fails, ok } from "../check.ts";
import {
  CAPACITY,
  closeAll,
  family,
  highPipe,
  PAGE,
  type Pipe,
  type Polled,
  pipeOf,
  ready,
} from "../objects-files.ts";
import { HANDLER, type Proc, type Row, row } from "../row.ts";

/** Everything that can be asked for. */
const ALL = POLLIN | POLLPRI | POLLOUT | POLLRDNORM | POLLWRNORM | POLLRDHUP;
const READABLE = POLLIN | POLLRDNORM;
const WRITABLE = POLLOUT | POLLWRNORM;

/** poll() of one descriptor that is to sleep: `revents` when it wakes. */
async function sleeping(p: Proc, fd: number, events: number): Promise<{ call: Promise<number> }> {
  const call = p.start<Polled>("pollTwin", [{ fd, events }], -1);
  await p.asleep();
  return { call: call.then(({ revents }) => revents[0]!) };
}

export const poll: readonly Row[] = [
  row("poll() returns EINTR after a signal handler has run", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    await p.do("sigaction", SIGUSR1, HANDLER);
    for (const timeout of [-1, 600_000]) {
      const call = p.start("poll", [{ fd: r, events: POLLIN }], timeout);
      await p.asleep();
      await p.kill(SIGUSR1);
      equal((await fails("EINTR", call)).syscall, "poll");
      equal(await p.do<number[]>("signals"), [SIGUSR1]);
    }
  }),
  row(
    "poll() returns EINVAL for more than OPEN_MAX elements",
    async ({ proc }) => {
      const p = await proc({ fresh: true });
      const many = Array.from({ length: 65 }, () => ({ fd: -1 }));
      await fails("EINVAL", p.do("poll", many, 0));
      equal((await p.do<Polled>("poll", many.slice(1), 0)).result, 0, "OPEN_MAX elements");
    },
    { limits: { OPEN_MAX: 64 } },
  ),
  row("poll() finds an empty pipe writable, and not readable", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    equal(await ready(p, r, ALL), 0);
    equal(await ready(p, w, ALL), WRITABLE);
  }),
  row("poll() finds a pipe with data readable, at the end to read from only", async (world) => {
    const p = await world.proc();
    const [r, w] = await pipeOf(p);
    await p.do("writeText", w, "x");
    for (let again = 0; again < 2; again++) equal(await ready(p, r, ALL), READABLE, "each time");
    equal(await ready(p, w, ALL), WRITABLE);
    await p.do("readText", r, 1);
    equal(await ready(p, r, ALL), 0, "empty again");
  }),
  row("poll() tells only what it was asked for", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    await p.do("writeText", w, "x");
    equal(await ready(p, r, POLLIN), POLLIN);
    equal(await ready(p, r, POLLRDNORM), POLLRDNORM);
    equal(await ready(p, r, POLLOUT), 0);
    equal(await ready(p, r, 0), 0);
    equal(await ready(p, w, POLLOUT), POLLOUT);
    equal(await ready(p, w, POLLWRNORM), POLLWRNORM);
    equal(await ready(p, w, POLLIN), 0);
  }),
  row("poll() finds a pipe writable while an atomic write has room", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    for (let i = 0; i < 15; i++) await p.do("writeRun", w, 0, PAGE);
    equal(await ready(p, w, ALL), WRITABLE, "with room for a page");
    await p.do("writeRun", w, 0, PAGE);
    equal(await ready(p, w, ALL), 0, "full");
    await p.do("readRuns", r, PAGE);
    equal(await ready(p, w, ALL), WRITABLE, "with room again");
  }),
  row("poll() tells POLLHUP where nobody writes any more, after the data too", async (world) => {
    const p = await world.proc();
    const [r, w] = await pipeOf(p);
    await p.do("writeText", w, "x");
    await closeAll(p, w);
    equal(await ready(p, r, ALL), READABLE | POLLHUP);
    equal(await ready(p, r, 0), POLLHUP, "also when nobody asked");
    await p.do("readText", r, 1);
    equal(await ready(p, r, ALL), POLLHUP, "at the end");
  }),
  row("poll() tells POLLERR where nobody reads any more", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    await closeAll(p, r);
    equal(await ready(p, w, ALL), WRITABLE | POLLERR);
    equal(await ready(p, w, 0), POLLERR, "also when nobody asked");
    const [r2, w2] = await pipeOf(p, O_NONBLOCK);
    await p.do("fill", w2, PAGE);
    await closeAll(p, r2);
    equal(await ready(p, w2, ALL), POLLERR, "full");
  }),
  row("poll() tells POLLNVAL for what is not open, and counts it", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await highPipe(p);
    await closeAll(p, r, w);
    for (const fd of [r, w, 999, 0x7fff_ffff]) {
      const answer = await p.do<Polled>("poll", [{ fd, events: ALL }], -1);
      equal(answer, { result: 1, revents: [POLLNVAL] });
      equal(await ready(p, fd, 0), POLLNVAL);
    }
  }),
  row("poll() leaves out elements with a negative descriptor", async ({ proc }) => {
    const p = await proc();
    const [, w] = await pipeOf(p);
    const fds = [{ fd: -1, events: ALL, revents: 77 }, { fd: w, events: POLLOUT }, { fd: -500 }];
    equal(await p.do<Polled>("poll", fds, 0), { result: 1, revents: [0, POLLOUT, 0] });
  }),
  row("poll() answers each element, and counts those that are ready", async ({ proc }) => {
    const p = await proc();
    const [a, b] = [await pipeOf(p), await pipeOf(p)];
    await p.do("writeText", b[1], "x");
    const fds = [
      { fd: a[0], events: POLLIN },
      { fd: b[0], events: POLLIN },
      { fd: a[1], events: POLLOUT },
      { fd: b[0], events: POLLIN | POLLOUT },
      { fd: 999, events: POLLIN },
      { fd: a[0] },
    ];
    equal(await p.do<Polled>("poll", fds, -1), {
      result: 4,
      revents: [0, POLLIN, POLLOUT, POLLIN, POLLNVAL, 0],
    });
  }),
  row("poll() returns 0 when the time is over, not before", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    for (const fds of [[{ fd: r, events: POLLIN }], [], [{ fd: -1, events: POLLIN }]]) {
      const start = performance.now();
      equal((await p.do<Polled>("poll", fds, 50)).result, 0);
      const ms = performance.now() - start;
      ok(ms >= 45, `${ms} ms have passed`);
    }
  }),
  row("poll() without waiting returns 0 at once", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    equal(await p.do<Polled>("poll", [{ fd: r, events: POLLIN }], 0), { result: 0, revents: [0] });
    equal(await p.do<Polled>("poll", [], 0), { result: 0, revents: [] });
  }),
  row("poll() waits without end for any negative timeout", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    for (const timeout of [-1, -2, -0x8000_0000]) {
      const call = p.start<Polled>("pollTwin", [{ fd: r, events: POLLIN }], timeout);
      await p.asleep();
      await p.do("writeText", w, "x");
      equal(await call, { result: 1, revents: [POLLIN] });
      await p.do("readText", r, 1);
    }
  }),
  row("poll() that sleeps wakes when something is written", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 1);
    const [kid] = kids as [Proc];
    const call = kid.start<Polled>("poll", [{ fd: pipe[0], events: POLLIN }], -1);
    await kid.asleep();
    await parent.do("writeText", pipe[1], "x");
    equal(await call, { result: 1, revents: [POLLIN] });
    equal(await kid.do<string>("readText", pipe[0], 2), "x", "poll() takes nothing");
  }),
  row("poll() that sleeps wakes when there is room", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    await p.do("fill", w, PAGE);
    const { call } = await sleeping(p, w, POLLOUT);
    await p.do("readRuns", r, PAGE);
    equal(await call, POLLOUT);
  }),
  row("poll() that sleeps wakes when F_SETPIPE_SZ makes room", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    await p.do("fill", w, PAGE);
    const { call } = await sleeping(p, w, POLLOUT);
    await p.do("fcntl", r, F_SETPIPE_SZ, 2 * CAPACITY);
    equal(await call, POLLOUT);
  }),
  row("poll() that sleeps wakes when the other end is closed", async ({ proc }) => {
    const p = await proc();
    for (const events of [POLLIN, 0]) {
      const [r, w] = await pipeOf(p);
      const { call } = await sleeping(p, r, events);
      await closeAll(p, w);
      equal(await call, POLLHUP);
    }
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    await p.do("fill", w, PAGE);
    const { call } = await sleeping(p, w, POLLOUT);
    await closeAll(p, r);
    equal(await call, POLLERR);
  }),
  row("poll() that sleeps wakes when the only writer is killed", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 1);
    const [kid] = kids as [Proc];
    await closeAll(parent, pipe[1]);
    const { call } = await sleeping(parent, pipe[0], POLLIN);
    await kid.kill(SIGKILL);
    equal(await call, POLLHUP);
  }),
  row("poll() that sleeps is not woken by what it did not ask for", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    const { call } = await sleeping(p, r, POLLPRI);
    await p.do("writeText", w, "x");
    await p.do("readText", r, 1);
    await p.asleep();
    await closeAll(p, w);
    equal(await call, POLLHUP);
  }),
  row("poll() sleeps on through signals that are ignored", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    await p.do("sigaction", SIGUSR1, SIG_IGN);
    const { call } = await sleeping(p, r, POLLIN);
    await p.kill(SIGUSR1);
    await p.do("writeText", w, "x");
    equal(await call, POLLIN);
  }),
  row("poll() by several wakes all of them", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 3);
    const fds = [{ fd: pipe[0], events: POLLIN }];
    const calls = kids.map((kid) => kid.start<Polled>("poll", fds, -1));
    for (const kid of kids) await kid.asleep();
    await parent.do("writeText", pipe[1], "x");
    for (const call of calls) equal(await call, { result: 1, revents: [POLLIN] });
  }),
  row("poll() of many pipes wakes for each of them, again and again", async ({ proc }) => {
    const p = await proc();
    const pipes: Pipe[] = [];
    for (let i = 0; i < 30; i++) pipes.push(await pipeOf(p));
    const fds = pipes.map(([fd]) => ({ fd, events: POLLIN }));
    for (let round = 0; round < 60; round++) {
      const index = (round * 7) % pipes.length;
      const call = p.start<Polled>("pollTwin", fds, -1);
      if (round % 2 === 0) await p.asleep();
      await p.do("writeText", pipes[index]![1], "x");
      const { result, revents } = await call;
      equal([result, revents[index]], [1, POLLIN]);
      await p.do("readText", pipes[index]![0], 1);
    }
  }),
  row("poll() is not kept from telling by O_NONBLOCK or its absence", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    const { call } = await sleeping(p, r, POLLIN);
    await p.do("fcntl", r, F_SETFL, 0);
    await p.do("writeText", w, "x");
    equal(await call, POLLIN);
  }),
  row("poll() as a twin rejects with its signal's reason", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    const call = p.start("pollTwin", [{ fd: r, events: POLLIN }], -1, { abort: "here" });
    await p.asleep();
    await p.do("abort", "here", "stop it");
    const error = await call.then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    equal(error?.message, "stop it", "the reason");
  }),
];
