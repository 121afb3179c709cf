/** Waiting for processes: those of a command in the foreground, and those that have ended meanwhile. */
import { ECHILD } from "../../assembly/abi/errno.ts";
import { SIGINT, SIGPIPE } from "../../assembly/abi/signal.ts";
import { W_SIGNAL_MASK, WNOHANG } from "../../assembly/abi/wait.ts";
import { hasErrno, uninterrupted } from "../api/wait-options.ts";
import type { Job } from "./jobs.ts";
import type { Shell } from "./shell.ts";
import { signalText } from "./signal-names.ts";

/**
 * Waits for a process of a command in the foreground. A trap's commands run afterwards.
 * @returns its status word
 */
export function awaitProcess(shell: Shell, pid: number): number {
  const { sys, traps } = shell;
  // Handlers of what has come run at the end of any call. Ctrl-C while it was started has not met it.
  sys.getpid();
  if (traps.isInterrupted) sys.kill(pid, SIGINT);
  return uninterrupted(() => sys.waitpid(pid)).status;
}

/** Says what ended a command, unless that is what everybody expects. */
export function reportSignal(shell: Shell, status: number): void {
  const signal = status & W_SIGNAL_MASK;
  if (signal === 0 || signal === SIGINT || signal === SIGPIPE) return;
  shell.complain(`${signalText(signal)}\n`);
}

/** Waits for every process of a job. @returns the status word of the last */
export function awaitJob(shell: Shell, job: Job): number {
  for (const pid of job.running) job.processes.set(pid, awaitProcess(shell, pid));
  return job.status;
}

/** Takes note of the processes in the background that have ended. */
export function collect(shell: Shell): void {
  for (const job of shell.jobs.all) {
    for (const pid of job.running) {
      try {
        const ended = shell.sys.waitpid(pid, WNOHANG);
        if (ended.pid !== 0) shell.jobs.note(pid, ended.status);
      } catch (error) {
        // Somebody else has taken its status.
        if (!hasErrno(error, ECHILD)) throw error;
        shell.jobs.note(pid, 0);
      }
    }
  }
}
