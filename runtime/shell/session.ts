/** One run of the shell: where its commands come from, and how it ends. */
import { STDIN_FILENO } from "../../assembly/abi/unistd.ts";
import { readOnce } from "../api/descriptor.ts";
import { builtinNamed, onlyPrints } from "./builtins/index.ts";
import { run, runExitTrap, runTraps } from "./execute.ts";
import {
  ExitJump,
  Interrupted,
  LoopJump,
  ReturnJump,
  ShellError,
  SyntaxFailure,
} from "./failure.ts";
import { isPure, literal } from "./pure.ts";
import type { Interpreter, Shell } from "./shell.ts";
import { runBuiltin, traceCommand, wordsOf } from "./simple.ts";
import type { Node, Sequence } from "./tree.ts";

/** @param isLast whether the shell ends with the text */
async function runText(shell: Shell, text: string, firstLine = 1, isLast = false): Promise<void> {
  const { parseProgram } = await import("./parse.ts");
  const { groups, failure } = parseProgram(text, firstLine);
  for (const [index, group] of groups.entries()) {
    const ends = isLast && failure === undefined && index === groups.length - 1;
    await run(shell, group, ends);
  }
  if (failure !== undefined) throw failure;
}

/** What a command prints that is a builtin without consequences: no process is needed for it. */
async function captured(shell: Shell, { items }: Sequence): Promise<string | undefined> {
  const [item, ...others] = items;
  const node = item!.node;
  if (others.length > 0 || item!.isBackground || !isPure(node)) return undefined;
  const name = literal(node.words[0]!.word);
  const isPlain = node.redirects.length === 0 && node.assignments.length === 0;
  if (name === undefined || !isPlain || !onlyPrints(name) || shell.functions.has(name)) {
    return undefined;
  }
  const { status, capture, line } = shell;
  shell.capture = [];
  try {
    shell.line = node.line;
    const argv = await wordsOf(shell, node);
    traceCommand(shell, [], argv);
    await runBuiltin(shell, builtinNamed(name)!, argv);
    shell.substituted = shell.status;
    return shell.capture.join("");
  } finally {
    shell.capture = capture;
    shell.status = status;
    shell.line = line;
  }
}

export const interpreter: Interpreter = { run, runText, captured };

/** Runs commands until they end the shell. @returns whether it goes on with the next ones */
async function guarded(shell: Shell, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof ExitJump || error instanceof ReturnJump) return false;
    if (error instanceof LoopJump) return true;
    if (error instanceof Interrupted) {
      shell.complain("\n");
      shell.status = 130;
      return true;
    }
    if (!(error instanceof ShellError)) throw error;
    shell.report(error);
    return shell.isInteractive;
  }
}

/** The trap of its end, and its status. */
async function finish(shell: Shell): Promise<number> {
  if (!shell.isReplaced) await guarded(shell, () => runExitTrap(shell));
  return shell.status;
}

/** `sh -c text`, and a file. @returns the exit status */
export async function runWhole(shell: Shell, text: string): Promise<number> {
  await guarded(shell, () => runText(shell, text, 1, true));
  return await finish(shell);
}

/** What a child shell was handed. */
export async function runNode(shell: Shell, node: Node): Promise<number> {
  await guarded(shell, () => run(shell, node, true));
  return await finish(shell);
}

/** Gives one line with its newline; undefined at the end. */
export type LineReader = (isContinued: boolean) => Promise<string | undefined>;

/** Lines of standard input, byte by byte: what follows a command is for the command. */
export function standardInput(shell: Shell): LineReader {
  const buffer = new Uint8Array(1);
  return async () => {
    const bytes: number[] = [];
    while (readOnce(shell.sys, STDIN_FILENO, buffer) > 0) {
      bytes.push(buffer[0]!);
      if (buffer[0] === 10) break;
    }
    return bytes.length === 0 ? undefined : new TextDecoder().decode(Uint8Array.from(bytes));
  };
}

/** Reads a command, as many lines as it takes. @returns undefined at the end */
async function readCommand(
  readLine: LineReader,
  line: number,
): Promise<{ text: string; lines: number } | undefined> {
  const { parseProgram } = await import("./parse.ts");
  let text = "";
  let lines = 0;
  for (;;) {
    const next = await readLine(lines > 0);
    if (next === undefined) return text === "" ? undefined : { text, lines };
    text += next;
    lines++;
    const { failure, isOpen } = parseProgram(text, line);
    const isIncomplete = failure instanceof SyntaxFailure && failure.isIncomplete;
    if (!isIncomplete && !isOpen) return { text, lines };
  }
}

/** Reads commands, and runs each before it reads the next. @returns the exit status */
export async function runLines(
  shell: Shell,
  readLine: LineReader,
  before: () => Promise<void> = async () => {},
): Promise<number> {
  let line = 1;
  for (;;) {
    let isOver = false;
    const goesOn = await guarded(shell, async () => {
      await before();
      await runTraps(shell);
      const command = await readCommand(readLine, line);
      if (command === undefined) {
        isOver = true;
        return;
      }
      const first = line;
      line += command.lines;
      if (shell.options.has("verbose")) shell.complain(command.text);
      await runText(shell, command.text, first);
    });
    if (isOver || !goesOn) return await finish(shell);
  }
}
