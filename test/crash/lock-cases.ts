/** Calls that take, wait for and give up locks on files, to be cut off. */
import { EINTR } from "../../assembly/abi/errno.ts";
import {
  F_GETLK,
  F_OFD_SETLK,
  F_OFD_SETLKW,
  F_RDLCK,
  F_SETLKW,
  F_UNLCK,
  F_WRLCK,
  LOCK_EX,
  LOCK_NB,
  LOCK_SH,
  LOCK_UN,
} from "../../assembly/abi/fcntl.ts";
import { FLOCK_SIZE, FLOCK_TYPE } from "../../assembly/abi/flock.ts";
import type { TestKernel, TestTask } from "../support/machine.ts";
import { close } from "./descriptors.ts";
import {
  as,
  BOTH,
  filesOf,
  flocks,
  lock,
  READER,
  reads,
  shared,
  unlocks,
  WRITER,
  waitsToRead,
  waitsToWrite,
  writes,
} from "./lock-scene.ts";
import { made, type Scenario } from "./scenario.ts";
import type { Scene } from "./scene.ts";

const EXIT_STATUS = 0x900;

const call = (name: string, prepare: (s: Scene) => void, run: (s: Scene) => number): Scenario => ({
  name,
  prepare,
  call: run,
});

/** Who is cut off, and two who share its files. */
const mortal = (s: Scene) => s.a;
const second = (s: Scene) => s.b;
const third = (s: Scene) => s.c;

/** What is done before, when so many others have the files. */
function after(others: number, steps: (s: Scene) => void): (s: Scene) => void {
  return (s) => {
    filesOf(others)(s);
    steps(s);
  };
}

/** A has write-locked bytes 0 to 9, and two others wait for parts of them. */
const waited = after(2, (s) => {
  writes(mortal(s), 0, 10);
  waitsToWrite(second(s), 0, 5);
  waitsToRead(third(s), 5, 10);
});

/** The description that all share has six locks, of both types in turn. */
const striped = after(1, (s) => {
  for (let index = 0; index < 6; index += 1) {
    shared(mortal(s), index % 2 === 0 ? F_WRLCK : F_RDLCK, index * 3, 2);
  }
});

/** A twin of a process's thread: a call of its own, with a lock to ask for. */
function twin(s: Scene, { kernel, machine, id }: TestTask, entry: (kernel: TestKernel) => number) {
  kernel.task_enter(id);
  s.other = made(kernel.task_create(kernel.sys_getpid(), 0));
  kernel.task_enter(s.other);
  const at = kernel.task_transfer_at(s.other);
  machine.u8.fill(0, at, at + FLOCK_SIZE);
  machine.view.setInt16(at + FLOCK_TYPE, F_WRLCK, true);
  entry(kernel);
  kernel.task_enter(id);
}

const waits = (kernel: TestKernel): number =>
  kernel.fd_hold(WRITER) || kernel.sys_fcntl_lock(WRITER, F_SETLKW);

const RANGES: readonly Scenario[] = [
  call("fcntl(F_SETLK) of what is free", filesOf(0), (s) => writes(mortal(s), 0, 10)),
  call(
    "fcntl(F_SETLK) of what another has",
    after(1, (s) => writes(second(s), 0, 10)),
    (s) => writes(mortal(s), 0, 1),
  ),
  call("fcntl(F_OFD_SETLK) of what is free", filesOf(0), (s) => shared(mortal(s), F_WRLCK, 2, 5)),
  call("fcntl(F_OFD_SETLK) of what it has", striped, (s) => shared(mortal(s), F_WRLCK, 0, 1)),
  call("fcntl(F_OFD_SETLK) that joins neighbours", striped, (s) =>
    shared(mortal(s), F_WRLCK, 2, 4),
  ),
  call("fcntl(F_OFD_SETLK) that replaces and cuts several", striped, (s) =>
    shared(mortal(s), F_RDLCK, 1, 12),
  ),
  call(
    "fcntl(F_OFD_SETLK) that changes the type of what it has, and more",
    after(1, (s) => shared(mortal(s), F_WRLCK, 2, 3)),
    (s) => shared(mortal(s), F_RDLCK, 1, 9),
  ),
  call(
    "fcntl(F_OFD_SETLK) that cuts both neighbours",
    after(1, (s) => {
      shared(mortal(s), F_WRLCK, 0, 5);
      shared(mortal(s), F_WRLCK, 10, 5);
    }),
    (s) => shared(mortal(s), F_RDLCK, 3, 9),
  ),
  call(
    "fcntl(F_OFD_SETLK) of another type in the middle",
    after(0, (s) => shared(mortal(s), F_WRLCK, 0, 10)),
    (s) => shared(mortal(s), F_RDLCK, 4, 2),
  ),
  call("fcntl(F_OFD_SETLK) that unlocks all", striped, (s) => shared(mortal(s), F_UNLCK)),
  call(
    "fcntl(F_OFD_SETLK) that unlocks the middle",
    after(0, (s) => shared(mortal(s), F_WRLCK, 0, 0)),
    (s) => shared(mortal(s), F_UNLCK, 4, 2),
  ),
  {
    ...call("fcntl(F_OFD_SETLK) without a free entry", striped, (s) =>
      shared(mortal(s), F_UNLCK, 4, 1),
    ),
    limits: { LOCK_MAX: 6 },
  },
  {
    ...call(
      "fcntl(F_SETLK) without a free entry",
      after(0, (s) => writes(s.observer, 50, 1)),
      (s) => writes(mortal(s), 0, 1),
    ),
    limits: { LOCK_MAX: 1 },
  },
  call(
    "fcntl(F_GETLK) of what another has",
    after(1, (s) => writes(second(s), 0, 10)),
    (s) => lock(mortal(s), READER, F_GETLK, F_WRLCK),
  ),
  call("fcntl(F_GETLK) of what is free", filesOf(0), (s) =>
    lock(mortal(s), READER, F_GETLK, F_WRLCK),
  ),
];

const WAITS: readonly Scenario[] = [
  call("fcntl(F_SETLK) that unlocks what two wait for", waited, (s) => unlocks(mortal(s))),
  call("fcntl(F_SETLK) that unlocks what one of two waits for", waited, (s) =>
    unlocks(mortal(s), 5, 5),
  ),
  call("fcntl(F_SETLK) that turns a write lock into a read lock", waited, (s) =>
    reads(mortal(s), 0, 10),
  ),
  call(
    "fcntl(F_OFD_SETLK) that unlocks what two wait for",
    after(2, (s) => {
      shared(mortal(s), F_WRLCK, 0, 10);
      for (const task of [second(s), third(s)]) lock(task, BOTH, F_SETLKW, F_WRLCK, 5, 1);
    }),
    (s) => shared(mortal(s), F_UNLCK),
  ),
  call(
    "fcntl(F_SETLKW) that waits",
    after(1, (s) => writes(second(s), 0, 10)),
    (s) => waitsToWrite(mortal(s), 5, 10),
  ),
  call(
    "fcntl(F_OFD_SETLKW) that waits behind another",
    after(2, (s) => {
      writes(second(s), 0, 10);
      waitsToWrite(third(s), 0, 1);
    }),
    (s) => lock(mortal(s), READER, F_OFD_SETLKW, F_RDLCK),
  ),
  call(
    "fcntl(F_SETLKW) in a ring",
    after(2, (s) => {
      writes(mortal(s), 0, 1);
      writes(second(s), 1, 1);
      writes(third(s), 2, 1);
      waitsToWrite(second(s), 2, 1);
      waitsToWrite(third(s), 0, 1);
    }),
    (s) => waitsToWrite(mortal(s), 1, 1),
  ),
  call(
    "fcntl(F_SETLKW) that was served takes its result",
    after(1, (s) => {
      writes(second(s), 0, 10);
      waitsToWrite(mortal(s), 0, 5);
      unlocks(second(s));
    }),
    (s) => mortal(s).waitResult(),
  ),
  call(
    "fcntl(F_SETLKW) that is interrupted between others",
    after(2, (s) => {
      writes(s.observer, 0, 10);
      waitsToWrite(second(s), 0, 5);
      waitsToWrite(mortal(s), 0, 5);
      waitsToWrite(third(s), 5, 5);
    }),
    (s) => mortal(s).waitCancel(EINTR),
  ),
];

const FLOCK: readonly Scenario[] = [
  call("flock() of what is free", filesOf(0), (s) => flocks(mortal(s), READER, LOCK_EX)),
  call(
    "flock() that changes a lock and lets two go on",
    after(2, (s) => {
      flocks(mortal(s), READER, LOCK_EX);
      flocks(second(s), WRITER, LOCK_SH);
      flocks(third(s), WRITER, LOCK_SH);
    }),
    (s) => flocks(mortal(s), READER, LOCK_SH),
  ),
  call(
    "flock() that unlocks what another waits for",
    after(1, (s) => {
      flocks(mortal(s), READER, LOCK_EX);
      flocks(second(s), WRITER, LOCK_EX);
    }),
    (s) => flocks(mortal(s), READER, LOCK_UN),
  ),
  ...[LOCK_EX, LOCK_EX | LOCK_NB].map((operation) => ({
    ...call(
      `flock(${operation}) that loses its lock`,
      after(1, (s: Scene) => {
        flocks(mortal(s), READER, LOCK_SH);
        flocks(second(s), WRITER, LOCK_SH);
      }),
      (s: Scene) => flocks(mortal(s), READER, operation),
    ),
    steps: [(s: Scene) => flocks(mortal(s), READER, LOCK_UN)],
  })),
];

/** A alone has the end for writing, with locks on it, for which the others wait. */
const last = after(2, (s) => {
  flocks(mortal(s), WRITER, LOCK_EX);
  lock(mortal(s), WRITER, F_OFD_SETLK, F_WRLCK, 0, 10);
  for (const task of [s.observer, second(s), third(s)]) close(task, WRITER);
  waitsToRead(second(s), 5, 1);
  flocks(third(s), READER, LOCK_SH);
});

const ENDS: readonly Scenario[] = [
  call("close() of a file on which the process has locks that two wait for", waited, (s) =>
    close(mortal(s), READER),
  ),
  call("dup3() over a file on which the process has locks", waited, (s) =>
    as(mortal(s), (kernel) => kernel.sys_dup3(BOTH, READER, 0)),
  ),
  call("_exit() with locks that two wait for", waited, (s) =>
    as(mortal(s), (kernel) => kernel.sys_exit(EXIT_STATUS)),
  ),
  call("close() of the last descriptor of a description with locks", last, (s) =>
    close(mortal(s), WRITER),
  ),
  call("_exit() with the last descriptor of a description with locks", last, (s) =>
    as(mortal(s), (kernel) => kernel.sys_exit(EXIT_STATUS)),
  ),
  call(
    "close() of a descriptor through which a twin waits for a lock",
    after(1, (s) => {
      writes(second(s), 0, 10);
      twin(s, mortal(s), waits);
    }),
    (s) => close(mortal(s), WRITER),
  ),
  call(
    "fcntl(F_SETLK) that unlocks what a twin waited for through a closed descriptor",
    after(1, (s) => {
      writes(mortal(s), 0, 10);
      twin(s, second(s), waits);
      close(second(s), WRITER);
    }),
    (s) => unlocks(mortal(s)),
  ),
  call(
    "task_free() of a call that holds the last descriptor of a description with locks",
    after(1, (s) => {
      twin(s, mortal(s), (kernel) => kernel.fd_hold(WRITER));
      flocks(mortal(s), WRITER, LOCK_EX);
      for (const task of [s.observer, second(s), mortal(s)]) close(task, WRITER);
      flocks(second(s), READER, LOCK_SH);
    }),
    (s) => as(mortal(s), (kernel) => kernel.task_free(s.other)),
  ),
];

export const LOCK_SCENARIOS: readonly Scenario[] = [...RANGES, ...WAITS, ...FLOCK, ...ENDS];
