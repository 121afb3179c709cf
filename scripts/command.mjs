/** One command run to its end, its output passed through. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { join } from "node:path";
import { ROOT } from "./files.mjs";

/** A command of node_modules that is a JavaScript file, run by this very Node. */
export const tool = (path) => [process.execPath, join(ROOT, "node_modules", path)];

/** @returns the exit status, or 128 plus the signal's number as a shell says it. */
export async function run([command, ...args], options = {}) {
  const child = spawn(command, args, { cwd: ROOT, stdio: "inherit", ...options });
  const [code, signal] = await once(child, "exit");
  return code ?? 128 + constants.signals[signal];
}

/** Like run(), for a command whose failure ends the script with the same status. */
export async function must(command, options) {
  const status = await run(command, options);
  if (status !== 0) {
    process.stderr.write(`${command.join(" ")}: exit status ${status}\n`);
    process.exit(status);
  }
}
