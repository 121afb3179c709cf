/** Credentials, groups and children over the kernel: getpid(2), setpgid(2), waitpid(2). */
import { abortSignal, int, intOr0 } from "../../host/arguments.ts";
import type { AsyncSyscalls, CallOptions, ProcessCalls } from "../../host/contract.ts";
import { finish, finishAsync } from "../finish.ts";
import type { Thread } from "../thread.ts";
import { readInts } from "../transfer.ts";
import { same, zero } from "./result.ts";

type IdCall = "getpid" | "getppid" | "getuid" | "geteuid" | "getgid" | "getegid";

/** The calls that have no argument and return an id. */
function idCall(thread: Thread, name: IdCall): () => number {
  const attempt = () => thread.kernel[`sys_${name}`]();
  return () => finish(thread, name, attempt(), attempt, same);
}

/**
 * The supplementary groups of the process.
 *
 * @returns their ids
 * @see getgroups(2)
 * @example
 * sys.getgroups().includes(100);
 */
function getgroups(thread: Thread): number[] {
  const attempt = () => thread.kernel.sys_getgroups();
  return finish(thread, "getgroups", attempt(), attempt, (count) => readInts(thread, count));
}

/**
 * Waits for a child to end, and takes its status.
 *
 * @param pid a child's, -1 for any, 0 for those of the caller's group, below that for those of group -pid
 * @param options WNOHANG: do not sleep
 * @returns the child's pid, 0 with WNOHANG when none has ended, and its status word: the exit code
 *   shifted by 8, or the signal that ended it
 * @throws {SystemError} ECHILD there is no such child; EINTR a signal handler ran; EINVAL an
 *   unknown option
 * @see waitpid(2)
 * @example
 * const { status } = sys.waitpid(-1);
 */
function waitpid(thread: Thread, pid: number, options?: number): { pid: number; status: number } {
  const { attempt, take } = waiting(thread, pid, options);
  return finish(thread, "waitpid", attempt(), attempt, take);
}

function waiting(thread: Thread, pid: number, options: number | undefined) {
  const target = int(pid, "waitpid", "pid");
  const flags = intOr0(options, "waitpid", "options");
  const attempt = () => thread.kernel.sys_waitpid(target, flags);
  const take = (ended: number) => ({
    pid: ended,
    status: ended === 0 ? 0 : thread.i32[thread.transfer >> 2]!,
  });
  return { attempt, take };
}

function waitpidAsync(
  thread: Thread,
  pid: number,
  options: number | undefined,
  callOptions: CallOptions | undefined,
): Promise<{ pid: number; status: number }> {
  const { attempt, take } = waiting(thread, pid, options);
  const signal = abortSignal(callOptions, "waitpid");
  return finishAsync(thread, "waitpid", attempt, take, { signal });
}

/** A call of one pid, which returns a number of the same kind. */
function pidCall(thread: Thread, name: "getpgid" | "getsid"): (pid: number) => number {
  return (pid) => {
    const target = int(pid, name, "pid");
    const attempt = () => thread.kernel[`sys_${name}`](target);
    return finish(thread, name, attempt(), attempt, same);
  };
}

/**
 * Moves the caller to another process group of its session, or makes a new one.
 *
 * @param pid 0 or the caller's own; a child runs its program from the start, and moves itself
 * @param pgid 0: a new group of the caller's own pid
 * @returns 0
 * @throws {SystemError} EACCES `pid` is a child; EINVAL a negative group; EPERM the caller leads its
 *   session, or its session has no such group; ESRCH `pid` is neither the caller's nor a child's
 * @see setpgid(2)
 * @example
 * sys.setpgid(0, 0);
 */
function setpgid(thread: Thread, pid: number, pgid: number): 0 {
  const target = int(pid, "setpgid", "pid");
  const group = int(pgid, "setpgid", "pgid");
  const attempt = () => thread.kernel.sys_setpgid(target, group);
  return finish(thread, "setpgid", attempt(), attempt, zero);
}

/**
 * Makes the caller the only process of a new group in a new session.
 *
 * @returns their number, the caller's pid
 * @throws {SystemError} EPERM a group of that number exists: the caller leads it, or has left others in it
 * @see setsid(2)
 * @example
 * sys.setsid();
 */
function setsid(thread: Thread): number {
  const attempt = () => thread.kernel.sys_setsid();
  return finish(thread, "setsid", attempt(), attempt, same);
}

/** The process calls of one thread. */
export function processCalls(thread: Thread): ProcessCalls {
  return {
    getpid: idCall(thread, "getpid"),
    getppid: idCall(thread, "getppid"),
    getuid: idCall(thread, "getuid"),
    geteuid: idCall(thread, "geteuid"),
    getgid: idCall(thread, "getgid"),
    getegid: idCall(thread, "getegid"),
    getgroups: () => getgroups(thread),
    getpgid: pidCall(thread, "getpgid"),
    getpgrp: () => {
      const attempt = () => thread.kernel.sys_getpgid(0);
      return finish(thread, "getpgrp", attempt(), attempt, same);
    },
    getsid: pidCall(thread, "getsid"),
    setpgid: (pid, pgid) => setpgid(thread, pid, pgid),
    setsid: () => setsid(thread),
    waitpid: (pid, options) => waitpid(thread, pid, options),
  };
}

/** The twin of the one that waits. */
export function processCallsAsync(thread: Thread): Pick<AsyncSyscalls, "waitpid"> {
  return {
    waitpid: async (pid, options, callOptions) => waitpidAsync(thread, pid, options, callOptions),
  };
}
