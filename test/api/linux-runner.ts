/** Runs the cases on the real kernel, in an IPC namespace of its own, and prints what failed. */
import { writeFileSync } from "node:fs";
import { linux } from "../../host/linux/index.ts";
import { runCase } from "./case.ts";
import { CASES } from "./cases.ts";

const sys = await linux();
const failures: (string | null)[] = [];
for (const apiCase of CASES) {
  try {
    await runCase(sys, apiCase);
    failures.push(null);
  } catch (error) {
    failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}
writeFileSync(1, JSON.stringify(failures));
