/** Wrong types and ranges in the arguments of calls on descriptors: a TypeError, never anything else. */
import { EPOLL_CTL_ADD, EPOLLIN } from "../../../assembly/abi/epoll.ts";
import {
  F_GETLK,
  F_OFD_GETLK,
  F_OFD_SETLK,
  F_OFD_SETLKW,
  F_SETLK,
  F_SETLKW,
  O_NONBLOCK,
} from "../../../assembly/abi/fcntl.ts";
import { POLLIN } from "../../../assembly/abi/poll.ts";
import { equal, fails } from "../check.ts";
import { pipeOf } from "../objects-files.ts";
import { type Row, row } from "../row.ts";
import { NOT_INTS, NOT_LONGS, NOT_OBJECTS, refuses, without } from "./arguments.ts";

const buffer = new Uint8Array(4);
/** What no buffer is; a Uint16Array would hide which byte order it has. */
const NOT_BUFFERS: readonly unknown[] = [
  undefined,
  null,
  "text",
  5,
  [1, 2],
  {},
  new Uint16Array(2),
];

export const argumentFileRows: readonly Row[] = [
  row("close() throws TypeError for what is no descriptor", async ({ proc }) => {
    const p = await proc();
    await refuses(p, NOT_INTS, (bad) => ["close", bad]);
    await refuses(p, NOT_INTS, (bad) => ["fstat", bad]);
    await refuses(p, NOT_INTS, (bad) => ["dup", bad]);
  }),
  row("read() throws TypeError for wrong descriptors, buffers and counts", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    await p.do("writeText", w, "x");
    for (const call of ["read", "async.read"]) {
      await refuses(p, NOT_INTS, (bad) => [call, bad, buffer]);
      await refuses(p, NOT_BUFFERS, (bad) => [call, r, bad]);
      await refuses(p, without(NOT_LONGS, undefined), (bad) => [call, r, buffer, bad]);
    }
    await refuses(p, [1, "x", null, { signal: 1 }], (bad) => ["async.read", r, buffer, 4, bad]);
    equal(await p.do<string>("readText", r, 9), "x", "nothing was taken");
  }),
  row("write() throws TypeError for wrong descriptors, buffers and counts", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    for (const call of ["write", "async.write"]) {
      await refuses(p, NOT_INTS, (bad) => [call, bad, buffer]);
      await refuses(p, NOT_BUFFERS, (bad) => [call, w, bad]);
      await refuses(p, without(NOT_LONGS, undefined), (bad) => [call, w, buffer, bad]);
    }
    await refuses(p, [1, "x", null, { signal: 1 }], (bad) => ["async.write", w, buffer, 4, bad]);
    await fails("EAGAIN", p.do("readText", r, 9));
  }),
  row("readv() throws TypeError for what is no array of buffers", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    for (const [call, fd] of [
      ["readv", r],
      ["async.readv", r],
      ["writev", w],
      ["async.writev", w],
    ]) {
      await refuses(p, NOT_INTS, (bad) => [call, bad, []]);
      await refuses(p, [...NOT_OBJECTS, {}, buffer], (bad) => [call, fd, bad]);
      await refuses(p, NOT_BUFFERS, (bad) => [call, fd, [buffer, bad]]);
    }
    await fails("EAGAIN", p.do("readText", r, 9));
  }),
  row("pread() throws TypeError for wrong counts and offsets", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    for (const [call, fd] of [
      ["pread", r],
      ["pwrite", w],
    ]) {
      await refuses(p, NOT_INTS, (bad) => [call, bad, buffer, 4, 0]);
      await refuses(p, NOT_BUFFERS, (bad) => [call, fd, bad, 4, 0]);
      await refuses(p, NOT_LONGS, (bad) => [call, fd, buffer, bad, 0]);
      await refuses(p, NOT_LONGS, (bad) => [call, fd, buffer, 4, bad]);
    }
  }),
  row("lseek() throws TypeError for arguments that are no integers", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    await refuses(p, NOT_INTS, (bad) => ["lseek", bad, 0, 0]);
    await refuses(p, NOT_LONGS, (bad) => ["lseek", r, bad, 0]);
    await refuses(p, NOT_INTS, (bad) => ["lseek", r, 0, bad]);
  }),
  row("dup2() throws TypeError for arguments that are no integers", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    await refuses(p, NOT_INTS, (bad) => ["dup2", bad, 100]);
    await refuses(p, NOT_INTS, (bad) => ["dup2", r, bad]);
    await refuses(p, NOT_INTS, (bad) => ["dup3", bad, 100, 0]);
    await refuses(p, NOT_INTS, (bad) => ["dup3", r, bad, 0]);
    await refuses(p, NOT_INTS, (bad) => ["dup3", r, 100, bad]);
  }),
  row("fcntl() throws TypeError for arguments that are no integers", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    await refuses(p, NOT_INTS, (bad) => ["fcntl", bad, 1]);
    await refuses(p, NOT_INTS, (bad) => ["fcntl", r, bad]);
    await refuses(p, without(NOT_INTS, undefined), (bad) => ["fcntl", r, 4, bad]);
  }),
  row("pipe2() throws TypeError for flags that are no integer", async ({ proc }) => {
    const p = await proc();
    await refuses(p, NOT_INTS, (bad) => ["pipe2", bad]);
  }),
  row("poll() throws TypeError for wrong arrays, elements and timeouts", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    for (const call of ["poll", "async.poll"]) {
      await refuses(p, NOT_INTS, (bad) => [call, [], bad]);
    }
    await refuses(p, [...NOT_OBJECTS, {}], (bad) => ["async.poll", bad, 0]);
    await refuses(p, NOT_OBJECTS, (bad) => ["async.poll", [{ fd: r }, bad], 0]);
    await refuses(p, NOT_INTS, (bad) => ["poll", [{ fd: bad, events: POLLIN }], 0]);
    const events = (bad: unknown) => ["poll", [{ fd: r, events: bad }], 0];
    await refuses(p, without(NOT_INTS, undefined), events);
  }),
  row("select() throws TypeError for wrong sets, members and timeouts", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    const now = { tv_sec: 0, tv_usec: 0 };
    await refuses(p, NOT_INTS, (bad) => ["select", bad, [], [], [], now]);
    for (const bad of [1, "x", true, [r], {}]) {
      await fails("TypeError", p.do("async.select", 10, bad, null, null, now));
    }
    for (const index of [0, 1, 2]) {
      const sets = (bad: unknown) => [0, 1, 2].map((each) => (each === index ? [bad] : [r]));
      await refuses(p, [...NOT_INTS, -1], (bad) => ["select", 1024, ...sets(bad), now]);
    }
    const timeout = (bad: unknown) => ["select", 1024, [r], null, null, bad];
    await refuses(p, [1, "x", true], timeout);
    await refuses(p, NOT_LONGS, (bad) => timeout({ tv_sec: bad, tv_usec: 0 }));
    await refuses(p, NOT_LONGS, (bad) => timeout({ tv_sec: 0, tv_usec: bad }));
  }),
  row("epoll_ctl() throws TypeError for wrong arguments and events", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    await refuses(p, without(NOT_INTS, undefined), (bad) => ["epoll_create1", bad]);
    const epfd: number = await p.do("epoll_create1", 0);
    const event = { events: EPOLLIN };
    await refuses(p, NOT_INTS, (bad) => ["epoll_ctl", bad, EPOLL_CTL_ADD, r, event]);
    await refuses(p, NOT_INTS, (bad) => ["epoll_ctl", epfd, bad, r, event]);
    await refuses(p, NOT_INTS, (bad) => ["epoll_ctl", epfd, EPOLL_CTL_ADD, bad, event]);
    const add = (bad: unknown) => ["epoll_ctl", epfd, EPOLL_CTL_ADD, r, bad];
    await refuses(p, without(NOT_OBJECTS, undefined, null), add);
    await refuses(p, NOT_INTS, (bad) => add({ events: bad }));
    await refuses(p, without(NOT_LONGS, undefined), (bad) => add({ events: 1, data: bad }));
    equal(await p.do<unknown[]>("epoll_wait", epfd, 1, 0), [], "nothing was added");
  }),
  row("epoll_wait() throws TypeError for arguments that are no integers", async ({ proc }) => {
    const p = await proc();
    const epfd: number = await p.do("epoll_create1", 0);
    for (const call of ["epoll_wait", "async.epoll_wait"]) {
      await refuses(p, NOT_INTS, (bad) => [call, bad, 1, 0]);
      await refuses(p, NOT_INTS, (bad) => [call, epfd, bad, 0]);
      await refuses(p, NOT_INTS, (bad) => [call, epfd, 1, bad]);
    }
  }),
  row("fcntl() throws TypeError for what is no lock", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    for (const cmd of [F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW]) {
      await refuses(p, NOT_OBJECTS, (bad) => ["fcntl", r, cmd, bad]);
      for (const bad of [undefined, null, "1", 1.5, 0x8000, -0x8001]) {
        await refuses(p, [bad], () => ["fcntl", r, cmd, { l_type: bad }]);
      }
      const named = (name: string) => (bad: unknown) => [
        "fcntl",
        r,
        cmd,
        { l_type: 0, [name]: bad },
      ];
      await refuses(p, without(NOT_INTS, undefined), named("l_whence") as never);
      await refuses(p, without(NOT_LONGS, undefined), named("l_start") as never);
      await refuses(p, without(NOT_LONGS, undefined), named("l_len") as never);
    }
  }),
  row("fcntl() throws TypeError as a twin for commands that never wait", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    for (const cmd of [F_GETLK, F_SETLK, F_OFD_SETLK, 1, "7"]) {
      await refuses(p, [cmd], (bad) => ["async.fcntl", r, bad, { l_type: 0 }]);
    }
    await refuses(p, NOT_OBJECTS, (bad) => ["async.fcntl", r, F_SETLKW, bad]);
  }),
  row("flock() throws TypeError for wrong descriptors and operations", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    for (const call of ["flock", "async.flock"]) {
      await refuses(p, NOT_INTS, (bad) => [call, bad, 1]);
      await refuses(p, NOT_INTS, (bad) => [call, r, bad]);
    }
  }),
];
