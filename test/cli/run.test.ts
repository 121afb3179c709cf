/** `wasm-ipc run`: the program's arguments, output and end are those of the command. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { MAIN, wasmIpc } from "./command.ts";

const REPORT = fileURLToPath(new URL("programs/report.js", import.meta.url));
const TRACED = fileURLToPath(new URL("programs/traced.js", import.meta.url));

test("run ends with the program's exit code", () => {
  expect(wasmIpc("run", REPORT, "exit", "0")).toEqual({ stdout: "", stderr: "", status: 0 });
  expect(wasmIpc("run", REPORT, "exit", "42").status).toBe(42);
  expect(wasmIpc("run", REPORT, "nothing").status).toBe(0);
});

test("run hands every word after PROGRAM to it, options too", () => {
  const words = ["--memory", "x", "-h", "--", "--limit=1", "", "a b"];
  const { stdout, stderr, status } = wasmIpc("run", REPORT, "argv", ...words);
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  expect(JSON.parse(stdout)).toEqual(words);
});

test("run writes all that the program wrote before it ended", () => {
  const { stdout, status } = wasmIpc("run", REPORT, "much", "1000000");
  expect({ length: stdout.length, status }).toEqual({ length: 1_000_000, status: 0 });
});

test("run --memory and --limit make the machine that they describe", () => {
  const options = ["--memory", "8M", "--limit", "MSGMAX=12345", "--limit=MSGMNB=20000", "--pool=1"];
  const { stdout, stderr, status } = wasmIpc("run", ...options, REPORT, "limits");
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  expect(JSON.parse(stdout)).toEqual({ msgmax: 12345, shmall: 2048 });
});

test("run reports an exception of the program with its stack, and fails", () => {
  const { stdout, stderr, status } = wasmIpc("run", REPORT, "throw");
  expect({ stdout, status }).toEqual({ stdout: "", status: 1 });
  expect(stderr).toMatch(/Error: the program failed\n\s+at .*report\.js/);
});

test("run ends with 128 plus the signal that ended the program", () => {
  const { stderr, status } = wasmIpc("run", REPORT, "terminate");
  expect({ stderr, status }).toEqual({ stderr: "", status: 143 });
});

test("run says 127 for a program that is missing and 126 for a file that is none", () => {
  expect(wasmIpc("run", "no-such.js")).toEqual({
    stdout: "",
    stderr: "wasm-ipc run: no-such.js: No such file or directory\n",
    status: 127,
  });
  const { stderr, status } = wasmIpc("run", "package.json");
  expect({ stderr, status }).toEqual({
    stderr: "wasm-ipc run: package.json: not a JavaScript module\n",
    status: 126,
  });
});

/** Starts a program that waits, and interrupts the command once it does. */
async function interrupt(action: string, signal: NodeJS.Signals) {
  const child = spawn(process.execPath, [MAIN, "run", REPORT, action], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output = text(child.stdout);
  await once(child.stdout, "data");
  child.kill(signal);
  const [code] = await once(child, "close");
  return { output: await output, code };
}

test("run hands SIGINT and SIGTERM on to the program, whom they end", async () => {
  expect(await interrupt("wait", "SIGINT")).toEqual({ output: "ready\n", code: 130 });
  expect(await interrupt("wait", "SIGTERM")).toEqual({ output: "ready\n", code: 143 });
});

test("run lets a program handle SIGINT and end as it likes", async () => {
  expect(await interrupt("handle", "SIGINT")).toEqual({ output: "ready\nhandled\n", code: 7 });
});

test("run --strace prints every process's system calls on standard error", () => {
  const { stdout, stderr, status } = wasmIpc("run", "--strace", TRACED);
  expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
  const of = (pid: number) =>
    stderr.split("\n").flatMap((line) => line.split(`[pid ${pid}] `)[1] ?? []);
  expect(of(4)).toEqual(['write(4, "late") = 4', "+++ exited with 3 +++"]);
  const first = of(3);
  expect(first.slice(0, 3)).toEqual([
    "semget(IPC_PRIVATE, 1, 0600) = 0",
    "semop(0, [{0, 1, SEM_UNDO}]) = 0",
    "pipe() = [3, 4]",
  ]);
  expect(first[3]).toMatch(/^posix_spawn\("file:.*traced\.js", \["4"\]\) = 4$/);
  // The child may have been faster, or not.
  const rest = first.slice(4).join("\n");
  expect(rest).toMatch(/^read\(3(?: <unfinished \.\.\.>\n<\.\.\. read resumed>)?, "late"\) = 4\n/);
  expect(rest).toMatch(
    /\nwaitpid\(-1(?: <unfinished \.\.\.>\n<\.\.\. waitpid resumed>)?\) = 4 \(exited with 3\)\n/,
  );
  expect(first.at(-1)).toBe("+++ exited with 0 +++");
});
