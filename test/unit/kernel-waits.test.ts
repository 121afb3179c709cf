import { describe, expect, it } from "vitest";
import { EAGAIN, EIDRM, EINTR, EINVAL, EWAIT } from "../../assembly/abi/errno.ts";
import { GETNCNT, GETVAL } from "../../assembly/abi/sem.ts";
import { SIG_HANDLER, SIGUSR1 } from "../../assembly/abi/signal.ts";
import type { TestTask } from "../support/machine.ts";
import { readMessage, writeMessage } from "../support/machine-structs.ts";
import { BUILDS, newMachine, newQueue, newSet, semctl } from "./kernel-builds.ts";

const P = (task: TestTask, set: number) => task.call((kernel) => kernel.sys_semop1(set, 0, -1, 0));
const V = (task: TestTask, set: number, by = 1) =>
  task.call((kernel) => kernel.sys_semop1(set, 0, by, 0));

function scene(build: (typeof BUILDS)[number], sleepers = 1) {
  const machine = newMachine(build);
  const set = newSet(machine.root);
  const tasks = Array.from({ length: sleepers }, () => machine.process().main);
  for (const task of tasks) expect(P(task, set)).toBe(-EWAIT);
  return { machine, set, tasks, sleeper: tasks[0]!, waker: machine.process().main };
}

describe.each(BUILDS)("the wake list of the %s build", (build) => {
  it("returns each listed address once and clears it at the next call", () => {
    const { machine, set, tasks, waker } = scene(build, 3);
    waker.kernel.task_enter(waker.id);
    expect(waker.kernel.sys_semop1(set, 0, 3, 0)).toBe(0);
    const wake = machine.i32[waker.kernel.task_wake_at(waker.id) >> 2];
    expect(wake).not.toBe(0);
    // Listed, but not awake before wake_next() says so.
    expect(tasks.map(({ park }) => park)).toEqual([1, 1, 1]);
    const listed = [0, 1, 2].map(() => waker.kernel.wake_next());
    expect(listed.sort()).toEqual(tasks.map(({ parkAt }) => parkAt).sort());
    expect(tasks.map(({ park }) => park)).toEqual([0, 0, 0]);
    expect(waker.kernel.wake_next()).toBe(0);
    expect(machine.i32[waker.kernel.task_wake_at(waker.id) >> 2]).toBe(0);
  });

  it("names a task again to who buries the waker, if the waker died before it notified", () => {
    const { machine, set, tasks, waker } = scene(build, 2);
    waker.kernel.task_enter(waker.id);
    waker.kernel.sys_semop1(set, 0, 2, 0);
    const first = waker.kernel.wake_next();
    expect(first).not.toBe(0);
    machine.woken.clear();
    expect(machine.root.call((kernel) => kernel.thread_dead(kernel.task_serial(waker.id)))).toBe(0);
    // The one that wake_next() had returned may not have been notified: both are.
    for (const { parkAt } of tasks) expect(machine.woken.has(parkAt)).toBe(true);
    expect(tasks.map((task) => task.waitResult())).toEqual([0, 0]);
    expect(machine.check()).toBe(0);
  });

  it("is empty after a call that wakes nobody", () => {
    const { machine, set, waker } = scene(build, 0);
    waker.kernel.task_enter(waker.id);
    waker.kernel.sys_semop1(set, 0, 1, 0);
    expect(machine.i32[waker.kernel.task_wake_at(waker.id) >> 2]).toBe(0);
    expect(waker.kernel.wake_next()).toBe(0);
  });
});

describe.each(BUILDS)("the end of a wait in the %s build", (build) => {
  it("is the result, also for a cancel that came too late", () => {
    const { machine, set, sleeper, waker } = scene(build);
    expect(V(waker, set)).toBe(0);
    expect(sleeper.waitCancel(EINTR)).toBe(0);
    expect(semctl(waker, set, GETVAL)).toBe(0);
    expect(sleeper.waitResult()).toBe(-EINVAL);
    expect(machine.check()).toBe(0);
  });

  it("is the cancel's errno, and what comes later goes to the next", () => {
    const { set, tasks, waker } = scene(build, 2);
    expect(tasks[0]!.waitCancel(EAGAIN)).toBe(-EAGAIN);
    expect(V(waker, set)).toBe(0);
    expect(tasks[1]!.waitResult()).toBe(0);
    expect(tasks[0]!.waitCancel(EAGAIN)).toBe(-EINVAL);
  });

  it("has not come after a spurious look, which puts the park word back", () => {
    const { machine, set, sleeper, waker } = scene(build);
    machine.i32[sleeper.parkAt >> 2] = 2;
    expect(sleeper.waitResult()).toBe(-EWAIT);
    expect(sleeper.park).toBe(1);
    expect(V(waker, set)).toBe(0);
    expect(sleeper.park).toBe(0);
    expect(sleeper.waitResult()).toBe(0);
  });

  it("refuses an errno that is none", () => {
    const { sleeper } = scene(build);
    expect(sleeper.waitCancel(0)).toBe(-EINVAL);
    expect(sleeper.waitCancel(-4)).toBe(-EINVAL);
    expect(sleeper.waitResult()).toBe(-EWAIT);
  });

  it("is EIDRM for everybody asleep at a removal, once each", () => {
    const { machine, set, tasks, waker } = scene(build, 3);
    expect(semctl(waker, set, 0)).toBe(0);
    expect(tasks.map((task) => task.waitResult())).toEqual([-EIDRM, -EIDRM, -EIDRM]);
    expect(machine.check()).toBe(0);
  });

  it("outlives the set's slot: a new set there does not disturb the result", () => {
    const { machine, set, sleeper, waker } = scene(build);
    expect(V(waker, set)).toBe(0);
    semctl(waker, set, 0);
    const next = newSet(waker);
    expect(next & 0x7fff).toBe(set & 0x7fff);
    expect(P(waker, next)).toBe(-EWAIT);
    expect(sleeper.waitResult()).toBe(0);
    expect(semctl(machine.root, next, GETNCNT)).toBe(1);
    expect(waker.waitCancel(EINTR)).toBe(-EINTR);
    expect(machine.check()).toBe(0);
  });

  it("comes to a sleeper that a caught signal has woken, and it may sleep on", () => {
    const { machine, set, sleeper, waker } = scene(build);
    sleeper.kernel.task_enter(sleeper.id);
    sleeper.kernel.sys_sigaction(SIGUSR1, SIG_HANDLER, 0);
    const pid = sleeper.kernel.sys_getpid();
    expect(waker.call((kernel) => kernel.sys_kill(pid, SIGUSR1))).toBe(0);
    expect(sleeper.park).not.toBe(1);
    expect(sleeper.waitResult()).toBe(-EWAIT);
    expect(sleeper.park).toBe(1);
    expect(sleeper.call((kernel) => kernel.signal_take())).toBe(SIGUSR1);
    expect(V(waker, set)).toBe(0);
    expect(sleeper.waitResult()).toBe(0);
    expect(machine.check()).toBe(0);
  });
});

describe.each(BUILDS)("a message that arrives while its receiver sleeps, %s build", (build) => {
  it("is in the receiver's transfer area even if the cancel comes later", () => {
    const machine = newMachine(build);
    const [receiver, sender] = [machine.process().main, machine.process().main];
    const queue = newQueue(machine.root);
    expect(receiver.call((kernel) => kernel.sys_msgrcv(queue, 300, 0, 0))).toBe(-EWAIT);
    writeMessage(sender, 7, 250, 40);
    expect(sender.call((kernel) => kernel.sys_msgsnd(queue, 250, 0))).toBe(0);
    writeMessage(sender, 8, 250, 99);
    expect(receiver.waitCancel(EINTR)).toBe(250);
    expect(readMessage(receiver, 250, 40)).toEqual({ mtype: 7, intact: true });
  });
});
