/** sh(1): the shell. Its parts are in runtime/shell; here are its options. */
import type { Syscalls } from "../../host/contract.ts";
import { errnoText, SystemError } from "../../host/errno.ts";
import type { Machine } from "../machine.ts";
import { workingDirectory } from "../shell/builtins/directory.ts";
import { readScript } from "../shell/builtins/run.ts";
import { DEFAULT_IFS } from "../shell/fields.ts";
import { runInteractive } from "../shell/interactive.ts";
import { INHERIT_OPTION, STATE_VARIABLE } from "../shell/launch.ts";
import { Options } from "../shell/options.ts";
import { interpreter, runLines, runNode, runWhole, standardInput } from "../shell/session.ts";
import { type ProgramLoader, Shell } from "../shell/shell.ts";
import { adoptState } from "../shell/state.ts";
import { VARIABLE_NAME } from "../shell/variables.ts";

/** What the command line says. */
interface CommandLine {
  readonly options: readonly (readonly [name: string, isOn: boolean])[];
  readonly isCommand: boolean;
  readonly isInteractive: boolean;
  readonly operands: readonly string[];
}

/** @returns a message when it is wrong */
function parseArguments(args: readonly string[]): CommandLine | string {
  const options: [string, boolean][] = [];
  let isCommand = false;
  let isInteractive = false;
  const words = [...args];
  while (/^[-+]./.test(words[0] ?? "")) {
    const word = words.shift()!;
    if (word === "--") break;
    const isOn = word.startsWith("-");
    for (const letter of word.slice(1)) {
      if (letter === "c") isCommand = true;
      else if (letter === "i") isInteractive = isOn;
      else if (letter === "o") {
        const name = words.shift() ?? "";
        if (!Options.exists(name)) return `Illegal option ${word[0]}o ${name}`;
        options.push([name, isOn]);
      } else {
        const name = Options.named(letter);
        if (name === undefined) return `Illegal option ${word[0]}${letter}`;
        options.push([name, isOn]);
      }
    }
  }
  if (isCommand && words.length === 0) return "-c requires an argument";
  return { options, isCommand, isInteractive, operands: words };
}

/** Variables as a new shell has them. */
function begin(shell: Shell): void {
  const { variables, machine, sys } = shell;
  for (const [name, value] of Object.entries(machine.env)) {
    if (!VARIABLE_NAME.test(name)) continue;
    variables.set(name, value);
    variables.export(name);
  }
  const usual = { IFS: DEFAULT_IFS, OPTIND: "1", PPID: String(sys.getppid()), PS4: "+ " };
  for (const [name, value] of Object.entries(usual)) variables.set(name, value);
  if (variables.get("PS1") === undefined) variables.set("PS1", sys.geteuid() === 0 ? "# " : "$ ");
  if (variables.get("PS2") === undefined) variables.set("PS2", "> ");
  variables.set("PWD", workingDirectory(shell));
  variables.export("PWD");
}

/** A file, as `sh FILE`. @returns the exit status */
async function runFile(shell: Shell, path: string): Promise<number> {
  let text: string;
  try {
    text = readScript(shell, path);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    const isAbsent = error.code === "ENOENT" || error.code === "ENOTDIR";
    shell.warn(`cannot open ${path}: ${isAbsent ? "No such file" : errnoText(error.errno)}`, 0);
    return 2;
  }
  shell.name = path;
  return await runWhole(shell, text);
}

/** @param program finds the programs of /bin, of which this is one */
export async function main(
  sys: Syscalls,
  argv: readonly string[],
  machine: Machine,
  program: ProgramLoader,
): Promise<number> {
  const [name = "sh", first = ""] = argv;
  const shell = new Shell(sys, machine, interpreter, program);
  const state = machine.env[STATE_VARIABLE];
  if (first === INHERIT_OPTION && state !== undefined) {
    return await runNode(shell, adoptState(shell, state));
  }
  shell.name = name;
  const line = parseArguments(argv.slice(1));
  if (typeof line === "string") {
    shell.warn(line, 0);
    return 2;
  }
  begin(shell);
  for (const [option, isOn] of line.options) shell.options.set(option, isOn);
  const [operand, ...others] = line.operands;
  if (line.isCommand) {
    if (others[0] !== undefined) shell.name = others[0];
    shell.positional = others.slice(1);
    return await runWhole(shell, operand!);
  }
  if (operand !== undefined && !shell.options.has("stdin")) {
    shell.positional = others;
    return await runFile(shell, operand);
  }
  shell.positional = line.operands;
  shell.options.set("stdin", true);
  if (line.isInteractive) return await runInteractive(shell);
  return await runLines(shell, standardInput(shell));
}
