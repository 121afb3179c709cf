/**
 * `wasm-ipc run`: boots a machine, runs a program in it as a process, and ends as the program
 * ended: with its exit code, or with 128 plus the number of the signal that killed it.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import {
  addMachineOptions,
  bootFor,
  bootOptions,
  endAs,
  LIMITS_HELP,
  type MachineCommandOptions,
} from "./machine-options.ts";
import { CommandExit, EXIT_USAGE, reportUsage } from "./usage.ts";

/** What a shell says when there is no such program, and when a file is none. */
const EXIT_NOT_FOUND = 127;
const EXIT_NO_PROGRAM = 126;

const MODULE = /\.[cm]?[jt]s$/;

const EXAMPLES = `
PROGRAM is a module that exports main(sys, argv) and returns its exit status.
Options of wasm-ipc stand before PROGRAM; everything after it is the program's own.
${LIMITS_HELP}
Examples:
  wasm-ipc run count.js README.md
  wasm-ipc run --strace count.js README.md
  wasm-ipc run --memory 256M --limit MSGMAX=65536 count.js --verbose README.md`;

/** The program's address. */
function locate(path: string): URL {
  if (!existsSync(path)) {
    throw new CommandExit(EXIT_NOT_FOUND, `wasm-ipc run: ${path}: No such file or directory`);
  }
  if (!MODULE.test(path)) {
    throw new CommandExit(EXIT_NO_PROGRAM, `wasm-ipc run: ${path}: not a JavaScript module`);
  }
  return pathToFileURL(resolve(path));
}

export function runCommand(): Command {
  const command = addMachineOptions(new Command("run"))
    .description("Run a program as a process of a new machine.")
    .argument("<program>", "a module: .js, .mjs")
    .argument("[args...]", "the program's own arguments")
    .passThroughOptions()
    .addHelpText("after", EXAMPLES);
  reportUsage(command, EXIT_USAGE);
  command.action(async (path: string, args: string[], options: MachineCommandOptions) => {
    const settings = bootOptions(command, options);
    const program = locate(path);
    await using machine = await bootFor(command, settings);
    const child = await machine.spawn(program, args, { strace: options.strace === true });
    await endAs(machine, child);
  });
  return command;
}
