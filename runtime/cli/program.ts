/** The command `wasm-ipc`: its subcommands, and how a run of it ends. */
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { SystemError } from "../../host/errno.ts";
import { ipcrmCommand } from "./ipcrm.ts";
import { ipcsCommand } from "./ipcs.ts";
import { psCommand } from "./ps.ts";
import { runCommand } from "./run.ts";
import { shCommand } from "./sh.ts";
import { CommandExit, EXIT_FAILURE, EXIT_OK, EXIT_USAGE, reportUsage } from "./usage.ts";

/** package.json as seen from build/runtime/cli/. */
const MANIFEST = new URL("../../../package.json", import.meta.url);

function version(): string {
  const { version } = JSON.parse(readFileSync(MANIFEST, "utf8")) as { version: string };
  return `wasm-ipc ${version}`;
}

/** Options of the program that `run` starts stay its own: options here end at the subcommand. */
function createProgram(): Command {
  const program = new Command("wasm-ipc")
    .description("The Unix IPC kernel for JavaScript and WebAssembly.")
    .version(version(), "-V, --version", "print the version")
    .helpCommand(false)
    .enablePositionalOptions();
  reportUsage(program, EXIT_USAGE);
  const commands = [runCommand(), shCommand(), ipcsCommand(), ipcrmCommand(), psCommand()];
  for (const command of commands) {
    command.version(version(), "-V, --version", "print the version");
    program.addCommand(command.helpOption("-h, --help", "print this help"));
  }
  program.helpOption("-h, --help", "print this help");
  return program;
}

/**
 * Runs the command line.
 * @param argv - the arguments after `wasm-ipc`.
 * @returns the exit status.
 */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(argv, { from: "user" });
    return EXIT_OK;
  } catch (error) {
    if (error instanceof CommandExit) {
      if (error.report !== undefined) process.stderr.write(`${error.report}\n`);
      return error.status;
    }
    if (!(error instanceof SystemError)) throw error;
    process.stderr.write(`wasm-ipc: ${error.message}\n`);
    return EXIT_FAILURE;
  }
}
