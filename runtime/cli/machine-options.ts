/** The options of a subcommand that boots a machine, and what it does with the process that it starts there. */
import { constants } from "node:os";
import type { Command } from "commander";
import {
  type BootOptions,
  boot,
  type Child,
  type ChildStatus,
  directory,
  type Machine,
} from "../index.ts";
import { parseSize } from "./numbers.ts";
import { CommandExit, EXIT_FAILURE, EXIT_USAGE, usageError } from "./usage.ts";

/** Signals that the command hands on to its process. */
const RELAYED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;
/** Those that a terminal sends to a whole process group. */
const OF_TERMINAL: readonly string[] = ["SIGINT", "SIGQUIT", "SIGHUP"];

/** What stands below the help of such a subcommand. */
export const LIMITS_HELP = `
Limits are those of sysvipc(7): SHMMNI SHMMAX SHMALL SHMSEG SEMMNI SEMMSL SEMMNS
SEMOPM SEMVMX SEMMNU MSGMNI MSGMAX MSGMNB MSGSEG, and PROC_MAX and TASK_MAX.
`;

export interface MachineCommandOptions {
  memory?: string;
  pool?: string;
  limit?: string[];
  volume?: string[];
  strace?: boolean;
}

function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}

export function addMachineOptions(command: Command): Command {
  return command
    .option("--memory <size>", "bytes of the machine's memory (default: 64M)")
    .option("--pool <count>", "workers kept ready for its children (default: 4)")
    .option("--limit <name=value>", "a limit; may be repeated", collect)
    .option("--volume <dir:path[:ro]>", "a directory, mounted there; may be repeated", collect)
    .option("--strace", "print the system calls of all its processes on standard error");
}

/** The options as boot() takes them; it checks names and ranges itself. */
export function bootOptions(command: Command, options: MachineCommandOptions): BootOptions {
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
  const volumes: Record<string, ReturnType<typeof directory>> = {};
  for (const volume of options.volume ?? []) {
    const [, dir, path, suffix] = /^(.+?):(\/[^:]*)(:ro)?$/.exec(volume) ?? [];
    if (path === undefined) throw wrong(`--volume: '${volume}' is not DIR:/PATH or DIR:/PATH:ro`);
    volumes[path] = directory(dir!, { readonly: suffix !== undefined });
  }
  return { ...settings, volumes };
}

/** A number that boot() refuses is a matter of usage; a platform without the memory is not. */
export async function bootFor(command: Command, options: BootOptions): Promise<Machine> {
  try {
    return await boot(options);
  } catch (error) {
    // boot() begins what it says to its caller with its name; anything else is a fault of ours.
    if (!(error instanceof Error && error.message.startsWith("boot: "))) throw error;
    const isUsage = error instanceof TypeError || error instanceof RangeError;
    if (isUsage) throw usageError(command, EXIT_USAGE, error.message);
    throw new CommandExit(EXIT_FAILURE, `wasm-ipc ${command.name()}: ${error.message}`);
  }
}

/** Hands signals on to the process for as long as it runs: the terminal's to its group, if it leads one. */
async function attend(machine: Machine, child: Child): Promise<ChildStatus> {
  const leads = machine.sys.getpgid(child.pid) === child.pid;
  const relay = (name: (typeof RELAYED)[number]) => {
    const pid = leads && OF_TERMINAL.includes(name) ? -child.pid : child.pid;
    machine.sys.kill(pid, constants.signals[name]);
  };
  for (const signal of RELAYED) process.on(signal, relay);
  try {
    return await child.wait();
  } finally {
    for (const signal of RELAYED) process.off(signal, relay);
  }
}

/** Ends the command as the process ends: with its exit code, or 128 and the signal that ended it. */
export async function endAs(machine: Machine, child: Child): Promise<never> {
  const { code, signal } = await attend(machine, child);
  throw new CommandExit(code ?? 128 + (signal ?? 0));
}
