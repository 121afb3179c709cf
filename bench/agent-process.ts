/** The driver's side of an agent: starts the process, asks for one sample at a time, ends it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Sample } from "./party.ts";

/** An agent that cannot start ends at once; one that hangs is a failure too. */
const ANSWER_MS = 60_000;

export class AgentProcess {
  readonly parties: ReadonlySet<string>;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #stderr: () => string;

  /** @throws {Error} with what the process wrote to stderr when it ends before it is ready. */
  static async start(command: string, args: readonly string[]): Promise<AgentProcess> {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-4000);
    });
    child.on("error", (error) => {
      stderr += error.message;
    });
    const lines = createInterface({ input: child.stdout });
    const iterator = (lines as Interface)[Symbol.asyncIterator]();
    const first = await nextLine(child, iterator, () => stderr);
    const [word, ...names] = first.split(" ");
    if (word !== "ready") throw new Error(`${command}: said ${JSON.stringify(first)}, not ready`);
    return new AgentProcess(child, iterator, () => stderr, new Set(names));
  }

  /** An agent of this folder: see agent.ts for the backends. */
  static backend(name: string, build = ""): Promise<AgentProcess> {
    const script = fileURLToPath(new URL("./agent.js", import.meta.url));
    return AgentProcess.start(process.execPath, [script, name, build]);
  }

  private constructor(
    child: ChildProcess,
    lines: AsyncIterator<string>,
    stderr: () => string,
    parties: ReadonlySet<string>,
  ) {
    this.#child = child;
    this.#lines = lines;
    this.#stderr = stderr;
    this.parties = parties;
  }

  /** @throws {Error} when the agent has ended or does not answer; it is of no use after that. */
  async sample(party: string, n: number): Promise<Sample> {
    this.#child.stdin?.write(`${party} ${n}\n`);
    const line = await nextLine(this.#child, this.#lines, this.#stderr);
    const [ns = Number.NaN, cpuUs = Number.NaN] = line.split(" ").map(Number);
    if (!(ns > 0) || !(cpuUs >= 0)) throw new Error(`${party} answered ${JSON.stringify(line)}`);
    return { ns, cpuUs };
  }

  /** Lets the agent remove its objects and end. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, "exit");
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), ANSWER_MS);
    await exit;
    clearTimeout(timer);
  }
}

async function nextLine(
  child: ChildProcess,
  lines: AsyncIterator<string>,
  stderr: () => string,
): Promise<string> {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, ANSWER_MS);
  const { value, done } = await lines.next();
  clearTimeout(timer);
  if (!done) return value;
  if (child.exitCode === null && child.signalCode === null) await once(child, "close");
  throw new Error(late ? `no answer in ${ANSWER_MS} ms` : reason(stderr()));
}

/** The line of a stack trace that says what happened. */
export function reason(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim().replace(/^<ref \*\d+> /, ""));
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.find(Boolean) ?? "it ended";
}
