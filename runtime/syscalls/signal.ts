/** Signals over the kernel: kill(2), sigaction(2), sigprocmask(2), sigsuspend(2). */
import { EINVAL } from "../../assembly/abi/errno.ts";
import {
  NSIG,
  SIG_BLOCK,
  SIG_DFL,
  SIG_HANDLER,
  SIG_IGN,
  SIG_SETMASK,
  SIG_UNBLOCK,
  SIGKILL,
  SIGSTOP,
} from "../../assembly/abi/signal.ts";
import { abortSignal, int } from "../../host/arguments.ts";
import { disposition, signalSet } from "../../host/arguments-signal.ts";
import type { CallOptions } from "../../host/contract.ts";
import type {
  AsyncSignalCalls,
  Disposition,
  SignalCalls,
  TimerCalls,
} from "../../host/contract-signal.ts";
import { SystemError } from "../../host/errno.ts";
import { finish, finishAsync, mayEndItself } from "../finish.ts";
import { listenForSignals, runHandlers, setMask } from "../signals.ts";
import type { Thread } from "../thread.ts";
import { zero } from "./result.ts";

/** A set as the kernel has it, 1 << signal a bit. @throws {SystemError} EINVAL there is no such signal */
export function signalMask(set: readonly number[], call: string): number {
  let mask = 0;
  for (const signal of set) {
    if (signal < 1 || signal >= NSIG) throw new SystemError(EINVAL, call, `signal ${signal}`);
    mask |= 1 << signal;
  }
  return mask;
}

function signalsOf(mask: number): number[] {
  const signals: number[] = [];
  for (let signal = 1; signal < NSIG; signal++) if (mask & (1 << signal)) signals.push(signal);
  return signals;
}

/**
 * Says what a signal does to this process. A handler runs on the process's own thread: before an
 * interrupted call fails or goes on, at the end of a call, or from the event loop. Its signal is blocked
 * meanwhile, unless SA_NODEFER is set, and so are those of sa_mask. With SA_RESTART read(), write(),
 * open(), waitpid(), flock() and fcntl() go on after it; every other call that waits throws EINTR.
 *
 * @param signum 1 to 31
 * @param action SIG_DFL, SIG_IGN, a handler, which is called with the signal's number, or a structure
 *   with sa_handler, sa_flags and sa_mask; null only asks
 * @returns what the signal did before, as it was given
 * @throws {SystemError} EINVAL no such signal, or SIGKILL or SIGSTOP, which cannot be caught
 * @see sigaction(2), signal(7)
 * @example
 * sys.sigaction(SIGUSR1, () => console.log("seen"));
 */
function sigaction(thread: Thread, signum: number, action: Disposition | null): Disposition {
  const signal = int(signum, "sigaction", "signum");
  if (action === null) return currentAction(thread, signal);
  const { handler, flags, mask, given } = disposition(action);
  const blocked = signalMask(mask, "sigaction");
  const mode = typeof handler === "function" ? SIG_HANDLER : handler;
  const before = thread.handlers.get(signal);
  const attempt = () => {
    // The handler first: it may be asked for as soon as the kernel knows of it.
    if (typeof handler === "function") {
      thread.handlers.set(signal, { handler, flags, mask: blocked, given });
    }
    return thread.kernel.sys_sigaction(signal, mode, flags);
  };
  try {
    return finish(thread, "sigaction", attempt(), attempt, (old) => {
      if (typeof handler === "function") listenForSignals(thread);
      else thread.handlers.delete(signal);
      mayEndItself(thread);
      if (old === SIG_HANDLER && before !== undefined) return before.given;
      return old === SIG_IGN ? SIG_IGN : SIG_DFL;
    });
  } catch (error) {
    if (before === undefined) thread.handlers.delete(signal);
    else thread.handlers.set(signal, before);
    throw error;
  }
}

/** What a signal does, without a change. */
function currentAction(thread: Thread, signal: number): Disposition {
  // EINVAL: no such signal. That of SIGKILL and SIGSTOP may be asked for.
  if (signal < 1 || signal >= NSIG) throw new SystemError(EINVAL, "sigaction");
  const caught = thread.handlers.get(signal);
  if (caught !== undefined) return caught.given;
  if (signal === SIGKILL || signal === SIGSTOP) return SIG_DFL;
  return thread.kernel.signal_ignored() & (1 << signal) ? SIG_IGN : SIG_DFL;
}

/**
 * Says which signals are blocked: they come, but are delivered only when they are blocked no more.
 *
 * @param how SIG_BLOCK adds the set, SIG_UNBLOCK takes it away, SIG_SETMASK blocks it and no others
 * @param set signals; SIGKILL and SIGSTOP are passed over; null or nothing only asks
 * @returns the signals that were blocked before
 * @throws {SystemError} EINVAL another `how`, or no such signal
 * @see sigprocmask(2)
 * @example
 * const before = sys.sigprocmask(SIG_BLOCK, [SIGINT, SIGTERM]);
 * // ... what must not be interrupted
 * sys.sigprocmask(SIG_SETMASK, before);
 */
function sigprocmask(thread: Thread, how: number, set: readonly number[] | null = null): number[] {
  const operation = int(how, "sigprocmask", "how");
  const mask = set === null ? 0 : signalMask(signalSet(set, "sigprocmask", "set"), "sigprocmask");
  const before = thread.kernel.signal_mask();
  if (set === null) return signalsOf(before);
  const next = changed(before, operation, mask);
  if (next === undefined) throw new SystemError(EINVAL, "sigprocmask", `how is ${operation}`);
  const attempt = () => thread.kernel.signal_mask_set(next);
  return finish(thread, "sigprocmask", attempt(), attempt, () => {
    mayEndItself(thread);
    return signalsOf(before);
  });
}

function changed(before: number, how: number, set: number): number | undefined {
  if (how === SIG_BLOCK) return before | set;
  if (how === SIG_UNBLOCK) return before & ~set;
  return how === SIG_SETMASK ? set : undefined;
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
  return finish(thread, "kill", attempt(), attempt, () => {
    mayEndItself(thread);
    return zero();
  });
}

/** A wait for no descriptor, which only a signal ends. */
function waiting(thread: Thread): () => number {
  return () => thread.kernel.sys_poll(0, 1);
}

function never(call: string): never {
  throw new Error(`${call}: ended without a signal`);
}

/**
 * Waits until the handler of a signal has run.
 *
 * @throws {SystemError} EINTR it has: there is no other end
 * @see pause(2)
 */
function pause(thread: Thread): never {
  const attempt = waiting(thread);
  return finish(thread, "pause", attempt(), attempt, () => never("pause"));
}

/**
 * Blocks these signals and no others, waits until the handler of one that is not blocked has run, and
 * blocks what was blocked before. A signal that has come already ends it at once.
 *
 * @throws {SystemError} EINTR a handler has run: there is no other end; EINVAL no such signal
 * @see sigsuspend(2)
 * @example
 * sys.sigprocmask(SIG_BLOCK, [SIGCHLD]);
 * while (!ended) try { sys.sigsuspend([]); } catch (error) { if (error.code !== "EINTR") throw error; }
 */
function sigsuspend(thread: Thread, mask: readonly number[]): never {
  const set = signalMask(signalSet(mask, "sigsuspend", "mask"), "sigsuspend");
  const before = thread.kernel.signal_mask();
  setMask(thread, set);
  try {
    const attempt = waiting(thread);
    return finish(thread, "sigsuspend", attempt(), attempt, () => never("sigsuspend"));
  } finally {
    restore(thread, before);
  }
}

function restore(thread: Thread, mask: number): void {
  if (thread.isClosed()) return;
  setMask(thread, mask);
  runHandlers(thread);
}

async function sigsuspendAsync(
  thread: Thread,
  mask: readonly number[],
  options: CallOptions | undefined,
): Promise<never> {
  const set = signalMask(signalSet(mask, "sigsuspend", "mask"), "sigsuspend");
  const signal = abortSignal(options, "sigsuspend");
  const before = thread.kernel.signal_mask();
  setMask(thread, set);
  try {
    const take = () => never("sigsuspend");
    return await finishAsync(thread, "sigsuspend", waiting(thread), take, { signal });
  } finally {
    restore(thread, before);
  }
}

async function pauseAsync(thread: Thread, options: CallOptions | undefined): Promise<never> {
  const signal = abortSignal(options, "pause");
  return finishAsync(thread, "pause", waiting(thread), () => never("pause"), { signal });
}

/** The signal calls of one thread. */
export function signalCalls(thread: Thread): Omit<SignalCalls, keyof TimerCalls> {
  return {
    sigaction: (signum, action) => sigaction(thread, signum, action),
    sigprocmask: (how, set) => sigprocmask(thread, how, set),
    sigpending: () => signalsOf(thread.kernel.signal_held()),
    sigsuspend: (mask) => sigsuspend(thread, mask),
    pause: () => pause(thread),
    kill: (pid, sig) => kill(thread, pid, sig),
  };
}

/** The twins of those that wait. */
export function signalCallsAsync(thread: Thread): AsyncSignalCalls {
  return {
    sigsuspend: (mask, options) => sigsuspendAsync(thread, mask, options),
    pause: (options) => pauseAsync(thread, options),
  };
}
