/** Credentials, signals and children over the kernel: getpid(2), kill(2), sigaction(2), waitpid(2). */
import { SIG_DFL, SIG_HANDLER, SIG_IGN } from "../../assembly/abi/signal.ts";
import { abortSignal, disposition, int, intOr0 } from "../../host/arguments.ts";
import type { AsyncSyscalls, CallOptions, Disposition, ProcessCalls } from "../../host/contract.ts";
import { listenForSignals } from "../signals.ts";
import type { Thread } from "../thread.ts";
import { readInts } from "../transfer.ts";
import { finish, finishAsync } from "../wait.ts";
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
 * Says what a signal does to this process. A handler runs on the process's own thread: before an
 * interrupted call throws EINTR, at the end of a call, or from the event loop.
 *
 * @param signum 1 to 31
 * @param action SIG_DFL, SIG_IGN or a handler, which is called with the signal's number
 * @returns what the signal did before
 * @throws {SystemError} EINVAL no such signal, or SIGKILL or SIGSTOP, which cannot be caught
 * @see sigaction(2)
 * @example
 * sys.sigaction(SIGUSR1, () => console.log("seen"));
 */
function sigaction(thread: Thread, signum: number, action: Disposition): Disposition {
  const signal = int(signum, "sigaction", "signum");
  const next = disposition(action);
  const mode = typeof next === "function" ? SIG_HANDLER : next;
  const before = thread.handlers.get(signal);
  const attempt = () => {
    // The handler first: it may be asked for as soon as the kernel knows of it.
    if (typeof next === "function") thread.handlers.set(signal, next);
    return thread.kernel.sys_sigaction(signal, mode);
  };
  try {
    return finish(thread, "sigaction", attempt(), attempt, (old) => {
      if (typeof next === "function") listenForSignals(thread);
      else thread.handlers.delete(signal);
      if (old === SIG_HANDLER && before !== undefined) return before;
      return old === SIG_IGN ? SIG_IGN : SIG_DFL;
    });
  } catch (error) {
    if (before === undefined) thread.handlers.delete(signal);
    else thread.handlers.set(signal, before);
    throw error;
  }
}

/**
 * Sends a signal.
 *
 * @param pid a process of this machine; 0 all of the caller's group; -1 all but the caller and pid 1
 *   that it may signal; below that all of the group -pid
 * @param sig 1 to 31, or 0 to ask only whether it could be sent
 * @returns 0
 * @throws {SystemError} EINVAL no such signal; EPERM the target belongs to another user, all of
 *   a group do; ESRCH no such process or group
 * @see kill(2)
 * @example
 * sys.kill(child.pid, SIGTERM);
 */
function kill(thread: Thread, pid: number, sig: number): 0 {
  const target = int(pid, "kill", "pid");
  const signal = int(sig, "kill", "sig");
  const attempt = () => thread.kernel.sys_kill(target, signal);
  return finish(thread, "kill", attempt(), attempt, zero);
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
    sigaction: (signum, action) => sigaction(thread, signum, action),
    kill: (pid, sig) => kill(thread, pid, sig),
    waitpid: (pid, options) => waitpid(thread, pid, options),
  };
}

/** The twin of the one that waits. */
export function processCallsAsync(thread: Thread): Pick<AsyncSyscalls, "waitpid"> {
  return {
    waitpid: async (pid, options, callOptions) => waitpidAsync(thread, pid, options, callOptions),
  };
}
