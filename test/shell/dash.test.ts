/**
 * Command lines beside Debian's dash: the same output, messages, status and files. dash decides; its
 * programs are the computer's own, ours those of /bin in a machine.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } from "../../assembly/abi/fcntl.ts";
import type { Syscalls } from "../../host/contract.ts";
import { linux } from "../../host/linux/index.ts";
import { writeAll } from "../../runtime/api/descriptor.ts";
import { boot, type Machine, SIGKILL } from "../../runtime/index.ts";
import { readFile, remove, walk } from "../bin/stage.ts";

interface Outcome {
  status: number;
  stdout: string;
  stderr: string;
  tree: string[];
}

/** The folder of the cases, which tsc does not copy. */
const CASES = new URL("../../../test/shell/cases/", import.meta.url);
const FILES = ["words", "syntax", "commands", "jobs"];
const ENVIRONMENT = { PATH: "/usr/bin:/bin", LC_ALL: "C" };
const LIMIT_MS = 10_000;

/** Blocks of a file, each a script of one or more lines. */
function scripts(name: string): string[] {
  const text = readFileSync(new URL(`${name}.txt`, CASES), "utf8");
  return text.split("\n%%\n").map((script) => script.replace(/\n$/, ""));
}

/** Runs a script in an empty directory of its own, with a file for each standard stream. */
async function staged(
  sys: Syscalls,
  base: string,
  input: string,
  run: (cwd: string, stdio: number[]) => Promise<number>,
): Promise<Outcome> {
  const cwd = `${base}/cwd`;
  sys.mkdir(base, 0o755);
  sys.mkdir(cwd, 0o755);
  const open = (name: string) => sys.open(`${base}/${name}`, O_WRONLY | O_CREAT | O_TRUNC, 0o600);
  const write = open("in");
  writeAll(sys, write, new TextEncoder().encode(input));
  sys.close(write);
  const stdio = [sys.open(`${base}/in`, O_RDONLY), open("out"), open("err")];
  const status = await run(cwd, stdio);
  for (const fd of stdio) sys.close(fd);
  const stdout = readFile(sys, `${base}/out`);
  const outcome = { status, stdout, stderr: readFile(sys, `${base}/err`), tree: walk(sys, cwd) };
  remove(sys, base);
  return outcome;
}

/** How a shell is started: its arguments, and what it reads. */
type Started = readonly [args: readonly string[], input: string];

function dash(sys: Syscalls, base: string, [args, input]: Started): Promise<Outcome> {
  return staged(sys, base, input, async (cwd, stdio) => {
    const { status, signal, error } = spawnSync("dash", args, {
      argv0: "sh",
      cwd,
      env: ENVIRONMENT,
      stdio,
      timeout: LIMIT_MS,
    });
    if (error !== undefined) throw error;
    return status ?? 128 + (signal === "SIGKILL" ? 9 : 0);
  });
}

function ours(machine: Machine, base: string, [args, input]: Started): Promise<Outcome> {
  return staged(machine.sys, base, input, async (cwd, stdio) => {
    const child = await machine.spawn("sh", args, { cwd, stdio, env: ENVIRONMENT });
    const timer = setTimeout(() => child.kill(SIGKILL), LIMIT_MS);
    const { code, signal } = await child.wait();
    clearTimeout(timer);
    return code ?? 128 + signal!;
  });
}

let machine: Machine;
let kernel: Syscalls;
const temporary = mkdtempSync(join(tmpdir(), "wasm-ipc-shell-"));
let count = 0;
beforeAll(async () => {
  process.umask(0o022);
  kernel = await linux();
  machine = await boot({ pool: 4 });
});
afterAll(async () => {
  rmSync(temporary, { recursive: true, force: true });
  await machine.shutdown();
});

async function compare(started: Started): Promise<void> {
  const base = String(count++);
  const expected = await dash(kernel, join(temporary, base), started);
  const stdout = expected.stdout.replaceAll(temporary, "/tmp");
  expect(await ours(machine, `/tmp/${base}`, started)).toEqual({ ...expected, stdout });
}

describe.each(FILES)("%s", (name) => {
  it.each(scripts(name))("%s", (script) => compare([["-c", script], ""]));
});

describe("sh that reads its commands", () => {
  it.each(scripts("typed"))("%s", (text) => compare([[], text]));
  it.each(scripts("typed"))("with prompts: %s", (text) => compare([["-i"], text]));

  // With prompts dash forgets what it has read ahead, which on a terminal is nothing.
  it.each(scripts("typed-errors"))("%s", (text) => compare([[], text]));

  // dash reads ahead all the same; POSIX and bash leave what follows to the command.
  it.each([
    ["cat\nline one\n", "line one\n"],
    ['read x\nword of it\necho "<$x>"\n', "<word of it>\n"],
  ])("leaves the rest of its input to its commands: %j", async (text, stdout) => {
    const bash = spawnSync("bash", ["--posix"], { input: text, encoding: "utf8" });
    expect(bash.stdout).toBe(stdout);
    expect(await ours(machine, `/tmp/${count++}`, [[], text])).toMatchObject({
      stdout,
      stderr: "",
    });
  });
});

describe("the options of sh", () => {
  it.each<readonly string[]>([
    ["-c"],
    ["-c", "echo $0 $# $1", "name", "a", "b c"],
    ["-ec", "false; echo no"],
    ["-e", "-c", "false; echo no"],
    ["-o", "errexit", "-c", "false; echo no"],
    ["-xc", "echo a"],
    ["-uc", "echo $none"],
    ["-nc", "echo never"],
    ["-fc", "echo *"],
    ["-cx", "echo a"],
    ["-s", "a", "b"],
    ["--", "no-such-file"],
    ["no-such-file", "a"],
    ["-Z"],
    ["-o", "nothing", "-c", "true"],
    ["+x", "-c", "echo a"],
  ])("%j", (...args) => compare([args, "echo $# $1\n"]));
});
