/** `wasm-ipc ps`: a machine of its own, in which nobody is but the command. */
import { describe, expect, test } from "vitest";
import { wasmIpc } from "./command.ts";

const NEW = "wasm-ipc ps: this machine is new; nobody else is in it\n";

describe("wasm-ipc ps", () => {
  test("lists the machine's first two processes", () => {
    const { stdout, stderr, status } = wasmIpc("ps");
    expect({ stderr, status }).toEqual({ stderr: NEW, status: 0 });
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("  PID  PPID  PGID   SID USER     STAT START WCHAN  COMMAND");
    expect(lines[1]).toMatch(/^ {4}1 {5}0 {5}1 {5}1 \S+ +Rs {3}\d\d:\d\d - {6}\[init\]$/);
    expect(lines[2]).toMatch(/^ {4}2 {5}1 {5}2 {5}2 \S+ +Rs {3}\d\d:\d\d - {6}\[boot\]$/);
  });

  test.each(["-o", "--files"])("lists with %s what they have open", (option) => {
    const { stdout, stderr, status } = wasmIpc("ps", option);
    expect({ stderr, status }).toEqual({ stderr: NEW, status: 0 });
    const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/).slice(3).join(" "));
    expect(rows).toEqual([
      "FD TYPE OFFSET NODE NAME",
      "cwd DIR /",
      "cwd DIR /",
      "0r host standard input of the host",
      "1w host standard output of the host",
      "2w host standard error of the host",
      "",
    ]);
  });

  test("tells with --waits that nobody waits", () => {
    expect(wasmIpc("ps", "--waits")).toEqual({ stdout: "", stderr: NEW, status: 0 });
  });

  test("refuses what it has not", () => {
    expect(wasmIpc("ps", "-o", "-w")).toMatchObject({
      stdout: "",
      stderr: "wasm-ipc ps: one of -o and --waits\n",
      status: 2,
    });
    expect(wasmIpc("ps", "-x")).toMatchObject({ stdout: "", status: 2 });
    expect(wasmIpc("ps", "all")).toMatchObject({ stdout: "", status: 2 });
  });
});
