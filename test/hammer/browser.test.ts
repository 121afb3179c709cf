import { expect, it } from "vitest";
import { runInBrowser } from "../support/browser.ts";
import { BROWSERS } from "../support/browser-find.ts";

const here = (name: string) => new URL(name, import.meta.url);

it.each(BROWSERS)("four workers lose nothing in %s", async (browser) => {
  const result = await runInBrowser(browser, {
    entry: here("./page.js"),
    modules: { "hammer-program": here("./program.js") },
    timeoutMs: 120_000,
    onProgress: (seed) => process.stdout.write(`hammer in ${browser}: ${String(seed)}\n`),
  });
  expect(result).toMatchObject({ wrong: [] });
});
