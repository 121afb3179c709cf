/**
 * Others go on: after the burial each object is used once, workers become processes, parents wait;
 * then everything is removed, everybody ends, and nothing may be left.
 */
import { EINTR, ELOCK } from "../../assembly/abi/errno.ts";
import { IPC_CREAT, IPC_NOWAIT, IPC_PRIVATE, IPC_RMID } from "../../assembly/abi/ipc.ts";
import { MSG_NOERROR, MSGBUF_MTEXT, MSGBUF_MTYPE } from "../../assembly/abi/msg.ts";
import { GETALL, SEM_UNDO, SETVAL } from "../../assembly/abi/sem.ts";
import { SIGUSR1 } from "../../assembly/abi/signal.ts";
import { W_EXIT_SHIFT, WNOHANG } from "../../assembly/abi/wait.ts";
import type { TestTask } from "../support/machine.ts";
import { LAYOUT } from "./crash-memory.ts";
import { useDescriptors } from "./descriptors.ts";
import { removeFiles, useFiles } from "./files.ts";
import { useLocks } from "./lock-scene.ts";
import { queueIds, segmentIds, setIds } from "./observe.ts";
import { ints, outcomeOf, sleepers } from "./outcome.ts";
import type { Scene } from "./scene.ts";

const TEXT_MAX = 400;
const EXIT_CODE = 5;
const WORD = 4;
/** More turns than any loop below takes in a machine that is whole. */
const TURNS = 40;

/** Repeats a step until it returns false; a machine that is broken may never come to that. */
function repeat(step: () => boolean): void {
  for (let turn = 0; turn < TURNS; turn += 1) if (!step()) return;
  throw new Error("going on does not come to an end");
}

function useSet(scene: Scene, id: number): unknown {
  const { observer } = scene;
  const op = (change: number, flags: number) =>
    observer.call((kernel) => kernel.sys_semop1(id, 0, change, flags | IPC_NOWAIT));
  return [
    op(3, 0),
    sleepers(scene).map(outcomeOf),
    op(-1, SEM_UNDO),
    op(1, SEM_UNDO),
    // It takes every adjustment of the last semaphore away: those of the first are seen at the end.
    observer.call((kernel) => kernel.sys_semctl(id, 2, SETVAL, 2)),
    sleepers(scene).map(outcomeOf),
    observer.call((kernel) => kernel.sys_semctl(id, 0, GETALL, 0)),
    ints(observer, 2 * WORD),
  ];
}

function send({ observer, machine }: Scene, id: number, mtype: number, size: number): number {
  machine.i32[(observer.transfer + MSGBUF_MTYPE) >> 2] = mtype;
  const from = observer.transfer + MSGBUF_MTEXT;
  machine.u8.fill(mtype, from, from + size);
  return observer.call((kernel) => kernel.sys_msgsnd(id, size, IPC_NOWAIT));
}

function useQueue(scene: Scene, id: number): unknown {
  const { observer } = scene;
  const receive = () =>
    observer.call((kernel) => kernel.sys_msgrcv(id, TEXT_MAX, 0, IPC_NOWAIT | MSG_NOERROR));
  const seen: unknown[] = [send(scene, id, 9, 130)];
  repeat(() => {
    const size = receive();
    seen.push([size, ints(observer, MSGBUF_MTEXT + size), sleepers(scene).map(outcomeOf)]);
    return size >= 0;
  });
  return [...seen, send(scene, id, 1, 20), sleepers(scene).map(outcomeOf)];
}

function useSegment({ observer, machine }: Scene, id: number): unknown {
  const at = observer.call((kernel) => kernel.sys_shmat(id, 0, 0));
  if (at < 0) return at;
  const [offset, size] = ints(observer, 2 * WORD) as [number, number];
  const bytes = machine.u8.subarray(offset, offset + size);
  const zeroes = bytes.every((byte) => byte === 0);
  return [size, zeroes, observer.call((kernel) => kernel.sys_shmdt(at))];
}

/** New objects from what is free, and gone again. */
function makeObjects(scene: Scene): unknown {
  const { observer } = scene;
  const set = observer.call((kernel) => kernel.sys_semget(IPC_PRIVATE, 5, IPC_CREAT | 0o600));
  const queue = observer.call((kernel) => kernel.sys_msgget(IPC_PRIVATE, IPC_CREAT | 0o600));
  const size = 3 * 4096;
  const segment = observer.call((kernel) =>
    kernel.sys_shmget(IPC_PRIVATE, size, IPC_CREAT | 0o600),
  );
  const used = [useSet(scene, set), useQueue(scene, queue), useSegment(scene, segment)];
  return [set, queue, segment, used, ...remove(scene, [set], [queue], [segment])];
}

function remove(
  { observer }: Scene,
  sets: readonly number[],
  queues: readonly number[],
  segments: readonly number[],
): unknown[] {
  return [
    sets.map((id) => observer.call((kernel) => kernel.sys_semctl(id, 0, IPC_RMID, 0))),
    queues.map((id) => observer.call((kernel) => kernel.sys_msgctl(id, IPC_RMID))),
    segments.map((id) => observer.call((kernel) => kernel.sys_shmctl(id, IPC_RMID))),
  ];
}

/** The statuses of children that have ended. */
function waited(parent: TestTask): unknown[] {
  const statuses: unknown[] = [];
  repeat(() => {
    const pid = parent.call((kernel) => kernel.sys_waitpid(-1, WNOHANG));
    statuses.push(pid > 0 ? [pid, ints(parent, WORD)] : pid);
    return pid > 0;
  });
  return statuses;
}

/** As many processes as there are workers, and then their ends. */
function startProcesses(scene: Scene): unknown[] {
  const { observer, workers } = scene;
  const claimed: number[] = [];
  repeat(
    () => claimed.push(observer.call((kernel) => kernel.pool_claim())) > 0 && claimed.at(-1)! > 0,
  );
  const started = claimed.slice(0, -1).map((id) => {
    const pid = observer.call((kernel) => kernel.sys_spawn(id, 0));
    return pid > 0 ? pid : [pid, observer.call((kernel) => kernel.pool_unclaim(id))];
  });
  const run = workers.map((task) => [
    task.call((kernel) => kernel.sys_getpid()),
    task.call((kernel) => kernel.sys_exit(EXIT_CODE << W_EXIT_SHIFT)),
  ]);
  return [claimed, started, run, waited(observer)];
}

/** Whoever was woken looks again, and everybody who gets the mutex gives it back in good order. */
function useMutex(scene: Scene): unknown {
  const { mutex, observer } = scene;
  if (mutex === 0) return [];
  const tryIt = (task: TestTask): number[] => {
    const result = task.call((kernel) => kernel.sys_mutex_trylock(mutex));
    if (result < 0) return [result];
    const mended = task.call((kernel) => kernel.sys_mutex_consistent(mutex));
    return [result, mended, task.call((kernel) => kernel.sys_mutex_unlock(mutex))];
  };
  const tasks = [observer, ...sleepers(scene)];
  const unlocked = tasks.map((task) => task.call((kernel) => kernel.sys_mutex_unlock(mutex)));
  return [unlocked, tasks.map((task) => [outcomeOf(task), tryIt(task)])];
}

/** Signals that have come, and one more to everybody; those whom one ends are ended as a supervisor does. */
function signals(scene: Scene): unknown[] {
  const { observer, machine } = scene;
  const pids = Object.values(scene.pids).filter((pid) => pid !== scene.pids.observer);
  const killed: unknown[] = [];
  const look = () =>
    repeat(() => {
      const id = machine.root.kernel.proc_next_killed();
      if (id === 0) return false;
      const pid = machine.i32[pidAt(scene, id) >> 2]!;
      killed.push([id, pid, machine.root.call((kernel) => kernel.proc_exit(pid, 1))]);
      return true;
    });
  look();
  const taken = sleepers(scene).map((task) => [
    task.call((kernel) => kernel.signal_take()),
    task.call((kernel) => kernel.signal_take()),
  ]);
  const sent = pids.map((pid) => observer.call((kernel) => kernel.sys_kill(pid, SIGUSR1)));
  look();
  return [taken, sent, killed];
}

/** Where a task's process has its pid. */
function pidAt({ machine }: Scene, id: number): number {
  const tasks = LAYOUT.region(machine, "TASK");
  const slot = tasks + (id - 1) * LAYOUT.region(machine, "TASK_STRIDE");
  return machine.i32[(slot + LAYOUT.field("task/Task#get:proc")) >> 2]! + WORD;
}

/** Uses everything once. */
export function goOn(scene: Scene): unknown {
  return [
    setIds(scene).map((id) => useSet(scene, id)),
    queueIds(scene).map((id) => useQueue(scene, id)),
    segmentIds(scene).map((id) => useSegment(scene, id)),
    useMutex(scene),
    useLocks(scene),
    useDescriptors(scene),
    makeObjects(scene),
    startProcesses(scene),
    waited(scene.b),
    signals(scene),
    useFiles(scene.observer),
  ];
}

/** Removes everything and ends everybody but the last one. @returns what happened, and what is left of it. */
export function end(scene: Scene): { did: unknown; left: readonly string[] } {
  const { machine, observer, b, c, d } = scene;
  const { root } = machine;
  const slept = sleepers(scene).map((task) => [outcomeOf(task), task.waitCancel(EINTR)]);
  // Their adjustments are applied while somebody can still look.
  const serials = [b, c, d].map((task) => task.kernel.task_serial(task.id));
  scene.bury(
    root,
    serials.filter((serial) => serial > 0),
  );
  const values = setIds(scene).map((id) => [
    observer.call((kernel) => kernel.sys_semctl(id, 0, GETALL, 0)),
    ints(observer, 4 * WORD),
  ]);
  const removed = remove(scene, setIds(scene), queueIds(scene), segmentIds(scene));
  const files = removeFiles(observer);
  const own = root.kernel.task_serial(root.id);
  const newest = machine.i32[LAYOUT.word("region/WORD_THREAD_SERIAL") >> 2]!;
  for (let serial = 1; serial <= newest; serial += 1) {
    if (serial === own) continue;
    repeat(() => root.call((kernel) => kernel.thread_dead(serial)) === -ELOCK);
  }
  const there = left(scene);
  const leaks = Object.entries(NOTHING_LEFT).filter(([name, count]) => there[name] !== count);
  return {
    did: [slept, values, removed, files],
    left: leaks.map(([name]) => `${name} ${there[name]}`),
  };
}

/** What is in use. */
function left({ machine }: Scene): Record<string, number> {
  const { limits, i32 } = machine;
  const used = (region: string, count: number, size: number, field = 0) =>
    Array.from({ length: count }, (_, index) => index).filter(
      (index) => i32[(LAYOUT.region(machine, region) + index * size + field) >> 2] !== 0,
    ).length;
  const word = (name: string) => i32[LAYOUT.word(`region/WORD_${name}`) >> 2]!;
  return {
    rule: machine.check(),
    processes: used("PROC", limits.PROC_MAX, LAYOUT.word("proc/PROC_SIZE")),
    tasks: used("TASK", limits.TASK_MAX, LAYOUT.region(machine, "TASK_STRIDE")),
    undo: used("UNDO", limits.SEMMNU, LAYOUT.word("undo/UNDO_SIZE")),
    attachments: used("ATTACH", limits.SHMSEG, LAYOUT.word("attach/ATTACHMENT_SIZE")),
    attachmentsHigh: word("ATTACH_HIGH"),
    blocks: word("POOL_USED"),
    semaphores: word("SEMS_USED"),
    pages: word("SHM_PAGES"),
    bytes: word("MSG_BYTES"),
    messages: word("MSG_COUNT"),
    descriptions: used("FILE", limits.FILE_MAX, LAYOUT.word("file/FILE_SIZE")),
    pipes: used("PIPE", limits.PIPE_MAX, LAYOUT.word("pipe/PIPE_SLOT"), WORD),
    files: word("INODES_USED"),
    framesHeld: word("FRAME_FRESH") - freeFrames(machine),
    locks: used("RECORD", limits.LOCK_MAX, LAYOUT.word("record/RECORD_SIZE")),
    locksHigh: word("RECORD_HIGH"),
  };
}

function freeFrames(machine: Scene["machine"]): number {
  const table = LAYOUT.region(machine, "FRAME") >> 2;
  const size = LAYOUT.word("page/FRAME_SIZE") >> 2;
  const fresh = machine.i32[LAYOUT.word("region/WORD_FRAME_FRESH") >> 2]!;
  let free = 0;
  for (let frame = 0; frame < fresh; frame += 1) free += machine.i32[table + frame * size]!;
  return free;
}

/** What `left` must be: process 1 and the last task are there. */
const NOTHING_LEFT = {
  rule: 0,
  processes: 1,
  tasks: 1,
  undo: 0,
  attachments: 0,
  attachmentsHigh: 0,
  blocks: 0,
  semaphores: 0,
  pages: 0,
  bytes: 0,
  messages: 0,
  descriptions: 3,
  pipes: 0,
  // Those of the root, /dev, /proc and /proc/sysvipc.
  framesHeld: 4,
  files: 11,
  locks: 0,
  locksHigh: 0,
};
