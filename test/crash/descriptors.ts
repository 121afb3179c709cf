/** Descriptors in a scene: how scenarios share them, what survivors see of them, and how they go on. */
import {
  F_GETFD,
  F_GETFL,
  F_GETPIPE_SZ,
  F_SETFL,
  F_SETPIPE_SZ,
  O_NONBLOCK,
} from "../../assembly/abi/fcntl.ts";
import { POLLIN, POLLOUT } from "../../assembly/abi/poll.ts";
import { STAT_STRUCT_SIZE } from "../../assembly/abi/stat.ts";
import type { TestMachine, TestTask } from "../support/machine.ts";
import { LAYOUT } from "./crash-memory.ts";
import { ints, outcomeOf, sleepers } from "./outcome.ts";
import { made } from "./scenario.ts";
import type { Scene } from "./scene.ts";

const WORD = 4;
/** The streams of the host, which everybody has. */
const STANDARD = 3;
/** Bytes that fill a pipe of a scenario. */
export const CAPACITY = 4096;
/** Bytes of a transfer area that a scenario may use are 512. */
const PART = 512;

/** Fills the beginning of the transfer area with bytes that tell where they come from. */
export function fillBytes(task: TestTask, count: number, first: number): void {
  for (let at = 0; at < count; at += 1) task.machine.u8[task.transfer + at] = (first + at) & 0xff;
}

export function write(task: TestTask, fd: number, count: number, first = 1, rest = 0): number {
  fillBytes(task, count, first);
  return task.call((kernel) => kernel.sys_write(fd, task.transfer, count, rest));
}

export function read(task: TestTask, fd: number, count: number, nowait = 0): number {
  return task.call((kernel) => kernel.sys_read(fd, task.transfer, count, nowait));
}

export const fcntl = (task: TestTask, fd: number, cmd: number, arg = 0): number =>
  task.call((kernel) => kernel.sys_fcntl(fd, cmd, arg));

export const close = (task: TestTask, fd: number): number =>
  task.call((kernel) => kernel.sys_close(fd));

/** One poll of one descriptor. */
export function poll(task: TestTask, fd: number, events: number, wait: number): number {
  task.machine.i32.set([fd, events], task.transfer >> 2);
  return task.call((kernel) => kernel.sys_poll(1, wait));
}

/** A small pipe of the task's process. @returns its two numbers. */
export function pipe(task: TestTask): [number, number] {
  made(task.call((kernel) => kernel.sys_pipe2(0)));
  const [r, w] = ints(task, 2 * WORD) as [number, number];
  made(fcntl(task, r, F_SETPIPE_SZ, CAPACITY));
  return [r, w];
}

/** Writes until the pipe has `bytes` bytes. */
export function fill(task: TestTask, fd: number, bytes = CAPACITY): void {
  for (let done = 0; done < bytes; done += PART)
    made(write(task, fd, Math.min(PART, bytes - done)));
}

interface HasMachine {
  machine: TestMachine;
}

/** The address of a task's process's entry for `fd`. */
function entryAt(machine: TestMachine, task: TestTask, fd: number): number {
  const tasks = LAYOUT.region(machine, "TASK");
  const slot = tasks + (task.id - 1) * LAYOUT.region(machine, "TASK_STRIDE");
  const proc = machine.i32[(slot + LAYOUT.field("task/Task#get:proc")) >> 2]!;
  const index = (proc - LAYOUT.region(machine, "PROC")) / LAYOUT.word("proc/PROC_SIZE");
  const size = LAYOUT.word("fd/FD_SIZE");
  return LAYOUT.region(machine, "FD") + (index * machine.limits.OPEN_MAX + fd) * size;
}

/** Another process has the description too, under the same number: as if it had been inherited. */
export function share(
  { machine }: HasMachine,
  from: TestTask,
  to: TestTask,
  ...fds: number[]
): void {
  const { i32 } = machine;
  for (const fd of fds) {
    const file = i32[entryAt(machine, from, fd) >> 2]!;
    if (file === 0) throw new Error(`${fd} is not open`);
    i32[entryAt(machine, to, fd) >> 2] = file;
    i32[file >> 2]! += 1;
  }
}

function* numbers(scene: Scene, task: TestTask): Generator<number> {
  for (let fd = STANDARD; fd < scene.machine.limits.OPEN_MAX; fd += 1) {
    if (fcntl(task, fd, F_GETFD) >= 0) yield fd;
  }
}

/** Everything that can be asked of a task's descriptors without a change. */
function seenOf(scene: Scene, task: TestTask): unknown[] {
  return [...numbers(scene, task)].map((fd) => [
    fd,
    [F_GETFD, F_GETFL, F_GETPIPE_SZ].map((cmd) => fcntl(task, fd, cmd)),
    task.call((kernel) => kernel.sys_fstat(fd)),
    ints(task, STAT_STRUCT_SIZE),
    poll(task, fd, POLLIN | POLLOUT, 0),
    ints(task, 2 * WORD),
  ]);
}

/** The bytes of a result, of which there are `size`. */
function bytesOf(task: TestTask, size: number): string {
  if (size <= 0) return String(size);
  const { u8 } = task.machine;
  return `${size}:${Array.from(u8.subarray(task.transfer, task.transfer + size)).join()}`;
}

/** Reads what is there, writes something, reads that, and asks an instance; nobody waits. */
function useOne(scene: Scene, task: TestTask, fd: number): unknown {
  const flags = fcntl(task, fd, F_GETFL);
  const without = fcntl(task, fd, F_SETFL, flags | O_NONBLOCK);
  const some = () => {
    const got: string[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      const size = read(task, fd, PART, 1);
      got.push(bytesOf(task, size));
      if (size <= 0) break;
    }
    return got;
  };
  const asleep = () => sleepers(scene).map(outcomeOf);
  return [
    without,
    some(),
    asleep(),
    write(task, fd, 5, 77),
    asleep(),
    task.call((kernel) => kernel.sys_epoll_wait(fd, 4, 0)),
    ints(task, 16 * WORD),
    poll(task, fd, POLLIN | POLLOUT, 0),
    ints(task, 2 * WORD),
  ];
}

/** What each instance tells of files that nobody has used since. */
function toldTo(scene: Scene, task: TestTask): unknown[] {
  return [...numbers(scene, task)].map((fd) => {
    const count = task.call((kernel) => kernel.sys_epoll_wait(fd, 4, 0));
    return count > 0 ? [fd, ints(task, 16 * WORD)] : [fd, count];
  });
}

/** Everybody uses each descriptor once, and closes it. */
export function useDescriptors(scene: Scene): unknown[] {
  const { observer } = scene;
  const tasks = [observer, ...sleepers(scene)];
  const seen = tasks.map((task) => seenOf(scene, task));
  const told = tasks.map((task) => toldTo(scene, task));
  const made = observer.call((kernel) => kernel.sys_pipe2(0));
  const used = tasks.map((task) =>
    [...numbers(scene, task)].map((fd) => [fd, useOne(scene, task, fd)]),
  );
  const closed = tasks.map((task) =>
    [...numbers(scene, task)].map((fd) => [close(task, fd), sleepers(scene).map(outcomeOf)]),
  );
  return [seen, told, made, used, closed];
}
