/** TypeScript -> build/: the library with its declarations, then tests, demos and benchmarks. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { run, tool } from "./command.mjs";
import { filesBelow, ROOT } from "./files.mjs";

const FOLDERS = ["assembly", "host", "runtime", "test", "demos", "bench"];

/** What tsc once made of a source that is gone would still be run as a test, and be published. */
async function prune() {
  for (const folder of FOLDERS) {
    for (const path of await filesBelow(join("build", folder))) {
      const source = path.slice("build/".length).replace(/(\.d\.ts|\.js)$/, ".ts");
      if (!existsSync(join(ROOT, source))) await rm(join(ROOT, path));
    }
  }
}

/** Modules are written even when types are wrong, as tsc does; then the exit status tells. */
export async function buildModules() {
  await prune();
  const status = await run([...tool("typescript/bin/tsc"), "-b", "tsconfig.json"]);
  if (status !== 0) throw new Error(`tsc: exit status ${status}`);
  return "typed";
}
