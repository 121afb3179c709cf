/**
 * What every program of /bin is made of: its name for messages, its arguments, its standard output,
 * and how it ends. Messages go to descriptor 2 as GNU's error(3) writes them; what was printed before
 * goes out first. A program that cannot write its output says so and ends with a failure.
 */
import { STDERR_FILENO, STDOUT_FILENO } from "../../assembly/abi/unistd.ts";
import type { Syscalls } from "../../host/contract.ts";
import { errnoText, SystemError } from "../../host/errno.ts";
import { writeAll } from "../api/descriptor.ts";
import { Output } from "./output.ts";

/** Ends a program with a status; everything has been said. */
export class ToolExit extends Error {
  override readonly name = "ToolExit";
  readonly status: number;

  constructor(status: number) {
    super(`exit status ${status}`);
    this.status = status;
  }
}

/** strerror() of a failed call; anything else is a fault of the program, and thrown on. */
export function reason(error: unknown): string {
  if (!(error instanceof SystemError)) throw error;
  return errnoText(error.errno);
}

/** One run of a program. */
export class Tool {
  readonly sys: Syscalls;
  /** As it was called: what its messages begin with. */
  readonly name: string;
  readonly args: readonly string[];
  readonly out: Output;
  /** What the program ends with when nothing ends it before. */
  status = 0;
  /** The status of a wrong option, and of output that cannot be written. */
  readonly trouble: number;
  /**
   * What is said when standard output cannot be written, before its end or at it; when that is nothing,
   * the program goes on.
   */
  writeFailure: (why: string, isAtEnd: boolean) => readonly string[] = (why) => [
    `write error: ${why}`,
  ];
  #isEnding = false;

  constructor(sys: Syscalls, argv: readonly string[], trouble: number) {
    this.sys = sys;
    this.name = argv[0] ?? "";
    this.args = argv.slice(1);
    this.trouble = trouble;
    this.out = new Output(sys, STDOUT_FILENO, (error) => this.#cannotWrite(error));
  }

  #cannotWrite(error: unknown): void {
    const messages = this.writeFailure(reason(error), this.#isEnding);
    if (messages.length === 0) return;
    for (const message of messages) this.say(message);
    throw new ToolExit(this.trouble);
  }

  /** Writes what is left. */
  end(): void {
    this.#isEnding = true;
    this.out.flush();
  }

  /** Writes a text to standard error as it is. */
  complain(text: string): void {
    this.out.flush();
    try {
      writeAll(this.sys, STDERR_FILENO, new TextEncoder().encode(text));
    } catch (error) {
      // Nobody is left to tell: standard error itself is closed, full, or has no reader.
      if (!(error instanceof SystemError)) throw error;
    }
  }

  /** Prints a message that changes nothing of the status. */
  say(message: string): void {
    this.complain(`${this.name}: ${message}\n`);
  }

  /** Prints a message; the program goes on, and ends with `status`. */
  warn(message: string, status = 1): void {
    this.status = Math.max(this.status, status);
    this.say(message);
  }

  /** Prints a message and ends the program. */
  fail(message: string, status = this.trouble): never {
    this.say(message);
    throw new ToolExit(status);
  }

  /** fail(), and where to read more. */
  misuse(message: string): never {
    this.say(message);
    this.complain(`Try '${this.name} --help' for more information.\n`);
    throw new ToolExit(this.trouble);
  }

  /** Makes a call on a file; when it fails, says so with what `message` makes of the reason. */
  attempt<T>(call: () => T, message: (reason: string) => string): T | undefined {
    try {
      return call();
    } catch (error) {
      this.warn(message(reason(error)));
      return undefined;
    }
  }
}

/**
 * Runs a program to its end.
 * @param trouble what it ends with when it is used wrongly: 1, or 2 for ls, sort and grep
 * @returns the exit status
 */
export function runTool(
  sys: Syscalls,
  argv: readonly string[],
  body: (tool: Tool) => void,
  trouble = 1,
): number {
  const tool = new Tool(sys, argv, trouble);
  try {
    try {
      body(tool);
    } catch (error) {
      if (!(error instanceof ToolExit)) throw error;
      tool.status = error.status;
    }
    tool.end();
  } catch (error) {
    if (!(error instanceof ToolExit)) throw error;
    return error.status;
  }
  return tool.status;
}
