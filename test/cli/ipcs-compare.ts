/**
 * Runs in an IPC namespace of its own: makes objects on the real kernel, then lists them with
 * util-linux's ipcs and with ours, and prints both outcomes of every command line as JSON.
 */
import { writeFileSync } from "node:fs";
import { MAIN, type Outcome, run, wasmIpc } from "./command.ts";
import { holdObjects } from "./hold-objects.ts";

/** One command line and what each program made of it. */
export interface Comparison {
  readonly args: string;
  readonly theirs: Outcome;
  readonly ours: Outcome;
}

const FORMATS = ["", "-t", "-p", "-c", "-l", "-u"];
const UNITS = ["", "-b", "--human"];

const LISTS = [
  ...FORMATS.flatMap((format) => UNITS.map((unit) => `${format} ${unit}`)),
  ...FORMATS.flatMap((format) => ["-m", "-q", "-s"].map((k) => `${k} ${format}`)),
  "-m -s",
  "-a -m",
  "--shmems --time",
  "--queues --pid",
  "--semaphores --creator",
  "--all --limits",
  "--summary --bytes",
  "-p -t",
  "-t -p",
  "-mt",
  "-l -u",
  "--human -b",
  "-b --human",
  "-i 0",
  "-i 0 -a",
  "-i 0 -m -s",
  "-m -i x",
  "-m -i 0x1",
  "-m -i 99999999999",
  "-s -i -99999999999",
];

const KINDS = [
  ["-m", 20],
  ["-s", 3],
  ["-q", 4],
] as const;

/** Each object by its id, and ids that there are not; sizes in every unit. */
const DETAILS = KINDS.flatMap(([kind, count]) => [
  ...Array.from({ length: count }, (_, id) => `${kind} -i ${id}`),
  ...UNITS.map((unit) => `${kind} -i 0 ${unit}`),
]);

/** What a user sees who may not read everything: root without its capabilities, here. */
const UNPRIVILEGED = ["-a", "-c", "-t", "-u", "-m -i 4", "-m -i 15"];

function compareUnprivileged(line: string): Comparison {
  const args = line.split(" ");
  const setpriv = (...command: string[]) =>
    run("setpriv", ["--inh-caps=-all", "--bounding-set=-all", ...command]);
  return {
    args: `${line} (unprivileged)`,
    theirs: setpriv("ipcs", ...args),
    ours: setpriv(process.execPath, MAIN, "ipcs", "--linux", ...args),
  };
}

function compare(line: string): Comparison {
  const args = line.split(" ").filter((word) => word !== "");
  return {
    args: args.join(" "),
    theirs: run("ipcs", args),
    ours: wasmIpc("ipcs", "--linux", ...args),
  };
}

const objects = await holdObjects();
const comparisons = [
  ...[...LISTS, ...DETAILS].map(compare),
  ...UNPRIVILEGED.map(compareUnprivileged),
];
objects.release();
writeFileSync(1, JSON.stringify(comparisons));
