/** Processes that wait for each other for ever, and others that only seem to. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  boot,
  type Child,
  LOCK_EX,
  type Machine,
  O_CREAT,
  O_RDWR,
  POLLIN,
  SEM_UNDO,
  waitGraph,
} from "../../runtime/index.ts";
import { asleep, by, end, type Step, start } from "./runtime-snapshot-support.ts";

let machine: Machine;
let children: Child[] = [];
beforeEach(async () => {
  machine = await boot({ pool: 3 });
  children = [];
});
afterEach(async () => {
  await end(...children);
  await machine.shutdown();
});

type Side = readonly [steps: readonly Step[], closed: readonly number[]];

/** Two processes that are met in these calls. @returns their pids, and the graph then */
async function pair(calls: readonly [string, string], ...sides: readonly Side[]) {
  for (const [steps, closed] of sides) {
    const fileActions = closed.map((close) => ({ close }));
    children.push(await start(machine, steps, { fileActions }));
  }
  const [a, b] = children.map(({ pid }) => pid) as [number, number];
  return { a, b, see: () => asleep(machine, new Map([a, b].map((pid, at) => [pid, calls[at]!]))) };
}

/** Each takes one of two things, waits until the other has the other one, and asks for that. */
function crossing(take: (which: 0 | 1) => Step, again = take): readonly [Side, Side] {
  const set = machine.sys.semget(0, 2, 0o600);
  const side = (own: 0 | 1, other: 0 | 1): Side => [
    [take(own), ["semop", set, by(own, 1)], ["semop", set, by(other, -1)], again(other)],
    [],
  ];
  return [side(0, 1), side(1, 0)];
}

/** Two pipes, that of 0 and of 1, of which this process keeps no end. */
function pipes(): { reads: [number, number]; writes: [number, number]; close(): void } {
  const { sys } = machine;
  const [first, second] = [sys.pipe(), sys.pipe()];
  return {
    reads: [first[0], second[0]],
    writes: [first[1], second[1]],
    close() {
      for (const fd of [...first, ...second]) sys.close(fd);
    },
  };
}

describe("a deadlock is found", () => {
  it("of two processes that lock two mutexes in two orders", async () => {
    const shmid = machine.sys.shmget(0, 4096, 0o600);
    const attachment = machine.sys.shmat(shmid);
    for (const offset of [0, 64]) machine.sys.pthread_mutex_init({ attachment, offset });
    const sides = crossing((at) => ["pthread_mutex_lock", { mutex: [shmid, at * 64] }]);
    const { a, b, see } = await pair(["pthread_mutex_lock", "pthread_mutex_lock"], ...sides);
    const { cycles, deadlocked, edges } = waitGraph(await see());
    expect(cycles).toEqual([[a, b]]);
    expect(deadlocked).toEqual([a, b]);
    expect(edges).toMatchObject([
      { pid: a, for: [b], isClosed: true },
      { pid: b, for: [a], isClosed: true },
    ]);
  });

  it("of two processes that lock two files in two orders", async () => {
    const { sys } = machine;
    for (const path of ["/tmp/0", "/tmp/1"]) sys.close(sys.open(path, O_RDWR | O_CREAT, 0o600));
    const [[first, none], [second]] = crossing((at) => ["flock", at + 3, LOCK_EX]);
    const opens: Step[] = [0, 1].map((at) => ["open", `/tmp/${at}`, O_RDWR]);
    const sides: Side[] = [
      [[...opens, ...first], none],
      [[...opens, ...second], none],
    ];
    const { a, b, see } = await pair(["flock", "flock"], ...sides);
    expect(waitGraph(await see()).cycles).toEqual([[a, b]]);
  });

  it("of two processes that take two semaphores with SEM_UNDO in two orders", async () => {
    const { sys } = machine;
    const set = sys.semget(0, 2, 0o600);
    sys.semop(set, [...by(0, 1), ...by(1, 1)]);
    const sides = crossing((at) => ["semop", set, by(at, -1, SEM_UNDO)]);
    const { a, b, see } = await pair(["semop", "semop"], ...sides);
    // The waits until both have one are of semop() too.
    let graph = waitGraph(await see());
    while (graph.cycles.length === 0) graph = waitGraph(await see());
    expect(graph.cycles).toEqual([[a, b]]);
  });
});

describe("a deadlock is found at pipes", () => {
  it("of two processes that read each other's empty pipes", async () => {
    const { reads, writes, close } = pipes();
    const { a, b, see } = await pair(
      ["read", "read"],
      [[["read", reads[0], { bytes: 1 }]], [writes[0], reads[1]]],
      [[["read", reads[1], { bytes: 1 }]], [writes[1], reads[0]]],
    );
    close();
    expect(waitGraph(await see()).cycles).toEqual([[a, b]]);
  });

  it("of a reader by poll() and a writer whose pipe is full", async () => {
    const { reads, writes, close } = pipes();
    const { a, b, see } = await pair(
      ["poll", "write"],
      [[["poll", [{ fd: reads[0], events: POLLIN }], -1]], [writes[0], writes[1]]],
      [[["write", writes[1], { bytes: 70_000 }]], [reads[0], reads[1]]],
    );
    close();
    let graph = waitGraph(await see());
    // The writer has filled the pipe, and the poller sleeps for good.
    while (graph.cycles.length === 0) graph = waitGraph(await see());
    expect(graph.cycles).toEqual([[a, b]]);
  });

  it("of a process that has kept the only writing end of what it reads", async () => {
    const { reads, close } = pipes();
    const child = await start(machine, [["read", reads[0], { bytes: 1 }]]);
    children.push(child);
    close();
    const snapshot = await asleep(machine, new Map([[child.pid, "read"]]));
    expect(waitGraph(snapshot).cycles).toEqual([[child.pid]]);
  });

  it("of a parent that waits for a child that reads what the parent would write", async () => {
    const { reads, close } = pipes();
    // Both have inherited both ends.
    const reading: Step[] = [["read", reads[0], { bytes: 1 }]];
    const parent = await start(machine, [["spawn"], ["waitpid", -1]], {}, reading);
    close();
    const snapshot = await asleep(machine, new Map([[parent.pid, "waitpid"]]));
    const child = snapshot.processes.find(({ ppid }) => ppid === parent.pid)!.pid;
    const { cycles, deadlocked, edges } = waitGraph(
      await asleep(machine, new Map([[child, "read"]])),
    );
    expect(edges.find(({ pid }) => pid === child)!.for).toEqual([parent.pid, child]);
    expect(deadlocked).toEqual([parent.pid, child]);
    expect(cycles).toEqual([[parent.pid, child]]);
    machine.sys.kill(child, 9);
    await parent.wait();
  });
});

const none = { deadlocked: [], cycles: [] };

describe("no deadlock is found", () => {
  it("while somebody who runs has an end of the pipe", async () => {
    const { reads, writes } = pipes();
    const { see } = await pair(
      ["read", "read"],
      [[["read", reads[0], { bytes: 1 }]], [writes[0], reads[1]]],
      [[["read", reads[1], { bytes: 1 }]], [writes[1], reads[0]]],
    );
    expect(waitGraph(await see())).toMatchObject(none);
  });

  it("of waits that have a deadline", async () => {
    const { sys } = machine;
    const set = sys.semget(0, 2, 0o600);
    sys.semop(set, [...by(0, 1), ...by(1, 1)]);
    const sides = crossing(
      (at) => ["semop", set, by(at, -1, SEM_UNDO)],
      (at) => ["semtimedop", set, by(at, -1, SEM_UNDO), { tv_sec: 1000, tv_nsec: 0 }],
    );
    const { a, b } = await pair(["semop", "semop"], ...sides);
    for (;;) {
      await new Promise(setImmediate);
      const snapshot = machine.snapshot();
      const graph = waitGraph(snapshot);
      const waits = snapshot.processes.flatMap((each) => each.waits);
      const isThere = (pid: number) =>
        graph.edges.some((edge) => edge.pid === pid && edge.for.length > 0);
      if (!isThere(a) || !isThere(b)) continue;
      expect(graph).toMatchObject(none);
      expect(waits.map(({ forever }) => forever)).toEqual([false, false]);
      break;
    }
  });

  it("of a process that SIGALRM will interrupt", async () => {
    const { reads, close } = pipes();
    const child = await start(machine, [
      ["alarm", 1000],
      ["read", reads[0], { bytes: 1 }],
    ]);
    children.push(child);
    close();
    const { edges, ...rest } = waitGraph(await asleep(machine, new Map([[child.pid, "read"]])));
    expect(edges).toMatchObject([{ for: [child.pid], isClosed: false }]);
    expect(rest).toEqual(none);
  });

  it("of an asynchronous call, whose process may do something else", async () => {
    const { reads, close } = pipes();
    const child = await start(machine, [["async", "read", reads[0], { bytes: 1 }]]);
    children.push(child);
    close();
    const { edges, ...rest } = waitGraph(await asleep(machine, new Map([[child.pid, "read"]])));
    expect(edges).toMatchObject([{ for: [child.pid], isClosed: false }]);
    expect(rest).toEqual(none);
  });
});

describe("no deadlock is found where somebody may yet come", () => {
  it("of readers of a FIFO, which anybody may open", async () => {
    const { sys } = machine;
    sys.mkfifo("/tmp/fifo", 0o600);
    const child = await start(machine, [
      ["open", "/tmp/fifo", O_RDWR],
      ["read", 3, { bytes: 1 }],
    ]);
    children.push(child);
    const graph = waitGraph(await asleep(machine, new Map([[child.pid, "read"]])));
    expect(graph).toMatchObject({ ...none, edges: [{ for: [child.pid] }] });
  });

  it("of those who wait for a message or a semaphore that nobody has taken", async () => {
    const { sys } = machine;
    const queue = sys.msgget(0, 0o600);
    const set = sys.semget(0, 1, 0o600);
    const { see } = await pair(
      ["msgrcv", "semop"],
      [[["msgrcv", queue, { message: 10 }, 10]], []],
      [[["semop", set, by(0, -1)]], []],
    );
    const graph = waitGraph(await see());
    expect(graph).toMatchObject({ ...none, edges: [{ for: [] }, { for: [] }] });
  });
});
