/**
 * What is measured, against what, and how much is wanted: DESIGN's performance table, as far as it
 * concerns System V, pipes and files. A pair [near, far] is for processors that share a cache and for those that do
 * not (see placement.ts).
 */

/** At most one of them; empty when the row only informs. */
export interface Wanted {
  /** Times faster than the reference. */
  faster?: number | readonly [number, number];
  /** Our time over the reference's. */
  atMost?: number | readonly [number, number];
  /** Nanoseconds, whatever the reference does. */
  limitNs?: number;
}

export interface Reference {
  name: string;
  /** The backend's agent, and its party. */
  agent: string;
  party: string;
  wanted: Wanted;
}

/**
 * One thread's work, which gates. A pair on two processors: its time depends on where the host has
 * them, so each sample has a placement. Threads that share a processor, or start others.
 */
export type Kind = "alone" | "pair" | "shared";

export interface Row {
  /** Also the name of our own party. */
  id: string;
  /** Whether two threads are bound to processors: such a party is in an agent of its own. */
  between?: true;
  work: string;
  kind: Kind;
  /** Operations in each sample, instead of as many as fill the sample's time. */
  fixed?: number;
  references: readonly Reference[];
}

const native = (party: string, wanted: Wanted = {}, name = "Linux, from C"): Reference => ({
  name,
  agent: "native",
  party,
  wanted,
});

const koffi = (party: string): Reference => ({
  name: "Linux, by koffi",
  agent: "linux",
  party,
  wanted: {},
});

const javascript = (name: string, party: string, wanted: Wanted = {}): Reference => ({
  name,
  agent: "javascript",
  party,
  wanted,
});

/** Those that are bound to processors have an agent of their own. */
const pair = (name: string, party: string, wanted: Wanted = {}): Reference => ({
  ...javascript(name, party, wanted),
  agent: "javascript-pairs",
});

function alone(id: string, work: string, faster: number, ...more: Reference[]): Row {
  const references = [native(id, { faster }), koffi(id), ...more];
  return { id, work, kind: "alone", references };
}

/** What moves between the kernel and memory of the machine; Linux has it of the process. */
function shared(party: string, work: string, faster: number): Row {
  const references = [native(party, { faster })];
  return { id: `${party}-shared`, work, kind: "alone", references };
}

/** What has a price to look at, and no figure to reach; a stat() is to take less than 1 us. */
function file(id: string, work: string, wanted: Wanted = {}): Row {
  return {
    id,
    work,
    kind: "alone",
    references: [native(id, wanted, "Linux tmpfs, from C"), koffi(id)],
  };
}

const FILES: readonly Row[] = [
  file("file-stat", "stat of a path of three names", { limitNs: 1000 }),
  file("file-open", "open+close"),
  file("file-create", "open with O_CREAT, close, unlink"),
  file("file-read", "pread, 4 KiB"),
  file("file-write", "pwrite, 4 KiB"),
  file("file-lock", "fcntl F_SETLK: a lock and its release"),
  file("poll-one", "poll of a descriptor that is ready"),
];

/** Bytes through a pipe, a round trip or one thread. */
const PIPES: readonly Row[] = [
  alone("pipe-64", "pipe write+read, 64 bytes", 3),
  shared("pipe-64", "pipe write+read, 64 bytes of shared memory", 3),
  alone("pipe-4k", "pipe write+read, 4 KiB", 2),
  shared("pipe-4k", "pipe write+read, 4 KiB of shared memory", 2),
  alone("pipe-64k", "pipe write+read, 64 KiB", 1.2),
  shared("pipe-64k", "pipe write+read, 64 KiB of shared memory", 2.5),
  {
    id: "pipe-parked",
    between: true,
    work: "64 bytes through a pipe and back, woken on another processor",
    kind: "pair",
    references: [
      native("pipe-parked", { atMost: 1.45 }, "Linux pipe, from C"),
      pair("postMessage", "post-message-64-apart", { atMost: 0.95 }),
    ],
  },
  {
    id: "pipe-running",
    between: true,
    work: "64 bytes through a pipe and back, both sides running",
    kind: "pair",
    references: [
      native("pipe-running", { faster: [10, 5] }, "Linux pipe, from C"),
      pair("postMessage", "post-message-64-running", { faster: [15, 8] }),
    ],
  },
];

export const ROWS: readonly Row[] = [
  alone(
    "sem-pair",
    "semop P+V, uncontended",
    4,
    javascript("Atomics semaphore", "atomics-pair"),
    javascript("async-mutex Semaphore", "async-mutex-pair"),
  ),
  alone("sem-undo", "semop P+V with SEM_UNDO", 3),
  alone("sem-nowait", "semop that fails with IPC_NOWAIT, caught", 3),
  {
    id: "sem-nowait-kernel",
    work: "the same, the kernel's answer without a SystemError",
    kind: "alone",
    references: [native("sem-nowait", { faster: 3 })],
  },
  alone("sem-two", "semop P+V of two semaphores at once", 4),
  alone("msg-64", "msgsnd+msgrcv, 64 bytes", 3),
  alone("shm-4k", "shmget+shmat+touch+shmdt+IPC_RMID, 4 KiB", 5),
  alone("shm-1m", "shmget+shmat+touch+shmdt+IPC_RMID, 1 MiB", 4),
  alone("shm-attach", "shmat+shmdt of an existing segment", 4),
  ...PIPES,
  ...FILES,
  {
    id: "signal-self",
    work: "kill of oneself, until the handler has run",
    kind: "alone",
    references: [native("signal-self")],
  },
  {
    id: "handover-parked",
    between: true,
    work: "semop round trip, woken on another processor",
    kind: "pair",
    references: [
      pair("Atomics.wait", "atomics-apart", { atMost: 1.25 }),
      native("handover-parked", { atMost: 1.45 }, "Linux semop, from C"),
      pair("postMessage", "post-message-apart", { atMost: 0.95 }),
      pair("Comlink call", "comlink-apart"),
    ],
  },
  {
    id: "handover-one-core",
    between: true,
    work: "semop round trip, woken on the same processor",
    kind: "shared",
    references: [
      pair("Atomics.wait", "atomics-one-core", { atMost: 1.25 }),
      native("handover-one-core", { atMost: 1.45 }, "Linux semop, from C"),
      pair("postMessage", "post-message-one-core", { atMost: 0.95 }),
      pair("Comlink call", "comlink-one-core"),
    ],
  },
  {
    id: "handover-running",
    between: true,
    work: "semop round trip, both sides running",
    kind: "pair",
    references: [
      native("handover-running", { faster: [9, 4] }, "Linux semop, from C"),
      pair("Atomics, spinning on a word", "atomics-running"),
    ],
  },
  {
    id: "spawn-first",
    work: "machine.spawn to the first instruction of a module",
    kind: "shared",
    fixed: 1,
    references: [
      native("posix-spawn-wait", { limitNs: 20_000 }, "posix_spawn+exit+wait, from C"),
      javascript("new Worker", "new-worker-first"),
    ],
  },
  {
    id: "spawn-wait",
    work: "machine.spawn+exit+wait",
    kind: "shared",
    fixed: 1,
    references: [
      native("fork-wait", {}, "fork+exit+wait, from C"),
      native("posix-spawn-wait", {}, "posix_spawn+exit+wait, from C"),
      javascript("new Worker and its exit", "new-worker-wait"),
    ],
  },
  {
    id: "spawn-byte",
    work: "machine.spawn of echo to its first byte",
    kind: "shared",
    fixed: 20,
    references: [native("spawn-byte", {}, "posix_spawn of echo, from C")],
  },
  {
    id: "popen",
    work: "popen of echo, read to its end, pclose",
    kind: "shared",
    fixed: 20,
    references: [native("popen", {}, "popen, from C")],
  },
];
