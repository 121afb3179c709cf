/** Every row as a test of vitest, for a browser: one page runs them all and reports each. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runInBrowser } from "../support/browser.ts";
import { writeResults } from "./results.ts";
import { exclusion } from "./row.ts";
import type { Result } from "./run-tables.ts";
import { TABLES } from "./tables.ts";

const PAGE_TIMEOUT_MS = 600_000;

const here = (name: string) => new URL(name, import.meta.url);

export function browserSuite(backend: "chromium" | "firefox"): void {
  describe(`the contract in ${backend}`, () => {
    const results = new Map<string, Result>();
    beforeAll(async () => {
      await runInBrowser(backend, {
        entry: here("./page.js"),
        modules: {
          "kernel-agent": here("./kernel-agent.js"),
          "signal-script-program": here("./signal-script-program.js"),
        },
        timeoutMs: PAGE_TIMEOUT_MS,
        onProgress: (value) => {
          const result = value as Result;
          results.set(result.name, result);
        },
      });
    }, PAGE_TIMEOUT_MS);
    afterAll(() => writeResults(backend, [...results.values()]));
    for (const row of TABLES) {
      if (exclusion(row, backend) !== undefined) continue;
      it(row.name, () => {
        const result = results.get(row.name);
        expect(result, "the page's result").toBeDefined();
        expect(result?.reason).toBeUndefined();
      });
    }
  });
}
