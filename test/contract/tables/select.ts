/** select(2) on pipes. */
import { O_NONBLOCK } from "../../../assembly/abi/fcntl.ts";
import { SIGUSR1 } from "../../../assembly/abi/signal.ts";
import { equal, fails, ok } from "../check.ts";
import { closeAll, highPipe, PAGE, pipeOf, type Selected } from "../objects-files.ts";
import { HANDLER, type Proc, type Row, row } from "../row.ts";

const NOW = { tv_sec: 0, tv_usec: 0 };
const NFDS = 1024;

/** What select() without waiting leaves of the sets to read, to write and for exceptions. */
async function left(p: Proc, ...sets: (number[] | null)[]): Promise<unknown> {
  const [r = null, w = null, e = null] = sets;
  const answer = await p.do<Selected>("select", NFDS, r, w, e, NOW);
  return [answer.result, ...answer.left];
}

export const select: readonly Row[] = [
  row("select() returns EBADF for a member that is not open", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await highPipe(p);
    await closeAll(p, r);
    for (const sets of [[[r]], [null, [w, r]], [null, null, [r]], [[r], [w]]]) {
      const [a = null, b = null, c = null] = sets as (number[] | null)[];
      equal((await fails("EBADF", p.do("select", NFDS, a, b, c, NOW))).syscall, "select");
    }
  }),
  row("select() returns EINTR after a signal handler has run", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    await p.do("sigaction", SIGUSR1, HANDLER);
    for (const timeout of [null, { tv_sec: 600, tv_usec: 0 }]) {
      const call = p.start("select", NFDS, [r], null, null, timeout);
      await p.asleep();
      await p.kill(SIGUSR1);
      await fails("EINTR", call);
      equal(await p.do<number[]>("signals"), [SIGUSR1]);
    }
  }),
  row("select() returns EINVAL for a negative nfds or timeout", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    for (const nfds of [-1, -0x8000_0000]) {
      await fails("EINVAL", p.do("select", nfds, [r], null, null, NOW));
    }
    for (const [tv_sec, tv_usec] of [
      [-1, 0],
      [0, -1],
      [-1, 500_000],
    ]) {
      await fails("EINVAL", p.do("select", NFDS, [r], null, null, { tv_sec, tv_usec }));
    }
  }),
  row("select() leaves in its sets what is ready", async ({ proc }) => {
    const p = await proc();
    const [a, b] = [await pipeOf(p), await pipeOf(p)];
    equal(await left(p, [a[0], b[0]], [a[1], b[1]]), [2, [], [a[1], b[1]], null]);
    await p.do("writeText", b[1], "x");
    equal(await left(p, [a[0], b[0]], [a[1]]), [2, [b[0]], [a[1]], null]);
    equal(await left(p, [a[0], b[0]]), [1, [b[0]], null, null]);
    equal(await left(p, [], [], []), [0, [], [], []]);
    equal(await left(p), [0, null, null, null]);
  }),
  row("select() counts a descriptor once for each set", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    await closeAll(p, w);
    equal(await left(p, [r], [r], [r]), [1, [r], [], []], "an end of a file is no exception");
    const epfd: number = await p.do("epoll_create1");
    const [r2, w2] = await pipeOf(p);
    await closeAll(p, r2);
    equal(await left(p, [w2, epfd], [w2]), [2, [w2], [w2], null], "nobody reads");
  }),
  row("select() finds a full pipe not writable, and a hung-up one readable", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    await p.do("fill", w, PAGE);
    equal(await left(p, [r], [w]), [1, [r], [], null]);
    await p.do("readRuns", r, PAGE);
    equal(await left(p, [r], [w]), [2, [r], [w], null]);
  }),
  row("select() takes no notice of members that are not below nfds", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await highPipe(p);
    await p.do("writeText", w, "x");
    const answer = (nfds: number) => p.do<Selected>("select", nfds, [r], [w], null, NOW);
    equal((await answer(r)).result, 0);
    const one = await answer(r + 1);
    equal([one.result, one.left], [1, [[r], [], null]]);
    const both = await answer(w + 1);
    equal([both.result, both.left], [2, [[r], [w], null]]);
    await closeAll(p, r);
    equal((await p.do<Selected>("select", r, [r], null, null, NOW)).result, 0, "not even open");
  }),
  row("select() returns 0 and empty sets when the time is over, not before", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    for (const set of [[r], null]) {
      const start = performance.now();
      const timeout = { tv_sec: 0, tv_usec: 50_000 };
      const answer = await p.do<Selected>("select", NFDS, set, null, null, timeout);
      equal(answer, { result: 0, left: [set && [], null, null], timeout: NOW });
      const ms = performance.now() - start;
      ok(ms >= 45, `${ms} ms have passed`);
    }
  }),
  row("select() takes microseconds past a second", async ({ proc }) => {
    const p = await proc();
    const [, w] = await pipeOf(p);
    const timeout = { tv_sec: 0, tv_usec: 2_500_000 };
    const answer = await p.do<Selected>("select", NFDS, null, [w], null, timeout);
    equal(answer.result, 1);
    ok(answer.timeout!.tv_sec === 2, "two seconds and a part were left");
  }),
  row("select() sets the timeout to what was left of it", async ({ proc }) => {
    const p = await proc();
    const [, w] = await pipeOf(p);
    const timeout = { tv_sec: 500, tv_usec: 0 };
    const answer = await p.do<Selected>("select", NFDS, null, [w], null, timeout);
    const { tv_sec, tv_usec } = answer.timeout!;
    ok(tv_sec === 499 && tv_usec > 0 && tv_usec < 1_000_000, `${tv_sec} s ${tv_usec} us were left`);
  }),
  row("select() that sleeps wakes when something is written, also as a twin", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    const call = p.start<Selected>("selectTwin", NFDS, [r], null, [r], null);
    await p.asleep();
    await p.do("writeText", w, "x");
    equal(await call, { result: 1, left: [[r], null, []], timeout: null });
  }),
  row("select() as a twin rejects with its signal's reason", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    const options = { abort: "here" };
    const call = p.start("selectTwin", NFDS, [r], null, null, null, options);
    await p.asleep();
    await p.do("abort", "here", "stop it");
    const error = await call.then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    equal(error?.message, "stop it", "the reason");
  }),
];
