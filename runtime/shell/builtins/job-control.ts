/** `wait`, `jobs`, `fg`, `bg` and `kill`. */
import { ECHILD, EINTR } from "../../../assembly/abi/errno.ts";
import { SIGTERM } from "../../../assembly/abi/signal.ts";
import { errnoText, SystemError } from "../../../host/errno.ts";
import { hasErrno } from "../../api/wait-options.ts";
import { awaitJob, collect, reportSignal } from "../await.ts";
import { CommandFailure } from "../failure.ts";
import { exitStatus, type Job } from "../jobs.ts";
import type { Shell } from "../shell.ts";
import { SIGNAL_NAMES, signalName, signalNumber } from "../signal-names.ts";
import { type Builtin, letters, naturalNumber } from "./builtin.ts";

function findJob(shell: Shell, text: string | undefined, name: string): Job {
  if (text === undefined) {
    const { current } = shell.jobs;
    if (current === undefined) throw new CommandFailure(`${name}: No current job`);
    return current;
  }
  const job = text.startsWith("%")
    ? shell.jobs.named(text)
    : shell.jobs.withPid(naturalNumber(text, name));
  if (job === undefined) throw new CommandFailure(`${name}: No such job: ${text}`);
  return job;
}

/** Waits for one process of a job; a trap's signal ends that. @returns the signal, 0 for none */
function waitOnce(shell: Shell, pid: number): number {
  for (;;) {
    const caught = shell.traps.next;
    if (caught !== undefined) return caught;
    shell.traps.throwIfInterrupted();
    try {
      shell.jobs.note(pid, shell.sys.waitpid(pid).status);
      return 0;
    } catch (error) {
      if (hasErrno(error, ECHILD)) shell.jobs.note(pid, 0);
      else if (!hasErrno(error, EINTR)) throw error;
      if (hasErrno(error, ECHILD)) return 0;
    }
  }
}

/** Waits for a job. @param isNamed whether it is said which signal ended a process */
function waitForJob(shell: Shell, job: Job, isNamed: boolean): number {
  for (const pid of job.running) {
    const signal = waitOnce(shell, pid);
    if (signal !== 0) return 128 + signal;
    if (isNamed) reportSignal(shell, job.processes.get(pid)!);
  }
  job.wasAwaited = true;
  return exitStatus(job.status);
}

export const wait: Builtin = (shell, args, name) => {
  if (args.length === 0) {
    for (const job of shell.jobs.all) {
      const status = waitForJob(shell, job, false);
      if (status > 128 && !job.isDone) return status;
    }
    return 0;
  }
  let status = 0;
  for (const text of args) {
    const job = text.startsWith("%")
      ? findJob(shell, text, name)
      : shell.jobs.withPid(naturalNumber(text, name));
    if (job === undefined) {
      status = 127;
      continue;
    }
    status = waitForJob(shell, job, true);
    if (status > 128 && !job.isDone) return status;
  }
  return status;
};

export const jobs: Builtin = (shell, args, name) => {
  const [found, words] = letters(args, "lp", name);
  collect(shell);
  const chosen =
    words.length === 0 ? shell.jobs.fromCurrent : words.map((each) => findJob(shell, each, name));
  for (const job of chosen) {
    if (found.endsWith("p")) shell.print(`${job.group || job.lastPid}\n`);
    else shell.print(`${shell.jobs.line(job, found.endsWith("l"))}\n`);
    if (job.isDone) shell.jobs.remove(job);
  }
  return 0;
};

function requireControl(job: Job, name: string): void {
  if (job.group === 0) {
    throw new CommandFailure(`${name}: job ${job.id} not created under job control`);
  }
}

export const fg: Builtin = (shell, [text], name) => {
  const job = findJob(shell, text, name);
  requireControl(job, name);
  shell.complain(`${job.text}\n`);
  shell.jobs.makeCurrent(job);
  shell.giveTerminal(job.group);
  const status = awaitJob(shell, job);
  shell.regainTerminal();
  shell.jobs.remove(job);
  reportSignal(shell, status);
  return exitStatus(status);
};

/** Nothing stops here: a job in the background runs already. */
export const bg: Builtin = (shell, args, name) => {
  for (const text of args.length === 0 ? [undefined] : args) {
    const job = findJob(shell, text, name);
    requireControl(job, name);
    shell.print(`[${job.id}] ${job.text}\n`);
  }
  return 0;
};

const USAGE =
  "kill: Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\nkill -l [exitstatus]";

function listSignals(shell: Shell, status: string | undefined): number {
  if (status !== undefined) {
    const number = naturalNumber(status, "kill");
    shell.print(`${signalName(number > 128 ? number - 128 : number)}\n`);
    return 0;
  }
  for (const name of SIGNAL_NAMES.keys()) shell.print(`${name}\n`);
  return 0;
}

/** The signal that the first words name, and the rest. */
function chosenSignal(args: readonly string[]): [signal: number, rest: readonly string[]] {
  const [first = "", second] = args;
  if (first === "--") return [SIGTERM, args.slice(1)];
  if (!/^-./.test(first)) return [SIGTERM, args];
  const isLetter = first.startsWith("-s");
  const attached = first.slice(isLetter ? 2 : 1);
  const text = isLetter && attached === "" ? second : attached;
  const signal = text === undefined ? undefined : signalNumber(text);
  if (signal === undefined) {
    throw new CommandFailure(
      isLetter || text === undefined
        ? `kill: invalid signal number or name: ${text ?? ""}`
        : `kill: Illegal option ${first.slice(0, 2)}`,
    );
  }
  const rest = args.slice(isLetter && attached === "" ? 2 : 1);
  return [signal, rest[0] === "--" ? rest.slice(1) : rest];
}

export const kill: Builtin = (shell, args, name) => {
  if (args[0] === "-l") return listSignals(shell, args[1]);
  const [signal, targets] = args.length === 0 ? [0, []] : chosenSignal(args);
  if (targets.length === 0) throw new CommandFailure(USAGE);
  let status = 0;
  for (const target of targets) {
    try {
      for (const pid of targetPids(shell, target, name)) shell.sys.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      shell.warn(`${name}: ${errnoText(error.errno)}\n`);
      status = 1;
    }
  }
  return status;
};

/** A job without a group of its own is its processes. */
function targetPids(shell: Shell, text: string, name: string): number[] {
  if (text.startsWith("%")) {
    const job = findJob(shell, text, name);
    return job.group === 0 ? job.running : [-job.group];
  }
  if (!/^-?\d+$/.test(text)) throw new CommandFailure(`${name}: Illegal number: ${text}`);
  return [Number(text)];
}
