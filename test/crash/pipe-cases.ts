/** Reads and writes of pipes to be cut off. */
import { EINTR } from "../../assembly/abi/errno.ts";
import { F_SETFL, O_NONBLOCK } from "../../assembly/abi/fcntl.ts";
import { POLLIN, POLLOUT } from "../../assembly/abi/poll.ts";
import { CAPACITY, close, fcntl, fill, pipe, poll, read, share, write } from "./descriptors.ts";
import type { Scenario } from "./scenario.ts";
import type { Scene } from "./scene.ts";

/** A pipe that everybody has. `id` reads, `other` writes. */
function shared(s: Scene): void {
  [s.id, s.other] = pipe(s.a);
  for (const task of [s.b, s.c, s.d]) share(s, s.a, task, s.id, s.other);
}

/** The next byte goes to the ring's end but for 100. */
function nearTheEnd(s: Scene): void {
  shared(s);
  fill(s.a, s.other, CAPACITY - 100);
  for (let left = CAPACITY - 100; left > 0; ) left -= read(s.a, s.id, 512);
}

function full(s: Scene): void {
  shared(s);
  fill(s.a, s.other);
}

const WRITING: readonly Scenario[] = [
  { name: "write() of a few bytes", prepare: shared, call: (s) => write(s.a, s.other, 20) },
  { name: "write() around the end", prepare: nearTheEnd, call: (s) => write(s.a, s.other, 300) },
  {
    name: "write() while two sleep in read()",
    prepare(s) {
      shared(s);
      read(s.b, s.id, 100);
      read(s.c, s.id, 100);
    },
    call: (s) => write(s.a, s.other, 20),
    // Whoever repairs may wake one reader more, for nothing: as if the bytes had come in two parts.
    steps: [(s) => write(s.a, s.other, 8) + write(s.a, s.other, 12, 9)],
  },
  {
    name: "write() while others sleep in poll()",
    prepare(s) {
      shared(s);
      poll(s.b, s.id, POLLIN, 1);
      poll(s.c, s.id, POLLIN | POLLOUT, 1);
      poll(s.d, s.id, 0, 1);
    },
    call: (s) => write(s.a, s.other, 20),
  },
  { name: "write() that goes to sleep", prepare: full, call: (s) => write(s.a, s.other, 10) },
  {
    name: "write() that goes to sleep behind another",
    prepare(s) {
      full(s);
      write(s.b, s.other, 500);
    },
    call: (s) => write(s.a, s.other, 10),
  },
  {
    name: "write() that passes one that sleeps",
    prepare(s) {
      full(s);
      read(s.a, s.id, 20);
      write(s.b, s.other, 500);
    },
    call: (s) => write(s.a, s.other, 20),
  },
  {
    name: "write() of the part that fits of more than PIPE_BUF",
    prepare(s) {
      full(s);
      read(s.a, s.id, 50);
    },
    call: (s) => write(s.a, s.other, 500, 9, 1),
  },
  {
    name: "write() that was woken looks again",
    prepare(s) {
      full(s);
      write(s.a, s.other, 10);
      read(s.b, s.id, 100);
    },
    call: (s) => s.a.waitResult(),
  },
  {
    name: "write() that a signal interrupts",
    prepare(s) {
      full(s);
      write(s.a, s.other, 10);
    },
    call: (s) => s.a.waitCancel(EINTR),
  },
  {
    name: "write() without room and O_NONBLOCK",
    prepare(s) {
      full(s);
      fcntl(s.a, s.other, F_SETFL, O_NONBLOCK);
    },
    call: (s) => write(s.a, s.other, 10),
  },
  {
    name: "write() that nobody can read",
    prepare(s) {
      shared(s);
      for (const task of [s.a, s.b, s.c, s.d]) close(task, s.id);
      s.a.call((kernel) => kernel.sys_sigaction(13, 2, 0));
    },
    call: (s) => write(s.a, s.other, 10),
  },
];

const READING: readonly Scenario[] = [
  {
    name: "read() of all bytes",
    prepare(s) {
      shared(s);
      write(s.a, s.other, 30);
    },
    call: (s) => read(s.a, s.id, 100),
  },
  {
    name: "read() around the end",
    prepare(s) {
      nearTheEnd(s);
      write(s.a, s.other, 300);
    },
    call: (s) => read(s.a, s.id, 200),
  },
  {
    name: "read() that leaves bytes to one that sleeps",
    prepare(s) {
      shared(s);
      write(s.a, s.other, 30);
    },
    call: (s) => read(s.a, s.id, 10),
  },
  {
    name: "read() that makes room for two of three that sleep in write()",
    prepare(s) {
      full(s);
      write(s.b, s.other, 200);
      write(s.c, s.other, 200);
      write(s.d, s.other, 512);
    },
    call: (s) => read(s.a, s.id, 500),
  },
  {
    name: "read() while others sleep in poll()",
    prepare(s) {
      full(s);
      for (let left = CAPACITY; left > 512; left -= 512) read(s.a, s.id, 512);
      poll(s.b, s.other, POLLOUT, 1);
      poll(s.c, s.other, POLLOUT | POLLIN, 1);
    },
    call: (s) => read(s.a, s.id, 512),
  },
  { name: "read() that goes to sleep", prepare: shared, call: (s) => read(s.a, s.id, 10) },
  {
    name: "read() that goes to sleep behind another",
    prepare(s) {
      shared(s);
      read(s.b, s.id, 10);
    },
    call: (s) => read(s.a, s.id, 10),
  },
  {
    name: "read() that was woken looks again",
    prepare(s) {
      shared(s);
      read(s.a, s.id, 10);
      read(s.c, s.id, 10);
      write(s.b, s.other, 5);
    },
    call: (s) => s.a.waitResult(),
  },
  {
    name: "read() that a signal interrupts",
    prepare(s) {
      shared(s);
      read(s.a, s.id, 10);
      read(s.b, s.id, 10);
    },
    call: (s) => s.a.waitCancel(EINTR),
  },
  {
    name: "read() at the end",
    prepare(s) {
      shared(s);
      for (const task of [s.a, s.b, s.c, s.d]) close(task, s.other);
    },
    call: (s) => read(s.a, s.id, 10),
  },
];

export const PIPE_SCENARIOS: readonly Scenario[] = [...WRITING, ...READING];
