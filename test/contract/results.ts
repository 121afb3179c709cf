/** Where the wrappers leave their results for CONFORMANCE.md: build/contract/NAME.json. */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Result } from "./run-tables.ts";

const FOLDER = fileURLToPath(new URL("../../contract/", import.meta.url));

export function writeResults(file: string, results: readonly Result[]): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${FOLDER}${file}.json`, `${JSON.stringify(results, null, 1)}\n`);
}
