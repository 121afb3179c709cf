/** A shell: everything that a command of it can see and change, and how it says what is wrong. */
import { STDERR_FILENO, STDOUT_FILENO } from "../../assembly/abi/unistd.ts";
import type { Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import { writeAll } from "../api/descriptor.ts";
import type { BuiltinProgram } from "../bin/index.ts";
import type { Machine } from "../machine.ts";
import { CommandFailure, type ShellError } from "./failure.ts";
import { Jobs } from "./jobs.ts";
import { Options } from "./options.ts";
import { Traps } from "./trap.ts";
import type { Node, Sequence } from "./tree.ts";
import { Variables } from "./variables.ts";

/** What runs commands; given to the shell, because commands run others. */
export interface Interpreter {
  run(shell: Shell, node: Node, isLast: boolean): Promise<void>;
  /** Parses and runs a text. @throws {SyntaxFailure} */
  runText(shell: Shell, text: string, firstLine?: number): Promise<void>;
  /** Runs a command that only prints, and gives what it prints; undefined: it must have a process. */
  captured(shell: Shell, body: Sequence): Promise<string | undefined>;
}

/** builtin() of runtime/bin, which knows the shell as one of the programs. */
export type ProgramLoader = (name: string) => (() => Promise<BuiltinProgram>) | undefined;

export class Shell {
  readonly sys: Syscalls;
  readonly machine: Machine;
  readonly interpreter: Interpreter;
  /** Finds programs of /bin, which it may become. */
  readonly program: ProgramLoader;
  variables = new Variables();
  readonly functions = new Map<string, Node>();
  readonly options = new Options();
  readonly jobs = new Jobs();
  readonly traps: Traps;
  /** $0, with which messages begin. */
  name = "sh";
  positional: readonly string[] = [];
  /** $?. */
  status = 0;
  /** $$: in a child shell, too, the pid of the first one. */
  pid: number;
  /** $!. */
  lastBackground = 0;
  /** Line of the running command. */
  line = 1;
  isInteractive = false;
  /** Commands whose failure does not count for `set -e` are running. */
  tested = 0;
  loops = 0;
  /** Functions and files of `.` that run: `return` ends the last. */
  returns = 0;
  /** The status of the last command substitution of a command. */
  substituted: number | undefined;
  /** Where builtins print to instead of descriptor 1. */
  capture: string[] | undefined;
  /** The descriptor of the terminal, with job control. */
  terminal: number | undefined;
  /** The process has been a program since, and nothing of the shell is left to be done. */
  isReplaced = false;
  /** Where getopts is: OPTIND as it left it, and how far in that word. */
  optionIndex = 1;
  optionOffset = 0;
  #buffer: string[] = [];

  constructor(sys: Syscalls, machine: Machine, interpreter: Interpreter, program: ProgramLoader) {
    this.sys = sys;
    this.machine = machine;
    this.interpreter = interpreter;
    this.program = program;
    this.pid = sys.getpid();
    this.traps = new Traps(sys);
  }

  /** Standard output of a builtin; it goes out when the builtin ends. */
  print(text: string): void {
    this.#buffer.push(text);
  }

  /** Writes what a builtin has printed. @throws {SystemError} as write() */
  flush(): void {
    const text = this.#buffer.join("");
    this.#buffer = [];
    if (this.capture !== undefined) this.capture.push(text);
    else if (text !== "") writeAll(this.sys, STDOUT_FILENO, new TextEncoder().encode(text));
  }

  /** Forgets what a builtin that failed has printed. */
  discard(): void {
    this.#buffer = [];
  }

  /** Whether the last command may be run in the place of the shell: no trap is left to be run. */
  get mayBeReplaced(): boolean {
    return !this.isInteractive && this.traps.list().every(([, action]) => action === "");
  }

  /** Makes a job's group that of the terminal. */
  giveTerminal(_group: number): void {
    // The calls of terminals come with those.
  }

  /** After a job in the foreground the terminal is the shell's again. */
  regainTerminal(): void {
    // The calls of terminals come with those.
  }

  /** Standard error, as it is. */
  complain(text: string): void {
    try {
      writeAll(this.sys, STDERR_FILENO, new TextEncoder().encode(text));
    } catch (error) {
      // Nobody is left to tell: standard error itself is closed, full, or has no reader.
      if (!(error instanceof SystemError)) throw error;
    }
  }

  /** `sh: 1: cat: not found`. */
  warn(message: string, line = this.line): void {
    this.complain(`${this.name}: ${line}: ${message}\n`);
  }

  /** Says what an error is, once, and leaves its status in $?. */
  report(error: ShellError | CommandFailure): void {
    if (!error.isReported)
      this.warn(error.message, error instanceof CommandFailure ? undefined : error.line);
    error.isReported = true;
    this.status = error.status;
  }
}
