/**
 * CONFORMANCE.md from what the contract tests left in build/contract/: call, errno, row, and each
 * backend's result. `node scripts/conformance.mjs` writes it, with --check it only compares.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT, replaceText } from "./files.mjs";

const FILE = "CONFORMANCE.md";
const TITLES = { linux: "Linux", node: "Node", chromium: "Chromium", firefox: "Firefox" };
const SIGNS = { pass: "pass", fail: "**FAIL**", excluded: "-" };

const INTRODUCTION = `# Conformance

Made by \`scripts/conformance.mjs\` from the last whole run of the contract tests; do not edit.

Each row is a test in \`test/contract/tables\` that runs unchanged on four backends: the System V
and descriptor calls of a real Linux kernel, and the kernel of wasm-ipc in Node, in Chromium and in Firefox. Linux
decides: a row has to pass there first. A dash is a row that a backend cannot run; why is below.
`;

const DIFFERENCES = `## Differences from Linux

- There is no MMU below JavaScript. An address from \`shmat()\` is a label in the process's own map,
  and SHM_RDONLY and SHM_EXEC bind system calls, not stores through \`bytes\`. A view that was kept
  over \`shmdt()\` still reads the machine's memory.
- The ABI is ILP32: message types end at 2147483647, sizes at 2 GiB.
- Limits are those of the machine, set when it boots, and not of /proc/sys/kernel.
- There are no huge pages, no swap and no RLIMIT_MEMLOCK: SHM_LOCK only sets the mode bit.
- Real-time signals do not exist. A blocking call is never restarted after a handler, \`waitpid()\`
  included, as if SA_RESTART were never given.
- A pipe holds bytes, 65,536 of them, where Linux counts pages, of which a small write may take one: how
  much fits a pipe by writes of other sizes than 1 and 4096 may differ.
- A file is one extent of page frames: the zeros before what is written far past the end take frames as well, and a
  page of zeros is a hole to SEEK_HOLE, whoever wrote it. A file ends below 2 GiB. A write of more bytes from private
  memory than a task's transfer area holds is made in parts, between which others may write.
- Each read of a file in /proc/sysvipc shows that moment: objects that come or go between two reads move the lines
  behind them. A segment's \`rss\` is all of it, from the start.
- Times have the second that the supervisor published last.
- Descriptors 0, 1 and 2 of a program are the host's standard streams. In a page there is nothing to read,
  and what is written is shown by the console when its line is whole.
- What C passes by pointer is an object here: EFAULT is for a buffer shorter than the call was told.
  Arguments of a wrong type are a TypeError.
`;

const CRASH_INTRODUCTION = `## Deaths at every store

\`test/crash\` ends the caller before each store and atomic operation of each call, in each of its scenarios,
and then whoever repairs that, before each store of the repair. Afterwards the machine must be whole,
and others must find the call done wholly or not at all. Counted are the deaths of callers.
`;

/** What the tests left, by backend. @throws {Error} naming what is missing. */
async function readResults() {
  const results = {};
  for (const backend of Object.keys(TITLES)) {
    const path = join(ROOT, "build/contract", `${backend}.json`);
    if (!existsSync(path)) {
      throw new Error(`no ${relative(ROOT, path)}: run npx vitest run --project contract first`);
    }
    const list = JSON.parse(await readFile(path, "utf8"));
    results[backend] = new Map(list.map((result) => [result.name, result]));
  }
  return results;
}

function statusOf(row, backend, results, exclusion) {
  if (exclusion(row, backend) !== undefined) return "excluded";
  const result = results[backend].get(row.name);
  if (result === undefined) {
    throw new Error(`${backend} has no result for "${row.name}": run all contract tests`);
  }
  return result.status;
}

const cells = (...values) => `| ${values.join(" | ")} |`;

function summary(rows, statuses) {
  const lines = [
    cells("backend", "rows run", "passed", "not run"),
    cells("---", "--:", "--:", "--:"),
  ];
  for (const [backend, title] of Object.entries(TITLES)) {
    const count = (wanted) =>
      rows.filter((row) => wanted.includes(statuses.get(row)[backend])).length;
    lines.push(cells(title, count(["pass", "fail"]), count(["pass"]), count(["excluded"])));
  }
  return lines.join("\n");
}

function callSection(call, rows, statuses) {
  const lines = [
    `## ${call}()\n`,
    cells("errno", "row", ...Object.values(TITLES)),
    cells("---", "---", ...Object.keys(TITLES).map(() => "---")),
  ];
  for (const row of rows) {
    const signs = Object.keys(TITLES).map((backend) => SIGNS[statuses.get(row)[backend]]);
    lines.push(cells(row.errno ?? "", row.name, ...signs));
  }
  return lines.join("\n");
}

function exclusions(rows) {
  const lines = ["## Rows that a backend does not run\n"];
  for (const { name, linux, kernel, page } of rows) {
    if (linux !== undefined) lines.push(`- not on Linux: ${name}\n  (${linux})`);
    if (kernel !== undefined) lines.push(`- not on our kernel: ${name}\n  (${kernel})`);
    if (page !== undefined) lines.push(`- not in a page: ${name}\n  (${page})`);
  }
  return lines.join("\n");
}

function unreachable(documented) {
  const lines = ["## Documented errors that cannot occur\n"];
  for (const { call, unreachable: errors = {} } of documented) {
    for (const [errno, reason] of Object.entries(errors)) {
      lines.push(`- ${call}() ${errno}: ${reason}`);
    }
  }
  return lines.join("\n");
}

/** Where test/crash leaves how often it let whom die. */
const POINTS = "build/crash/points.json";

async function crashSection() {
  const path = join(ROOT, POINTS);
  if (!existsSync(path)) throw new Error(`no ${POINTS}: run npx vitest run --project crash first`);
  const points = Object.entries(JSON.parse(await readFile(path, "utf8")));
  const sum = (field) => points.reduce((total, [, of]) => total + of[field], 0);
  const row = (name, { scenarios, debug, release }) => cells(name, scenarios, debug, release);
  const total = { scenarios: sum("scenarios"), debug: sum("debug"), release: sum("release") };
  return [
    CRASH_INTRODUCTION,
    cells("call", "scenarios", "checked build", "release build"),
    cells("---", "--:", "--:", "--:"),
    row("all", total),
    ...points.map(([name, of]) => row(`${name}()`, of)),
  ].join("\n");
}

/** The text, and how many results are failures. */
async function compose() {
  const { TABLES } = await import("../build/test/contract/tables.js");
  const { DOCUMENTED } = await import("../build/test/contract/documented.js");
  const { exclusion } = await import("../build/test/contract/row.js");
  const results = await readResults();
  const statuses = new Map(
    TABLES.map((row) => [
      row,
      Object.fromEntries(
        Object.keys(TITLES).map((backend) => [backend, statusOf(row, backend, results, exclusion)]),
      ),
    ]),
  );
  const calls = [...new Set(TABLES.map(({ call }) => call))];
  const sections = calls.map((call) =>
    callSection(
      call,
      TABLES.filter((row) => row.call === call),
      statuses,
    ),
  );
  const text = [
    INTRODUCTION,
    `${summary(TABLES, statuses)}\n`,
    DIFFERENCES,
    await crashSection(),
    "",
    sections.join("\n\n"),
    "",
    exclusions(TABLES),
    "",
    unreachable(DOCUMENTED),
    "",
  ].join("\n");
  const all = [...statuses.values()].flatMap((each) => Object.values(each));
  return { text, failures: all.filter((status) => status === "fail").length };
}

/** Writes CONFORMANCE.md. @returns whether it has changed. @throws {Error} when a row failed. */
async function writeConformance() {
  const { text, failures } = await compose();
  const changed = await replaceText(FILE, text);
  if (failures > 0) throw new Error(`${FILE}: ${failures} results are failures`);
  return changed;
}

/** @throws {Error} when CONFORMANCE.md is not what the last run says. */
export async function checkConformance() {
  const { text } = await compose();
  const path = join(ROOT, FILE);
  if (!existsSync(path) || (await readFile(path, "utf8")) !== text) {
    throw new Error(`${FILE} is out of date: run node scripts/conformance.mjs`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await (process.argv.includes("--check") ? checkConformance() : writeConformance());
}
