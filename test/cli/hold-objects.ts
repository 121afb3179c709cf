/**
 * The objects of objects.ts in a process of their own. Whoever compares what programs print about
 * them must not have them attached: each fork() would attach them once more, and change their
 * times and last process.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const HOLDER = fileURLToPath(new URL("holder.js", import.meta.url));

/** Resolves when the objects are there; they stay as they are until `release()`. */
export async function holdObjects(): Promise<{ release(): void }> {
  const child = spawn(process.execPath, [HOLDER], { stdio: ["pipe", "pipe", "inherit"] });
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.once("exit", (code) => reject(new Error(`${HOLDER}: exit status ${code}`)));
  });
  return { release: () => child.stdin.end() };
}
