/**
 * Pipelines, and commands in the background: all their processes are started at once. A program is
 * started by this shell itself; whatever else there is gets a child shell.
 */
import { O_CLOEXEC, O_RDONLY } from "../../assembly/abi/fcntl.ts";
import { SIG_IGN, SIGINT, SIGQUIT } from "../../assembly/abi/signal.ts";
import { STDIN_FILENO, STDOUT_FILENO } from "../../assembly/abi/unistd.ts";
import { awaitJob, reportSignal } from "./await.ts";
import { moveDescriptor, privatePipe, Saved } from "./descriptors.ts";
import { CommandFailure, ShellError } from "./failure.ts";
import { exitStatus, Job } from "./jobs.ts";
import { launchProgram, launchShell, type Place } from "./launch.ts";
import { isPure } from "./pure.ts";
import { mayWait, redirected } from "./redirect.ts";
import type { Shell } from "./shell.ts";
import { assignmentValues, isExternal, traceCommand, wordsOf } from "./simple.ts";
import type { Item, Node, Pipeline } from "./tree.ts";

/** A part of a pipeline that has been started, or that has failed before. */
type Part = { readonly pid: number } | { readonly status: number };

/** Starts a command as a process of its own, with the descriptors that the shell has now. */
async function start(shell: Shell, node: Node, place: Place): Promise<Part> {
  try {
    if (!isPure(node) || (await mayWait(shell, node.redirects))) {
      return { pid: await launchShell(shell, node, place) };
    }
    const argv = await wordsOf(shell, node);
    if (!isExternal(shell, argv)) return { pid: await launchShell(shell, node, place) };
    shell.line = node.line;
    return await redirected(shell, node.redirects, async () => {
      const values = await assignmentValues(shell, node);
      traceCommand(shell, values, argv);
      const env = shell.variables.environment(values);
      return { pid: await launchProgram(shell, argv, env, place) };
    });
  } catch (error) {
    if (error instanceof CommandFailure || error instanceof ShellError) {
      // No process can be made for the others either.
      if (error.message === "Cannot fork") throw error;
      const { status } = shell;
      shell.report(error);
      const failed = shell.status;
      shell.status = status;
      return { status: failed };
    }
    throw error;
  }
}

/** Starts every part, each with its end of the pipes. */
async function startAll(
  shell: Shell,
  commands: readonly Node[],
  terminal?: number,
): Promise<Part[]> {
  const { sys } = shell;
  const parts: Part[] = [];
  const hasGroup = shell.options.has("monitor");
  let group = 0;
  let input: number | undefined;
  for (const [index, node] of commands.entries()) {
    const isLast = index === commands.length - 1;
    const saved = new Saved(sys);
    let next: number | undefined;
    try {
      if (input !== undefined) {
        saved.keep(STDIN_FILENO);
        moveDescriptor(sys, input, STDIN_FILENO);
        input = undefined;
      }
      if (!isLast) {
        const [reader, writer] = privatePipe(sys);
        next = reader;
        saved.keep(STDOUT_FILENO);
        moveDescriptor(sys, writer, STDOUT_FILENO);
      }
      const part = await start(shell, node, hasGroup ? { group, terminal } : {});
      if ("pid" in part && group === 0) group = part.pid;
      parts.push(part);
    } catch (error) {
      if (next !== undefined) sys.close(next);
      throw error;
    } finally {
      saved.restore();
    }
    input = next;
  }
  return parts;
}

/** The processes of a pipeline as a job; undefined when none was started. */
function jobOf(shell: Shell, parts: readonly Part[]): Job | undefined {
  const pids = parts.flatMap((part) => ("pid" in part ? [part.pid] : []));
  if (pids.length === 0) return undefined;
  return new Job(0, "", shell.options.has("monitor") ? pids[0]! : 0, pids);
}

/** Waits for all of them. @returns the status of the last part */
function finish(shell: Shell, parts: readonly Part[]): number {
  const job = jobOf(shell, parts);
  const last = parts.at(-1)!;
  if (job !== undefined) {
    awaitJob(shell, job);
    shell.regainTerminal();
    if ("pid" in last) {
      reportSignal(shell, job.status);
      return exitStatus(job.status);
    }
  }
  return "status" in last ? last.status : 0;
}

/** Runs a pipeline of several commands in the foreground. */
export async function runPipeline(shell: Shell, { commands }: Pipeline): Promise<void> {
  shell.status = finish(shell, await startAll(shell, commands, shell.terminal));
}

/** Runs one command as a process in the foreground. */
export async function runProcess(shell: Shell, node: Node): Promise<void> {
  shell.status = finish(shell, await startAll(shell, [node], shell.terminal));
}

/** The commands of an item that can be started side by side, without a shell that waits for each. */
function sideBySide(node: Node): readonly Node[] {
  if (node.kind === "pipeline" && !node.isNegated) return node.commands;
  return [node.kind === "subshell" ? node.body : node];
}

/**
 * Runs a command in the background. Without job control it takes no notice of Ctrl-C, and reads
 * nothing.
 */
export async function runBackground(shell: Shell, { node, text }: Item): Promise<void> {
  const { sys } = shell;
  const saved = new Saved(sys);
  const hasGroup = shell.options.has("monitor");
  const before = hasGroup
    ? []
    : [SIGINT, SIGQUIT].map((signal) => [signal, sys.sigaction(signal, SIG_IGN)] as const);
  try {
    if (!hasGroup) {
      saved.keep(STDIN_FILENO);
      moveDescriptor(sys, sys.open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    }
    const parts = await startAll(shell, sideBySide(node));
    const job = jobOf(shell, parts);
    shell.status = 0;
    if (job === undefined) return;
    const kept = shell.jobs.add(hasGroup ? text : "", job.group, [...job.processes.keys()]);
    shell.lastBackground = kept.lastPid;
  } finally {
    for (const [signal, disposition] of before) sys.sigaction(signal, disposition);
    saved.restore();
  }
}
