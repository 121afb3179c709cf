import { describe, expect, it } from "vitest";
import { runInBrowser } from "../support/browser.ts";
import { BROWSERS } from "../support/browser-find.ts";

const here = (name: string) => new URL(name, import.meta.url);

describe.each(BROWSERS)("boot() in %s", (browser) => {
  it("runs programs, hears of their ends, and refuses to block the page", async () => {
    const lines: string[] = [];
    const result = await runInBrowser(browser, {
      entry: here("./machine-page.js"),
      modules: {
        "machine-program": here("./machine-program.js"),
        "machine-attached": here("./machine-attached.js"),
      },
      onConsole: (line) => lines.push(line),
    });
    expect(result).toEqual({
      answer: true,
      thrown: 1,
      grandparent: 42,
      killed: 15,
      spun: 15,
      blocking:
        "semop: this call must wait, and this thread may not block; use `await sys.async.semop()` " +
        "with the same arguments",
      fromBlob: 3,
      missing: 1,
      attached: true,
      pids: 2,
      pending: "ECANCELED",
    });
    expect(lines.join("\n")).toContain("thrown on purpose");
  });
});
