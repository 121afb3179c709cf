/**
 * Takes a snapshot. Nothing is locked meanwhile, and nobody waits: the tables are read one after another, and the
 * waits first and last. A wait that both looks have found has lasted all the while, so what its process has
 * and holds is of one moment; that is what the graph of waits needs. Who owns a mutex is read between them.
 */
import { EACCES, ENAMETOOLONG, ENOENT } from "../../assembly/abi/errno.ts";
import { SNAPSHOT_EXITING, SNAPSHOT_ZOMBIE } from "../../assembly/abi/snapshot.ts";
import type { Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import { finish } from "../finish.ts";
import { takeText } from "../paths.ts";
import type { Thread } from "../thread.ts";
import { conflicts } from "./conflicts.ts";
import {
  type DescriptorRecord,
  type LockRecord,
  type PipeRecord,
  type ProcessRecord,
  readAdjustments,
  readDescriptors,
  readLocks,
  readPipes,
  readProcesses,
  readWaits,
  type WaitRecord,
} from "./records.ts";
import { messageQueues, segments, semaphoreSets, sleepers } from "./system-v.ts";
import type {
  FileLockSnapshot,
  MachineSnapshot,
  MutexSnapshot,
  PipeSnapshot,
  ProcessSnapshot,
} from "./types.ts";

/** See Machine.snapshot(). `sys` are the thread's own calls, which nothing traces. */
export function snapshot(thread: Thread, sys: Syscalls): MachineSnapshot {
  const time = Date.now();
  const before = turnsOf(readWaits(thread));
  const processes = readProcesses(thread);
  const descriptors = readDescriptors(thread);
  const pipes = readPipes(thread);
  const locks = readLocks(thread);
  const adjustments = readAdjustments(thread);
  const found = readWaits(thread);
  const after = turnsOf(readWaits(thread));
  const waits = found.filter(
    ({ slot, turn }) => before.get(slot) === turn && after.get(slot) === turn,
  );
  const path = pathFinder(thread);
  return {
    time,
    processes: processes
      .map((process) => processOf(process, waits, descriptors, path))
      .sort((a, b) => a.pid - b.pid),
    segments: segments(sys),
    semaphoreSets: semaphoreSets(sys, waits, adjustments),
    messageQueues: messageQueues(sys, waits),
    pipes: pipes.map((pipe) => pipeOf(pipe, waits, descriptors, path)),
    locks: locks.map((lock) => lockOf(lock, waits, descriptors, path)),
    mutexes: mutexesOf(waits),
  };
}

function turnsOf(waits: readonly WaitRecord[]): Map<number, number> {
  return new Map(waits.map(({ slot, turn }) => [slot, turn]));
}

type PathFinder = (inode: number) => string | null;

/** What says that a file has no name that a path could say. */
const NAMELESS: readonly number[] = [ENOENT, ENAMETOOLONG, EACCES];

/** Paths of inodes by their number, each looked for once. */
function pathFinder(thread: Thread): PathFinder {
  const found = new Map<number, string | null>();
  return (inode) => {
    if (inode === 0) return null;
    let path = found.get(inode);
    if (path === undefined) {
      path = pathOf(thread, inode);
      found.set(inode, path);
    }
    return path;
  };
}

function pathOf(thread: Thread, inode: number): string | null {
  const attempt = () => thread.kernel.snapshot_path(inode);
  try {
    return finish(thread, "snapshot", attempt(), attempt, (size) => takeText(thread, size));
  } catch (error) {
    if (error instanceof SystemError && NAMELESS.includes(error.errno)) return null;
    throw error;
  }
}

function stateOf(state: number, sleeps: boolean): ProcessSnapshot["state"] {
  if (state === SNAPSHOT_ZOMBIE) return "zombie";
  if (state === SNAPSHOT_EXITING) return "exiting";
  return sleeps ? "sleeping" : "running";
}

function processOf(
  process: ProcessRecord,
  waits: readonly WaitRecord[],
  descriptors: readonly DescriptorRecord[],
  path: PathFinder,
): ProcessSnapshot {
  const { pid } = process;
  const own = waits.filter((each) => each.pid === pid).map(({ wait }) => wait);
  return {
    ...process,
    state: stateOf(
      process.state,
      own.some(({ blocks }) => blocks),
    ),
    cwd: path(process.cwd),
    waits: own,
    descriptors: descriptors
      .filter((each) => each.pid === pid)
      .map(({ descriptor, inode }) => ({ ...descriptor, path: path(inode) })),
  };
}

/** Processes that have a descriptor for which a test holds, each once. */
function holders(
  descriptors: readonly DescriptorRecord[],
  isOne: (descriptor: DescriptorRecord["descriptor"]) => boolean,
): number[] {
  const found = descriptors.filter(({ descriptor }) => isOne(descriptor));
  return [...new Set(found.map(({ pid }) => pid))];
}

function pipeOf(
  record: PipeRecord,
  waits: readonly WaitRecord[],
  descriptors: readonly DescriptorRecord[],
  path: PathFinder,
): PipeSnapshot {
  const { pipe } = record;
  const end = descriptors.find(({ descriptor }) => descriptor.pipe === pipe);
  return {
    ...record,
    path: path(end?.inode ?? 0),
    readers: holders(descriptors, (each) => each.pipe === pipe && each.access !== "w"),
    writers: holders(descriptors, (each) => each.pipe === pipe && each.access !== "r"),
    sleepingReaders: sleepers(waits, (wait) => wait.call === "read" && wait.pipe === pipe),
    sleepingWriters: sleepers(waits, (wait) => wait.call === "write" && wait.pipe === pipe),
  };
}

function lockOf(
  { lock, inode }: LockRecord,
  waits: readonly WaitRecord[],
  descriptors: readonly DescriptorRecord[],
  path: PathFinder,
): FileLockSnapshot {
  return {
    ...lock,
    path: path(inode),
    owners:
      lock.kind === "process"
        ? [lock.owner]
        : holders(descriptors, ({ description }) => description === lock.owner),
    waiters: sleepers(waits, (wait) => "lock" in wait && conflicts(wait.lock, lock)),
  };
}

function mutexesOf(waits: readonly WaitRecord[]): MutexSnapshot[] {
  const found = new Map<number, MutexSnapshot>();
  for (const { wait, owner, shmid, offset } of waits) {
    if (wait.call !== "pthread_mutex_lock") continue;
    const { mutex } = wait;
    found.set(mutex, {
      mutex,
      shmid: shmid < 0 ? null : shmid,
      offset,
      owner: owner === 0 ? null : owner,
      waiters: sleepers(
        waits,
        (other) => other.call === "pthread_mutex_lock" && other.mutex === mutex,
      ),
    });
  }
  return [...found.values()];
}
