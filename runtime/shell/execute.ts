/** Runs what parse.ts has made: lists, pipelines, loops and the rest, and traps in between. */

import { awaitProcess, reportSignal } from "./await.ts";
import { expandWord, expandWords, matchesAny } from "./expand.ts";
import { CommandFailure, ExitJump, LoopJump } from "./failure.ts";
import { exitStatus } from "./jobs.ts";
import { launchProgram } from "./launch.ts";
import { runBackground, runPipeline, runProcess } from "./pipeline.ts";
import { redirected } from "./redirect.ts";
import type { Shell } from "./shell.ts";
import { assignmentValues, runSimple, traceCommand } from "./simple.ts";
import { TRAP_EXIT } from "./trap.ts";
import type { Case, Node, Sequence, Simple } from "./tree.ts";

type Of<K extends Node["kind"]> = Extract<Node, { kind: K }>;

/** Runs the commands of the signals that have come. */
export async function runTraps(shell: Shell): Promise<void> {
  shell.traps.throwIfInterrupted();
  for (let signal = shell.traps.take(); signal !== undefined; signal = shell.traps.take()) {
    await runTrap(shell, signal);
  }
}

async function runTrap(shell: Shell, signal: number): Promise<void> {
  const action = shell.traps.get(signal);
  if (action === undefined || action === "") return;
  const { status } = shell;
  await shell.interpreter.runText(shell, action);
  shell.status = status;
}

/** The trap of the shell's end; `exit` in it is the last word. */
export async function runExitTrap(shell: Shell): Promise<void> {
  const action = shell.traps.get(TRAP_EXIT);
  shell.traps.set(TRAP_EXIT, undefined);
  if (action === undefined) return;
  const { status } = shell;
  await shell.interpreter.runText(shell, action);
  shell.status = status;
}

/** Commands whose failure is the question, not the answer. */
async function runTested(shell: Shell, node: Node): Promise<boolean> {
  shell.tested++;
  try {
    await run(shell, node, false);
  } finally {
    shell.tested--;
  }
  return shell.status === 0;
}

/** `set -e`. */
function checkError(shell: Shell): void {
  if (shell.status !== 0 && shell.tested === 0 && shell.options.has("errexit")) {
    throw new ExitJump();
  }
}

async function runSequence(shell: Shell, { items }: Sequence, isLast: boolean): Promise<void> {
  if (items.length === 0) shell.status = 0;
  for (const [index, item] of items.entries()) {
    if (item.isBackground) await runBackground(shell, item);
    else await run(shell, item.node, isLast && index === items.length - 1);
  }
}

async function runAndOr(shell: Shell, node: Of<"and-or">, isLast: boolean): Promise<void> {
  const { first, rest } = node;
  let isTrue = await runTested(shell, first);
  for (const [index, [operator, next]] of rest.entries()) {
    if (isTrue !== (operator === "&&")) continue;
    if (index < rest.length - 1) {
      isTrue = await runTested(shell, next);
    } else {
      await run(shell, next, isLast);
    }
  }
}

/** Runs a part of a loop. @returns whether the loop goes on */
async function runPart(shell: Shell, part: () => Promise<unknown>): Promise<boolean> {
  try {
    await part();
    return true;
  } catch (error) {
    if (!(error instanceof LoopJump)) throw error;
    error.depth--;
    if (error.depth > 0 && shell.loops > 1) throw error;
    return error.kind === "continue";
  }
}

async function runLoop(shell: Shell, loop: () => Promise<void>): Promise<void> {
  shell.loops++;
  try {
    await loop();
  } finally {
    shell.loops--;
  }
}

async function runWhile(shell: Shell, { isUntil, test, body }: Of<"while">): Promise<void> {
  let status = 0;
  await runLoop(shell, async () => {
    for (;;) {
      let isTrue = false;
      const goesOn = await runPart(shell, async () => {
        isTrue = await runTested(shell, test);
      });
      if (!goesOn || isTrue === isUntil) break;
      const next = await runPart(shell, () => run(shell, body, false));
      status = shell.status;
      if (!next) break;
    }
  });
  shell.status = status;
}

async function runFor(shell: Shell, { name, words, body }: Of<"for">): Promise<void> {
  const values = words === null ? [...shell.positional] : await expandWords(shell, words);
  shell.status = 0;
  await runLoop(shell, async () => {
    for (const value of values) {
      shell.variables.set(name, value);
      if (!(await runPart(shell, () => run(shell, body, false)))) break;
    }
  });
}

async function runCase(shell: Shell, { word, items }: Case, isLast: boolean): Promise<void> {
  const text = await expandWord(shell, word);
  shell.status = 0;
  for (const { patterns, body } of items) {
    if (await matchesAny(shell, text, patterns)) return await runSequence(shell, body, isLast);
  }
}

async function runIf(shell: Shell, node: Of<"if">, isLast: boolean): Promise<void> {
  for (const { test, body } of node.clauses) {
    if (await runTested(shell, test)) return await run(shell, body, isLast);
  }
  shell.status = 0;
  if (node.otherwise !== null) await run(shell, node.otherwise, isLast);
}

async function runRedirected(shell: Shell, node: Of<"redirected">, isLast: boolean): Promise<void> {
  shell.line = node.line;
  try {
    await redirected(shell, node.redirects, () => run(shell, node.node, isLast));
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    shell.report(error);
  }
}

/** A program in the foreground, with the redirections of its command. */
async function runExternal(shell: Shell, node: Simple, argv: readonly string[]): Promise<void> {
  try {
    await redirected(shell, node.redirects, async () => {
      const values = await assignmentValues(shell, node);
      traceCommand(shell, values, argv);
      const env = shell.variables.environment(values);
      const place = shell.options.has("monitor") ? { group: 0, terminal: shell.terminal } : {};
      const status = awaitProcess(shell, await launchProgram(shell, argv, env, place));
      shell.regainTerminal();
      reportSignal(shell, status);
      shell.status = exitStatus(status);
    });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    shell.report(error);
  }
}

/**
 * Runs a command, which leaves its status in $?.
 * @param isLast whether the shell ends with it: then it need not be a process of its own
 */
export async function run(shell: Shell, node: Node, isLast: boolean): Promise<void> {
  if (shell.options.has("noexec") && !shell.isInteractive) return;
  await runNode(shell, node, isLast && shell.mayBeReplaced);
  await runTraps(shell);
  if (["simple", "pipeline", "subshell"].includes(node.kind)) {
    if (node.kind !== "pipeline" || !node.isNegated) checkError(shell);
  }
}

async function runNode(shell: Shell, node: Node, isLast: boolean): Promise<void> {
  switch (node.kind) {
    case "simple":
      return await runSimple(shell, node, isLast, (argv) => runExternal(shell, node, argv));
    case "pipeline":
      if (node.commands.length > 1) await runPipeline(shell, node);
      else await runTested(shell, node.commands[0]!);
      if (node.isNegated) shell.status = shell.status === 0 ? 1 : 0;
      return;
    case "sequence":
      return await runSequence(shell, node, isLast);
    case "and-or":
      return await runAndOr(shell, node, isLast);
    case "subshell":
      shell.line = node.line;
      if (isLast) return await runSequence(shell, node.body, true);
      return await runProcess(shell, node.body);
    case "redirected":
      return await runRedirected(shell, node, isLast);
    case "if":
      return await runIf(shell, node, isLast);
    case "while":
      return await runWhile(shell, node);
    case "for":
      return await runFor(shell, node);
    case "case":
      return await runCase(shell, node, isLast);
    default:
      shell.functions.set(node.name, node.body);
      shell.status = 0;
  }
}
