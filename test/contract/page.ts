/** The entry of the page that runs every row on our kernel in a browser. */
import type { Page } from "../support/browser-page.ts";
import { KernelWorld } from "./kernel-world.ts";
import { runTables } from "./run-tables.ts";
import { TABLES } from "./tables.ts";

/** Reports each row as it is done. @returns how many were run */
export async function run(page: Page): Promise<number> {
  const backend = navigator.userAgent.includes("Firefox") ? "firefox" : "chromium";
  await using world = await KernelWorld.start(backend, "/kernel-agent.js");
  const results = await runTables(world, TABLES, (result) => page.progress(result));
  return results.length;
}
