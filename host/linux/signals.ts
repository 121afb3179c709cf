/**
 * sigaction(2). SIG_IGN and SIG_DFL are real dispositions. A handler is Node's own, from
 * process.on(): the interrupted call throws EINTR at once, but Node runs the handler in the next
 * turn of its event loop, so after the catch, not before it; with SA_RESTART the call goes on first. Node
 * hears signals on its main thread alone. Listeners that others put on the same signal go on being called.
 */

import { constants } from "node:os";
import { isMainThread } from "node:worker_threads";
import { EINVAL } from "../../assembly/abi/errno.ts";
import {
  SA_NOCLDSTOP,
  SA_NOCLDWAIT,
  SA_RESETHAND,
  SA_RESTART,
  SIG_BLOCK,
  SIG_DFL,
  SIG_IGN,
  SIG_SETMASK,
  SIGPIPE,
} from "../../assembly/abi/signal.ts";
import { int } from "../arguments.ts";
import { type Action, disposition as checkDisposition } from "../arguments-signal.ts";
import type { Disposition } from "../contract-signal.ts";
import { SystemError } from "../errno.ts";
import { Struct } from "./layout.ts";
import type { Libc } from "./libc.ts";
import { checked } from "./table.ts";

/** struct sigaction of glibc and musl: handler, 128 bytes of mask, flags, restorer. */
const SIGACTION_SIZE = 152;
/** sa_flags of a handler after which no system call is restarted. */
const NO_FLAGS = 0;
const FLAGS = 136;
/** SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGPROF: the engine's own. */
const ENGINE_SIGNALS = [4, 5, 7, 8, 11, 27];

const NAMES = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]),
);

/**
 * A function of the C library that may serve as a signal handler: called with a signal's number, it
 * makes one system call without effect. Its only work is to interrupt what the thread waits in.
 */
const HARMLESS = "geteuid";

function setAction(libc: Libc, signum: number, handler: number): Struct {
  const act = new Struct(SIGACTION_SIZE);
  act.setLong(0, handler);
  act.setU32(FLAGS, NO_FLAGS);
  const old = new Struct(SIGACTION_SIZE);
  checked(libc.sigaction(signum, act.bytes, old.bytes), "sigaction");
  return old;
}

/** The process's handlers, which all Syscalls objects of the main thread share. */
const handlers = new Map<number, Action>();
const listeners = new Map<number, () => void>();
/** Told after each handler: the asynchronous twins of pause() and sigsuspend(). */
export const watchers = new Set<() => void>();

export function makeSigaction(libc: Libc) {
  return (signum: number, wanted: Disposition | null): Disposition => {
    const signal = int(signum, "sigaction", "signum");
    if (wanted === null) return currentAction(libc, signal);
    const action = checkDisposition(wanted);
    if (!isMainThread) throw new Error("sigaction: Node hears signals on its main thread only");
    const { handler, flags } = action;
    // EINVAL: no such signal, SIGKILL or SIGSTOP. A handler is first set as a harmless one.
    const native = typeof handler === "number" ? handler : libc.addressOfFunction(HARMLESS);
    const old = setAction(libc, signal, native);
    const before = handlers.get(signal)?.given ?? dispositionOf(old);
    const name = NAMES.get(signal);
    if (name === undefined) throw new Error(`sigaction: Node has no name for signal ${signal}`);
    const listener = listeners.get(signal);
    if (typeof handler === "function") {
      handlers.set(signal, action);
      if (listener === undefined) listen(libc, signal, name);
      else if (old.long(0) !== native) process.off(name, listener).on(name, listener);
      setFlags(libc, signal, flags);
      return before;
    }
    forget(signal, name);
    if (listener !== undefined) setAction(libc, signal, handler);
    if (flags !== 0) setFlags(libc, signal, flags);
    return before;
  };
}

function dispositionOf(action: Struct): Disposition {
  return action.long(0) === SIG_IGN ? SIG_IGN : SIG_DFL;
}

function currentAction(libc: Libc, signal: number): Disposition {
  const act = new Struct(SIGACTION_SIZE);
  checked(libc.sigaction(signal, null, act.bytes), "sigaction");
  return handlers.get(signal)?.given ?? dispositionOf(act);
}

function forget(signal: number, name: NodeJS.Signals): void {
  handlers.delete(signal);
  const listener = listeners.get(signal);
  if (listener !== undefined) process.off(name, listener);
  listeners.delete(signal);
}

function listen(libc: Libc, signal: number, name: NodeJS.Signals): void {
  const listener = () => {
    const action = handlers.get(signal);
    if (action === undefined || typeof action.handler === "number") return;
    if ((action.flags & SA_RESETHAND) !== 0) forget(signal, name);
    const before = changeMask(libc, SIG_BLOCK, action.mask);
    try {
      action.handler(signal);
    } finally {
      changeMask(libc, SIG_SETMASK, before);
      for (const tell of watchers) tell();
    }
  };
  listeners.set(signal, listener);
  process.on(name, listener);
}

/** Of these flags the kernel has its own. Node's handler asks it to restart calls, which few want. */
const KERNEL_FLAGS = SA_RESTART | SA_NOCLDWAIT | SA_NOCLDSTOP;

function setFlags(libc: Libc, signal: number, flags: number): void {
  const act = new Struct(SIGACTION_SIZE);
  checked(libc.sigaction(signal, null, act.bytes), "sigaction");
  act.setU32(FLAGS, ((act.u32(FLAGS) & ~KERNEL_FLAGS) | (flags & KERNEL_FLAGS)) >>> 0);
  checked(libc.sigaction(signal, act.bytes, null), "sigaction");
}

/** sigset_t of glibc and musl. */
const SIGSET_SIZE = 128;
const SIGNALS = 64;

/** @throws {SystemError} EINVAL there is no such signal. */
export function sigset(signals: readonly number[], call: string): Uint8Array<ArrayBuffer> {
  const set = new Uint8Array(SIGSET_SIZE);
  for (const signal of signals) {
    if (signal < 1 || signal > SIGNALS) throw new SystemError(EINVAL, call, `signal ${signal}`);
    set[(signal - 1) >> 3]! |= 1 << ((signal - 1) & 7);
  }
  return set;
}

export function signalsOf(set: Uint8Array): number[] {
  const all = Array.from({ length: SIGNALS }, (_, index) => index + 1);
  return all.filter((signal) => (set[(signal - 1) >> 3]! >> ((signal - 1) & 7)) & 1);
}

/** Changes what the calling thread blocks. @returns what it blocked before */
export function changeMask(libc: Libc, how: number, signals: readonly number[] | null): number[] {
  const before = new Uint8Array(SIGSET_SIZE);
  const set = signals === null ? null : sigset(signals, "sigprocmask");
  checked(-libc.pthread_sigmask(how, set, before), "sigprocmask");
  return signalsOf(before);
}

/**
 * Prepares a thread whose blocking calls others may interrupt: `signal` gets a handler without
 * SA_RESTART, and every other signal of the process goes to other threads; SIGPIPE comes from the
 * thread's own write().
 */
export function becomeInterruptible(libc: Libc, signal: number): void {
  setAction(libc, signal, libc.addressOfFunction(HARMLESS));
  const open = new Set([signal, SIGPIPE, ...ENGINE_SIGNALS]);
  const all = Array.from({ length: SIGNALS }, (_, index) => index + 1);
  changeMask(
    libc,
    SIG_BLOCK,
    all.filter((one) => !open.has(one)),
  );
}

/** A real-time signal that nobody in this process handles: SIGRTMAX downwards. */
export function unusedSignal(libc: Libc): number {
  const harmless = libc.addressOfFunction(HARMLESS);
  for (let signal = 64; signal > 34; signal--) {
    const old = new Struct(SIGACTION_SIZE);
    checked(libc.sigaction(signal, null, old.bytes), "sigaction");
    if (old.long(0) === SIG_DFL || old.long(0) === harmless) return signal;
  }
  throw new Error("wasm-ipc/linux: every real-time signal is in use");
}
