/** The command line as a user starts it, and util-linux's own beside it. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What a command did. */
export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit status; 128 plus the signal's number does not occur here. */
  readonly status: number | null;
}

export const MAIN = fileURLToPath(new URL("../../runtime/cli/main.js", import.meta.url));

function outcome(command: string, result: SpawnSyncReturns<string>): Outcome {
  if (result.error !== undefined) {
    throw new Error(`${command}: ${result.error.message}`, { cause: result.error });
  }
  const { stdout, stderr, status } = result;
  return { stdout, stderr, status };
}

/** Runs a command of this computer to its end. */
export function run(command: string, args: readonly string[]): Outcome {
  return outcome(command, spawnSync(command, args, { encoding: "utf8" }));
}

/** Runs `wasm-ipc` to its end. */
export function wasmIpc(...args: string[]): Outcome {
  return run(process.execPath, [MAIN, ...args]);
}

/**
 * Runs a script in an IPC namespace of its own, where no object exists yet, and returns the JSON
 * that it prints.
 */
export function inNamespace<T>(script: URL, ...args: string[]): T {
  const path = fileURLToPath(script);
  const user = process.getuid?.() === 0 ? [] : ["--map-root-user"];
  const flags = ["--ipc", ...user, process.execPath, path, ...args];
  const { stdout, stderr, status } = run("unshare", flags);
  if (status !== 0) throw new Error(`unshare ${flags.join(" ")}: status ${status}\n${stderr}`);
  return JSON.parse(stdout) as T;
}
