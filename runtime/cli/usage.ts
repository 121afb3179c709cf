/**
 * How every subcommand reports that it was used wrongly: the message and where to read more on
 * stderr, then its exit status; `ipcs` and `ipcrm` keep util-linux's, 1, the others say 2.
 */
import type { Command } from "commander";

/** Exit statuses. */
export const EXIT_OK = 0;
export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;

/** Ends the command with a status after its output was written. */
export class CommandExit extends Error {
  override readonly name = "CommandExit";
  readonly status: number;
  /** What stderr gets, without a newline; nothing if undefined. */
  readonly report: string | undefined;

  constructor(status: number, report?: string) {
    super(report ?? `exit status ${status}`);
    this.status = status;
    this.report = report;
  }
}

/** The command's name as the user typed it: "wasm-ipc ipcs". */
function commandPath(command: Command): string {
  return command.parent === null ? command.name() : `${command.parent.name()} ${command.name()}`;
}

/** A message about the command's usage. */
export function usageError(command: Command, status: number, message: string): CommandExit {
  const path = commandPath(command);
  return new CommandExit(status, `${path}: ${message}\nTry '${path} --help' for more information.`);
}

/** Lets `command` report what commander finds wrong in the same way, with exit status `status`. */
export function reportUsage(command: Command, status: number): void {
  command.configureOutput({
    outputError: (text, write) => {
      const message = text.trim().replace(/^error: /, "");
      write(`${usageError(command, status, message).report}\n`);
    },
  });
  command.exitOverride((error) => {
    throw new CommandExit(error.exitCode === 0 ? EXIT_OK : status);
  });
}
