/** The graph of waits on snapshots made by hand: each situation with no more than it needs. */
import { describe, expect, it } from "vitest";
import { POLLIN, POLLOUT } from "../../assembly/abi/poll.ts";
import { waitsText } from "../../runtime/ps/waits.ts";
import type {
  DescriptorSnapshot,
  FileLock,
  FileLockSnapshot,
  PipeSnapshot,
  ProcessSnapshot,
  WaitReason,
} from "../../runtime/snapshot/types.ts";
import { waitGraph } from "../../runtime/snapshot/wait-graph.ts";
import { machine, NONE, process, stuck } from "./snapshot-hand.ts";

/** waitpid() of all children. */
const children: WaitReason = { call: "waitpid", pid: -1 };
const child = (ppid: number) => ({ ppid });

const mutex = (at: number): WaitReason => ({ call: "pthread_mutex_lock", mutex: at });
const held = (at: number, owner: number | null, ...waiters: number[]) => ({
  mutex: at,
  shmid: 1,
  offset: at,
  owner,
  waiters,
});

const LOCK: FileLock = { file: 5, type: "write", kind: "process", owner: 0, start: 0, end: 9 };
const lock = (more: Partial<FileLock>): WaitReason => ({
  call: "fcntl",
  lock: { ...LOCK, ...more },
});
const locked = (owners: number[], more: Partial<FileLock> = {}): FileLockSnapshot => ({
  ...LOCK,
  owner: owners[0]!,
  ...more,
  path: "/f",
  owners,
  waiters: [],
});

function end(pipe: number, access: "r" | "w" | "rw", description: number): DescriptorSnapshot {
  const none = { ino: null, dev: null, path: null, stream: null, offset: 0, closeOnExec: false };
  return { fd: description, description, references: 1, type: "pipe", access, pipe, ...none };
}

function pipe(id: number, more: Partial<PipeSnapshot>): PipeSnapshot {
  const ends = { readEnds: 1, writeEnds: 1, sleepingReaders: [], sleepingWriters: [] };
  const state = { pipe: id, path: null, fill: 0, size: 4096 };
  return { ...state, ...ends, readers: [], writers: [], ...more };
}

describe("a deadlock", () => {
  it("is none without a wait, or of one that nobody is known to end", () => {
    expect(waitGraph(machine([process(2)]))).toEqual({ edges: [], ...NONE });
    expect(stuck(machine([process(2, { call: "volume" }), process(3, { call: "other" })]))).toEqual(
      NONE,
    );
    expect(stuck(machine([process(2, mutex(64))]))).toEqual(NONE);
    expect(stuck(machine([process(2, mutex(64))], { mutexes: [held(64, null, 2)] }))).toEqual(NONE);
  });

  it("is a ring, and everybody who waits for one of it", () => {
    const processes = [
      process(2, mutex(1)),
      process(3, mutex(2)),
      process(4, mutex(3)),
      process(5, mutex(1)),
      process(6, { call: "waitpid", pid: 5 }),
      process(7),
    ];
    const mutexes = [held(1, 3, 2, 5), held(2, 4, 3), held(3, 2, 4)];
    const snapshot = machine(processes, { mutexes });
    const family = machine(
      processes.map((each) => (each.pid === 5 ? { ...each, ppid: 6 } : each)),
      { mutexes },
    );
    expect(stuck(snapshot).cycles).toEqual([[2, 3, 4]]);
    expect(stuck(family)).toEqual({ deadlocked: [2, 3, 4, 5, 6], cycles: [[2, 3, 4]] });
    expect(waitsText(family)).toBe(
      "pid 2 (p2) waits in pthread_mutex_lock for a mutex of pid 3 (p3) in segment 1\n" +
        "pid 3 (p3) waits in pthread_mutex_lock for a mutex of pid 4 (p4) in segment 1\n" +
        "pid 4 (p4) waits in pthread_mutex_lock for a mutex of pid 2 (p2) in segment 1\n" +
        "pid 5 (p5) waits in pthread_mutex_lock for a mutex of pid 3 (p3) in segment 1\n" +
        "pid 6 (p6) waits in waitpid for the end of pid 5 (p5)\n" +
        "deadlock: 2 -> 3 -> 4 -> 2\nbehind it: 5, 6\n",
    );
    // Whom it is asked of does not change who is deadlocked.
    expect(waitsText(family, new Set([6]))).toMatch(/^pid 6 .*\ndeadlock: 2 -> 3 -> 4 -> 2\n/);
  });

  it("is told once for each ring", () => {
    const processes = [2, 3, 4, 5].map((pid) => process(pid, mutex(pid)));
    const mutexes = [held(2, 3, 2), held(3, 2, 3), held(4, 5, 4), held(5, 4, 5)];
    expect(stuck(machine(processes, { mutexes })).cycles).toEqual([
      [2, 3],
      [4, 5],
    ]);
  });

  it("is none while one of several can end the wait", () => {
    const parent = process(2, children);
    const waits: WaitReason = { call: "waitpid", pid: 2 };
    const stays = process(3, mutex(1), child(2));
    const mutexes = [held(1, 2, 3)];
    expect(stuck(machine([parent, stays], { mutexes })).cycles).toEqual([[2, 3]]);
    expect(stuck(machine([parent, stays, process(4, undefined, child(2))], { mutexes }))).toEqual(
      NONE,
    );
    const ended = { ...process(4, undefined, child(2)), state: "zombie" as const };
    expect(stuck(machine([parent, stays, ended], { mutexes }))).toEqual(NONE);
    expect(stuck(machine([process(3, waits), parent], { mutexes }))).toEqual(NONE);
  });

  it("follows the groups of waitpid()", () => {
    const group = (pgid: number) => ({ ppid: 2, pgid });
    const mutexes = [held(1, 2, 3)];
    const inGroup = (pid: number, pgid: number, parent: number) =>
      stuck(
        machine(
          [process(2, { call: "waitpid", pid: parent }), process(3, mutex(1), group(pgid))].concat(
            process(pid, undefined, group(9)),
          ),
          { mutexes },
        ),
      );
    expect(inGroup(4, 2, 0).cycles).toEqual([[2, 3]]);
    expect(inGroup(4, 7, -7).cycles).toEqual([[2, 3]]);
    expect(inGroup(4, 9, -9)).toEqual(NONE);
  });
});

describe("a wait for locks on files", () => {
  it("is over only when all who are in the way have released theirs", () => {
    const processes = [
      process(2, lock({ owner: 2 })),
      process(3, { call: "waitpid", pid: 2 }),
      process(4),
    ].map((each) => (each.pid === 2 ? { ...each, ppid: 3 } : each));
    const both = [locked([3], { type: "read" }), locked([4], { type: "read" })];
    // Process 4 will release its own, and 3 never.
    expect(stuck(machine(processes, { locks: both })).cycles).toEqual([[2, 3]]);
    expect(stuck(machine(processes, { locks: both.slice(1) }))).toEqual(NONE);
  });

  it("may be ended by anybody who has the description", () => {
    const processes = [
      process(2, lock({ owner: 2 }), { ppid: 3 }),
      process(3, { call: "waitpid", pid: 2 }),
      process(4),
    ];
    const shared = { kind: "description", owner: 77 } as const;
    expect(stuck(machine(processes, { locks: [locked([3, 4], shared)] }))).toEqual(NONE);
    expect(stuck(machine(processes, { locks: [locked([3], shared)] })).cycles).toEqual([[2, 3]]);
    // Held by a call whose descriptor was closed.
    expect(stuck(machine(processes, { locks: [locked([], shared)] }))).toEqual(NONE);
  });
});

describe("a wait for a pipe", () => {
  const reads = (id: number): WaitReason => ({ call: "read", pipe: id });
  const writes = (id: number): WaitReason => ({ call: "write", pipe: id });

  function two(first: WaitReason, second: WaitReason, more: Partial<PipeSnapshot> = {}) {
    const pipes = [
      pipe(1, { readers: [2], writers: [3], ...more }),
      pipe(2, { readers: [2], writers: [3], fill: 4096 }),
    ];
    const mine = [end(1, "r", 11), end(2, "r", 21)];
    const others = [end(1, "w", 12), end(2, "w", 22)];
    return machine(
      [process(2, first, { descriptors: mine }), process(3, second, { descriptors: others })],
      { pipes },
    );
  }

  it("is for whoever has the other end", () => {
    const snapshot = two(reads(1), writes(2));
    expect(stuck(snapshot).cycles).toEqual([[2, 3]]);
    expect(waitsText(snapshot)).toBe(
      "pid 2 (p2) waits in read for bytes in pipe 1 from pid 3 (p3)\n" +
        "pid 3 (p3) waits in write for room in pipe 2, which pid 2 (p2) reads\n" +
        "deadlock: 2 -> 3 -> 2\n",
    );
  });

  it.each([
    ["bytes have come", { fill: 1 }],
    ["an end is in nobody's table", { writeEnds: 2 }],
    ["the FIFO has a name", { path: "/fifo" }],
  ])("is over, or may be, when %s", (_what, more) => {
    expect(stuck(two(reads(1), writes(2), more))).toEqual(NONE);
  });

  it("may be over when an end is named by more descriptors than were found", () => {
    const snapshot = two(reads(1), writes(2));
    const [first, second] = snapshot.processes as [ProcessSnapshot, ProcessSnapshot];
    const more = second.descriptors.map((each) => ({ ...each, references: 2 }));
    expect(stuck({ ...snapshot, processes: [first, { ...second, descriptors: more }] })).toEqual(
      NONE,
    );
  });

  it("is none of a pipe that is not there any more", () => {
    expect(stuck(two(reads(9), writes(2)))).toEqual(NONE);
  });

  it("by poll() is for every end that it looks at", () => {
    const poll = (...entries: { description: number; events: number }[]): WaitReason => ({
      call: "poll",
      entries: entries.map((each) => ({ fd: each.description, ...each })),
    });
    const first = { description: 11, events: POLLIN };
    expect(stuck(two(poll(first), writes(2))).cycles).toEqual([[2, 3]]);
    // A descriptor of something else, or asked for nothing that a pipe would tell.
    expect(stuck(two(poll(first, { description: 99, events: POLLIN }), writes(2)))).toEqual(NONE);
    expect(stuck(two(poll(first, { description: 21, events: 0 }), writes(2)))).toEqual(NONE);
    // There is room in the pipe: nobody has to make it.
    expect(stuck(two(reads(1), poll({ description: 12, events: POLLOUT })))).toEqual(NONE);
    expect(stuck(two(poll(), writes(2)))).toEqual(NONE);
  });
});

describe("a wait that is none for ever", () => {
  const mutexes = [held(1, 3, 2), held(2, 2, 3)];
  const with2 = (more: Partial<ProcessSnapshot>) =>
    machine([{ ...process(2, mutex(1)), ...more }, process(3, mutex(2))], { mutexes });

  it.each([
    ["has a deadline", { waits: [{ ...mutex(1), blocks: true, forever: false }] }],
    ["does not block its thread", { waits: [{ ...mutex(1), blocks: false, forever: true }] }],
    ["is ended by SIGALRM", { alarm: true }],
  ])("%s", (_what, more) => {
    expect(stuck(with2({})).cycles).toEqual([[2, 3]]);
    expect(stuck(with2(more as Partial<ProcessSnapshot>))).toEqual(NONE);
  });
});

describe("a wait for a semaphore", () => {
  const perm = { key: 0, uid: 0, gid: 0, cuid: 0, cgid: 0, mode: 0, seq: 0 };
  const set = (values: [pid: number, value: number][]) => ({
    id: 7,
    sem_perm: perm,
    sem_otime: 0,
    sem_ctime: 0,
    sem_nsems: 1,
    semaphores: [
      {
        value: 0,
        pid: 0,
        ncnt: 1,
        zcnt: 0,
        waiters: [],
        adjustments: values.map(([pid, value]) => ({ pid, value })),
      },
    ],
  });
  const semop = (sem_op: number): WaitReason => ({ call: "semop", semid: 7, sem_num: 0, sem_op });
  const situation = (sem_op: number, ...values: [pid: number, value: number][]) =>
    stuck(
      machine([process(2, semop(sem_op), { ppid: 3 }), process(3, { call: "waitpid", pid: 2 })], {
        semaphoreSets: [set(values)],
      }),
    ).cycles;

  it("is for who has to give back what it took, or to take what it gave", () => {
    expect(situation(-1, [3, 1])).toEqual([[2, 3]]);
    expect(situation(-1, [3, -1])).toEqual([]);
    expect(situation(0, [3, -1])).toEqual([[2, 3]]);
    expect(situation(0, [3, 1])).toEqual([]);
  });

  it("is for anybody when nobody has, or the waiter itself has too", () => {
    expect(situation(-1)).toEqual([]);
    expect(situation(-1, [3, 1], [2, 1])).toEqual([]);
  });
});
