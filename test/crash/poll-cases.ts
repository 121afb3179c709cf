/** poll() and epoll calls to be cut off. */
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLET,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
} from "../../assembly/abi/epoll.ts";
import { EAGAIN, EINTR } from "../../assembly/abi/errno.ts";
import { POLLIN, POLLOUT } from "../../assembly/abi/poll.ts";
import { close, fill, pipe, poll, read, share, write } from "./descriptors.ts";
import { made, type Scenario } from "./scenario.ts";
import type { Scene } from "./scene.ts";

function shared(s: Scene): void {
  [s.id, s.other] = pipe(s.a);
  for (const task of [s.b, s.c]) share(s, s.a, task, s.id, s.other);
}

const ctl = (s: Scene, op: number, fd: number, events: number, data = 5) =>
  s.a.call((kernel) => kernel.sys_epoll_ctl(s.addr, op, fd, events, data));
const wait = (s: Scene, most: number, mayWait = 0) =>
  s.a.call((kernel) => kernel.sys_epoll_wait(s.addr, most, mayWait));

/** An instance that A and B have, `addr`; nothing is watched. */
function instance(s: Scene): void {
  shared(s);
  s.addr = made(s.a.call((kernel) => kernel.sys_epoll_create1(0)));
  share(s, s.a, s.b, s.addr);
}

function watching(s: Scene, flags = 0): void {
  instance(s);
  made(ctl(s, EPOLL_CTL_ADD, s.id, EPOLLIN | flags));
  made(ctl(s, EPOLL_CTL_ADD, s.other, EPOLLOUT | flags, 6));
}

const POLL: readonly Scenario[] = [
  {
    name: "poll() of what is ready",
    prepare: shared,
    call: (s) => poll(s.a, s.other, POLLOUT, 1),
  },
  { name: "poll() that goes to sleep", prepare: shared, call: (s) => poll(s.a, s.id, POLLIN, 1) },
  {
    name: "poll() whose time is up",
    prepare(s) {
      shared(s);
      poll(s.a, s.id, POLLIN, 1);
    },
    call: (s) => s.a.waitCancel(EAGAIN),
  },
  {
    name: "poll() that a signal interrupts",
    prepare(s) {
      shared(s);
      poll(s.a, s.id, POLLIN | POLLOUT, 1);
    },
    call: (s) => s.a.waitCancel(EINTR),
  },
  {
    name: "poll() that was woken",
    prepare(s) {
      shared(s);
      poll(s.a, s.id, POLLIN, 1);
      write(s.b, s.other, 3);
    },
    call: (s) => s.a.waitResult(),
  },
];

/** B sleeps in poll() on the read end, C in epoll_wait() on the instance that watches it. */
function pollers(s: Scene): void {
  instance(s);
  share(s, s.a, s.c, s.addr);
  made(ctl(s, EPOLL_CTL_ADD, s.id, EPOLLIN));
  poll(s.b, s.id, POLLIN, 1);
  s.c.call((kernel) => kernel.sys_epoll_wait(s.addr, 4, 1));
}

const WOKEN: readonly Scenario[] = [
  {
    name: "write() while others poll",
    prepare: pollers,
    call: (s) => write(s.a, s.other, 3),
  },
  {
    name: "read() while others poll",
    prepare(s) {
      shared(s);
      fill(s.a, s.other);
      poll(s.b, s.other, POLLOUT, 1);
    },
    call: (s) => read(s.a, s.id, 5000),
  },
  {
    name: "close() of the last write end while others poll",
    prepare(s) {
      pollers(s);
      close(s.b, s.other);
      close(s.c, s.other);
    },
    call: (s) => close(s.a, s.other),
  },
];

const EPOLL: readonly Scenario[] = [
  {
    name: "epoll_ctl(EPOLL_CTL_ADD)",
    prepare: instance,
    call: (s) => ctl(s, EPOLL_CTL_ADD, s.id, EPOLLIN),
  },
  {
    name: "epoll_ctl(EPOLL_CTL_ADD) of what is ready while one sleeps",
    prepare(s) {
      instance(s);
      s.b.call((kernel) => kernel.sys_epoll_wait(s.addr, 4, 1));
    },
    call: (s) => ctl(s, EPOLL_CTL_ADD, s.other, EPOLLOUT),
  },
  {
    name: "epoll_ctl(EPOLL_CTL_ADD) with every watch in use",
    limits: { WATCH_MAX: 2 },
    prepare: watching,
    call: (s) => ctl(s, EPOLL_CTL_ADD, 0, EPOLLIN),
  },
  {
    name: "epoll_ctl(EPOLL_CTL_MOD)",
    prepare: watching,
    call: (s) => ctl(s, EPOLL_CTL_MOD, s.id, EPOLLIN | EPOLLOUT | EPOLLET, 9),
  },
  {
    name: "epoll_ctl(EPOLL_CTL_MOD) of one that was told once",
    prepare(s) {
      instance(s);
      made(ctl(s, EPOLL_CTL_ADD, s.other, EPOLLOUT | EPOLLONESHOT));
      wait(s, 4);
    },
    call: (s) => ctl(s, EPOLL_CTL_MOD, s.other, EPOLLOUT | EPOLLET, 9),
  },
  {
    name: "epoll_ctl(EPOLL_CTL_MOD) of one whose edge was told",
    prepare(s) {
      instance(s);
      made(ctl(s, EPOLL_CTL_ADD, s.other, EPOLLOUT | EPOLLET));
      wait(s, 4);
    },
    call: (s) => ctl(s, EPOLL_CTL_MOD, s.other, EPOLLOUT | EPOLLET, 9),
  },
  {
    name: "epoll_ctl(EPOLL_CTL_DEL)",
    prepare: watching,
    call: (s) => ctl(s, EPOLL_CTL_DEL, s.other, 0),
  },
  { name: "epoll_wait() of one that is ready", prepare: watching, call: (s) => wait(s, 4) },
  {
    name: "epoll_wait() of two that are told once",
    prepare(s) {
      watching(s, EPOLLONESHOT);
      write(s.b, s.other, 3);
    },
    call: (s) => wait(s, 4),
    steps: [(s) => wait(s, 1)],
  },
  {
    name: "epoll_wait() of an edge that is told once",
    prepare(s) {
      instance(s);
      made(ctl(s, EPOLL_CTL_ADD, s.id, EPOLLIN | EPOLLET | EPOLLONESHOT));
      write(s.b, s.other, 3);
    },
    call: (s) => wait(s, 4),
  },
  {
    name: "epoll_wait() that goes to sleep",
    prepare(s) {
      instance(s);
      made(ctl(s, EPOLL_CTL_ADD, s.id, EPOLLIN | EPOLLET));
    },
    call: (s) => wait(s, 4, 1),
  },
  {
    name: "epoll_wait() whose time is up",
    prepare(s) {
      instance(s);
      wait(s, 4, 1);
    },
    call: (s) => s.a.waitCancel(EAGAIN),
  },
];

export const POLL_SCENARIOS: readonly Scenario[] = [...POLL, ...WOKEN, ...EPOLL];
