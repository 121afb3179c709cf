import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { runInBrowser } from "../support/browser.ts";
import { BROWSERS } from "../support/browser-find.ts";

const here = (name: string) => new URL(name, import.meta.url);

const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

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
      asleep: [
        "machine-program",
        [{ call: "semop", semid: 0, sem_num: 0, sem_op: -1, blocks: true, forever: true }],
      ],
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

  it("takes kernel and workers from files where a policy forbids a Blob", async () => {
    const file = (name: string) => readFile(new URL(`../../${name}`, import.meta.url));
    const result = await runInBrowser(browser, {
      entry: here("./machine-csp-page.js"),
      modules: { "machine-program": here("./machine-program.js") },
      files: new Map([
        ["/kernel.wasm", await file("kernel.wasm")],
        ["/worker.js", await file("workers/worker.browser.js")],
        ["/supervisor.js", await file("workers/supervisor.browser.js")],
      ]),
      headers: {
        ...ISOLATION,
        "Content-Security-Policy": "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'",
      },
      onConsole: () => {},
    });
    expect(result).toEqual({
      embedded: expect.stringMatching(/^boot: the machine's workers cannot be started: /),
      child: { status: 0, code: 0, signal: null },
    });
  });

  it("names the two headers where the page is not isolated", async () => {
    const result = await runInBrowser(browser, {
      entry: here("./machine-alone-page.js"),
      headers: {},
    });
    expect(result).toMatch(
      /Cross-Origin-Opener-Policy: same-origin.*Cross-Origin-Embedder-Policy: require-corp/,
    );
  });
});
