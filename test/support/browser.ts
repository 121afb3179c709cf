/**
 * runInBrowser(): one function run in a page of a real browser, its result given back as JSON. The
 * same for Chromium and Firefox.
 */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { BrowserName } from "./browser-find.ts";
import { type OpenPage, openPage } from "./browser-launch.ts";
import type { Report } from "./browser-page.ts";
import { serve } from "./server.ts";

export interface RunOptions {
  /** The built module (.js) to bundle, whose `run(page: Page)` is called in the page. */
  entry: string | URL;
  /** Further modules, each bundled and served as /NAME.js: programs to spawn. */
  modules?: Readonly<Record<string, string | URL>>;
  /** Files to serve from memory by path, such as "/kernel.wasm". */
  files?: ReadonlyMap<string, string | Uint8Array>;
  /** A folder to serve: what a user's bundler made, or texts to read. */
  folder?: string;
  /** Headers of every answer; the isolation headers when left out. */
  headers?: Readonly<Record<string, string>>;
  /** From the page's first report to its result. */
  timeoutMs?: number;
  /** Gets what the page hands to progress(). */
  onProgress?: (value: unknown) => void;
  /** Gets each error on the console of the page and its workers; standard error when left out. */
  onConsole?: (line: string) => void;
  /** Chromium: writes a PNG of the page here once the result is there. */
  screenshot?: string;
}

/** A browser that has not shown the page by then is given up, and started once more. */
const START_TIMEOUT_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 120_000;

/** Thrown when the browser never loaded the page: the test has not begun. */
class NotStarted extends Error {}

/**
 * @returns what `run` returned in the page, through JSON.
 * @throws {Error} what `run` threw there, or why the browser gave no result, with the page's console.
 */
export async function runInBrowser(name: BrowserName, options: RunOptions): Promise<unknown> {
  const files = new Map([...(options.files ?? []), ...(await bundle(options))]);
  try {
    return await attempt(name, options, files);
  } catch (error) {
    // Firefox now and then starts without ever asking for its page; nothing was tested by then.
    if (!(error instanceof NotStarted)) throw error;
    process.stderr.write(`${error.message}; starting it once more\n`);
    return await attempt(name, options, files);
  }
}

async function attempt(
  name: BrowserName,
  options: RunOptions,
  files: ReadonlyMap<string, string | Uint8Array>,
): Promise<unknown> {
  const lines: string[] = [];
  const onConsole = options.onConsole ?? ((line) => process.stderr.write(`${name}: ${line}\n`));
  const outcome = new Outcome(name, options);
  try {
    await using server = await serve({
      files,
      ...(options.folder !== undefined && { folder: options.folder }),
      ...(options.headers !== undefined && { headers: options.headers }),
      onReport: (report) => outcome.take(report as Report),
    });
    await using page: OpenPage = await openPage(name, `${server.origin}/index.html`, {
      onError(line) {
        lines.push(line);
        onConsole(line);
      },
      onEnd: (reason) => outcome.fail(reason),
    });
    const result = await outcome.result;
    if (options.screenshot !== undefined) await page.screenshot(options.screenshot);
    return result;
  } catch (error) {
    if (error instanceof Error && lines.length > 0) {
      error.message += `\nconsole:\n${lines.join("\n")}`;
    }
    throw error;
  } finally {
    outcome.stop();
  }
}

/** What became of the page: not loaded, then loaded, then a result or a failure. */
class Outcome {
  readonly result: Promise<unknown>;
  #succeed!: (value: unknown) => void;
  #fail!: (error: Error) => void;
  #loaded = false;
  #timer: NodeJS.Timeout;
  readonly #name: string;
  readonly #options: RunOptions;

  constructor(name: string, options: RunOptions) {
    this.#name = name;
    this.#options = options;
    this.result = new Promise((succeed, fail) => {
      this.#succeed = succeed;
      this.#fail = fail;
    });
    // It may fail while the browser is still being started, before anybody awaits it.
    this.result.catch(() => undefined);
    this.#timer = setTimeout(() => this.fail("no page"), START_TIMEOUT_MS);
  }

  take(report: Report): void {
    if (report.kind === "result") this.#succeed(report.value);
    else if (report.kind === "error") this.#fail(new Error(`${this.#name}: ${report.message}`));
    else if (report.kind === "progress") this.#options.onProgress?.(report.value);
    else this.#begin();
  }

  fail(reason: string): void {
    const message = `${this.#name}: ${reason}`;
    this.#fail(this.#loaded ? new Error(message) : new NotStarted(`${message} before it loaded`));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #begin(): void {
    this.#loaded = true;
    clearTimeout(this.#timer);
    const timeoutMs = this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#timer = setTimeout(() => this.fail(`no result after ${timeoutMs} ms`), timeoutMs);
  }
}

/** The page, its entry and the further modules, ready to serve. */
async function bundle(options: RunOptions): Promise<Map<string, string | Uint8Array>> {
  const path = (module: string | URL) => (module instanceof URL ? fileURLToPath(module) : module);
  const common = { bundle: true, write: false, format: "esm", platform: "browser" } as const;
  const files = new Map<string, string | Uint8Array>([
    [
      "/index.html",
      `<!doctype html><meta charset="utf-8"><title>Test</title><link rel="icon" href="data:,"><body><script type="module" src="/entry.js"></script>`,
    ],
  ]);
  const entry = await build({
    ...common,
    stdin: {
      contents: `import { run } from ${JSON.stringify(path(options.entry))};
        import { runEntry } from ${JSON.stringify(path(new URL("./browser-page.js", import.meta.url)))};
        await runEntry(run);`,
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
    },
  });
  files.set("/entry.js", entry.outputFiles[0]!.contents);
  for (const [name, module] of Object.entries(options.modules ?? {})) {
    const result = await build({ ...common, entryPoints: [path(module)] });
    files.set(`/${name}.js`, result.outputFiles[0]!.contents);
  }
  return files;
}
