/** The hammer in a page; run by browser.test.ts. */
import { boot } from "../../runtime/index.ts";
import type { Page } from "../support/browser-page.ts";
import { hammer } from "./hammer.ts";

export async function run(page: Page): Promise<{ seed: number; wrong: string[] }> {
  await using machine = await boot({ pool: 4 });
  const seed = Math.floor(Math.random() * 2 ** 31);
  await page.progress(`seed ${seed}`);
  const wrong = await hammer({ machine, program: "hammer-program.js", seed, rounds: 2000 });
  return { seed, wrong };
}
