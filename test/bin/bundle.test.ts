/** The programs as a page gets them: each in a file of its own, and nothing of Node in any. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { builtin } from "../../runtime/bin/index.ts";
import { builtinName, builtinText } from "../../runtime/bin/mark.ts";
import { BUILTIN_NAMES } from "../../runtime/bin/names.ts";

const ENTRY = fileURLToPath(new URL("../../runtime/bin/index.js", import.meta.url));

/** All programs together, minified; what they share counts once. 103 KiB are the shell's parser. */
const BYTES_MAX = 256 * 1024;
/** What a program's start reads before the program itself is loaded. */
const INDEX_MAX = 4 * 1024;

describe("bundled for a page", async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: { index: ENTRY },
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "browser",
    write: false,
    metafile: true,
    outdir: "out",
  });

  it("nothing is imported from outside", () => {
    const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
    expect(imports.filter(({ external }) => external)).toEqual([]);
    // A program is reached by import() alone, or its code would be in every worker.
    const index = outputFiles.find(({ path }) => path.endsWith("/index.js"))!;
    expect(index.contents.length).toBeLessThan(INDEX_MAX);
    expect(outputFiles.length).toBeGreaterThan(BUILTIN_NAMES.length);
  });

  it(`all programs take at most ${BYTES_MAX} bytes`, () => {
    const total = outputFiles.reduce((sum, { contents }) => sum + contents.length, 0);
    expect(total).toBeLessThanOrEqual(BYTES_MAX);
  });
});

describe("the lookup", () => {
  it.each(BUILTIN_NAMES)("builtin() loads %s, which its file names", async (name) => {
    expect(builtinName(builtinText(name))).toBe(name);
    const program = await builtin(name)!();
    expect(program.main).toBeTypeOf("function");
  });

  it("builtin() knows no other names", () => {
    for (const name of ["", "nothing", "toString", "__proto__", "../cat"]) {
      expect(builtin(name), name).toBeUndefined();
    }
  });

  it("builtinName() knows other files from those of programs", () => {
    expect(builtinName("")).toBeUndefined();
    expect(builtinName("#!/bin/sh\n")).toBeUndefined();
    expect(builtinName("\x7fELF")).toBeUndefined();
    expect(builtinName("#!wasm-ipc cat")).toBe("cat");
  });
});
