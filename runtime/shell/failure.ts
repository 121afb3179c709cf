/** How the shell leaves what it is doing: errors that end a command or the shell, and jumps. */

/** An error that has been named; a shell that is not interactive ends with it. */
export class ShellError extends Error {
  override readonly name = "ShellError";
  readonly status: number;
  /** It has been told, with the redirections of its command. */
  isReported = false;
  /** The line that it is about; that of the running command when left out. */
  readonly line: number | undefined;

  constructor(message: string, status = 2, line?: number) {
    super(message);
    this.status = status;
    this.line = line;
  }
}

/** The text cannot be parsed. */
export class SyntaxFailure extends ShellError {
  /** Whether more text may make it right: an interactive shell asks for another line. */
  readonly isIncomplete: boolean;

  constructor(message: string, line: number, isIncomplete: boolean) {
    super(`Syntax error: ${message}`, 2, line);
    this.isIncomplete = isIncomplete;
  }
}

/** A failure of a command: it is told, and the shell goes on, unless the command is a special one. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  isReported = false;
  readonly status: number;

  constructor(message: string, status = 2) {
    super(message);
    this.status = status;
  }
}

/** `break` and `continue`: as many loops as are left. */
export class LoopJump extends Error {
  override readonly name = "LoopJump";
  readonly kind: "break" | "continue";
  depth: number;

  constructor(kind: "break" | "continue", depth: number) {
    super(kind);
    this.kind = kind;
    this.depth = depth;
  }
}

/** `return`, out of a function or of a file that `.` reads. */
export class ReturnJump extends Error {
  override readonly name = "ReturnJump";
}

/** The shell ends, with the status that it has. */
export class ExitJump extends Error {
  override readonly name = "ExitJump";
}

/** Ctrl-C in an interactive shell: back to the prompt. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}
