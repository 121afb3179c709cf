/** What looks at a live machine, cut off while others sleep in every kind of call: it leaves nothing behind. */
import { EPOLL_CTL_ADD, EPOLLIN } from "../../assembly/abi/epoll.ts";
import { F_WRLCK, LOCK_EX, O_RDONLY, O_RDWR } from "../../assembly/abi/fcntl.ts";
import { POLLIN } from "../../assembly/abi/poll.ts";
import { SEM_UNDO } from "../../assembly/abi/sem.ts";
import {
  SNAPSHOT_ADJUSTMENTS,
  SNAPSHOT_DESCRIPTORS,
  SNAPSHOT_LOCKS,
  SNAPSHOT_PIPES,
  SNAPSHOT_PROCESSES,
  SNAPSHOT_WAITS,
} from "../../assembly/abi/snapshot.ts";
import type { TestTask } from "../support/machine.ts";
import { fill, pipe, poll, read, share, write as writePipe } from "./descriptors.ts";
import { makeFile, mkdir, mkfifo, open } from "./files.ts";
import { filesOf, flocks, READER, shared, WRITER, waitsToRead, writes } from "./lock-scene.ts";
import { lock as lockMutex, mutex } from "./mutex-cases.ts";
import { made, receive, type Scenario, SHARED, send, text, voidOf } from "./scenario.ts";
import type { Scene } from "./scene.ts";

const ROOMY = { TASK_MAX: 24 };

/** Reads a table to its end. */
function all({ a }: Scene, table: number): number {
  let next = 0;
  do {
    const from = next;
    next = a.call((kernel) => kernel.snapshot_next(table, from));
  } while (next > 0);
  return next;
}

const semop = (task: TestTask, set: number, value: number, flags = 0): number =>
  task.call((kernel) => kernel.sys_semop1(set, 0, value, flags));

/** B sleeps on a semaphore, which A has taken; C for a mutex; A's other calls on queues and for a child. */
function onObjects(s: Scene): void {
  const set = made(s.b.call((kernel) => kernel.sys_semget(7, 2, SHARED)));
  made(semop(s.b, set, 1));
  made(semop(s.a, set, -1, SEM_UNDO));
  semop(s.b, set, -1);
  mutex(s, s.d);
  lockMutex(s.d, s.mutex);
  lockMutex(s.c, s.mutex);
  s.id = made(s.d.call((kernel) => kernel.sys_msgget(3, SHARED)));
  receive(s.call(), s.id, 10, 77);
  for (let count = 0; count < 2; count += 1) send(s.d, s.id, 1, text(300, 1));
  send(s.call(), s.id, 1, text(300, 1));
  const child = s.child(s.pids.a);
  s.call().call((kernel) => kernel.sys_waitpid(child.pid, 0));
}

/** B reads an empty pipe, C writes a full one, D polls; two calls of A wait for ends of FIFOs, one in epoll. */
function onPipes(s: Scene): void {
  const [r, w] = pipe(s.a);
  const [full, end] = pipe(s.a);
  for (const task of [s.b, s.c, s.d]) share(s, s.a, task, r, w, full, end);
  fill(s.a, end);
  read(s.b, r, 10);
  writePipe(s.c, end, 10);
  poll(s.d, r, POLLIN, 1);
  const epoll = made(s.a.call((kernel) => kernel.sys_epoll_create1(0)));
  made(s.a.call((kernel) => kernel.sys_epoll_ctl(epoll, EPOLL_CTL_ADD, r, EPOLLIN, 5)));
  s.call().call((kernel) => kernel.sys_epoll_wait(epoll, 4, 1));
  mkfifo(s.a, "/fifo");
  open(s.call(), "/fifo", O_RDONLY);
}

/** B and C sleep because of locks of A; the description that all share has one more. */
function onLocks(s: Scene): void {
  filesOf(2)(s);
  writes(s.a, 0, 10);
  made(flocks(s.a, WRITER, LOCK_EX));
  shared(s.a, F_WRLCK, 3, 4);
  waitsToRead(s.b, 5, 10);
  // Another description of the pipe's.
  flocks(s.c, READER, LOCK_EX);
}

/** A has a file and a directory open, and is in it. */
function inDirectory(s: Scene): void {
  mkdir(s.a, "/d");
  makeFile(s.a, "/d/file");
  s.id = made(open(s.a, "/d/file", O_RDWR));
  const length = 2;
  s.machine.u8.set(new TextEncoder().encode("/d"), s.a.transfer);
  made(s.a.call((kernel) => kernel.sys_chdir(length)));
  pipe(s.a);
}

const reading = (
  what: string,
  table: number,
  prepare: (s: Scene) => void,
  limits: Scenario["limits"] = {},
): Scenario => ({
  name: `snapshot_next() of ${what}`,
  limits,
  prepare,
  call: (s) => all(s, table),
});

export const SNAPSHOT_SCENARIOS: readonly Scenario[] = [
  reading("processes", SNAPSHOT_PROCESSES, (s) => void s.child(s.pids.a)),
  reading("calls that wait for objects and children", SNAPSHOT_WAITS, onObjects, ROOMY),
  reading("calls that wait for pipes", SNAPSHOT_WAITS, onPipes, ROOMY),
  reading("calls that wait for locks", SNAPSHOT_WAITS, onLocks),
  reading("descriptors", SNAPSHOT_DESCRIPTORS, inDirectory),
  reading("pipes", SNAPSHOT_PIPES, (s) => void pipe(s.a)),
  reading("locks", SNAPSHOT_LOCKS, onLocks),
  reading("adjustments", SNAPSHOT_ADJUSTMENTS, onObjects, ROOMY),
  {
    name: "snapshot_path()",
    prepare: inDirectory,
    call(s) {
      // The first that has a name: there are no more of them than this.
      for (let number = s.machine.limits.INODES; number > 1; number -= 1) {
        const size = s.a.call((kernel) => kernel.snapshot_path(number));
        if (size > 0) return size;
      }
      return 0;
    },
  },
  {
    name: "proc_title()",
    prepare: () => {},
    call(s) {
      s.machine.u8.set(new TextEncoder().encode("program\0\0\0\0\0\0\0\0\0a\0b"), s.a.transfer);
      return s.a.call((kernel) => kernel.proc_title(3));
    },
  },
  {
    name: "wait_forever()",
    prepare(s) {
      s.id = made(s.b.call((kernel) => kernel.sys_semget(7, 2, SHARED)));
      semop(s.a, s.id, -1);
    },
    call: (s) => s.a.call(voidOf((kernel) => kernel.wait_forever())),
  },
];
