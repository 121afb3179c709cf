/** Locks on files over the kernel: fcntl(2) with a struct flock, flock(2). */
import { F_GETLK, F_OFD_GETLK } from "../../assembly/abi/fcntl.ts";
import { abortSignal, int } from "../../host/arguments.ts";
import { flockOf, lockCommand } from "../../host/arguments-files.ts";
import type { CallOptions } from "../../host/contract.ts";
import type { AsyncLockCalls, Flock, FlockCalls } from "../../host/contract-locks.ts";
import { finish, finishAsync } from "../finish.ts";
import type { Attempt } from "../steps.ts";
import type { Thread } from "../thread.ts";
import { readFlock, writeFlock } from "../transfer-files.ts";
import { zero } from "./result.ts";

/** An entry of fcntl() with a lock: the structure is written anew, because others use the area too. */
function lockAttempt(thread: Thread, fd: number, cmd: number, lock: Required<Flock>): Attempt {
  return () => {
    writeFlock(thread, lock);
    return thread.kernel.sys_fcntl_lock(fd, cmd);
  };
}

/** fcntl() with one of the commands that take a lock. */
export function lockCall(thread: Thread, fd: number, cmd: number, value: unknown): number | Flock {
  const attempt = lockAttempt(thread, fd, cmd, flockOf(value, "fcntl"));
  const asks = cmd === F_GETLK || cmd === F_OFD_GETLK;
  const take = asks ? () => readFlock(thread) : zero;
  return finish<number | Flock>(thread, "fcntl", attempt(), attempt, take);
}

export function flockCalls(thread: Thread): FlockCalls {
  return {
    flock: (fd, operation) => {
      const id = int(fd, "flock", "fd");
      const op = int(operation, "flock", "operation");
      const attempt = () => thread.kernel.sys_flock(id, op);
      return finish(thread, "flock", attempt(), attempt, zero);
    },
  };
}

/** A twin keeps the description that it waits for a lock of, while its thread goes on. */
async function waiting(
  thread: Thread,
  call: "fcntl" | "flock",
  fd: number,
  attempt: Attempt,
  options?: CallOptions,
): Promise<0> {
  const signal = abortSignal(options, call);
  const held = () => {
    const failed = thread.kernel.fd_hold(fd);
    return failed < 0 ? failed : attempt();
  };
  return finishAsync(thread, call, held, zero, { signal, holds: true });
}

/** The twins of those that wait. */
export function lockCallsAsync(thread: Thread): AsyncLockCalls {
  return {
    fcntl: async (fd, cmd, lock, options) => {
      const id = int(fd, "fcntl", "fd");
      const attempt = lockAttempt(thread, id, lockCommand(cmd, "fcntl"), flockOf(lock, "fcntl"));
      return waiting(thread, "fcntl", id, attempt, options);
    },
    flock: async (fd, operation, options) => {
      const id = int(fd, "flock", "fd");
      const op = int(operation, "flock", "operation");
      return waiting(thread, "flock", id, () => thread.kernel.sys_flock(id, op), options);
    },
  };
}
