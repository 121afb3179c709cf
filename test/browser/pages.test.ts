import { describe, expect, it } from "vitest";
import { runInBrowser } from "../support/browser.ts";
import { BROWSERS } from "../support/browser-find.ts";

const here = (name: string) => new URL(name, import.meta.url);
const page = (body: string) => `<!doctype html><meta charset="utf-8"><title>Inner</title>${body}`;

describe.each(BROWSERS)("a machine shared between pages of %s", (browser) => {
  it("hears of each that goes away, and ends with the one that booted it", async () => {
    const reached: unknown[] = [];
    const run = runInBrowser(browser, {
      entry: here("./pages-page.js"),
      modules: {
        inner: here("./pages-inner.js"),
        holder: here("./pages-holder.js"),
        booter: here("./pages-booter.js"),
      },
      files: new Map([
        ["/inner.html", page(`<script type="module" src="/inner.js"></script>`)],
        ["/away.html", page("away")],
      ]),
      timeoutMs: 45_000,
      onProgress: (name) => reached.push(name),
    });
    const result = await run.catch((error) => {
      throw new Error(`after ${reached.join(", ")}`, { cause: error });
    });
    expect(result).toEqual({
      // At once: its process has ended when remove() returns.
      "iframe removed": 1,
      "iframe navigated": "heard",
      "window closed": "heard",
      "window navigated": "heard",
      "iframe with a worker removed": "heard",
      "booting iframe removed": "ECANCELED",
      "booting iframe navigated": "ECANCELED",
      "booting window closed": "ECANCELED",
      "booting worker terminated": "ECANCELED",
      "own worker terminated": 1,
      "this page": ["ECANCELED", "ECANCELED", "ECANCELED"],
    });
  });
});
