import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runInBrowser } from "../support/browser.ts";
import { BROWSERS } from "../support/browser-find.ts";

const here = (name: string) => new URL(name, import.meta.url);

describe.each(BROWSERS)("runInBrowser(%s)", (browser) => {
  it("gives the page isolation, shared memory and Atomics.waitAsync", async () => {
    const progress: unknown[] = [];
    const result = await runInBrowser(browser, {
      entry: here("./driver-page.js"),
      modules: { notifier: here("./driver-notifier.js") },
      onProgress: (value) => progress.push(value),
    });
    expect(result).toEqual({
      crossOriginIsolated: true,
      sharedMemory: "SharedArrayBuffer",
      waitAsync: "ok",
    });
    expect(progress).toEqual(["half way"]);
  });

  it("throws what the page threw, with its console", async () => {
    const lines: string[] = [];
    const run = runInBrowser(browser, {
      entry: here("./driver-throwing-page.js"),
      onConsole: (line) => lines.push(line),
    });
    await expect(run).rejects.toThrow(/RangeError: thrown on purpose[\s\S]*printed before/);
    expect(lines.join("\n")).toContain("printed before");
  });
});

it("runInBrowser() takes a screenshot in Chromium", async () => {
  const folder = await mkdtemp(join(tmpdir(), "screenshot-"));
  const screenshot = join(folder, "page.png");
  await runInBrowser("chromium", {
    entry: here("./driver-page.js"),
    modules: { notifier: here("./driver-notifier.js") },
    screenshot,
  });
  expect(existsSync(screenshot)).toBe(true);
  expect((await readFile(screenshot)).subarray(1, 4).toString()).toBe("PNG");
  await rm(folder, { recursive: true });
});
