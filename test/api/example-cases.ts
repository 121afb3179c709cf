/** Every @example of the idiomatic layer, run as it stands: `expression; // => value` must hold. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { IPC_PRIVATE } from "../../assembly/abi/ipc.ts";
import { nodeReadable, nodeWritable } from "../../runtime/api/node-streams.ts";
import * as library from "../../runtime/index.ts";
import type { ApiCase } from "./case.ts";

/** The repository as seen from build/test/api/. */
const ROOT = new URL("../../../", import.meta.url);
const FOLDERS = ["runtime/api/", "runtime/ipcs/"];

const SCOPE: Readonly<Record<string, unknown>> = {
  ...library,
  IPC_PRIVATE,
  nodeReadable,
  nodeWritable,
};
const AsyncFunction = (async () => {}).constructor as new (
  ...parts: string[]
) => (...args: unknown[]) => Promise<void>;

/** Examples of one file, without the comment's stars, and the name that each documents. */
function examplesOf(path: string): { name: string; code: string }[] {
  const source = readFileSync(new URL(path, ROOT), "utf8");
  const pattern = /```ts\n([\s\S]*?)```[\s\S]*?\*\/\s*export (?:class|function) (\w+)/g;
  return [...source.matchAll(pattern)].map(([, code = "", name = ""]) => ({
    name,
    code: code.replace(/^ *\* ?/gm, ""),
  }));
}

function compile(code: string): string {
  const asserted = code.replace(/^(\s*)(.+); \/\/ => (.+)$/gm, "$1assert.deepStrictEqual($2, $3);");
  const { outputText } = ts.transpileModule(asserted, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  return outputText;
}

/** One example's block declares names that the next one of the file may declare again. */
function caseOf(path: string, name: string, code: string): ApiCase {
  return {
    name: `the example of ${name} in ${path} does what it says`,
    async run(sys) {
      const names = Object.keys(SCOPE);
      const body = new AsyncFunction("sys", "assert", ...names, compile(code));
      await body(sys, assert, ...names.map((key) => SCOPE[key]));
    },
  };
}

export const exampleCases: ApiCase[] = FOLDERS.flatMap((folder) =>
  readdirSync(new URL(folder, ROOT)).flatMap((file) =>
    examplesOf(folder + file).map(({ name, code }) => caseOf(folder + file, name, code)),
  ),
);
