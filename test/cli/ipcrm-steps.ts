/**
 * Runs in an IPC namespace of its own, once for each of the two programs: makes the same objects,
 * then removes them with the same command lines, and prints every outcome as JSON.
 */
import { writeFileSync } from "node:fs";
import { linux } from "../../host/linux/index.ts";
import { type Outcome, run, wasmIpc } from "./command.ts";
import { makeObjects } from "./objects.ts";

/** One command line, what came of it, and the objects that there are then. */
export interface Step {
  readonly args: string;
  readonly outcome: Outcome;
  readonly left: string;
}

const STEPS = [
  ["-m", "0"],
  ["-m", "0"],
  ["-s", "99"],
  ["-q", "99"],
  ["-m", "-1"],
  ["-m", " 2"],
  ["-m", "+2"],
  ["-M", "0x4d"],
  ["-M", "0x4d"],
  ["-M", "0"],
  ["-M", "-2147483647"],
  ["-M", "010"],
  ["-M", "22136"],
  ["-M", "99999999999"],
  ["-Q", "0x123"],
  ["-Q", "0x123"],
  ["-S", "85"],
  ["-S", "85"],
  ["--shmem-id", "4", "--shmem-id=5"],
  ["-v", "-m", "6", "-q", "1", "-s", "77", "-m", "7"],
  ["shm", "8", "9"],
  ["shm", "8"],
  ["msg", "x", "0", "99"],
  ["sem", "1"],
  ["-m", "x"],
  ["-m", ""],
  ["-m", "1x"],
  ["-m", "0x1"],
  ["-m", "99999999999"],
  ["-M", "x"],
  ["-M", "09"],
  ["-M", "99999999999999999999999"],
  "make",
  ["-v", "-asem"],
  ["--verbose", "--all=msg"],
  ["-v", "-ashm"],
  ["-ashm"],
  "make",
  ["-v", "-m", "9999", "-a"],
  ["-a"],
] as const;

function remove(program: string, args: readonly string[]): Outcome {
  return program === "util-linux" ? run("ipcrm", args) : wasmIpc("ipcrm", "--linux", ...args);
}

const [program = ""] = process.argv.slice(2);
const sys = await linux();
makeObjects(sys);
const done: Step[] = [];
for (const args of STEPS) {
  if (args === "make") makeObjects(sys);
  else {
    const outcome = remove(program, args);
    done.push({ args: args.join(" "), outcome, left: run("ipcs", []).stdout });
  }
}
writeFileSync(1, JSON.stringify(done));
