/**
 * sigaction(2). SIG_IGN and SIG_DFL are real dispositions. A handler is Node's own, from
 * process.on(): the interrupted call throws EINTR at once, but Node runs the handler in the next
 * turn of its event loop, so after the catch, not before it. Node hears signals on its main thread
 * alone. Listeners that others put on the same signal go on being called.
 */

import { constants } from "node:os";
import { isMainThread } from "node:worker_threads";
import { SIG_DFL, SIG_IGN, SIGPIPE } from "../../assembly/abi/signal.ts";
import { disposition as checkDisposition, int } from "../arguments.ts";
import type { Disposition, SignalHandler } from "../contract.ts";
import { Struct } from "./layout.ts";
import type { Libc } from "./libc.ts";
import { checked } from "./table.ts";

/** struct sigaction of glibc and musl: handler, 128 bytes of mask, flags, restorer. */
const SIGACTION_SIZE = 152;
/** sa_flags of a handler after which no system call is restarted. */
const NO_FLAGS = 0;
const SA_RESTART = 0x1000_0000;
const FLAGS = 136;
const SIG_BLOCK = 0;
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
const handlers = new Map<number, SignalHandler>();
const listeners = new Map<number, () => void>();

export function makeSigaction(libc: Libc) {
  return (signum: number, wanted: Disposition): Disposition => {
    const signal = int(signum, "sigaction", "signum");
    const action = checkDisposition(wanted);
    if (!isMainThread) throw new Error("sigaction: Node hears signals on its main thread only");
    // EINVAL: no such signal, SIGKILL or SIGSTOP. A handler is first set as a harmless one.
    const native = typeof action === "number" ? action : libc.addressOfFunction(HARMLESS);
    const old = setAction(libc, signal, native);
    const before = handlers.get(signal) ?? (old.long(0) === SIG_IGN ? SIG_IGN : SIG_DFL);
    const name = NAMES.get(signal);
    if (name === undefined) throw new Error(`sigaction: Node has no name for signal ${signal}`);
    const listener = listeners.get(signal);
    if (typeof action === "function") {
      handlers.set(signal, action);
      if (listener === undefined) listen(signal, name);
      else if (old.long(0) !== native) process.off(name, listener).on(name, listener);
      interruptCalls(libc, signal);
      return before;
    }
    handlers.delete(signal);
    if (listener !== undefined) {
      process.off(name, listener);
      listeners.delete(signal);
      setAction(libc, signal, action);
    }
    return before;
  };
}

function listen(signal: number, name: NodeJS.Signals): void {
  const listener = () => handlers.get(signal)?.(signal);
  listeners.set(signal, listener);
  process.on(name, listener);
}

/** Node's own handler asks the kernel to restart read(), write() and waitpid(): this one does not. */
function interruptCalls(libc: Libc, signal: number): void {
  const act = new Struct(SIGACTION_SIZE);
  checked(libc.sigaction(signal, null, act.bytes), "sigaction");
  act.setU32(FLAGS, act.u32(FLAGS) & ~SA_RESTART);
  checked(libc.sigaction(signal, act.bytes, null), "sigaction");
}

/**
 * Prepares a thread whose blocking calls others may interrupt: `signal` gets a handler without
 * SA_RESTART, and every other signal of the process goes to other threads; SIGPIPE comes from the
 * thread's own write().
 */
export function becomeInterruptible(libc: Libc, signal: number): void {
  setAction(libc, signal, libc.addressOfFunction(HARMLESS));
  const set = new Struct(128);
  set.bytes.fill(0xff, 0, 8);
  for (const open of [signal, SIGPIPE, ...ENGINE_SIGNALS]) {
    set.bytes[(open - 1) >> 3]! &= ~(1 << ((open - 1) & 7));
  }
  checked(-libc.pthread_sigmask(SIG_BLOCK, set.bytes, null), "pthread_sigmask");
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
