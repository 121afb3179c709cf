import { describe, expect, it } from "vitest";
import { EINTR, ELOCK, EWAIT } from "../../assembly/abi/errno.ts";
import { GETVAL } from "../../assembly/abi/sem.ts";
import type { TestMachine, TestTask } from "../support/machine.ts";
import {
  LOCK_MSG,
  LOCK_PAGE,
  LOCK_PROC,
  LOCK_SEM,
  LOCK_SHM,
  semLock,
  withLock,
} from "../support/machine-locks.ts";
import { BUILDS, newMachine, newQueue, newSegment, newSet, semctl } from "./kernel-builds.ts";

const SLEEPERS = 1 << 16;

type Call = [string, (task: TestTask, ids: Ids) => number];
interface Ids {
  readonly set: number;
  readonly queue: number;
  readonly segment: number;
}

/** Lock, then calls that need it. */
const NEEDS: readonly [string, (machine: TestMachine, ids: Ids) => number, readonly Call[]][] = [
  [
    "the set's",
    (machine, { set }) => semLock(machine, set),
    [
      ["semop", (task, { set }) => task.call((kernel) => kernel.sys_semop1(set, 0, 1, 0))],
      ["semop for zero", (task, { set }) => task.call((kernel) => kernel.sys_semop1(set, 0, 0, 0))],
      ["GETVAL", (task, { set }) => semctl(task, set, GETVAL)],
      ["SETALL", (task, { set }) => semctl(task, set, 17)],
      ["IPC_RMID", (task, { set }) => semctl(task, set, 0)],
    ],
  ],
  [
    "the sets' table",
    () => LOCK_SEM,
    [
      ["semget", (task) => newSet(task)],
      ["IPC_RMID", (task, { set }) => semctl(task, set, 0)],
      ["SEM_INFO", (task) => semctl(task, 0, 19)],
    ],
  ],
  [
    "the queues'",
    () => LOCK_MSG,
    [
      ["msgget", (task) => newQueue(task)],
      ["msgrcv", (task, { queue }) => task.call((kernel) => kernel.sys_msgrcv(queue, 1, 0, 0))],
      ["msgctl", (task, { queue }) => task.call((kernel) => kernel.sys_msgctl(queue, 0))],
    ],
  ],
  [
    "the segments'",
    () => LOCK_SHM,
    [
      ["shmget", (task) => newSegment(task)],
      ["shmat", (task, { segment }) => task.call((kernel) => kernel.sys_shmat(segment, 0, 0))],
      ["shmdt", (task) => task.call((kernel) => kernel.sys_shmdt(4096))],
      ["shmctl", (task, { segment }) => task.call((kernel) => kernel.sys_shmctl(segment, 0))],
    ],
  ],
  [
    "the page frames'",
    () => LOCK_PAGE,
    [
      ["shmget", (task) => newSegment(task)],
      ["semget", (task) => newSet(task)],
      ["IPC_RMID of a segment", (task, { segment }) => task.call((k) => k.sys_shmctl(segment, 0))],
      ["IPC_RMID of a set", (task, { set }) => semctl(task, set, 0)],
      ["SETALL", (task, { set }) => semctl(task, set, 17)],
    ],
  ],
  [
    "the processes'",
    () => LOCK_PROC,
    [
      ["waitpid", (task) => task.call((kernel) => kernel.sys_waitpid(-1, 0))],
      ["proc_create", (task) => task.call((kernel) => kernel.proc_create(1, 0, 0, 0))],
      ["exit", (task) => task.call((kernel) => kernel.sys_exit(0))],
    ],
  ],
];

const ROWS = NEEDS.flatMap(([name, lock, calls]) =>
  calls.map(([call, run]) => [call, name, lock, run] as const),
);

function scene(build: (typeof BUILDS)[number]) {
  const machine = newMachine(build);
  const { main } = machine.process();
  const ids = { set: newSet(main), queue: newQueue(main), segment: newSegment(main) };
  return { machine, main, ids };
}

describe.each(BUILDS)("a held lock in the %s build", (build) => {
  it.each(ROWS)("makes %s return ELOCK and names %s word", (_call, _lock, lock, run) => {
    const { machine, main, ids } = scene(build);
    const at = lock(machine, ids);
    const before = machine.u8.slice(0, 4096);
    const result = withLock(machine, at, machine.holder, () => {
      const answer = run(main, ids);
      expect(main.kernel.lock_busy_at()).toBe(at);
      expect(main.kernel.lock_owner()).toBe(machine.holder);
      return answer;
    });
    expect(result).toBe(-ELOCK);
    // Frames that a new object will have may be held by the task; nothing else has changed.
    const after = machine.u8.slice(0, 4096);
    if (!["shmget", "semget", "SETALL"].includes(_call)) expect(after).toEqual(before);
    expect(run(main, ids)).not.toBe(-ELOCK);
    expect(machine.check()).toBe(0);
  });

  it("is slept on with its sleepers' bit, once", () => {
    const { machine, main, ids } = scene(build);
    const at = semLock(machine, ids.set);
    machine.i32[at >> 2] = machine.holder;
    expect(main.call((kernel) => kernel.sys_semop1(ids.set, 0, 1, 0))).toBe(-ELOCK);
    expect(main.kernel.lock_sleep()).toBe(machine.holder | SLEEPERS);
    expect(machine.i32[at >> 2]).toBe(machine.holder | SLEEPERS);
    expect(main.kernel.lock_sleep()).toBe(machine.holder | SLEEPERS);
    expect(main.kernel.lock_owner()).toBe(machine.holder);
    machine.i32[at >> 2] = 0;
    expect(main.kernel.lock_sleep()).toBe(0);
    expect(machine.i32[at >> 2]).toBe(0);
    expect(main.kernel.lock_owner()).toBe(0);
  });

  it("wakes its sleepers when it is released", () => {
    const { machine, main, ids } = scene(build);
    const other = machine.process().main;
    const at = semLock(machine, ids.set);
    machine.i32[at >> 2] = other.id;
    expect(main.call((kernel) => kernel.sys_semop1(ids.set, 0, 1, 0))).toBe(-ELOCK);
    main.kernel.lock_sleep();
    // The owner, dead meanwhile, is repaired: its release is the repairer's.
    machine.woken.clear();
    expect(machine.root.call((kernel) => kernel.thread_dead(kernel.task_serial(other.id)))).toBe(0);
    expect(machine.i32[at >> 2]).toBe(0);
    expect(machine.woken.has(at)).toBe(true);
    expect(main.call((kernel) => kernel.sys_semop1(ids.set, 0, 1, 0))).toBe(0);
    expect(machine.check()).toBe(0);
  });

  it("makes wait_result() and wait_cancel() return ELOCK, and the wait goes on", () => {
    const { machine, main, ids } = scene(build);
    const at = semLock(machine, ids.set);
    expect(main.call((kernel) => kernel.sys_semop1(ids.set, 0, -1, 0))).toBe(-EWAIT);
    withLock(machine, at, machine.holder, () => {
      expect(main.waitResult()).toBe(-ELOCK);
      expect(main.waitCancel(EINTR)).toBe(-ELOCK);
    });
    expect(main.park).toBe(1);
    expect(semctl(machine.root, ids.set, 14)).toBe(1);
    expect(main.waitCancel(EINTR)).toBe(-EINTR);
    expect(semctl(machine.root, ids.set, 14)).toBe(0);
  });

  it("does not stop a semop that fails with IPC_NOWAIT from being refused or told so", () => {
    const { machine, main, ids } = scene(build);
    withLock(machine, semLock(machine, ids.set), machine.holder, () => {
      expect(main.call((kernel) => kernel.sys_semop1(ids.set, 0, -1, 0o4000))).toBe(-ELOCK);
    });
    expect(main.call((kernel) => kernel.sys_semop1(ids.set, 0, -1, 0o4000))).toBe(-11);
  });
});
