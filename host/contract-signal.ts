/** Interfaces only: signals and the timer that sends one: sigaction(2), sigprocmask(2), setitimer(2). */
import type { CallOptions } from "./contract.ts";
import type { Timeval } from "./contract-poll.ts";

/** A signal handler; runs on the process's own thread, at the end of a call or from the event loop. */
export type SignalHandler = (signal: number) => void;

/** struct sigaction. */
export interface Sigaction {
  /** SIG_DFL (0), SIG_IGN (1) or a handler. */
  sa_handler: 0 | 1 | SignalHandler;
  /** SA_RESTART, SA_NODEFER, SA_RESETHAND, SA_NOCLDWAIT, SA_NOCLDSTOP, or'ed; default 0. */
  sa_flags?: number;
  /** Signals that are blocked while the handler runs, beside its own; default none. */
  sa_mask?: readonly number[];
}

/** What sigaction() takes and returns: SIG_DFL (0), SIG_IGN (1), a handler, or a structure. */
export type Disposition = 0 | 1 | SignalHandler | Sigaction;

/** struct itimerval: when a timer ends, and its period; zeros: it is not set, it ends once. */
export interface Itimerval {
  it_interval: Timeval;
  it_value: Timeval;
}

/** The timer that sends SIGALRM: setitimer(2), alarm(2). */
export interface TimerCalls {
  /** SIGALRM in so many seconds, 0 for never. @returns the seconds that were left */
  alarm(seconds: number): number;
  /** `which` is ITIMER_REAL. @returns what was set before */
  setitimer(which: number, value: Readonly<Itimerval>): Itimerval;
  getitimer(which: number): Itimerval;
}

/** Sending signals, and what they do: kill(2), sigaction(2), sigprocmask(2). */
export interface SignalCalls extends TimerCalls {
  /** Returns the disposition before the call; null changes nothing. */
  sigaction(signum: number, disposition: Disposition | null): Disposition;
  /** Blocks, unblocks or sets (SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK). @returns what was blocked before */
  sigprocmask(how: number, set?: readonly number[] | null): number[];
  /** The signals that have come and are blocked. */
  sigpending(): number[];
  /** Blocks these signals and no others until a handler has run: always EINTR. */
  sigsuspend(mask: readonly number[]): never;
  /** Waits until a handler has run: always EINTR. */
  pause(): never;
  kill(pid: number, sig: number): 0;
}

/** The twins of those that wait. */
export interface AsyncSignalCalls {
  sigsuspend(mask: readonly number[], options?: CallOptions): Promise<never>;
  pause(options?: CallOptions): Promise<never>;
}
