/**
 * strace: every system call as a line, with its arguments by name and its result. A call that sleeps
 * is printed in two, before its sleep and after it, so that one sees where a program hangs. strace(1).
 */
import type { Syscalls } from "../../host/contract.ts";
import { errnoText, SystemError } from "../../host/errno.ts";
import { CALLS, type Signature } from "./calls.ts";
import { int, NO_CALL, path } from "./format.ts";

/** Takes a line, without its newline. */
export type TraceWriter = (line: string) => void;

/** What any system call is, as far as printing goes. */
type AnyCall = (...args: unknown[]) => unknown;

/** A call that has not been printed whole. */
class Line {
  readonly #name: string;
  readonly #signature: Signature;
  readonly #args: readonly unknown[];
  readonly #write: TraceWriter;
  /** What was printed before a sleep: arguments up to this one. */
  #printed = 0;
  #begun = false;

  constructor(name: string, signature: Signature, args: readonly unknown[], write: TraceWriter) {
    this.#name = name;
    this.#signature = signature;
    // The twins' options are not arguments of the call, and what is undefined at the end was left out.
    let count = Math.min(args.length, signature.args.length);
    while (count > 0 && args[count - 1] === undefined) count -= 1;
    this.#args = args.slice(0, count);
    this.#write = write;
  }

  /** The call sleeps: what is known of it is printed, once. */
  sleeps(): void {
    if (this.#begun) return;
    this.#begun = true;
    const formats = this.#signature.args;
    const known = formats.findIndex(({ isOutput }) => isOutput);
    this.#printed = Math.min(known < 0 ? formats.length : known, this.#args.length);
    const text = this.#texts(undefined).slice(0, this.#printed).join(", ");
    this.#write(`${this.#name}(${text} <unfinished ...>`);
  }

  returns(result: unknown): void {
    const { result: format = int } = this.#signature;
    this.#end(result, format(result, { args: this.#args, result }));
  }

  throws(error: unknown): void {
    const isSystem = error instanceof SystemError;
    const text = isSystem ? `-1 ${error.code} (${errnoText(error.errno)})` : `? ${String(error)}`;
    this.#end(undefined, text);
  }

  #texts(result: unknown): string[] {
    const whole = { args: this.#args, result };
    return this.#args.map((value, index) => this.#signature.args[index]!(value, whole));
  }

  #end(result: unknown, text: string): void {
    const rest = this.#texts(result).slice(this.#printed);
    const before = this.#printed > 0 && rest.length > 0 ? ", " : "";
    const head = this.#begun ? `<... ${this.#name} resumed>${before}` : `${this.#name}(`;
    this.#write(`${head}${rest.join(", ")}) = ${text}`);
  }
}

/** Calls of one thread that are being printed. */
export class Tracer {
  readonly #write: TraceWriter;
  #current: Line | undefined;

  constructor(write: TraceWriter) {
    this.#write = write;
  }

  /** The thread, or its asynchronous call that has just been made, is put to sleep. */
  sleeps(): void {
    this.#current?.sleeps();
  }

  /** A child has been started: no system call of Syscalls, but what strace(1) would show. */
  spawns(argv: readonly string[], pid: number): void {
    const [program, ...args] = argv.map((text) => path(text, NO_CALL));
    this.#write(`posix_spawn(${program}, [${args.join(", ")}]) = ${pid}`);
  }

  /** The same calls, printed. */
  trace(sys: Syscalls): Syscalls {
    return { ...this.#all(sys, ""), async: this.#all(sys.async, "async ") } as unknown as Syscalls;
  }

  #all(calls: object, prefix: string): Record<string, unknown> {
    const entries = Object.entries(calls).filter(([, call]) => typeof call === "function");
    return Object.fromEntries(
      entries.map(([name, call]) => [name, this.#one(name, call as AnyCall, prefix)]),
    );
  }

  #one(name: string, call: AnyCall, prefix: string): AnyCall {
    const signature = CALLS[name as keyof typeof CALLS];
    return (...args) => {
      const line = new Line(`${prefix}${name}`, signature, args, this.#write);
      // A signal's handler makes calls of its own inside this one.
      const outer = this.#current;
      this.#current = line;
      let result: unknown;
      try {
        result = call(...args);
      } catch (error) {
        line.throws(error);
        throw error;
      } finally {
        this.#current = outer;
      }
      if (!(result instanceof Promise)) {
        line.returns(result);
        return result;
      }
      // The caller has the promise itself, whose rejection is the caller's.
      result.then(
        (value) => line.returns(value),
        (error: unknown) => line.throws(error),
      );
      return result;
    };
  }
}

/**
 * System calls that print themselves, as strace(1) does: `write` is told each call as one line, before
 * the call returns.
 *
 * @param sys whose calls: a machine's `sys`, or the running Linux kernel's
 * @param write takes the line; by default it goes to `console.error`
 * @returns the same calls
 * @example
 * const sys = strace(machine.sys);
 * sys.semget(IPC_PRIVATE, 1, 0o600); // prints: semget(IPC_PRIVATE, 1, 0600) = 0
 */
export function strace(
  sys: Syscalls,
  write: TraceWriter = (line) => console.error(line),
): Syscalls {
  return new Tracer(write).trace(sys);
}
