/**
 * `wasm-ipc run`: boots a machine, runs a program in it as a process, and ends as the program
 * ended: with its exit code, or with 128 plus the number of the signal that killed it.
 */
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { type BootOptions, boot, type Child, type ChildStatus, type Machine } from "../index.ts";
import { parseSize } from "./numbers.ts";
import { CommandExit, EXIT_FAILURE, EXIT_USAGE, reportUsage, usageError } from "./usage.ts";

/** What a shell says when there is no such program, and when a file is none. */
const EXIT_NOT_FOUND = 127;
const EXIT_NO_PROGRAM = 126;

const MODULE = /\.[cm]?[jt]s$/;

/** Signals that this command hands on to the program. */
const RELAYED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

const EXAMPLES = `
PROGRAM is a module that exports main(sys, argv) and returns its exit status.
Options of wasm-ipc stand before PROGRAM; everything after it is the program's own.

Limits are those of sysvipc(7): SHMMNI SHMMAX SHMALL SHMSEG SEMMNI SEMMSL SEMMNS
SEMOPM SEMVMX SEMMNU MSGMNI MSGMAX MSGMNB MSGSEG, and PROC_MAX and TASK_MAX.

Examples:
  wasm-ipc run count.js README.md
  wasm-ipc run --strace count.js README.md
  wasm-ipc run --memory 256M --limit MSGMAX=65536 count.js --verbose README.md`;

function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}

interface RunOptions {
  memory?: string;
  pool?: string;
  limit?: string[];
  strace?: boolean;
}

/** The options as boot() takes them; it checks names and ranges itself. */
function bootOptions(command: Command, options: RunOptions): BootOptions {
  const wrong = (message: string) => usageError(command, EXIT_USAGE, message);
  const settings: Record<string, number> & BootOptions = {};
  if (options.memory !== undefined) {
    const size = parseSize(options.memory);
    if (size === undefined) throw wrong(`--memory: '${options.memory}' is not a size such as 64M`);
    settings.memory = size;
  }
  if (options.pool !== undefined) {
    // The program itself runs on a worker of the pool.
    if (!/^[1-9]\d*$/.test(options.pool)) throw wrong(`--pool: '${options.pool}' is not 1 or more`);
    settings.pool = Number(options.pool);
  }
  for (const limit of options.limit ?? []) {
    const [, name, value] = /^([A-Z_]+)=(\d+)$/.exec(limit) ?? [];
    if (name === undefined) throw wrong(`--limit: '${limit}' is not NAME=VALUE`);
    settings[name] = Number(value);
  }
  return settings;
}

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

/** Hands signals on to the program for as long as it runs. */
async function attend(child: Child): Promise<ChildStatus> {
  const relay = (signal: (typeof RELAYED)[number]) => child.kill(constants.signals[signal]);
  for (const signal of RELAYED) process.on(signal, relay);
  try {
    return await child.wait();
  } finally {
    for (const signal of RELAYED) process.off(signal, relay);
  }
}

/** A number that boot() refuses is a matter of usage; a platform without the memory is not. */
async function bootFor(command: Command, options: BootOptions): Promise<Machine> {
  try {
    return await boot(options);
  } catch (error) {
    // boot() begins what it says to its caller with its name; anything else is a fault of ours.
    if (!(error instanceof Error && error.message.startsWith("boot: "))) throw error;
    const isUsage = error instanceof TypeError || error instanceof RangeError;
    if (isUsage) throw usageError(command, EXIT_USAGE, error.message);
    throw new CommandExit(EXIT_FAILURE, `wasm-ipc run: ${error.message}`);
  }
}

export function runCommand(): Command {
  const command = new Command("run")
    .description("Run a program as a process of a new machine.")
    .argument("<program>", "a module: .js, .mjs")
    .argument("[args...]", "the program's own arguments")
    .option("--memory <size>", "bytes of the machine's memory (default: 64M)")
    .option("--pool <count>", "workers kept ready for its children (default: 4)")
    .option("--limit <name=value>", "a limit; may be repeated", collect)
    .option("--strace", "print the system calls of all its processes on standard error")
    .passThroughOptions()
    .addHelpText("after", EXAMPLES);
  reportUsage(command, EXIT_USAGE);
  command.action(async (path: string, args: string[], options: RunOptions) => {
    const settings = bootOptions(command, options);
    const program = locate(path);
    await using machine = await bootFor(command, settings);
    const { code, signal } = await attend(
      await machine.spawn(program, args, { strace: options.strace === true }),
    );
    throw new CommandExit(code ?? 128 + (signal ?? 0));
  });
  return command;
}
