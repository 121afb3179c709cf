/** kill(2), sigprocmask(2), sigsuspend(2), setitimer(2) of the running kernel; sigaction() is in signals.ts. */
import { EINTR } from "../../assembly/abi/errno.ts";
import { SIG_SETMASK } from "../../assembly/abi/signal.ts";
import { abortSignal, int } from "../arguments.ts";
import { itimerval, signalSet } from "../arguments-signal.ts";
import type { AsyncSignalCalls, Itimerval, SignalCalls } from "../contract-signal.ts";
import { SystemError } from "../errno.ts";
import { Struct } from "./layout.ts";
import type { Libc } from "./libc.ts";
import { changeMask, makeSigaction, signalsOf, sigset, watchers } from "./signals.ts";
import { checked } from "./table.ts";

const SIGSET_SIZE = 128;
const ITIMERVAL_SIZE = 32;

function timerOf(s: Struct): Itimerval {
  return {
    it_interval: { tv_sec: s.long(0), tv_usec: s.long(8) },
    it_value: { tv_sec: s.long(16), tv_usec: s.long(24) },
  };
}

/** What waits for a handler has no other end. */
function interrupted(result: number, syscall: string): never {
  checked(result, syscall);
  throw new Error(`${syscall}: ended without a signal`);
}

export function signalCalls(libc: Libc): SignalCalls {
  return {
    sigaction: makeSigaction(libc),
    sigprocmask(how, set = null) {
      const signals = set === null ? null : signalSet(set, "sigprocmask", "set");
      return changeMask(libc, int(how, "sigprocmask", "how"), signals);
    },
    sigpending() {
      const set = new Uint8Array(SIGSET_SIZE);
      checked(libc.sigpending(set), "sigpending");
      return signalsOf(set);
    },
    sigsuspend(mask) {
      const set = sigset(signalSet(mask, "sigsuspend", "mask"), "sigsuspend");
      return interrupted(libc.sigsuspend(set), "sigsuspend");
    },
    pause: () => interrupted(libc.pause(), "pause"),
    kill(pid, sig) {
      return checked(libc.kill(int(pid, "kill", "pid"), int(sig, "kill", "sig")), "kill") as 0;
    },
    alarm: (seconds) => libc.alarm(int(seconds, "alarm", "seconds") >>> 0),
    setitimer(which, value) {
      const { it_interval, it_value } = itimerval(value, "setitimer");
      const next = new Struct(ITIMERVAL_SIZE);
      next.setLong(0, it_interval.tv_sec);
      next.setLong(8, it_interval.tv_usec);
      next.setLong(16, it_value.tv_sec);
      next.setLong(24, it_value.tv_usec);
      const old = new Struct(ITIMERVAL_SIZE);
      const timer = int(which, "setitimer", "which");
      checked(libc.setitimer(timer, next.bytes, old.bytes), "setitimer");
      return timerOf(old);
    },
    getitimer(which) {
      const value = new Struct(ITIMERVAL_SIZE);
      checked(libc.getitimer(int(which, "getitimer", "which"), value.bytes), "getitimer");
      return timerOf(value);
    },
  };
}

/** Waits until a handler of ours has run: EINTR, as the calls themselves end. */
function handled(call: string, signal: AbortSignal | undefined): Promise<never> {
  signal?.throwIfAborted();
  return new Promise((_, reject) => {
    // A pending promise does not keep Node alive.
    const alive = setInterval(() => {}, 1 << 30);
    const end = (error: unknown) => {
      clearInterval(alive);
      watchers.delete(tell);
      signal?.removeEventListener("abort", abort);
      reject(error);
    };
    const tell = () => end(new SystemError(EINTR, call));
    const abort = () => end(signal?.reason);
    watchers.add(tell);
    signal?.addEventListener("abort", abort);
  });
}

/** The twins: Node hears signals while its event loop turns, so they wait there. */
export function asyncSignalCalls(libc: Libc): AsyncSignalCalls {
  return {
    pause: async (options) => handled("pause", abortSignal(options, "pause")),
    async sigsuspend(mask, options) {
      const set = signalSet(mask, "sigsuspend", "mask");
      const before = changeMask(libc, SIG_SETMASK, set);
      try {
        return await handled("sigsuspend", abortSignal(options, "sigsuspend"));
      } finally {
        changeMask(libc, SIG_SETMASK, before);
      }
    },
  };
}
