/** Signals by name, and what strsignal(3) says of those that end a command. */
import * as signals from "../../assembly/abi/signal.ts";

/** Names without SIG in the order of their numbers. */
export const SIGNAL_NAMES: ReadonlyMap<string, number> = new Map(
  Object.entries(signals)
    .filter(([name]) => /^SIG[A-Z1-9]/.test(name))
    .map(([name, number]) => [name.slice(3), number] as const)
    .sort(([, a], [, b]) => a - b),
);

/** "INT", "SIGINT", "2"; undefined when there is none of the name. */
export function signalNumber(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) < signals.NSIG ? Number(text) : undefined;
  return SIGNAL_NAMES.get(text.toUpperCase().replace(/^SIG/, ""));
}

export function signalName(number: number): string {
  return [...SIGNAL_NAMES].find(([, each]) => each === number)?.[0] ?? String(number);
}

const TEXTS: Readonly<Record<number, string>> = {
  [signals.SIGHUP]: "Hangup",
  [signals.SIGINT]: "Interrupt",
  [signals.SIGQUIT]: "Quit",
  [signals.SIGILL]: "Illegal instruction",
  [signals.SIGTRAP]: "Trace/breakpoint trap",
  [signals.SIGABRT]: "Aborted",
  [signals.SIGBUS]: "Bus error",
  [signals.SIGFPE]: "Floating point exception",
  [signals.SIGKILL]: "Killed",
  [signals.SIGUSR1]: "User defined signal 1",
  [signals.SIGSEGV]: "Segmentation fault",
  [signals.SIGUSR2]: "User defined signal 2",
  [signals.SIGPIPE]: "Broken pipe",
  [signals.SIGALRM]: "Alarm clock",
  [signals.SIGTERM]: "Terminated",
  [signals.SIGSTKFLT]: "Stack fault",
  [signals.SIGXCPU]: "CPU time limit exceeded",
  [signals.SIGXFSZ]: "File size limit exceeded",
  [signals.SIGVTALRM]: "Virtual timer expired",
  [signals.SIGPROF]: "Profiling timer expired",
  [signals.SIGIO]: "I/O possible",
  [signals.SIGPWR]: "Power failure",
  [signals.SIGSYS]: "Bad system call",
};

export function signalText(number: number): string {
  return TEXTS[number] ?? `Unknown signal ${number}`;
}
