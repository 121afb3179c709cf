/** epoll_create1(2), epoll_ctl(2), epoll_wait(2) on pipes; see epoll(7). */

import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLERR,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
} from "../../../assembly/abi/epoll.ts";
import { F_GETFD, F_GETFL, FD_CLOEXEC, O_NONBLOCK, O_RDWR } from "../../../assembly/abi/fcntl.ts";
import { POLLIN } from "../../../assembly/abi/poll.ts";
import { SIGUSR1 } from "../../../assembly/abi/signal.ts";
import { equal, fails, ok } from "../check.ts";
import {
  CAPACITY,
  closeAll,
  highPipe,
  NOT_OPEN,
  PAGE,
  type Pipe,
  pipeOf,
  ready,
} from "../objects-files.ts";
import { ALICE, HANDLER, type Proc, type Row, row } from "../row.ts";

type Event = { events: number; data: number };

const create = (p: Proc) => p.do("epoll_create1", 0);
const add = (p: Proc, epfd: number, fd: number, events: number, data = fd) =>
  p.do("epoll_ctl", epfd, EPOLL_CTL_ADD, fd, { events, data });
/** What is ready now. */
const now = (p: Proc, epfd: number, maxevents = 10) =>
  p.do<Event[]>("epoll_wait", epfd, maxevents, 0);

async function watched(p: Proc, events: number): Promise<{ epfd: number; pipe: Pipe }> {
  const [epfd, pipe] = [await create(p), await pipeOf(p)];
  await add(p, epfd, pipe[0], events, 7);
  return { epfd, pipe };
}

const READY = [{ events: EPOLLIN, data: 7 }];

export const epollCreate: readonly Row[] = [
  row("epoll_create1() returns EINVAL for flags that it does not know", async ({ proc }) => {
    const p = await proc();
    for (const flags of [1, O_NONBLOCK, -1]) await fails("EINVAL", p.do("epoll_create1", flags));
  }),
  row(
    "epoll_create1() returns EMFILE when no number is free",
    async ({ proc }) => {
      const p = await proc({ fresh: true });
      await fails("EMFILE", endless(p));
    },
    { limits: { OPEN_MAX: 64 } },
  ),
  row(
    "epoll_create1() returns ENFILE when the machine has no more open file descriptions",
    async ({ proc }) => {
      const p = await proc(ALICE);
      await fails("ENFILE", endless(p));
    },
    { limits: { FILE_MAX: 64 } },
  ),
  row("epoll_create1() makes a descriptor, with FD_CLOEXEC when asked", async ({ proc }) => {
    const p = await proc();
    const [a, b]: number[] = [
      await p.do("epoll_create1", 0),
      await p.do("epoll_create1", EPOLL_CLOEXEC),
    ];
    equal(await p.do("fcntl", a, F_GETFD), 0);
    equal(await p.do("fcntl", b, F_GETFD), FD_CLOEXEC);
    equal(await p.do("fcntl", a, F_GETFL), O_RDWR);
  }),
];

async function endless(p: Proc): Promise<never> {
  for (;;) await p.do("epoll_create1", 0);
}

export const epollCtl: readonly Row[] = [
  row("epoll_ctl() returns EBADF when either descriptor is not open", async ({ proc }) => {
    const p = await proc();
    const [epfd, [r]] = [await create(p), await pipeOf(p)];
    for (const fd of NOT_OPEN) {
      for (const op of [EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL]) {
        await fails("EBADF", p.do("epoll_ctl", fd, op, r, { events: EPOLLIN }));
        await fails("EBADF", p.do("epoll_ctl", epfd, op, fd, { events: EPOLLIN }));
      }
    }
  }),
  row("epoll_ctl() returns EEXIST for a descriptor that is watched", async ({ proc }) => {
    const p = await proc();
    const { epfd, pipe } = await watched(p, EPOLLIN);
    await fails("EEXIST", add(p, epfd, pipe[0], EPOLLOUT));
    const copy: number = await p.do("dup", pipe[0]);
    equal(await add(p, epfd, copy, EPOLLIN), 0, "another number of the same description");
  }),
  row("epoll_ctl() returns EFAULT without an event that it needs", async ({ proc }) => {
    const p = await proc();
    const { epfd, pipe } = await watched(p, EPOLLIN);
    await fails("EFAULT", p.do("epoll_ctl", epfd, EPOLL_CTL_MOD, pipe[0], null));
    await fails("EFAULT", p.do("epoll_ctl", epfd, EPOLL_CTL_ADD, pipe[1]));
    equal(await p.do("epoll_ctl", epfd, EPOLL_CTL_DEL, pipe[0]), 0, "EPOLL_CTL_DEL needs none");
  }),
  row("epoll_ctl() returns EINVAL for what is no epoll instance, and for itself", async (world) => {
    const p = await world.proc();
    const [epfd, [r, w]] = [await create(p), await pipeOf(p)];
    await fails("EINVAL", add(p, r, w, EPOLLIN));
    await fails("EINVAL", add(p, epfd, epfd, EPOLLIN));
    await fails("EINVAL", add(p, r, r, EPOLLIN));
  }),
  row("epoll_ctl() returns EINVAL for an operation that does not exist", async ({ proc }) => {
    const p = await proc();
    const [epfd, [r]] = [await create(p), await pipeOf(p)];
    for (const op of [0, 4, -1]) {
      await fails("EINVAL", p.do("epoll_ctl", epfd, op, r, { events: EPOLLIN }));
    }
  }),
  row("epoll_ctl() returns EINVAL for EPOLLEXCLUSIVE where it cannot be", async ({ proc }) => {
    const p = await proc();
    const [epfd, inner, [r]] = [await create(p), await create(p), await pipeOf(p)];
    await fails("EINVAL", add(p, epfd, inner, EPOLLIN | EPOLLEXCLUSIVE));
    await fails("EINVAL", add(p, epfd, r, EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT));
    await add(p, epfd, r, EPOLLIN | EPOLLEXCLUSIVE);
    for (const events of [EPOLLIN | EPOLLEXCLUSIVE, EPOLLIN]) {
      await fails("EINVAL", p.do("epoll_ctl", epfd, EPOLL_CTL_MOD, r, { events }));
    }
  }),
  row("epoll_ctl() returns ELOOP for instances that would watch each other", async ({ proc }) => {
    const p = await proc();
    const [a, b, c] = [await create(p), await create(p), await create(p)];
    await add(p, a, b, EPOLLIN);
    await fails("ELOOP", add(p, b, a, EPOLLIN));
    await add(p, b, c, EPOLLIN);
    await fails("ELOOP", add(p, c, a, EPOLLIN));
  }),
  row("epoll_ctl() returns ELOOP for instances nested more than five deep", async ({ proc }) => {
    const p = await proc();
    const chain = [await create(p)];
    for (let depth = 1; depth < 5; depth++) {
      chain.push(await create(p));
      equal(await add(p, chain[depth]!, chain[depth - 1]!, EPOLLIN), 0, `${depth + 1} deep`);
    }
    const outermost = await create(p);
    await fails("ELOOP", add(p, outermost, chain[4]!, EPOLLIN));
  }),
  row("epoll_ctl() returns ENOENT for a descriptor that is not watched", async ({ proc }) => {
    const p = await proc();
    const { epfd, pipe } = await watched(p, EPOLLIN);
    const copy: number = await p.do("dup", pipe[0]);
    for (const fd of [pipe[1], copy]) {
      await fails("ENOENT", p.do("epoll_ctl", epfd, EPOLL_CTL_MOD, fd, { events: EPOLLIN }));
      await fails("ENOENT", p.do("epoll_ctl", epfd, EPOLL_CTL_DEL, fd));
    }
    equal(await p.do("epoll_ctl", epfd, EPOLL_CTL_DEL, pipe[0], { events: 0 }), 0);
    await fails("ENOENT", p.do("epoll_ctl", epfd, EPOLL_CTL_DEL, pipe[0]));
  }),
  row("epoll_ctl() takes descriptors out that are closed, with their last copy", async (world) => {
    const p = await world.proc();
    const { epfd, pipe } = await watched(p, EPOLLIN);
    const copy: number = await p.do("dup", pipe[0]);
    await p.do("writeText", pipe[1], "x");
    await closeAll(p, pipe[0]);
    equal(await now(p, epfd), READY, "the copy keeps the description");
    await closeAll(p, copy);
    equal(await now(p, epfd), []);
  }),
];

export const epollWait: readonly Row[] = [
  row("epoll_wait() returns EBADF for a descriptor that is not open", async ({ proc }) => {
    const p = await proc();
    for (const fd of NOT_OPEN) await fails("EBADF", p.do("epoll_wait", fd, 1, 0));
  }),
  row("epoll_wait() returns EINTR after a signal handler has run", async ({ proc }) => {
    const p = await proc();
    const epfd = await create(p);
    await p.do("sigaction", SIGUSR1, HANDLER);
    const call = p.start("epoll_wait", epfd, 10, -1);
    await p.asleep();
    await p.kill(SIGUSR1);
    equal((await fails("EINTR", call)).syscall, "epoll_wait");
  }),
  row("epoll_wait() returns EINVAL for what is no epoll instance", async ({ proc }) => {
    const p = await proc();
    for (const fd of await pipeOf(p)) await fails("EINVAL", p.do("epoll_wait", fd, 1, 0));
  }),
  row("epoll_wait() returns EINVAL unless maxevents is positive and not huge", async (world) => {
    const p = await world.proc();
    const epfd = await create(p);
    for (const max of [0, -1, 0x7fff_ffff]) await fails("EINVAL", p.do("epoll_wait", epfd, max, 0));
    equal(await p.do<Event[]>("epoll_wait", epfd, 1_000_000, 0), []);
  }),
  row("epoll_wait() tells what is ready, with its data, each time", async ({ proc }) => {
    const p = await proc();
    const { epfd, pipe } = await watched(p, EPOLLIN);
    await add(p, epfd, pipe[1], EPOLLOUT | EPOLLIN, Number.MAX_SAFE_INTEGER);
    const writable = { events: EPOLLOUT, data: Number.MAX_SAFE_INTEGER };
    equal(await now(p, epfd), [writable]);
    await p.do("writeText", pipe[1], "x");
    for (let again = 0; again < 2; again++) {
      const events = await now(p, epfd);
      equal(
        events.sort((a, b) => a.events - b.events),
        [...READY, writable],
      );
    }
    await p.do("readText", pipe[0], 1);
    equal(await now(p, epfd), [writable]);
  }),
  row("epoll_wait() keeps any integer as data, 0 when there is none", async ({ proc }) => {
    const p = await proc();
    const [epfd, [, w]] = [await create(p), await pipeOf(p)];
    await p.do("epoll_ctl", epfd, EPOLL_CTL_ADD, w, { events: EPOLLOUT });
    equal(await now(p, epfd), [{ events: EPOLLOUT, data: 0 }]);
    for (const data of [-1, 2 ** 32, Number.MIN_SAFE_INTEGER]) {
      await p.do("epoll_ctl", epfd, EPOLL_CTL_MOD, w, { events: EPOLLOUT, data });
      equal(await now(p, epfd), [{ events: EPOLLOUT, data }]);
    }
  }),
  row("epoll_wait() gives at most maxevents, and the others in turn", async ({ proc }) => {
    const p = await proc();
    const epfd = await create(p);
    for (let data = 0; data < 5; data++) {
      const [, w] = await pipeOf(p);
      await add(p, epfd, w, EPOLLOUT, data);
    }
    const seen: number[] = [];
    for (let round = 0; round < 5; round++) {
      const events = await now(p, epfd, 1);
      equal(events.length, 1);
      seen.push(events[0]!.data);
    }
    equal(seen.sort(), [0, 1, 2, 3, 4]);
  }),
  row("epoll_wait() tells EPOLLHUP and EPOLLERR unasked", async ({ proc }) => {
    const p = await proc();
    const [epfd, a, b] = [await create(p), await pipeOf(p), await pipeOf(p)];
    await add(p, epfd, a[0], 0, 1);
    equal(await now(p, epfd), []);
    await closeAll(p, a[1]);
    equal(await now(p, epfd), [{ events: EPOLLHUP, data: 1 }]);
    await p.do("epoll_ctl", epfd, EPOLL_CTL_DEL, a[0]);
    await add(p, epfd, b[1], EPOLLOUT, 2);
    await closeAll(p, b[0]);
    equal(await now(p, epfd), [{ events: EPOLLOUT | EPOLLERR, data: 2 }]);
  }),
  row("epoll_wait() with EPOLLET tells each arrival once", async ({ proc }) => {
    const p = await proc();
    const { epfd, pipe } = await watched(p, EPOLLIN | EPOLLET);
    for (const text of ["a", "b"]) {
      await p.do("writeText", pipe[1], text);
      equal(await now(p, epfd), READY);
      equal(await now(p, epfd), [], "not again");
    }
    await p.do("readText", pipe[0], 1);
    equal(await now(p, epfd), [], "data that is left is no arrival");
  }),
  row("epoll_wait() with EPOLLET tells what was there when it was added", async ({ proc }) => {
    const p = await proc();
    const [epfd, [r, w]] = [await create(p), await pipeOf(p)];
    await p.do("writeText", w, "x");
    await add(p, epfd, r, EPOLLIN | EPOLLET, 7);
    equal(await now(p, epfd), READY);
    equal(await now(p, epfd), []);
    const event = { events: EPOLLIN | EPOLLET, data: 7 };
    await p.do("epoll_ctl", epfd, EPOLL_CTL_MOD, r, event);
    equal(await now(p, epfd), READY, "EPOLL_CTL_MOD asks anew");
  }),
  row("epoll_wait() with EPOLLONESHOT tells once, until EPOLL_CTL_MOD", async ({ proc }) => {
    const p = await proc();
    const { epfd, pipe } = await watched(p, EPOLLIN | EPOLLONESHOT);
    await p.do("writeText", pipe[1], "x");
    equal(await now(p, epfd), READY);
    await p.do("writeText", pipe[1], "y");
    equal(await now(p, epfd), []);
    const event = { events: EPOLLIN | EPOLLONESHOT, data: 7 };
    await p.do("epoll_ctl", epfd, EPOLL_CTL_MOD, pipe[0], event);
    equal(await now(p, epfd), READY);
  }),
  row("epoll_wait() follows EPOLL_CTL_MOD and EPOLL_CTL_DEL", async ({ proc }) => {
    const p = await proc();
    const { epfd, pipe } = await watched(p, EPOLLIN);
    await p.do("writeText", pipe[1], "x");
    await p.do("epoll_ctl", epfd, EPOLL_CTL_MOD, pipe[0], { events: 0, data: 8 });
    equal(await now(p, epfd), []);
    await p.do("epoll_ctl", epfd, EPOLL_CTL_MOD, pipe[0], { events: EPOLLIN, data: 9 });
    equal(await now(p, epfd), [{ events: EPOLLIN, data: 9 }]);
    await p.do("epoll_ctl", epfd, EPOLL_CTL_DEL, pipe[0]);
    equal(await now(p, epfd), []);
  }),
  row("epoll_wait() returns no events when the time is over, not before", async ({ proc }) => {
    const p = await proc();
    const { epfd } = await watched(p, EPOLLIN);
    const start = performance.now();
    equal(await p.do<Event[]>("epoll_wait", epfd, 10, 50), []);
    const ms = performance.now() - start;
    ok(ms >= 45, `${ms} ms have passed`);
  }),
  row("epoll_wait() that sleeps wakes for each kind of event", async ({ proc }) => {
    const p = await proc();
    const { epfd, pipe } = await watched(p, EPOLLIN);
    const sleep = async () => {
      const call = p.start<Event[]>("async.epoll_wait", epfd, 10, -1);
      await p.asleep();
      return { call };
    };
    const data = await sleep();
    await p.do("writeText", pipe[1], "x");
    equal(await data.call, READY);
    await p.do("readText", pipe[0], 1);
    const other = await pipeOf(p, O_NONBLOCK);
    await p.do("fill", other[1], PAGE);
    const added = await sleep();
    await add(p, epfd, other[1], EPOLLOUT, 9);
    await p.asleep();
    await p.do("readRuns", other[0], CAPACITY);
    equal(await added.call, [{ events: EPOLLOUT, data: 9 }], "added while it slept");
    await p.do("epoll_ctl", epfd, EPOLL_CTL_DEL, other[1]);
    const end = await sleep();
    await closeAll(p, pipe[1]);
    equal(await end.call, [{ events: EPOLLHUP, data: 7 }]);
  }),
  row("epoll_wait() that sleeps wakes when what is ready is added", async ({ proc }) => {
    const p = await proc();
    const [epfd, [, w]] = [await create(p), await pipeOf(p)];
    const call = p.start<Event[]>("async.epoll_wait", epfd, 10, -1);
    await p.asleep();
    await add(p, epfd, w, EPOLLOUT, 3);
    equal(await call, [{ events: EPOLLOUT, data: 3 }]);
  }),
  row("epoll_wait() as a twin rejects with its signal's reason", async ({ proc }) => {
    const p = await proc();
    const epfd = await create(p);
    const call = p.start("async.epoll_wait", epfd, 10, -1, { abort: "here" });
    await p.asleep();
    await p.do("abort", "here", "stop it");
    const error = await call.then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    equal(error?.message, "stop it", "the reason");
  }),
  row("epoll_wait() works in a child that has inherited the instance", async ({ proc }) => {
    const parent = await proc({ fresh: true });
    const [r, w] = await highPipe(parent);
    const low = await create(parent);
    const epfd: number = await parent.do("fcntl", low, 0, 100);
    await add(parent, epfd, r, EPOLLIN, 7);
    const kid = await proc({ parent });
    const call = kid.start<Event[]>("epoll_wait", epfd, 10, -1);
    await kid.asleep();
    await parent.do("writeText", w, "x");
    equal(await call, READY);
  }),
  row("epoll_wait() sees an instance that it watches become readable", async ({ proc }) => {
    const p = await proc();
    const { epfd, pipe } = await watched(p, EPOLLIN);
    const outer = await create(p);
    await add(p, outer, epfd, EPOLLIN, 5);
    equal(await now(p, outer), []);
    equal(await ready(p, epfd, POLLIN), 0, "poll()");
    await p.do("writeText", pipe[1], "x");
    equal(await now(p, outer), [{ events: EPOLLIN, data: 5 }]);
    equal(await ready(p, epfd, POLLIN), POLLIN, "poll()");
  }),
];
