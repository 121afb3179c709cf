/** The two builds of the kernel, for describe.each, and what their tests share. */
import type { Build, Limits } from "../support/machine.ts";
import { TestMachine, type TestTask } from "../support/machine.ts";

export const BUILDS: readonly Build[] = ["debug", "release"];

/** A formatted machine of 2 MiB. */
export function newMachine(build: Build, limits: Partial<Limits> = {}): TestMachine {
  const machine = new TestMachine(build);
  const result = machine.format(limits);
  if (result !== 0) throw new Error(`machine_format: ${result}`);
  return machine;
}

/** A private set, segment or queue. */
export function newSet(task: TestTask, nsems = 1): number {
  return task.call((kernel) => kernel.sys_semget(0, nsems, 0o666));
}

export function newSegment(task: TestTask, pages = 1): number {
  return task.call((kernel) => kernel.sys_shmget(0, pages * 4096, 0o666));
}

export function newQueue(task: TestTask): number {
  return task.call((kernel) => kernel.sys_msgget(0, 0o666));
}

export function semctl(task: TestTask, id: number, cmd: number, num = 0, arg = 0): number {
  return task.call((kernel) => kernel.sys_semctl(id, num, cmd, arg));
}

export function removeSegment(task: TestTask, id: number): number {
  return task.call((kernel) => kernel.sys_shmctl(id, 0));
}
