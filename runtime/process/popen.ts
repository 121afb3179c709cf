/** popen(3): a command line, one of whose standard streams is a pipe to this process. */
import { EINVAL } from "../../assembly/abi/errno.ts";
import { SystemError } from "../../host/errno.ts";
import type { PipeReader, PipeWriter } from "../api/pipe-ends.ts";
import type { Machine } from "../machine.ts";
import type { Child, ChildStatus } from "./child.ts";

/** The shell of popen(3) and system(3). */
export const SHELL = "machine:/bin/sh";

/** A command that runs beside this process, as popen() has started it. */
export class Popen<Stream extends PipeReader | PipeWriter> implements AsyncDisposable {
  /** The pid of its shell. */
  readonly pid: number;
  /** What the command writes, or where its input is written. */
  readonly stream: Stream;
  readonly #child: Child;

  /** @internal machine.popen() makes them. */
  constructor(child: Child, stream: Stream) {
    this.pid = child.pid;
    this.stream = stream;
    this.#child = child;
  }

  /**
   * Closes the stream, and waits until the command has ended; later calls return the same. A command whose
   * output is not read to its end may be ended by SIGPIPE.
   *
   * @returns its exit code, 127 when there is no such program, or the signal that ended it
   * @throws {SystemError} ECHILD its status was taken by waitpid(); EINTR a signal handler ran
   * @see pclose(3)
   */
  close(): Promise<ChildStatus> {
    this.stream.close();
    return this.#child.wait();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** See Machine.popen(). */
export async function popen(
  machine: Machine,
  command: string,
  type: string,
): Promise<Popen<PipeReader | PipeWriter>> {
  if (type !== "r" && type !== "w") throw new SystemError(EINVAL, "popen", `type ${type}`);
  const stdio = type === "r" ? (["inherit", "pipe"] as const) : (["pipe"] as const);
  const child = await machine.spawn(SHELL, ["-c", command], { argv0: "sh", stdio });
  return new Popen(child, (child.stdout ?? child.stdin)!);
}
