/** `wasm-ipc sh`: boots a machine, and runs its shell on this command's standard streams. */
import { readFileSync } from "node:fs";
import { isatty } from "node:tty";
import { Command } from "commander";
import { STDIN_FILENO } from "../../assembly/abi/unistd.ts";
import {
  addMachineOptions,
  bootFor,
  bootOptions,
  endAs,
  LIMITS_HELP,
  type MachineCommandOptions,
} from "./machine-options.ts";
import { CommandExit, EXIT_USAGE, reportUsage } from "./usage.ts";

const EXAMPLES = `
The shell is sh(1) as dash has it; everything from its first option or operand on is its own.
Without a command it reads commands from standard input, with a prompt if that is a terminal.
${LIMITS_HELP}
Examples:
  wasm-ipc sh -c 'ls | sort -r | head -3'
  wasm-ipc sh script.sh one two
  wasm-ipc sh --volume .:/work -c 'wc -l /work/*.md'
  wasm-ipc sh`;

/** A script is a file of this computer: its text goes to the shell, which calls itself by its name. */
function shellArguments(words: readonly string[]): string[] {
  const at = words.findIndex((word) => !/^[-+]./.test(word) || word === "--");
  const options = at < 0 ? words : words.slice(0, at);
  if (options.some((word) => /^-[a-zA-Z]*[cs]/.test(word))) return [...words];
  const [path, ...args] = at < 0 ? [] : words.slice(words[at] === "--" ? at + 1 : at);
  if (path === undefined) return isatty(STDIN_FILENO) ? [...options, "-i"] : [...options];
  return [...options, "-c", readScript(path), path, ...args];
}

function readScript(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "No such file" : (code ?? String(error));
    throw new CommandExit(EXIT_USAGE, `wasm-ipc sh: cannot open ${path}: ${reason}`);
  }
}

export function shCommand(): Command {
  const command = addMachineOptions(new Command("sh"))
    .description("Run the shell of a new machine.")
    .argument("[words...]", "options and operands of sh")
    .allowUnknownOption()
    .passThroughOptions()
    .addHelpText("after", EXAMPLES);
  reportUsage(command, EXIT_USAGE);
  command.action(async (words: string[], options: MachineCommandOptions) => {
    const args = shellArguments(words);
    await using machine = await bootFor(command, bootOptions(command, options));
    const strace = options.strace === true;
    // A group of its own, so that Ctrl-C reaches what runs in the foreground, too.
    const shell = await machine.spawn("sh", args, { argv0: "sh", pgroup: 0, strace });
    await endAs(machine, shell);
  });
  return command;
}
