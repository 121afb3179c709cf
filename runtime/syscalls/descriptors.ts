/** Descriptors over the kernel: close(2), dup(2), fcntl(2), pipe(2), fstat(2). */
import { EBADF } from "../../assembly/abi/errno.ts";
import { F_GETFD } from "../../assembly/abi/fcntl.ts";
import { int, intOr0 } from "../../host/arguments.ts";
import { isLockCommand } from "../../host/arguments-files.ts";
import type { DescriptorCalls, ReadWriteCalls, Stat } from "../../host/contract-files.ts";
import type { Flock } from "../../host/contract-locks.ts";
import { finish } from "../finish.ts";
import type { Attempt } from "../steps.ts";
import type { Thread } from "../thread.ts";
import { readInts } from "../transfer.ts";
import { readStat } from "../transfer-files.ts";
import { lockCall } from "./locks.ts";
import { same, zero } from "./result.ts";

function number(thread: Thread, call: string, attempt: Attempt): number {
  return finish(thread, call, attempt(), attempt, same);
}

function close(thread: Thread, fd: number): 0 {
  const id = int(fd, "close", "fd");
  const attempt = () => thread.kernel.sys_close(id, 0);
  return finish(thread, "close", attempt(), attempt, same) === 0 ? 0 : closeCarried(thread, id);
}

/** What was written goes to the disk first; the number is free whatever that said, as on Linux. */
function closeCarried(thread: Thread, fd: number): 0 {
  const carry = () => thread.kernel.sys_fsync(fd, 1);
  const attempt = () => thread.kernel.sys_close(fd, 1);
  try {
    finish(thread, "close", carry(), carry, zero);
  } finally {
    finish(thread, "close", attempt(), attempt, zero);
  }
  return 0;
}

function fstat(thread: Thread, fd: number): Stat {
  const id = int(fd, "fstat", "fd");
  const attempt = () => thread.kernel.sys_fstat(id);
  return finish(thread, "fstat", attempt(), attempt, () => readStat(thread));
}

function pipe(thread: Thread, call: string, flags: number): [number, number] {
  const attempt = () => thread.kernel.sys_pipe2(flags);
  return finish(thread, call, attempt(), attempt, () => readInts(thread, 2) as [number, number]);
}

function dup2(thread: Thread, oldfd: number, newfd: number): number {
  const from = int(oldfd, "dup2", "oldfd");
  const to = int(newfd, "dup2", "newfd");
  const { kernel } = thread;
  // The same open descriptor twice: nothing happens.
  if (from !== to) return number(thread, "dup2", () => kernel.sys_dup3(from, to, 0));
  return number(thread, "dup2", () => (kernel.sys_fcntl(from, F_GETFD, 0) < 0 ? -EBADF : to));
}

/** The calls of one thread on descriptors themselves. */
export function descriptorCalls(
  thread: Thread,
): DescriptorCalls & Pick<ReadWriteCalls, "close" | "fstat"> {
  const fcntl = (fd: number, cmd: number, arg?: unknown): number | Flock => {
    const id = int(fd, "fcntl", "fd");
    const command = int(cmd, "fcntl", "cmd");
    if (isLockCommand(command)) return lockCall(thread, id, command, arg);
    const value = intOr0(arg, "fcntl", "arg");
    return number(thread, "fcntl", () => thread.kernel.sys_fcntl(id, command, value));
  };
  return {
    close: (fd) => close(thread, fd),
    fstat: (fd) => fstat(thread, fd),
    dup: (oldfd) => {
      const id = int(oldfd, "dup", "oldfd");
      return number(thread, "dup", () => thread.kernel.sys_fcntl(id, 0, 0));
    },
    dup2: (oldfd, newfd) => dup2(thread, oldfd, newfd),
    dup3: (oldfd, newfd, flags) => {
      const from = int(oldfd, "dup3", "oldfd");
      const to = int(newfd, "dup3", "newfd");
      const bits = int(flags, "dup3", "flags");
      return number(thread, "dup3", () => thread.kernel.sys_dup3(from, to, bits));
    },
    fcntl: fcntl as DescriptorCalls["fcntl"],
    pipe: () => pipe(thread, "pipe", 0),
    pipe2: (flags) => pipe(thread, "pipe2", int(flags, "pipe2", "flags")),
  };
}
