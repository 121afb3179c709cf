/** Calls on descriptors themselves to be cut off. */
import { EPOLL_CTL_ADD, EPOLLIN } from "../../assembly/abi/epoll.ts";
import {
  F_DUPFD,
  F_SETFD,
  F_SETFL,
  F_SETPIPE_SZ,
  FD_CLOEXEC,
  O_CLOEXEC,
  O_NONBLOCK,
} from "../../assembly/abi/fcntl.ts";
import { SIGKILL } from "../../assembly/abi/signal.ts";
import { writeAttributes } from "../support/spawn-attributes.ts";
import { close, fcntl, fill, pipe, read, share, write } from "./descriptors.ts";
import { made, type Scenario } from "./scenario.ts";
import type { Scene } from "./scene.ts";

const pipe2 = (s: Scene, flags = 0) => s.a.call((kernel) => kernel.sys_pipe2(flags));
const dup3 = (s: Scene, from: number, to: number, flags = 0) =>
  s.a.call((kernel) => kernel.sys_dup3(from, to, flags));
const NOTHING = () => undefined;

/** A pipe of A's; others have the ends that are asked for. `id` reads, `other` writes. */
function ends(s: Scene, ...others: readonly ("r" | "w")[][]): void {
  [s.id, s.other] = pipe(s.a);
  [s.b, s.c, s.d].forEach((task, index) => {
    for (const end of others[index] ?? []) share(s, s.a, task, end === "r" ? s.id : s.other);
  });
}

/** An instance of A's, which B has too, watches the pipe's end for reading. `addr` is its number. */
function watched(s: Scene): void {
  ends(s, ["r", "w"]);
  s.addr = made(s.a.call((kernel) => kernel.sys_epoll_create1(0)));
  made(s.a.call((kernel) => kernel.sys_epoll_ctl(s.addr, EPOLL_CTL_ADD, s.id, EPOLLIN, 7)));
  share(s, s.a, s.b, s.addr);
}

const OPENING: readonly Scenario[] = [
  { name: "pipe2()", prepare: NOTHING, call: (s) => pipe2(s) },
  {
    name: "pipe2() with O_CLOEXEC and O_NONBLOCK",
    prepare: NOTHING,
    call: (s) => pipe2(s, O_CLOEXEC | O_NONBLOCK),
  },
  {
    name: "pipe2() of the last pipe",
    limits: { PIPE_MAX: 2 },
    prepare: (s) => void pipe(s.b),
    call: (s) => pipe2(s),
  },
  {
    name: "pipe2() with every pipe in use",
    limits: { PIPE_MAX: 1 },
    prepare: (s) => void pipe(s.b),
    call: (s) => pipe2(s),
  },
  {
    name: "pipe2() with one description left",
    limits: { FILE_MAX: 6 },
    prepare: (s) => void pipe(s.b),
    call: (s) => pipe2(s),
  },
  {
    name: "pipe2() with one number left",
    limits: { OPEN_MAX: 4 },
    prepare: NOTHING,
    call: (s) => pipe2(s),
  },
  {
    name: "epoll_create1()",
    prepare: NOTHING,
    call: (s) => s.a.call((kernel) => kernel.sys_epoll_create1(0)),
  },
  {
    name: "spawn of a process that inherits",
    prepare(s) {
      ends(s, ["r", "w"]);
      fcntl(s.a, s.other, F_SETFD, FD_CLOEXEC);
      s.addr = made(s.a.call((kernel) => kernel.pool_claim()));
    },
    call: (s) => s.a.call((kernel) => kernel.sys_spawn(s.addr, 0)),
  },
  {
    name: "spawn of a process that is given descriptors",
    prepare(s) {
      ends(s, ["r", "w"]);
      s.addr = made(s.a.call((kernel) => kernel.pool_claim()));
    },
    call(s) {
      const pairs = [0, s.id, 1, s.other, s.id, -1];
      const flags = writeAttributes(s.machine.i32, s.a.transfer, { groups: [5, 6], pairs });
      return s.a.call((kernel) => kernel.sys_spawn(s.addr, flags));
    },
  },
];

const CLOSING: readonly Scenario[] = [
  {
    name: "close() of one of several descriptors",
    prepare: (s) => ends(s, ["r", "w"]),
    call: (s) => close(s.a, s.id),
  },
  { name: "close() of a reader", prepare: (s) => ends(s, ["w"]), call: (s) => close(s.a, s.id) },
  {
    name: "close() of the last reader while two sleep in write()",
    prepare(s) {
      ends(s, ["w"], ["w"]);
      fill(s.b, s.other);
      write(s.b, s.other, 10);
      write(s.c, s.other, 10);
    },
    call: (s) => close(s.a, s.id),
  },
  {
    name: "close() of the last writer while two sleep in read()",
    prepare(s) {
      ends(s, ["r"], ["r"]);
      read(s.b, s.id, 10);
      read(s.c, s.id, 10);
    },
    call: (s) => close(s.a, s.other),
  },
  {
    name: "close() of the last end of a pipe",
    prepare(s) {
      ends(s);
      write(s.a, s.other, 10);
      close(s.a, s.id);
    },
    call: (s) => close(s.a, s.other),
  },
  { name: "close() of nothing", prepare: NOTHING, call: (s) => close(s.a, 5) },
  { name: "close() of what is watched", prepare: watched, call: (s) => close(s.a, s.id) },
  {
    name: "close() of the last instance",
    prepare(s) {
      watched(s);
      close(s.b, s.addr);
    },
    call: (s) => close(s.a, s.addr),
  },
  {
    name: "task_free() of a call that holds the last reader",
    prepare(s) {
      ends(s, ["w"]);
      const call = s.call();
      made(call.call((kernel) => kernel.fd_hold(s.id)));
      close(s.a, s.id);
      s.addr = call.id;
    },
    call: (s) => s.a.call((kernel) => kernel.task_free(s.addr)),
  },
  {
    name: "task_free() of a call that holds a reader, of a process that was killed meanwhile",
    prepare(s) {
      ends(s, ["w"]);
      const call = s.call();
      made(call.call((kernel) => kernel.fd_hold(s.id)));
      s.addr = call.id;
      s.supervisor.call((kernel) => kernel.proc_refuse(s.pids.a, SIGKILL));
    },
    call: (s) => s.a.call((kernel) => kernel.task_free(s.addr)),
  },
  {
    name: "_exit() with both ends of pipes, an instance, and those who sleep",
    prepare(s) {
      watched(s);
      share(s, s.a, s.c, s.id);
      read(s.c, s.id, 10);
      pipe(s.a);
    },
    call: (s) => s.a.call((kernel) => kernel.sys_exit(0)),
  },
  {
    name: "_exit() of a process that sleeps in read()",
    prepare(s) {
      ends(s, ["r", "w"]);
      const call = s.call();
      made(call.call((kernel) => kernel.fd_hold(s.id)));
      read(call, s.id, 10);
    },
    call: (s) => s.a.call((kernel) => kernel.sys_exit(0)),
  },
];

const FLAGS: readonly Scenario[] = [
  { name: "dup3()", prepare: (s) => ends(s, ["r", "w"]), call: (s) => dup3(s, s.id, 6) },
  {
    name: "dup3() over the last end of a pipe",
    prepare(s) {
      ends(s, ["r", "w"]);
      s.addr = pipe(s.a)[0];
      close(s.a, s.addr + 1);
    },
    call: (s) => dup3(s, s.id, s.addr, O_CLOEXEC),
  },
  {
    name: "dup3() over another number of the same description",
    prepare(s) {
      ends(s, ["r", "w"]);
      dup3(s, s.id, 6, O_CLOEXEC);
    },
    call: (s) => dup3(s, s.id, 6),
  },
  {
    name: "fcntl(F_DUPFD)",
    prepare: (s) => ends(s, ["r", "w"]),
    call: (s) => fcntl(s.a, s.id, F_DUPFD, 5),
  },
  {
    name: "fcntl(F_SETFD)",
    prepare: (s) => ends(s, ["r", "w"]),
    call: (s) => fcntl(s.a, s.id, F_SETFD, FD_CLOEXEC),
  },
  {
    name: "fcntl(F_SETFL)",
    prepare: (s) => ends(s, ["r", "w"]),
    call: (s) => fcntl(s.a, s.id, F_SETFL, O_NONBLOCK),
  },
  {
    name: "fcntl(F_SETPIPE_SZ) of bytes that go around the end",
    prepare(s) {
      ends(s, ["r", "w"]);
      fill(s.a, s.other, 3584);
      for (let turn = 0; turn < 6; turn += 1) read(s.a, s.id, 512);
      for (let turn = 0; turn < 3; turn += 1) write(s.a, s.other, 400, 40 * turn);
    },
    call: (s) => fcntl(s.a, s.id, F_SETPIPE_SZ, 8192),
  },
  {
    name: "fcntl(F_SETPIPE_SZ) while two sleep in write()",
    prepare(s) {
      ends(s, ["r", "w"], ["r", "w"]);
      fill(s.a, s.other);
      write(s.b, s.other, 10);
      write(s.c, s.other, 10);
    },
    call: (s) => fcntl(s.a, s.id, F_SETPIPE_SZ, 8192),
  },
  {
    name: "fcntl(F_SETPIPE_SZ) of more bytes than it could hold",
    prepare(s) {
      ends(s, ["r", "w"]);
      made(fcntl(s.a, s.id, F_SETPIPE_SZ, 8192));
      fill(s.a, s.other, 5120);
    },
    call: (s) => fcntl(s.a, s.id, F_SETPIPE_SZ, 4096),
  },
  {
    name: "fstat()",
    prepare: (s) => ends(s, ["r", "w"]),
    call: (s) => s.a.call((kernel) => kernel.sys_fstat(s.id)),
  },
  {
    name: "fd_hold()",
    prepare: (s) => ends(s, ["r", "w"]),
    call: (s) => s.a.call((kernel) => kernel.fd_hold(s.id)),
  },
];

export const FD_SCENARIOS: readonly Scenario[] = [...OPENING, ...CLOSING, ...FLAGS];
