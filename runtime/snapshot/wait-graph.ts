/**
 * Who waits for whom, and who waits for ever: a pure function of a snapshot.
 *
 * A process is deadlocked when nobody is left who could end its wait: it sleeps in a call that only others end, those
 * others are all known, and they are deadlocked themselves. Of several who could each end it (the writers of
 * an empty pipe) all must be; of several who must all do something (the owners of locks in the way) one is
 * enough. What is not known counts as somebody who may yet come, so that no deadlock is told that is none.
 * Signals from outside are left out: kill(2) ends any of these.
 */
import { POLLIN, POLLOUT, POLLPRI, POLLRDNORM, POLLWRNORM } from "../../assembly/abi/poll.ts";
import { conflicts } from "./conflicts.ts";
import type {
  DescriptorSnapshot,
  FileLock,
  MachineSnapshot,
  PollEntrySnapshot,
  ProcessSnapshot,
  WaitSnapshot,
} from "./types.ts";

/** One call that sleeps, and for whom. */
export interface WaitEdge {
  readonly pid: number;
  readonly wait: WaitSnapshot;
  /** Processes that can end it. */
  readonly for: readonly number[];
  /** Whether any one of them can, or all of them must. */
  readonly needs: "any" | "all";
  /** Whether nobody else can: not an unknown process, a deadline or an alarm. */
  readonly isClosed: boolean;
}

/** See waitGraph(). */
export interface WaitGraph {
  readonly edges: readonly WaitEdge[];
  /** Processes that can never go on, each once, in the order of their pids. */
  readonly deadlocked: readonly number[];
  /** Rings among them: each waits for the next, the last one for the first. */
  readonly cycles: readonly (readonly number[])[];
}

/** Whom a call waits for; `others`: also for somebody who is not known. */
interface Awaited {
  readonly for: readonly number[];
  readonly needs?: WaitEdge["needs"];
  readonly others?: boolean;
}

const UNKNOWN: Awaited = { for: [], others: true };

/**
 * Finds who waits for whom in a machine, and which processes wait for each other for ever.
 *
 * @param snapshot what machine.snapshot() returned
 * @returns an edge for each call that sleeps, and the deadlocks
 * @example
 * const { cycles } = waitGraph(machine.snapshot());
 * for (const cycle of cycles) console.error(`deadlock: ${cycle.join(" -> ")} -> ${cycle[0]}`);
 */
export function waitGraph(snapshot: MachineSnapshot): WaitGraph {
  const edges = snapshot.processes.flatMap((process) =>
    process.waits.map((wait) => edgeOf(snapshot, process, wait)),
  );
  const stuck = deadlocks(edges);
  return { edges, deadlocked: [...stuck.keys()].sort(ascending), cycles: cyclesOf(stuck) };
}

function ascending(a: number, b: number): number {
  return a - b;
}

function edgeOf(snapshot: MachineSnapshot, process: ProcessSnapshot, wait: WaitSnapshot): WaitEdge {
  const awaited = awaitedOf(snapshot, process, wait);
  const pids = [...new Set(awaited.for)].sort(ascending);
  const isForever = wait.forever && wait.blocks && !process.alarm;
  const isClosed = isForever && pids.length > 0 && awaited.others !== true;
  return { pid: process.pid, wait, for: pids, needs: awaited.needs ?? "any", isClosed };
}

function awaitedOf(
  snapshot: MachineSnapshot,
  process: ProcessSnapshot,
  wait: WaitSnapshot,
): Awaited {
  switch (wait.call) {
    case "waitpid":
      return children(snapshot, process, wait.pid);
    case "pthread_mutex_lock": {
      const owner = snapshot.mutexes.find(({ mutex }) => mutex === wait.mutex)?.owner ?? null;
      return owner === null ? UNKNOWN : { for: [owner] };
    }
    case "read":
      return pipeEnds(snapshot, wait.pipe, "writers");
    case "write":
      return pipeEnds(snapshot, wait.pipe, "readers");
    case "poll":
    case "epoll_wait":
      return polled(snapshot, process, wait.entries);
    case "fcntl":
    case "flock":
      return lockOwners(snapshot, wait.lock);
    case "semop":
      return undoers(snapshot, process.pid, wait);
    default:
      return UNKNOWN;
  }
}

/** The children that are waited for, as waitpid(2) picks them. */
function children({ processes }: MachineSnapshot, self: ProcessSnapshot, pid: number): Awaited {
  const group = pid === 0 ? self.pgid : -pid;
  const found = processes.filter((child) => {
    if (child.ppid !== self.pid) return false;
    return pid > 0 ? child.pid === pid : pid === -1 || child.pgid === group;
  });
  const pids = found.map((child) => child.pid);
  // One that has ended is about to be told of.
  const isOver = found.some(({ state }) => state === "zombie" || state === "exiting");
  return { for: pids, others: isOver };
}

/**
 * Whether these are all descriptors of their descriptions: one may have come to another process while the tables
 * were read, and an asynchronous call may have one whose descriptor was closed.
 */
function isComplete(descriptors: readonly DescriptorSnapshot[]): boolean {
  const counts = new Map<number, number>();
  for (const { description } of descriptors) {
    counts.set(description, (counts.get(description) ?? 0) + 1);
  }
  return descriptors.every((each) => counts.get(each.description)! >= each.references);
}

/** Who has locks that are in the way, all of which must go. */
function lockOwners({ locks, processes }: MachineSnapshot, wanted: FileLock): Awaited {
  const held = locks.filter((lock) => conflicts(wanted, lock));
  const shared = held.filter(({ kind }) => kind !== "process").map(({ owner }) => owner);
  const known = processes
    .flatMap(({ descriptors }) => descriptors)
    .filter(({ description }) => shared.includes(description));
  // Anybody who has the description can release its lock.
  const isAlone = held.every(({ owners }) => owners.length === 1);
  const others = !isComplete(known) || held.some(({ owners }) => owners.length === 0);
  const pids = held.flatMap(({ owners }) => owners);
  return { for: pids, needs: isAlone ? "all" : "any", others };
}

/** Who has the other end of a pipe that is empty, or full. */
function pipeEnds(
  { pipes, processes }: MachineSnapshot,
  id: number,
  end: "readers" | "writers",
): Awaited {
  const pipe = pipes.find((each) => each.pipe === id);
  if (pipe === undefined) return UNKNOWN;
  const access = end === "writers" ? "r" : "w";
  const known = processes
    .flatMap(({ descriptors }) => descriptors)
    .filter((each) => each.pipe === id && each.access !== access);
  const descriptions = new Set(known.map(({ description }) => description));
  const count = end === "writers" ? pipe.writeEnds : pipe.readEnds;
  const others =
    // Bytes have come, or room: the sleeper is about to look.
    (end === "writers" ? pipe.fill > 0 : pipe.fill === 0) ||
    descriptions.size < count ||
    !isComplete(known) ||
    // Anybody may open a FIFO.
    pipe.path !== null;
  return { for: pipe[end], others };
}

const READS = POLLIN | POLLRDNORM | POLLPRI;
const WRITES = POLLOUT | POLLWRNORM;

/** Anything of it ends the wait, so all of it must be pipes whose other ends are known. */
function polled(
  snapshot: MachineSnapshot,
  { descriptors }: ProcessSnapshot,
  entries: readonly PollEntrySnapshot[],
): Awaited {
  const ends: Awaited[] = entries.flatMap(({ description, events }) => {
    const pipe = descriptors.find((each) => each.description === description)?.pipe ?? null;
    if (pipe === null || (events & (READS | WRITES)) === 0) return [UNKNOWN];
    const reads = events & READS ? [pipeEnds(snapshot, pipe, "writers")] : [];
    return events & WRITES ? [...reads, pipeEnds(snapshot, pipe, "readers")] : reads;
  });
  return { for: ends.flatMap((end) => end.for), others: ends.some((end) => end.others === true) };
}

/**
 * Who has taken from a semaphore, or added to it, with SEM_UNDO, as who uses it for a lock does. A process
 * that has done so itself uses it for something else: others may add to it.
 */
function undoers(
  { semaphoreSets }: MachineSnapshot,
  self: number,
  { semid, sem_num, sem_op }: Extract<WaitSnapshot, { call: "semop" }>,
): Awaited {
  const set = semaphoreSets.find(({ id }) => id === semid);
  const adjustments = set?.semaphores?.[sem_num]?.adjustments ?? [];
  const found = adjustments.filter(({ value }) => (sem_op < 0 ? value > 0 : value < 0));
  const pids = found.map(({ pid }) => pid);
  return { for: pids.filter((pid) => pid !== self), others: pids.includes(self) };
}

/** The greatest set of closed waits of which nobody outside can end one, by process. */
function deadlocks(edges: readonly WaitEdge[]): Map<number, WaitEdge> {
  const stuck = new Map(edges.filter((edge) => edge.isClosed).map((edge) => [edge.pid, edge]));
  for (let size = -1; size !== stuck.size; ) {
    size = stuck.size;
    for (const [pid, edge] of stuck) {
      const isStuck = (other: number) => stuck.has(other);
      const stays = edge.needs === "any" ? edge.for.every(isStuck) : edge.for.some(isStuck);
      if (!stays) stuck.delete(pid);
    }
  }
  return stuck;
}

/** A ring for each process that is in one and not in one told before. */
function cyclesOf(stuck: ReadonlyMap<number, WaitEdge>): number[][] {
  const told = new Set<number>();
  const cycles: number[][] = [];
  for (const pid of [...stuck.keys()].sort(ascending)) {
    const cycle = told.has(pid) ? undefined : shortestRing(stuck, pid);
    if (cycle === undefined) continue;
    for (const each of cycle) told.add(each);
    cycles.push(cycle);
  }
  return cycles;
}

/** The shortest way from a process to itself, by breadth. */
function shortestRing(stuck: ReadonlyMap<number, WaitEdge>, start: number): number[] | undefined {
  const ways: number[][] = [[start]];
  const seen = new Set<number>();
  for (const way of ways) {
    for (const next of stuck.get(way.at(-1)!)?.for ?? []) {
      if (next === start) return way;
      if (!stuck.has(next) || seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}
