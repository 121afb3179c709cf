import { expect, it } from "vitest";
import { runInBrowser } from "../support/browser.ts";
import { BROWSERS } from "../support/browser-find.ts";

const here = (name: string) => new URL(name, import.meta.url);

it.each(BROWSERS)("racing workers lose nothing in %s", async (browser) => {
  const result = await runInBrowser(browser, {
    entry: here("./races-page.js"),
    modules: { "races-program": here("./races-program.js") },
    timeoutMs: 120_000,
    onProgress: (value) => process.stdout.write(`races in ${browser}: ${String(value)}\n`),
  });
  expect(result).toEqual({ paths: true, aborts: true, kills: [1, 1, 1], left: [0, 0, 0] });
});
