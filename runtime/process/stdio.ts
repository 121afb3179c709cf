/**
 * The standard streams of a child: those of its parent, other descriptors of its parent, or pipes
 * between the two, of which the parent keeps the other end.
 */
import { EBADF } from "../../assembly/abi/errno.ts";
import { O_CLOEXEC, O_RDWR } from "../../assembly/abi/fcntl.ts";
import { STDIN_FILENO } from "../../assembly/abi/unistd.ts";
import { int } from "../../host/arguments.ts";
import type { Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import { OwnedDescriptor } from "../api/descriptor.ts";
import { PipeReader, PipeWriter } from "../api/pipe-ends.ts";

/**
 * What a child has under a number: `"inherit"`: what its parent has there, unless it is closed on
 * exec; `"pipe"`: a new pipe, whose other end is the parent's; `"ignore"`: /dev/null; a descriptor of
 * the parent; null: nothing.
 */
export type StdioOption = "inherit" | "pipe" | "ignore" | number | null;

/** The parent's ends of a child's pipes; null where the child has no pipe. */
export interface ChildStreams {
  readonly stdin: PipeWriter | null;
  readonly stdout: PipeReader | null;
  readonly stderr: PipeReader | null;
}

const STREAMS = 3;
const NOTHING = -1;

function descriptor(option: number, fd: number): number {
  const number = int(option, "spawn", `stdio[${fd}]`);
  if (number < 0) throw new SystemError(EBADF, "spawn", `stdio[${fd}] is ${number}`);
  return number;
}

/** What a spawn needs of the streams of one child, from their options to the child's start. */
export class Stdio implements ChildStreams {
  stdin: PipeWriter | null = null;
  stdout: PipeReader | null = null;
  stderr: PipeReader | null = null;
  /** The child's number and the parent's, or -1, by turns: as sys_spawn() takes them. */
  readonly pairs: number[] = [];
  readonly #sys: Syscalls;
  /** What is the child's alone, under numbers of the parent until it has started. */
  readonly #childEnds: { close(): void }[] = [];

  /** @throws {TypeError, SystemError} for an option that is none, and when no pipe can be made. */
  constructor(sys: Syscalls, stdio: StdioOption | readonly StdioOption[]) {
    this.#sys = sys;
    const options = typeof stdio === "string" ? Array<StdioOption>(STREAMS).fill(stdio) : stdio;
    if (!Array.isArray(options)) throw new TypeError(`spawn: stdio is ${String(stdio)}`);
    try {
      for (const [fd, option] of options.entries()) this.#add(fd, option);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #add(fd: number, option: StdioOption): void {
    if (option === "inherit" || option === undefined) return;
    if (option === "pipe") this.#addPipe(fd);
    else if (option === "ignore") this.#addNull(fd);
    else this.pairs.push(fd, option === null ? NOTHING : descriptor(option, fd));
  }

  #addPipe(fd: number): void {
    if (fd >= STREAMS) throw new TypeError(`spawn: stdio[${fd}] is "pipe", only 0 to 2 can be`);
    // Closed on exec: a child keeps its own end alone, or it would never see the end of the file.
    const [r, w] = this.#sys.pipe2(O_CLOEXEC);
    const reader = new PipeReader(this.#sys, r);
    const writer = new PipeWriter(this.#sys, w);
    if (fd === STDIN_FILENO) this.stdin = writer;
    else this[fd === 1 ? "stdout" : "stderr"] = reader;
    const end = fd === STDIN_FILENO ? reader : writer;
    this.#childEnds.push(end);
    this.pairs.push(fd, end.fd);
  }

  #addNull(fd: number): void {
    const file = new OwnedDescriptor(this.#sys, this.#sys.open("/dev/null", O_RDWR | O_CLOEXEC));
    this.#childEnds.push(file);
    this.pairs.push(fd, file.fd);
  }

  /** The child has its ends, and the parent needs them no more. */
  started(): ChildStreams {
    for (const end of this.#childEnds) end.close();
    return this;
  }

  /** There is no child. */
  close(): void {
    for (const end of [...this.#childEnds, this.stdin, this.stdout, this.stderr]) end?.close();
  }
}
