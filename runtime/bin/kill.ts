/** kill(1), the program of procps: sends a signal, lists their names. -q and -L are not here. */
import * as signals from "../../assembly/abi/signal.ts";
import type { Syscalls } from "../../host/contract.ts";
import { runTool, type Tool, ToolExit } from "./tool.ts";

const USAGE = `
Usage:
 kill [options] <pid> [...]

Options:
 <pid> [...]            send signal to every <pid> listed
 -<signal>, -s, --signal <signal>
                        specify the <signal> to be sent
 -l, --list=[<signal>]  list all signal names, or convert one to a name

 -h, --help     display this help and exit
`;

/** Names without SIG, in the order of their numbers; 29 has procps's name. */
const NAMES = new Map(
  Object.entries(signals)
    .filter(([name]) => /^SIG[A-Z1-9]/.test(name))
    .map(([name, number]) => [name === "SIGIO" ? "POLL" : name.slice(3), number] as const)
    .sort(([, a], [, b]) => a - b),
);
const ALIASES: Readonly<Record<string, string>> = { IO: "POLL", CLD: "CHLD", IOT: "ABRT" };

function signalNumber(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const name = text.toUpperCase().replace(/^SIG/, "");
  return NAMES.get(ALIASES[name] ?? name);
}

function usage(tool: Tool, message?: string): never {
  if (message !== undefined) tool.say(message);
  tool.complain(USAGE);
  throw new ToolExit(1);
}

const LINE_WIDTH = 80;

/** `-l`: every name, or the name of a number, or the number of a name. */
function list(tool: Tool, wanted: string | undefined): void {
  if (wanted === undefined) {
    let line = "";
    for (const name of NAMES.keys()) {
      if (line.length + name.length + 1 > LINE_WIDTH - 1) {
        tool.out.text(`${line.trimEnd()}\n`);
        line = "";
      }
      line += `${name} `;
    }
    tool.out.text(`${line.trimEnd()}\n`);
    return;
  }
  const number = signalNumber(wanted);
  const name = [...NAMES].find(([, each]) => each === number)?.[0];
  // Status 0 all the same, as procps has it.
  if (name === undefined) tool.say(`unknown signal name ${wanted}`);
  else tool.out.text(`${/^\d/.test(wanted) ? name : number}\n`);
}

/** Takes the signal off the arguments: `-9`, `-KILL`, `-sKILL`, `-s KILL`, `--signal=KILL`. */
function chosenSignal(tool: Tool, args: string[]): number {
  for (const [at, word] of args.entries()) {
    if (word === "--") break;
    const [, letters, long] = /^(?:-s|--signal)(?:=?(.+))?$/.exec(word) ?? [];
    const isNamed = /^(?:-s|--signal)/.test(word);
    if (isNamed && signalNumber(word.slice(1)) === undefined) {
      const text = letters ?? long ?? args[at + 1];
      if (text === undefined) usage(tool, "invalid argument s");
      args.splice(at, letters === undefined ? 2 : 1);
      return signalNumber(text) ?? -1;
    }
    const number = word.startsWith("-") ? signalNumber(word.slice(1)) : undefined;
    if (number === undefined) continue;
    // A second one of this form is a process group.
    args.splice(at, 1);
    return number;
  }
  return signals.SIGTERM;
}

function kill(tool: Tool): void {
  const args = [...tool.args];
  const [first] = args;
  const listed = /^(?:-l|--list)(?:=?(.+))?$/.exec(first ?? "");
  if (listed !== null) {
    list(tool, listed[1] ?? args[1]);
    return;
  }
  if (first === "-h" || first === "--help") {
    tool.out.text(USAGE);
    return;
  }
  const signal = chosenSignal(tool, args);
  if (args[0] === "--") args.shift();
  if (args.length === 0) usage(tool);
  for (const text of args) {
    if (!/^\s*[-+]?\d+$/.test(text)) {
      if (text.startsWith("-")) usage(tool, `invalid argument ${text.replace(/^-+/, "")}`);
      tool.fail(`failed to parse argument: '${text}'`);
    }
    tool.attempt(
      () => tool.sys.kill(Number(text), signal),
      (why) => `(${text}): ${why}`,
    );
  }
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, kill);
}
