/** The races in a page; run by races-browser.test.ts. */
import { boot } from "../../runtime/index.ts";
import type { Page } from "../support/browser-page.ts";
import { leftovers } from "./hammer.ts";
import * as races from "./races.ts";

export async function run(page: Page): Promise<Record<string, unknown>> {
  await using machine = await boot({ pool: 4, MSGMNB: 2048 });
  const seed = Math.floor(Math.random() * 2 ** 31);
  await page.progress(`seed ${seed}`);
  const race = { machine, program: "races-program.js", seed, rounds: 500, width: 4 };
  const paths = await races.paths(race);
  await page.progress("both paths");
  await races.removals(race);
  await page.progress("removals");
  const aborts = await races.aborts(race);
  await page.progress("aborts");
  const kills = await races.kills(race, 3);
  const left = leftovers({ machine, program: "", seed, rounds: 0 });
  return { paths: same(paths), aborts: same(aborts), kills, left };
}

/** True, or the two that differ. */
function same([got, wanted]: [number[], number[]]): unknown {
  return JSON.stringify(got) === JSON.stringify(wanted) || { got, wanted };
}
