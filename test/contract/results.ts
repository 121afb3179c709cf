/** Where the wrappers leave their results for CONFORMANCE.md: build/contract/BACKEND.json. */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Backend } from "./row.ts";
import type { Result } from "./run-tables.ts";

const FOLDER = fileURLToPath(new URL("../../contract/", import.meta.url));

export function writeResults(backend: Backend, results: readonly Result[]): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${FOLDER}${backend}.json`, `${JSON.stringify(results, null, 1)}\n`);
}
