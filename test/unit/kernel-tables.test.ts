import { describe, expect, it } from "vitest";
import { EAGAIN, EINTR, ENOMEM, ESRCH, EWAIT } from "../../assembly/abi/errno.ts";
import { SEM_UNDO } from "../../assembly/abi/sem.ts";
import type { TestTask } from "../support/machine.ts";
import { writeMessage } from "../support/machine-structs.ts";
import { BUILDS, newMachine, newQueue, newSegment, newSet, semctl } from "./kernel-builds.ts";

describe.each(BUILDS)("a full table of the %s build", (build) => {
  it("of tasks is EAGAIN, and a freed task is had again", () => {
    const machine = newMachine(build, { TASK_MAX: 5 });
    const process = machine.process();
    const tasks: TestTask[] = [];
    for (let task = process.task(); typeof task !== "number"; task = process.task()) {
      tasks.push(task);
    }
    expect(tasks.length).toBe(2);
    expect(process.kernel.task_create(process.pid, 0)).toBe(-EAGAIN);
    expect(process.kernel.pool_join(0)).toBe(-EAGAIN);
    expect(process.kernel.task_free(tasks[1]!.id)).toBe(0);
    expect(process.kernel.task_create(process.pid, 0)).toBe(tasks[1]!.id);
    expect(process.kernel.task_create(process.pid, 0)).toBe(-EAGAIN);
  });

  it("of processes is EAGAIN, and an ended one makes room", () => {
    const machine = newMachine(build, { PROC_MAX: 3 });
    const first = machine.process();
    machine.process();
    expect(machine.root.call((kernel) => kernel.proc_create(1, 0, 0, 0))).toBe(-EAGAIN);
    expect(first.main.call((kernel) => kernel.sys_exit(0))).toBe(0);
    const pid = machine.root.call((kernel) => kernel.proc_create(1, 0, 0, 0));
    expect(pid).toBeGreaterThan(first.pid);
  });

  it("of attachments is ENOMEM, and a detached one makes room", () => {
    const machine = newMachine(build, { SHMSEG: 2 });
    const { main } = machine.process();
    const id = newSegment(main);
    const at = () => main.call((kernel) => kernel.sys_shmat(id, 0, 0));
    const first = at();
    expect(at()).toBeGreaterThan(0);
    expect(at()).toBe(-ENOMEM);
    expect(main.call((kernel) => kernel.sys_shmdt(first))).toBe(0);
    expect(at()).toBeGreaterThan(0);
    expect(machine.check()).toBe(0);
  });

  it("of adjustments is ENOMEM, and the end of a process or a set makes room", () => {
    const machine = newMachine(build, { SEMMNU: 3 });
    const [a, b] = [machine.process(), machine.process()];
    const sets = [newSet(machine.root, 2), newSet(machine.root, 2)] as const;
    const undo = (task: TestTask, set: number, num: number) =>
      task.call((kernel) => kernel.sys_semop1(set, num, 1, SEM_UNDO));
    expect(undo(a.main, sets[0], 0)).toBe(0);
    expect(undo(a.main, sets[1], 1)).toBe(0);
    expect(undo(b.main, sets[0], 0)).toBe(0);
    expect(undo(b.main, sets[1], 0)).toBe(-ENOMEM);
    expect(undo(a.main, sets[0], 0)).toBe(0);
    expect(semctl(a.main, sets[1], 0)).toBe(0);
    expect(undo(b.main, sets[0], 1)).toBe(0);
    expect(undo(a.main, sets[0], 1)).toBe(-ENOMEM);
    expect(b.main.call((kernel) => kernel.sys_exit(0))).toBe(0);
    expect(undo(a.main, sets[0], 1)).toBe(0);
    expect(semctl(a.main, sets[0], 12, 0)).toBe(2);
    expect(machine.check()).toBe(0);
  });
});

describe.each(BUILDS)("a full message pool of the %s build", (build) => {
  it("is ENOMEM, and a received message makes room", () => {
    const machine = newMachine(build, { MSGSEG: 3 });
    const { main } = machine.process();
    const queue = newQueue(main);
    const send = (size: number) => {
      writeMessage(main, 1, size, 0);
      return main.call((kernel) => kernel.sys_msgsnd(queue, size, 0));
    };
    expect(send(225)).toBe(0);
    expect(send(0)).toBe(-ENOMEM);
    expect(main.call((kernel) => kernel.sys_msgrcv(queue, 500, 0, 0))).toBe(225);
    expect([send(0), send(112), send(1), send(1)]).toEqual([0, 0, 0, -ENOMEM]);
    expect(machine.check()).toBe(0);
  });

  it("lets a sleeping receiver have its message all the same", () => {
    const machine = newMachine(build, { MSGSEG: 1 });
    const [a, b] = [machine.process().main, machine.process().main];
    const [full, empty] = [newQueue(a), newQueue(a)];
    writeMessage(a, 1, 3, 0);
    expect(a.call((kernel) => kernel.sys_msgsnd(full, 3, 0))).toBe(0);
    expect(b.call((kernel) => kernel.sys_msgrcv(empty, 9, 0, 0))).toBe(-EWAIT);
    writeMessage(a, 1, 3, 0);
    expect(a.call((kernel) => kernel.sys_msgsnd(empty, 3, 0))).toBe(0);
    expect(b.waitResult()).toBe(3);
    writeMessage(a, 1, 3, 0);
    expect(a.call((kernel) => kernel.sys_msgsnd(empty, 3, 0))).toBe(-ENOMEM);
  });

  it("has nothing to do with the journal: every task may sleep on one queue and be told E2BIG at once", () => {
    const machine = newMachine(build, { TASK_MAX: 64, PROC_MAX: 2, SEMOPM: 1 });
    const process = machine.process();
    const queue = newQueue(process.main);
    const sleepers: TestTask[] = [];
    for (let task = process.task(); typeof task !== "number"; task = process.task()) {
      expect(task.call((kernel) => kernel.sys_msgrcv(queue, 0, 0, 0))).toBe(-EWAIT);
      sleepers.push(task);
    }
    expect(sleepers.length).toBe(61);
    writeMessage(process.main, 1, 5, 0);
    expect(process.main.call((kernel) => kernel.sys_msgsnd(queue, 5, 0))).toBe(0);
    expect(new Set(sleepers.map((task) => task.waitResult()))).toEqual(new Set([-7]));
    expect(machine.check()).toBe(0);
  });
});

describe.each(BUILDS)("a task of the %s build", (build) => {
  it("of an ended process is refused by every call that changes something", () => {
    const machine = newMachine(build);
    const { main } = machine.process();
    const set = newSet(main);
    newQueue(main);
    const segment = newSegment(main);
    expect(main.call((kernel) => kernel.sys_exit(0))).toBe(0);
    const refused = [
      newQueue(main),
      newSegment(main),
      main.call((kernel) => kernel.sys_semop1(set, 0, 1, 0)),
      main.call((kernel) => kernel.sys_semop1(set, 0, -1, 0o4000)),
      main.call((kernel) => kernel.sys_shmat(segment, 0, 0)),
      main.call((kernel) => kernel.sys_waitpid(-1, 0)),
      semctl(main, set, 0),
    ];
    expect(new Set(refused)).toEqual(new Set([-EINTR]));
    expect(semctl(machine.root, set, 12)).toBe(0);
    expect(machine.check()).toBe(0);
  });

  it("cannot be made for a process that does not exist or has ended", () => {
    const machine = newMachine(build);
    const parent = machine.process();
    const child = machine.process({ uid: 0, gid: 0 }, parent.pid);
    expect(machine.root.kernel.task_create(77, 0)).toBe(-ESRCH);
    expect(child.main.call((kernel) => kernel.sys_exit(0))).toBe(0);
    expect(machine.root.kernel.task_create(child.pid, 0)).toBe(-ESRCH);
  });
});
