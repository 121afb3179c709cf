/**
 * assembly/ -> build/kernel.wasm, build/kernel.debug.wasm, and the former once more as text in
 * runtime/generated/kernel.ts, so that no bundler of a user has to know about a wasm file.
 */
import { existsSync } from "node:fs";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { must, tool } from "./command.mjs";
import { filesBelow, isFresh, ROOT, replaceText } from "./files.mjs";

const KERNEL = "build/kernel.wasm";
const DEBUG_KERNEL = "build/kernel.debug.wasm";
const ENTRY = "assembly/index.ts";
/** The whole-machine check: what it exports is in the debug build alone. */
const DEBUG_ENTRY = "assembly/check.ts";

async function compile(target, outFile, entries) {
  const draft = `${outFile}.${process.pid}`;
  await must([
    ...tool("assemblyscript/bin/asc.js"),
    ...entries,
    "--target",
    target,
    "--outFile",
    draft,
  ]);
  await rename(join(ROOT, draft), join(ROOT, outFile));
}

async function embed() {
  const bytes = await readFile(join(ROOT, KERNEL));
  await replaceText(
    "runtime/generated/kernel.ts",
    `/** Made by scripts/build-kernel.mjs: the bytes of build/kernel.wasm. */\nexport const KERNEL_BASE64: string =\n  "${bytes.toString("base64")}";\n`,
  );
  return bytes.length;
}

export async function buildKernel() {
  const compiler = "node_modules/assemblyscript/package.json";
  const sources = [...(await filesBelow("assembly")), "asconfig.json", compiler];
  if (!(await isFresh([KERNEL, DEBUG_KERNEL], sources))) {
    const debugEntries = existsSync(join(ROOT, DEBUG_ENTRY)) ? [ENTRY, DEBUG_ENTRY] : [ENTRY];
    await Promise.all([
      compile("release", KERNEL, [ENTRY]),
      compile("debug", DEBUG_KERNEL, debugEntries),
    ]);
  }
  return `${await embed()} bytes`;
}
