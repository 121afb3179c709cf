/** A process as its parent sees it. */
import { SIGTERM } from "../../assembly/abi/signal.ts";
import { W_EXIT_SHIFT, W_SIGNAL_MASK } from "../../assembly/abi/wait.ts";
import type { CallOptions, Syscalls } from "../../host/contract.ts";
import type { PipeReader, PipeWriter } from "../api/pipe-ends.ts";
import type { ChildStreams } from "./stdio.ts";

/** How a process ended. */
export interface ChildStatus {
  /** The status word of waitpid(2). */
  readonly status: number;
  /** The exit code, or null when a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it, or null. */
  readonly signal: number | null;
}

/** A process that this one has started. */
export class Child implements ChildStreams {
  readonly pid: number;
  /** The other end of the child's standard input, or null unless `stdio` says "pipe". Yours to close. */
  readonly stdin: PipeWriter | null;
  /** That of its standard output. */
  readonly stdout: PipeReader | null;
  /** That of its standard error. */
  readonly stderr: PipeReader | null;
  readonly #sys: Syscalls;
  #ended: ChildStatus | undefined;

  /** @internal machine.spawn() makes them. */
  constructor(pid: number, sys: Syscalls, { stdin, stdout, stderr }: ChildStreams) {
    this.pid = pid;
    this.stdin = stdin;
    this.stdout = stdout;
    this.stderr = stderr;
    this.#sys = sys;
  }

  /**
   * Waits until the process has ended, and takes its status, once; later calls return the same.
   *
   * @returns the exit code, or the signal that ended it
   * @throws {SystemError} ECHILD its status was taken by waitpid() before; EINTR a signal handler ran
   * @see waitpid(2)
   * @example
   * const { code } = await child.wait();
   */
  async wait(options?: CallOptions): Promise<ChildStatus> {
    if (this.#ended === undefined) {
      const { status } = await this.#sys.async.waitpid(this.pid, 0, options);
      this.#ended ??= decodeStatus(status);
    }
    return this.#ended;
  }

  /**
   * Sends the process a signal, SIGTERM when none is named.
   *
   * @throws {SystemError} EINVAL no such signal; EPERM it runs as another user; ESRCH it has ended
   *   and been waited for
   * @see kill(2)
   */
  kill(signal: number = SIGTERM): void {
    this.#sys.kill(this.pid, signal);
  }
}

/** What a status word of waitpid(2) says. */
function decodeStatus(status: number): ChildStatus {
  const signal = status & W_SIGNAL_MASK;
  if (signal !== 0) return { status, code: null, signal };
  return { status, code: (status >> W_EXIT_SHIFT) & 0xff, signal: null };
}
