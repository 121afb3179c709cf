import { describe, expect, it } from "vitest";
import { EINTR, ELOCK, EWAIT } from "../../assembly/abi/errno.ts";
import { IPC_STAT } from "../../assembly/abi/ipc.ts";
import { SB_REGIONS } from "../../assembly/abi/layout.ts";
import { GETVAL, SEM_UNDO } from "../../assembly/abi/sem.ts";
import type { TestMachine, TestTask } from "../support/machine.ts";
import { LOCK_MSG, LOCK_SHM, semLock } from "../support/machine-locks.ts";
import { readShmid, writeMessage } from "../support/machine-structs.ts";
import { BUILDS, newMachine, newQueue, newSegment, newSet, semctl } from "./kernel-builds.ts";

const V = (task: TestTask, set: number, by = 1, flags = 0) =>
  task.call((kernel) => kernel.sys_semop1(set, 0, by, flags));

/** As assembly/region.ts counts. */
const REGION_TASK_JOURNAL = 4;

/** Where a task's slot starts: its park word is 64 bytes behind. */
const slotOf = (task: TestTask) => task.parkAt - 64;

/**
 * A dead owner made by hand: the task holds the lock at `at`, and its journal has the old value of
 * the 8-byte cell at `cell`, which holds another one by now.
 */
function dieInside(machine: TestMachine, task: TestTask, at: number, cell: number): void {
  const journal = slotOf(task) + machine.i32[(SB_REGIONS >> 2) + REGION_TASK_JOURNAL]!;
  machine.view.setUint32(journal, cell, true);
  machine.view.setBigInt64(journal + 8, machine.view.getBigInt64(cell, true), true);
  machine.view.setUint32(slotOf(task) + 36, at, true);
  machine.view.setInt32(slotOf(task) + 40, 1, true);
  machine.i32[at >> 2] = task.id;
  machine.view.setBigInt64(cell, 0x0102030405060708n, true);
}

/** The cell of a set's first semaphore. */
function semCell(machine: TestMachine, set: number): number {
  return machine.view.getUint32(semLock(machine, set) + 44, true);
}

function segmentUsers({ root }: TestMachine, id: number): number {
  root.call((kernel) => kernel.sys_shmctl(id, IPC_STAT));
  return readShmid(root).nattch;
}

const bury = (machine: TestMachine, task: TestTask) =>
  machine.root.call((kernel) => kernel.thread_dead(kernel.task_serial(task.id)));

describe.each(BUILDS)("thread_dead() of the %s build", (build) => {
  it("undoes the change that the dead one had begun, and frees its lock", () => {
    const machine = newMachine(build);
    const { main } = machine.process();
    const set = newSet(machine.root);
    expect(V(machine.root, set, 5)).toBe(0);
    dieInside(machine, main, semLock(machine, set), semCell(machine, set));
    expect(semctl(machine.root, set, GETVAL)).toBe(-ELOCK);
    expect(bury(machine, main)).toBe(0);
    expect(semctl(machine.root, set, GETVAL)).toBe(5);
    expect(machine.check()).toBe(0);
  });

  it("leaves what was committed: a journal without its lock does not count", () => {
    const machine = newMachine(build);
    const { main } = machine.process();
    const set = newSet(machine.root);
    const at = semLock(machine, set);
    dieInside(machine, main, at, semCell(machine, set));
    machine.view.setBigInt64(semCell(machine, set), 3n, true);
    machine.i32[at >> 2] = 0;
    expect(bury(machine, main)).toBe(0);
    expect(semctl(machine.root, set, GETVAL)).toBe(3);
  });

  it("applies SEM_UNDO and serves who waited for it", () => {
    const machine = newMachine(build);
    const [dead, sleeper] = [machine.process().main, machine.process().main];
    const set = newSet(machine.root);
    expect(V(machine.root, set, 1)).toBe(0);
    expect(V(dead, set, -1, SEM_UNDO)).toBe(0);
    expect(V(sleeper, set, -1)).toBe(-EWAIT);
    machine.woken.clear();
    expect(bury(machine, dead)).toBe(0);
    expect(machine.woken.has(sleeper.parkAt)).toBe(true);
    expect(sleeper.waitResult()).toBe(0);
    expect(machine.check()).toBe(0);
  });
});

describe.each(BUILDS)("thread_dead() of the %s build", (build) => {
  it("takes the dead one off every queue", () => {
    const machine = newMachine(build);
    const process = machine.process();
    const [onSet, onQueue, onChild] = [process.main, process.task(), process.task()];
    const set = newSet(machine.root);
    const queue = newQueue(machine.root);
    machine.process({ uid: 0, gid: 0 }, process.pid);
    expect(V(onSet, set, -1)).toBe(-EWAIT);
    expect((onQueue as TestTask).call((k) => k.sys_msgrcv(queue, 9, 0, 0))).toBe(-EWAIT);
    expect((onChild as TestTask).call((k) => k.sys_waitpid(-1, 0))).toBe(-EWAIT);
    expect(bury(machine, process.main)).toBe(0);
    expect(semctl(machine.root, set, 14)).toBe(0);
    expect(V(machine.root, set, 1)).toBe(0);
    expect(semctl(machine.root, set, GETVAL)).toBe(1);
    writeMessage(machine.root, 1, 4, 0);
    expect(machine.root.call((kernel) => kernel.sys_msgsnd(queue, 4, 0))).toBe(0);
    expect(machine.root.call((kernel) => kernel.sys_msgrcv(queue, 9, 0, 0o4000))).toBe(4);
    expect(machine.check()).toBe(0);
  });

  it("destroys a marked segment whose last attachment died", () => {
    const machine = newMachine(build);
    const { main } = machine.process();
    const segment = newSegment(main);
    expect(main.call((kernel) => kernel.sys_shmat(segment, 0, 0))).toBeGreaterThan(0);
    expect(main.call((kernel) => kernel.sys_shmctl(segment, 0))).toBe(0);
    expect(machine.root.call((kernel) => kernel.sys_shmctl(segment, 2))).toBe(0);
    expect(bury(machine, main)).toBe(0);
    expect(machine.root.call((kernel) => kernel.sys_shmctl(segment, 2))).toBe(-22);
    expect(machine.check()).toBe(0);
  });

  it("gives back frames that the dead one held for a call that met a busy lock", () => {
    const machine = newMachine(build);
    const [dead, other] = [machine.process().main, machine.process().main];
    machine.i32[LOCK_SHM >> 2] = machine.holder;
    expect(newSegment(dead, 5)).toBe(-ELOCK);
    machine.i32[LOCK_SHM >> 2] = 0;
    expect(bury(machine, dead)).toBe(0);
    expect(newSegment(other, 5)).toBeGreaterThanOrEqual(0);
    expect(machine.check()).toBe(0);
  });
});

describe.each(BUILDS)("thread_dead() of the %s build, for a thread in the kernel,", (build) => {
  it("frees the locks and tells the sleepers of a thread that died inside an asynchronous call", () => {
    const machine = newMachine(build);
    const process = machine.process();
    const async = process.task() as TestTask;
    const sleeper = machine.process().main;
    const set = newSet(machine.root);
    expect(V(sleeper, set, -1)).toBe(-EWAIT);
    // The call was done and nobody was told; the next one had just taken its lock.
    async.kernel.task_enter(async.id);
    expect(async.kernel.sys_semop1(set, 0, 1, 0)).toBe(0);
    machine.i32[LOCK_MSG >> 2] = async.id;
    machine.woken.clear();
    expect(bury(machine, process.main)).toBe(0);
    expect(machine.woken.has(sleeper.parkAt)).toBe(true);
    expect(sleeper.waitResult()).toBe(0);
    expect(newQueue(machine.root)).toBeGreaterThanOrEqual(0);
    expect(machine.check()).toBe(0);
  });

  it("gives up what a killed process holds, which proc_refuse() has left to it", () => {
    const machine = newMachine(build);
    const { main, pid } = machine.process();
    const other = machine.process().main;
    const [set, segment] = [newSet(machine.root), newSegment(machine.root)];
    expect(V(main, set, 1, SEM_UNDO)).toBe(0);
    expect(main.call((kernel) => kernel.sys_shmat(segment, 0, 0))).toBeGreaterThan(0);
    expect(V(main, set, -2)).toBe(-EWAIT);
    machine.woken.clear();
    expect(machine.root.call((kernel) => kernel.proc_refuse(pid, 9))).toBe(0);
    expect(machine.woken.has(main.parkAt)).toBe(true);
    expect([V(main, set), main.waitResult()]).toEqual([-EINTR, -EINTR]);
    // Its thread may still be storing: nothing of what it has is anybody else's yet.
    expect([semctl(other, set, GETVAL), segmentUsers(machine, segment)]).toEqual([1, 1]);
    expect(bury(machine, main)).toBe(0);
    expect([semctl(other, set, GETVAL), segmentUsers(machine, segment)]).toEqual([0, 0]);
    expect(machine.check()).toBe(0);
  });

  it("waits for a lock that a living task holds, and is then done by the same call", () => {
    const machine = newMachine(build);
    const { main } = machine.process();
    const set = newSet(machine.root);
    expect(V(main, set, 1, SEM_UNDO)).toBe(0);
    const at = semLock(machine, set);
    machine.i32[at >> 2] = machine.holder;
    expect(bury(machine, main)).toBe(-ELOCK);
    expect(main.call((kernel) => kernel.sys_msgget(0, 0))).toBe(-EINTR);
    machine.i32[at >> 2] = 0;
    expect(bury(machine, main)).toBe(0);
    expect(semctl(machine.root, set, GETVAL)).toBe(0);
    expect(bury(machine, main)).toBe(-3);
    expect(machine.check()).toBe(0);
  });
});
