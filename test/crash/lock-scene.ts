/**
 * Locks in a scene: files that processes share, what survivors see of their locks, and how they go on.
 * A pipe's ends take locks of one type each; an epoll instance takes both, through one description.
 */
import { EWAIT } from "../../assembly/abi/errno.ts";
import {
  F_GETLK,
  F_OFD_GETLK,
  F_OFD_SETLK,
  F_RDLCK,
  F_SETLK,
  F_SETLKW,
  F_UNLCK,
  F_WRLCK,
  LOCK_NB,
  LOCK_SH,
  LOCK_UN,
} from "../../assembly/abi/fcntl.ts";
import { FLOCK_LEN, FLOCK_SIZE, FLOCK_START, FLOCK_TYPE } from "../../assembly/abi/flock.ts";
import type { TestKernel, TestTask } from "../support/machine.ts";
import { pipe, share } from "./descriptors.ts";
import { ints, outcomeOf, sleepers } from "./outcome.ts";
import { made } from "./scenario.ts";
import type { Scene } from "./scene.ts";

export const READER = 3;
export const WRITER = 4;
export const BOTH = 5;
/** Bytes on which scenarios have locks. */
const LOCKED_BYTES = 20;

export const as = (task: TestTask, entry: (kernel: TestKernel) => number): number =>
  task.call(entry);

/** A pipe and an epoll instance that A, the observer, and so many others have. */
export function filesOf(others: number): (s: Scene) => void {
  return (s) => {
    pipe(s.a);
    made(as(s.a, (kernel) => kernel.sys_epoll_create1(0)));
    for (const task of [s.observer, s.b, s.c].slice(0, 1 + others)) {
      share(s, s.a, task, READER, WRITER, BOTH);
    }
  };
}

/** One fcntl() with a lock. */
export function lock(
  task: TestTask,
  fd: number,
  cmd: number,
  type: number,
  start = 0,
  len = 0,
): number {
  const { view, u8 } = task.machine;
  u8.fill(0, task.transfer, task.transfer + FLOCK_SIZE);
  view.setInt16(task.transfer + FLOCK_TYPE, type, true);
  view.setBigInt64(task.transfer + FLOCK_START, BigInt(start), true);
  view.setBigInt64(task.transfer + FLOCK_LEN, BigInt(len), true);
  return as(task, (kernel) => kernel.sys_fcntl_lock(fd, cmd));
}

/** A record lock of a process. */
export const reads = (task: TestTask, start = 0, len = 0, cmd: number = F_SETLK): number =>
  lock(task, READER, cmd, F_RDLCK, start, len);
export const writes = (task: TestTask, start = 0, len = 0, cmd: number = F_SETLK): number =>
  lock(task, WRITER, cmd, F_WRLCK, start, len);
export const unlocks = (task: TestTask, start = 0, len = 0): number =>
  lock(task, READER, F_SETLK, F_UNLCK, start, len);

/** One that sleeps. */
export const waitsToRead = (task: TestTask, start = 0, len = 0): number =>
  reads(task, start, len, F_SETLKW);
export const waitsToWrite = (task: TestTask, start = 0, len = 0): number =>
  writes(task, start, len, F_SETLKW);

/** A lock of the epoll instance's description, which outlives the process that took it. */
export const shared = (task: TestTask, type: number, start = 0, len = 0): number =>
  lock(task, BOTH, F_OFD_SETLK, type, start, len);

export const flocks = (task: TestTask, fd: number, operation: number): number =>
  as(task, (kernel) => kernel.sys_flock(fd, operation));

const numbersOf = ({ machine }: Scene) =>
  Array.from({ length: machine.limits.OPEN_MAX }, (_, fd) => fd).slice(READER);

/** Whose locks are in the way of whoever would lock a byte of what the observer has open. */
export function locks(scene: Scene): unknown[] {
  const { observer } = scene;
  const at = (fd: number, cmd: number, byte: number) => {
    const result = lock(observer, fd, cmd, F_WRLCK, byte, 1);
    return result < 0 ? result : ints(observer, FLOCK_SIZE);
  };
  return numbersOf(scene).map((fd) =>
    Array.from({ length: LOCKED_BYTES }, (_, byte) => [
      at(fd, F_GETLK, byte),
      at(fd, F_OFD_GETLK, byte),
    ]),
  );
}

/** Everybody tries what it could lock, and gives up what it has; who waited for that goes on. */
export function useLocks(scene: Scene): unknown[] {
  const tries = (task: TestTask, fd: number) => [
    flocks(task, fd, LOCK_SH | LOCK_NB),
    flocks(task, fd, LOCK_UN),
    lock(task, fd, F_OFD_SETLK, F_WRLCK, 2, 3),
    lock(task, fd, F_OFD_SETLK, F_UNLCK),
    lock(task, fd, F_SETLK, F_UNLCK, 0, 6),
    lock(task, fd, F_SETLK, F_UNLCK),
    sleepers(scene).map(outcomeOf),
  ];
  // Who still sleeps makes no call.
  const isIdle = (task: TestTask) => [outcomeOf(task)].flat()[0] !== -EWAIT;
  return [scene.observer, ...sleepers(scene)].map((task) =>
    isIdle(task) ? numbersOf(scene).map((fd) => tries(task, fd)) : "asleep",
  );
}
