/**
 * The programs of /bin beside the computer's own of the same name: the same output, messages, status
 * and files, over the real kernel and over a machine. The computer's own decides.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { BUILTIN_NAMES } from "../../runtime/bin/names.ts";
import { run } from "../cli/command.ts";
import { type BinCase, nameOf, type Outcome, type Outcomes } from "./case.ts";
import { TABLES } from "./tables.ts";

const CASES_AT_LEAST = 8;
/** Programs that take no notice of anything have little to be tried with. */
const FEW = ["true", "false"];

let results: Record<string, Outcomes[]> = {};

beforeAll(() => {
  const directory = mkdtempSync(join(tmpdir(), "wasm-ipc-bin-test-"));
  const output = join(directory, "results.json");
  const user = process.getuid?.() === 0 ? [] : ["--map-root-user"];
  const script = fileURLToPath(new URL("runner.js", import.meta.url));
  const { status, stderr } = run("unshare", ["--ipc", ...user, process.execPath, script, output]);
  if (status !== 0) throw new Error(`the runner ended with status ${status}\n${stderr}`);
  results = JSON.parse(readFileSync(output, "utf8")) as Record<string, Outcomes[]>;
  rmSync(directory, { recursive: true });
}, 300_000);

/** Without what the case says may differ. */
function masked(outcome: Outcome, { masked: patterns = [] }: BinCase): Outcome {
  const clean = (text: string) => patterns.reduce((all, each) => all.replace(each, "?"), text);
  return { ...outcome, stdout: clean(outcome.stdout), stderr: clean(outcome.stderr) };
}

describe.each(Object.entries(TABLES))("%s", (program, rows) => {
  const named = rows.map((row, index) => [nameOf(row, index), row, index] as const);

  it.each(named)("over Linux: %s", (_name, row, index) => {
    const { real, linux } = results[program]![index]!;
    expect(masked(linux, row)).toEqual(masked(real, row));
  });

  it.each(named.filter(([, row]) => row.onlyLinux === undefined))(
    "over a machine: %s",
    (_name, row, index) => {
      const { real, machine } = results[program]![index]!;
      expect(masked(machine!, row)).toEqual(masked(real, row));
    },
  );
});

/** Whose cases are command lines: test/shell. */
const ELSEWHERE = ["sh"];

it("has enough cases for every program", () => {
  expect([...Object.keys(TABLES), ...ELSEWHERE].sort()).toEqual([...BUILTIN_NAMES].sort());
  for (const [program, rows] of Object.entries(TABLES)) {
    if (!FEW.includes(program)) expect(rows.length, program).toBeGreaterThanOrEqual(CASES_AT_LEAST);
  }
});
