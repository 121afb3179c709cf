/** fcntl(2): F_SETLKW, deadlocks, and how record locks are released. */
import {
  F_DUPFD,
  F_RDLCK,
  F_SETLK,
  F_SETLKW,
  F_UNLCK,
  F_WRLCK,
  LOCK_EX,
  LOCK_SH,
} from "../../../assembly/abi/fcntl.ts";
import { SIGKILL, SIGTERM, SIGUSR1 } from "../../../assembly/abi/signal.ts";
import { equal, fails, ok } from "../check.ts";
import { closeAll, HIGH } from "../objects-files.ts";
import { FREE, Locker, pipeLockers } from "../objects-locks.ts";
import { HANDLER, type Row, row } from "../row.ts";

type Two = [Locker, Locker];
type Three = [Locker, Locker, Locker];
type Four = [Locker, Locker, Locker, Locker];

const waits: readonly Row[] = [
  row("fcntl() with F_SETLKW waits until the range is unlocked", async ({ proc }) => {
    const [a, b] = (await pipeLockers(proc, 1)) as Two;
    await a.write(0, 10);
    const { result } = await b.wait(F_WRLCK, 5, 10);
    await a.unlock(0, 5);
    await b.p.asleep();
    await a.unlock(5, 5);
    equal(await result, 0);
    equal(await a.held(), [[F_WRLCK, 5, 10, b.p.pid]]);
  }),
  row("fcntl() with F_SETLKW does not wait for what is free", async ({ proc }) => {
    const [a, b] = (await pipeLockers(proc, 1)) as Two;
    equal(await a.set(F_WRLCK, 0, 10, F_SETLKW), 0);
    equal(await b.set(F_WRLCK, 10, 10, F_SETLKW), 0);
    equal(await b.set(F_UNLCK, 0, 0, F_SETLKW), 0);
    equal(await a.held(), []);
  }),
  row(
    "fcntl() with F_SETLKW for reading goes on when a write lock becomes a read lock",
    async (v) => {
      const [a, b, c] = (await pipeLockers(v.proc, 2)) as Three;
      await a.write(0, 10);
      const reader = await b.wait(F_RDLCK, 0, 10);
      const writer = await c.wait(F_WRLCK, 0, 10);
      await a.read(0, 10);
      equal(await reader.result, 0);
      await a.unlock();
      await c.p.asleep();
      await b.unlock();
      equal(await writer.result, 0);
    },
  ),
  row("fcntl() with F_SETLKW serves who waits in order of arrival", async ({ proc }) => {
    const [a, b, c, d] = (await pipeLockers(proc, 3)) as Four;
    await a.write();
    const waiting = [];
    for (const each of [b, c, d]) waiting.push({ each, ...(await each.wait(F_WRLCK)) });
    await a.unlock();
    for (const [index, { each, result }] of waiting.entries()) {
      equal(await result, 0);
      equal(await a.get(F_WRLCK), [F_WRLCK, 0, 0, each.p.pid]);
      for (const later of waiting.slice(index + 1)) await later.each.p.asleep();
      await each.unlock();
    }
  }),
  row("fcntl() with F_SETLKW lets all readers go on together", async ({ proc }) => {
    const [a, b, c, d] = (await pipeLockers(proc, 3)) as Four;
    await a.write();
    const waiting = [];
    for (const each of [b, c, d]) waiting.push((await each.wait(F_RDLCK)).result);
    await a.unlock();
    for (const result of waiting) equal(await result, 0);
    await fails("EAGAIN", a.write());
  }),
  row("fcntl() takes what no holder has, also past those who wait for it", async ({ proc }) => {
    const [a, b, c] = (await pipeLockers(proc, 2)) as Three;
    await a.read(0, 10);
    const { result } = await b.wait(F_WRLCK, 0, 20);
    equal(await c.read(0, 20), 0);
    await a.unlock();
    await b.p.asleep();
    await c.unlock();
    equal(await result, 0);
  }),
  row("fcntl() with F_SETLKW passes a waiter whose own range is still held", async ({ proc }) => {
    const [a, b, c, d] = (await pipeLockers(proc, 3)) as Four;
    await a.write(0, 1);
    await b.write(9, 1);
    const all = await c.wait(F_WRLCK, 0, 10);
    const last = await d.wait(F_WRLCK, 9, 1);
    await b.unlock();
    equal(await last.result, 0);
    await c.p.asleep();
    await a.unlock();
    await c.p.asleep();
    await d.unlock();
    equal(await all.result, 0);
  }),
  row("fcntl() returns EINTR with F_SETLKW when a handler has run", async ({ proc }) => {
    const [a, b, c] = (await pipeLockers(proc, 2)) as Three;
    await b.p.do("sigaction", SIGUSR1, HANDLER);
    await a.write();
    const { result } = await b.wait(F_WRLCK);
    await b.p.kill(SIGUSR1);
    equal((await fails("EINTR", result)).syscall, "fcntl");
    equal(await b.p.do("signals"), [SIGUSR1]);
    await a.unlock();
    equal(await c.write(), 0, "nothing is left of its wait");
  }),
  row("fcntl() with F_SETLKW as a twin waits, and ends with an abort", async ({ proc }) => {
    const [a, b] = (await pipeLockers(proc, 1)) as Two;
    const whole = { l_type: F_WRLCK };
    await a.write();
    const aborted = b.p.start("async.fcntl", b.w, F_SETLKW, whole, { abort: "one" });
    const served = b.p.start("async.fcntl", b.w, F_SETLKW, whole);
    await b.p.asleep(2);
    await b.p.do("abort", "one", "enough");
    ok(
      await aborted.then(
        () => false,
        (error: Error) => /enough/.test(error.message),
      ),
      "it fails with the reason",
    );
    await a.unlock();
    equal(await served, 0);
    await fails("EAGAIN", a.write());
  }),
  row("fcntl() as a twin returns EBADF when its descriptor was closed meanwhile", async (world) => {
    const [a, b, c] = (await pipeLockers(world.proc, 2)) as Three;
    await a.write();
    const result = b.p.start("async.fcntl", b.w, F_SETLKW, { l_type: F_WRLCK });
    await b.p.asleep();
    await b.p.do("close", b.w);
    await b.p.asleep();
    await a.unlock();
    await fails("EBADF", result);
    equal(await c.write(), 0, "it holds nothing");
  }),
];

const deadlocks: readonly Row[] = [
  row("fcntl() returns EDEADLK when two would wait for each other", async ({ proc }) => {
    const [a, b] = (await pipeLockers(proc, 1)) as Two;
    await a.write(0, 1);
    await b.write(1, 1);
    const { result } = await a.wait(F_WRLCK, 1, 1);
    await fails("EDEADLK", b.set(F_WRLCK, 0, 1, F_SETLKW));
    await fails("EDEADLK", b.set(F_RDLCK, 0, 1, F_SETLKW));
    await fails("EAGAIN", b.write(0, 1));
    await b.unlock();
    equal(await result, 0);
  }),
  row("fcntl() returns EDEADLK when three would wait in a ring", async ({ proc }) => {
    const [a, b, c] = (await pipeLockers(proc, 2)) as Three;
    await a.write(0, 1);
    await b.write(1, 1);
    await c.write(2, 1);
    const first = await a.wait(F_WRLCK, 1, 1);
    const second = await b.wait(F_WRLCK, 2, 1);
    await fails("EDEADLK", c.set(F_WRLCK, 0, 1, F_SETLKW));
    await c.unlock();
    equal(await second.result, 0);
    await b.unlock();
    equal(await first.result, 0);
  }),
  row("fcntl() returns EDEADLK when two readers would both write", async ({ proc }) => {
    const [a, b] = (await pipeLockers(proc, 1)) as Two;
    await a.read();
    await b.read();
    const { result } = await a.wait(F_WRLCK);
    await fails("EDEADLK", b.set(F_WRLCK, 0, 0, F_SETLKW));
    await b.unlock();
    equal(await result, 0);
  }),
  row("fcntl() with F_SETLKW waits for who waits for another", async ({ proc }) => {
    const [a, b, c] = (await pipeLockers(proc, 2)) as Three;
    await a.write(0, 1);
    await b.write(1, 1);
    const second = await b.wait(F_WRLCK, 0, 1);
    const third = await c.wait(F_WRLCK, 1, 1);
    await a.unlock();
    equal(await second.result, 0);
    await b.unlock();
    equal(await third.result, 0);
  }),
];

const ends: readonly Row[] = [
  row("fcntl() locks are released when any descriptor of the file is closed", async ({ proc }) => {
    const [a, b] = (await pipeLockers(proc, 1)) as Two;
    const closers: (() => Promise<unknown>)[] = [
      async () => closeAll(a.p, await a.p.do<number>("dup", a.r)),
      async () => closeAll(a.p, await a.p.do<number>("fcntl", a.w, F_DUPFD, HIGH + 10)),
      async () => {
        const copy: number = await a.p.do("dup", a.r);
        await a.p.do("dup2", 0, copy);
        await a.p.do("close", copy);
      },
      () => a.p.do("close", a.r),
    ];
    for (const close of closers) {
      await a.write(0, 10);
      await a.write(20, 10);
      equal((await b.held()).length, 2);
      await close();
      equal(await b.held(), []);
    }
  }),
  row("fcntl() locks stay when a file is closed in another process, or another file", async (v) => {
    const [a, b, c] = (await pipeLockers(v.proc, 2)) as Three;
    await a.write(0, 10);
    await b.p.do("close", b.w);
    await b.p.exit();
    const other: [number, number] = await a.p.do("pipe");
    await closeAll(a.p, ...other);
    equal(await c.held(), [[F_WRLCK, 0, 10, a.p.pid]]);
  }),
  row("fcntl() with F_SETLKW goes on when a descriptor of the file is closed", async ({ proc }) => {
    const [a, b, c] = (await pipeLockers(proc, 2)) as Three;
    await a.write();
    const { result } = await b.wait(F_WRLCK);
    const next = await c.wait(F_WRLCK);
    await a.p.do("close", a.r);
    equal(await result, 0);
    await b.p.do("dup2", 0, b.r);
    equal(await next.result, 0);
  }),
  row("fcntl() locks are released when their process exits or is killed", async ({ proc }) => {
    for (const end of [
      (p: Locker["p"]) => p.exit(),
      (p: Locker["p"]) => p.kill(SIGKILL).then(() => p.ended()),
      (p: Locker["p"]) => p.kill(SIGTERM).then(() => p.ended()),
    ]) {
      const [a, b] = (await pipeLockers(proc, 1)) as Two;
      await b.write(5, 5);
      await b.read(50, 0);
      const { result } = await a.wait(F_WRLCK, 0, 10);
      await end(b.p);
      equal(await result, 0);
      equal(await a.get(F_WRLCK), FREE);
    }
  }),
  row("fcntl() with F_SETLKW of a killed process is forgotten", async ({ proc }) => {
    const [a, b, c] = (await pipeLockers(proc, 2)) as Three;
    await a.write();
    await b.wait(F_WRLCK);
    const { result } = await c.wait(F_WRLCK);
    await b.p.kill(SIGKILL);
    await b.p.ended();
    await a.unlock();
    equal(await result, 0);
  }),
  row("fcntl() locks are not inherited by a child", async ({ proc }) => {
    const [a] = (await pipeLockers(proc, 0)) as [Locker];
    await a.write(0, 10);
    const kid = new Locker(await proc({ parent: a.p }), [a.r, a.w]);
    equal(await kid.held(), [[F_WRLCK, 0, 10, a.p.pid]]);
    await fails("EAGAIN", kid.write(0, 10));
    await kid.unlock();
    await fails("EAGAIN", kid.read(0, 10));
    await kid.p.exit();
    const last = new Locker(await proc({ parent: a.p }), [a.r, a.w]);
    await fails("EAGAIN", last.p.do("fcntl", last.r, F_SETLK, { l_type: F_RDLCK }));
  }),
];

/** Linux has no such limit: its locks are memory like any other. */
const full = { linux: "Linux has room for any number of locks", limits: { LOCK_MAX: 3 } };

const fullTable: readonly Row[] = [
  row(
    "fcntl() returns ENOLCK when the machine has no more locks",
    async ({ proc }) => {
      const [a, b] = (await pipeLockers(proc, 1)) as Two;
      await a.write(0, 10);
      await a.write(20, 10);
      await fails("ENOLCK", a.read(3, 3));
      await a.write(40, 10);
      await fails("ENOLCK", b.write(60, 1));
      await fails("ENOLCK", b.set(F_WRLCK, 60, 1, F_SETLKW));
      await fails("ENOLCK", a.unlock(5, 1));
      equal((await b.held()).length, 3, "nothing has changed");
      equal(await a.write(0, 50), 0, "several become one");
      equal(await b.write(60, 1), 0);
      equal(await a.unlock(5, 1), 0);
    },
    full,
  ),
  row(
    "fcntl() returns ENOLCK with F_SETLKW when there is none after the wait",
    async ({ proc }) => {
      const [a, b, c] = (await pipeLockers(proc, 2)) as Three;
      await a.write(0, 10);
      const { result } = await b.wait(F_WRLCK, 4, 2);
      await c.write(20, 1);
      await c.write(30, 1);
      await a.unlock(4, 2).then(
        () => ok(false, "an unlock that splits needs a lock more"),
        () => undefined,
      );
      await c.unlock(30, 1);
      await a.unlock(4, 2);
      await fails("ENOLCK", result);
    },
    full,
  ),
  row(
    "flock() returns ENOLCK when the machine has no more locks",
    async ({ proc }) => {
      const [a] = (await pipeLockers(proc, 0)) as [Locker];
      for (const start of [0, 20, 40]) await a.write(start, 1);
      await fails("ENOLCK", a.p.do("flock", a.r, LOCK_SH));
      await a.unlock(40, 1);
      equal(await a.p.do("flock", a.r, LOCK_SH), 0);
      equal(await a.p.do("flock", a.r, LOCK_EX), 0, "to change it needs no other");
    },
    full,
  ),
];

export const locksWait: readonly Row[] = [...waits, ...deadlocks, ...ends, ...fullTable];
