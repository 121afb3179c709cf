/** Bad usage, help and version: what goes where, and with which exit status. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { MAIN, wasmIpc } from "./command.ts";

/** The repository's own package.json as seen from build/test/cli/. */
const MANIFEST = new URL("../../../package.json", import.meta.url);

interface Wrong {
  readonly args: readonly string[];
  readonly status: number;
  /** What the first line of stderr must be. */
  readonly message: string;
}

const WRONG: readonly Wrong[] = [
  { args: ["frob"], status: 2, message: "wasm-ipc: unknown command 'frob'" },
  { args: ["--frob"], status: 2, message: "wasm-ipc: unknown option '--frob'" },
  { args: ["run"], status: 2, message: "wasm-ipc run: missing required argument 'program'" },
  { args: ["run", "--frob", "x.js"], status: 2, message: "wasm-ipc run: unknown option '--frob'" },
  {
    args: ["run", "--memory", "much", "x.js"],
    status: 2,
    message: "wasm-ipc run: --memory: 'much' is not a size such as 64M",
  },
  {
    args: ["run", "--limit", "FROB=1", MAIN],
    status: 2,
    message: "wasm-ipc run: boot: there is no option `FROB`",
  },
  {
    args: ["run", "--limit", "SEMVMX=0", MAIN],
    status: 2,
    message: "wasm-ipc run: boot: `SEMVMX` must be from 1 to 32767, not 0",
  },
  {
    args: ["run", "--pool", "0", "x.js"],
    status: 2,
    message: "wasm-ipc run: --pool: '0' is not 1 or more",
  },
  {
    args: ["run", "--limit", "SHMMNI", "x.js"],
    status: 2,
    message: "wasm-ipc run: --limit: 'SHMMNI' is not NAME=VALUE",
  },
  { args: ["ipcs", "-x"], status: 1, message: "wasm-ipc ipcs: unknown option '-x'" },
  {
    args: ["ipcs", "-i"],
    status: 1,
    message: "wasm-ipc ipcs: option '-i, --id <id>' argument missing",
  },
  {
    args: ["ipcs", "foo"],
    status: 1,
    message: "wasm-ipc ipcs: too many arguments for 'ipcs'. Expected 0 arguments but got 1.",
  },
  {
    args: ["ipcs", "--machine", "x"],
    status: 1,
    message: "wasm-ipc ipcs: unknown option '--machine'",
  },
  { args: ["ipcrm"], status: 1, message: "wasm-ipc ipcrm: bad usage: nothing to remove" },
  { args: ["ipcrm", "-x"], status: 1, message: "wasm-ipc ipcrm: unknown option '-x'" },
  { args: ["ipcrm", "foo"], status: 1, message: "wasm-ipc ipcrm: unknown argument: foo" },
  { args: ["ipcrm", "-afoo"], status: 1, message: "wasm-ipc ipcrm: unknown argument: foo" },
  {
    args: ["ipcrm", "-m", "1", "foo"],
    status: 1,
    message: "wasm-ipc ipcrm: unknown argument: foo",
  },
  { args: ["ipcrm", "shm"], status: 1, message: "wasm-ipc ipcrm: not enough arguments" },
];

describe("wasm-ipc, used wrongly", () => {
  test.each(WRONG)("$args is told on stderr, with status $status", ({ args, status, message }) => {
    const outcome = wasmIpc(...args);
    expect(outcome.stderr.split("\n")[0]).toBe(message);
    expect(outcome).toMatchObject({ stdout: "", status });
    const name = message.slice(0, message.indexOf(":"));
    expect(outcome.stderr).toContain(`Try '${name} --help' for more information.`);
  });

  test("without a subcommand it prints its help on stderr, with status 2", () => {
    const { stdout, stderr, status } = wasmIpc();
    expect(stderr).toContain("Usage: wasm-ipc");
    expect({ stdout, status }).toEqual({ stdout: "", status: 2 });
  });
});

describe("wasm-ipc --help and --version", () => {
  test.each([[], ["run"], ["ipcs"], ["ipcrm"]])("%s --help goes to stdout", (...command) => {
    const { stdout, stderr, status } = wasmIpc(...command, "--help");
    expect(stdout).toContain(`Usage: ${["wasm-ipc", ...command].join(" ")}`);
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  });

  test("--version prints the package's version", () => {
    const { version } = JSON.parse(readFileSync(MANIFEST, "utf8"));
    expect(wasmIpc("--version")).toEqual({
      stdout: `wasm-ipc ${version}\n`,
      stderr: "",
      status: 0,
    });
  });
});
