/** Simple commands: a builtin, a function, a program, or assignments alone. */
import { errnoText, SystemError } from "../../host/errno.ts";
import { type Builtin, builtinNamed, isSpecial } from "./builtins/index.ts";
import { Saved } from "./descriptors.ts";
import { expandValue, expandWords } from "./expand.ts";
import { CommandFailure, ReturnJump, ShellError } from "./failure.ts";
import { replace } from "./launch.ts";
import { literal } from "./pure.ts";
import { redirect, redirected } from "./redirect.ts";
import type { Shell } from "./shell.ts";
import type { Node, Simple } from "./tree.ts";

/** Builtins whose arguments are expanded as assignments. */
const DECLARE = new Set(["export", "readonly", "local"]);

export function wordsOf(shell: Shell, { words }: Simple): Promise<string[]> {
  const [first] = words;
  const name = first === undefined ? undefined : literal(first.word);
  return expandWords(shell, words, name !== undefined && DECLARE.has(name));
}

export async function assignmentValues(
  shell: Shell,
  { assignments }: Simple,
): Promise<[name: string, value: string][]> {
  const values: [string, string][] = [];
  for (const [name, value] of assignments) values.push([name, await expandValue(shell, value)]);
  return values;
}

/** Whether a command is neither the shell's nor a function. */
export function isExternal(shell: Shell, [name]: readonly string[]): boolean {
  return name !== undefined && !shell.functions.has(name) && builtinNamed(name) === undefined;
}

/** `set -x`. */
export function traceCommand(
  shell: Shell,
  values: readonly (readonly [string, string])[],
  argv: readonly string[],
): void {
  if (!shell.options.has("xtrace")) return;
  const words = [...values.map(([name, value]) => `${name}=${value}`), ...argv];
  shell.complain(`${shell.variables.get("PS4") ?? "+ "}${words.join(" ")}\n`);
}

/** Assignments without a command. */
async function assign(shell: Shell, node: Simple): Promise<void> {
  try {
    await redirected(shell, node.redirects, async () => {
      for (const [name, word] of node.assignments) {
        const value = await expandValue(shell, word);
        traceCommand(shell, [[name, value]], []);
        shell.variables.set(name, value);
        if (shell.options.has("allexport")) shell.variables.export(name);
      }
    });
    shell.status = shell.substituted ?? 0;
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    shell.report(error);
  }
}

/** Runs a builtin, and says what it could not do. */
export async function runBuiltin(
  shell: Shell,
  builtin: Builtin,
  argv: readonly string[],
): Promise<void> {
  const [name = "", ...args] = argv;
  try {
    const status = await builtin(shell, args, name);
    shell.flush();
    shell.status = status;
  } catch (error) {
    if (error instanceof SystemError) {
      if (error.syscall === "write") throw new CommandFailure(`${name}: ${name}: I/O error`, 1);
      throw new CommandFailure(`${name}: ${errnoText(error.errno)}`);
    }
    throw error;
  }
}

/** A special builtin keeps its assignments, and its failure ends the shell. */
async function callSpecial(
  shell: Shell,
  node: Simple,
  argv: readonly string[],
  builtin: Builtin,
): Promise<void> {
  const saved = new Saved(shell.sys);
  try {
    await redirect(shell, node.redirects, saved);
    const values = await assignmentValues(shell, node);
    traceCommand(shell, values, argv);
    for (const [name, value] of values) shell.variables.set(name, value);
    await runBuiltin(shell, builtin, argv);
    if (argv[0] === "exec") saved.forget();
  } catch (error) {
    const fatal =
      error instanceof CommandFailure ? new ShellError(error.message, error.status) : error;
    if (fatal instanceof ShellError) shell.report(fatal);
    throw fatal;
  } finally {
    shell.discard();
    saved.restore();
  }
}

/** A builtin that is not special, or a function: its assignments last as long as it runs. */
async function callWithin(
  shell: Shell,
  node: Simple,
  argv: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  try {
    await redirected(shell, node.redirects, async () => {
      const values = await assignmentValues(shell, node);
      traceCommand(shell, values, argv);
      const undo = shell.variables.temporary(values);
      try {
        await work();
      } finally {
        shell.discard();
        undo();
      }
    });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    shell.report(error);
  }
}

async function callFunction(shell: Shell, body: Node, argv: readonly string[]): Promise<void> {
  const { positional, loops } = shell;
  const leave = shell.variables.enter();
  shell.positional = argv.slice(1);
  shell.returns++;
  shell.loops = 0;
  try {
    await shell.interpreter.run(shell, body, false);
  } catch (error) {
    if (!(error instanceof ReturnJump)) throw error;
  } finally {
    shell.returns--;
    shell.loops = loops;
    shell.positional = positional;
    leave();
  }
}

/** The shell becomes the program: there is nothing left to do for it. */
async function becomeProgram(shell: Shell, node: Simple, argv: readonly string[]): Promise<void> {
  try {
    await redirected(shell, node.redirects, async () => {
      const values = await assignmentValues(shell, node);
      traceCommand(shell, values, argv);
      await replace(shell, argv, shell.variables.environment(values));
    });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    shell.report(error);
  }
}

/** `command name`: no function, and a special builtin is like the others. */
function withoutCommand(argv: readonly string[]): [argv: readonly string[], isBare: boolean] {
  let rest = argv;
  while (rest[0] === "command") {
    const from = rest[1] === "--" || rest[1] === "-p" ? 2 : 1;
    if (rest[from] === undefined || rest[from].startsWith("-")) break;
    rest = rest.slice(from);
  }
  return [rest, rest !== argv];
}

/**
 * Runs a simple command.
 * @param isLast whether the shell ends with it
 * @param runExternal starts a program and waits for it
 */
export async function runSimple(
  shell: Shell,
  node: Simple,
  isLast: boolean,
  runExternal: (argv: readonly string[]) => Promise<void>,
): Promise<void> {
  shell.line = node.line;
  shell.substituted = undefined;
  const words = await wordsOf(shell, node);
  if (words.length === 0) return await assign(shell, node);
  const [argv, isBare] = withoutCommand(words);
  const name = argv[0]!;
  const builtin = builtinNamed(name);
  if (builtin !== undefined && isSpecial(name) && !isBare) {
    return await callSpecial(shell, node, argv, builtin);
  }
  const body = isBare ? undefined : shell.functions.get(name);
  if (body !== undefined) {
    return await callWithin(shell, node, argv, () => callFunction(shell, body, argv));
  }
  if (builtin !== undefined) {
    return await callWithin(shell, node, words, () =>
      tamed(shell, () => runBuiltin(shell, builtin, argv)),
    );
  }
  if (isLast) return await becomeProgram(shell, node, argv);
  await runExternal(argv);
}

/** An error of a builtin that is not special, or that `command` has called, does not end the shell. */
async function tamed(shell: Shell, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ShellError)) throw error;
    shell.report(error);
  }
}
