/** The kill hammer in a page of a real browser, for the test and for the soak. */
import { readFile } from "node:fs/promises";
import { runInBrowser } from "../support/browser.ts";
import type { BrowserName } from "../support/browser-find.ts";
import type { PageOptions, PageResult } from "./kill-page.ts";

const here = (name: string) => new URL(name, import.meta.url);

/**
 * Chromium takes 2 s to stop a worker that is in the middle of something, whoever else is there, so
 * many are killed side by side; in Firefox a death takes 25 ms.
 */
const LANES: Record<BrowserName, Pick<PageOptions, "kills" | "lanes">> = {
  chromium: { kills: 50, lanes: { pooled: 8, attached: 6, pool: 10 } },
  firefox: { kills: 25, lanes: { pooled: 3, attached: 2, pool: 6 } },
};

/** What the last round and the watch of a hang may take. */
const ROUND_MS = 75_000;

/** Rounds until so many seconds have gone by. @throws {Error} with a Hang's dump. */
export async function killInBrowser(
  name: BrowserName,
  { seed, seconds, least = 0 }: { seed: number; seconds: number; least?: number },
  onProgress: (progress: PageResult) => void = () => {},
): Promise<PageResult & { printed: string[] }> {
  const printed: string[] = [];
  const result = await runInBrowser(name, {
    entry: here("./kill-page.js"),
    modules: {
      "kill-program": here("./kill-program.js"),
      "kill-attached-page": here("./kill-attached-page.js"),
    },
    files: new Map<string, string | Uint8Array>([
      ["/kernel.debug.wasm", await readFile(here("../../kernel.debug.wasm"))],
      ["/options.json", JSON.stringify({ seed, seconds, least, ...LANES[name] })],
    ]),
    timeoutMs: seconds * 1000 + ROUND_MS,
    // Some print an error that they die of on purpose.
    onConsole: (line) => void (line.includes("planned death") || printed.push(line)),
    onProgress(progress) {
      const { wrong } = progress as PageResult;
      printed.push(...wrong);
      onProgress(progress as PageResult);
    },
  }).catch((error: Error) => {
    error.message += `\n${printed.join("\n")}`;
    throw error;
  });
  return { ...(result as PageResult), printed };
}
