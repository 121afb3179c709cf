/** `wasm-ipc sh`: the shell of a new machine on the command's own standard streams. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MAIN, wasmIpc } from "./command.ts";

const folder = mkdtempSync(join(tmpdir(), "wasm-ipc-sh-"));
beforeAll(() => {
  writeFileSync(join(folder, "script.sh"), 'echo "$0: $# $1"\nno-such-program\nexit 4\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

function typed(input: string, ...args: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [MAIN, "sh", ...args], {
    input,
    encoding: "utf8",
  });
  return { stdout, stderr, status };
}

test("sh -c runs a command line, and ends as it", () => {
  expect(wasmIpc("sh", "-c", "ls /bin | sort -r | head -2; exit 7")).toEqual({
    stdout: "yes\nwc\n",
    stderr: "",
    status: 7,
  });
});

test("sh sorts what comes through a FIFO", () => {
  const line = String.raw`mkfifo /tmp/f; sort < /tmp/f & printf "c\nb\na\n" > /tmp/f; wait; ls -l /tmp/f`;
  const { stdout, stderr, status } = wasmIpc("sh", "-c", line);
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  const lines = stdout.split("\n");
  expect(lines.slice(0, 3)).toEqual(["a", "b", "c"]);
  expect(lines[3]).toMatch(/^prw-r--r-- .* \/tmp\/f$/);
});

test("sh says 127 for what there is not, 126 for what cannot be run, 2 for an unfinished quote", () => {
  expect(wasmIpc("sh", "-c", "no-such-program")).toEqual({
    stdout: "",
    stderr: "sh: 1: no-such-program: not found\n",
    status: 127,
  });
  expect(wasmIpc("sh", "-c", "/tmp")).toMatchObject({ status: 126 });
  expect(wasmIpc("sh", "-c", "echo 'unfinished")).toEqual({
    stdout: "",
    stderr: "sh: 1: Syntax error: Unterminated quoted string\n",
    status: 2,
  });
});

test("sh ends with 128 plus the signal that ended it", () => {
  expect(wasmIpc("sh", "-c", "kill -TERM $$").status).toBe(143);
});

test("sh runs a script of this computer, with its name and arguments", () => {
  const script = join(folder, "script.sh");
  expect(wasmIpc("sh", script, "-x", "b")).toEqual({
    stdout: `${script}: 2 -x\n`,
    stderr: `${script}: 2: no-such-program: not found\n`,
    status: 4,
  });
  expect(wasmIpc("sh", "-e", script)).toMatchObject({ status: 127 });
  expect(wasmIpc("sh", join(folder, "nothing"))).toEqual({
    stdout: "",
    stderr: `wasm-ipc sh: cannot open ${join(folder, "nothing")}: No such file\n`,
    status: 2,
  });
});

test("sh reads its commands from standard input", () => {
  expect(typed("x=$((6*7))\necho $x; exit 3\n")).toEqual({ stdout: "42\n", stderr: "", status: 3 });
  expect(typed("echo $# $2\n", "-s", "a", "b").stdout).toBe("2 b\n");
});

test("sh --volume mounts a directory of this computer", () => {
  const write = wasmIpc(
    "sh",
    "--volume",
    `${folder}:/work`,
    "-c",
    "wc -l < /work/script.sh > /work/n",
  );
  expect(write).toEqual({ stdout: "", stderr: "", status: 0 });
  expect(readFileSync(join(folder, "n"), "utf8")).toBe("3\n");
  const readonly = wasmIpc("sh", "--volume", `${folder}:/work:ro`, "-c", "echo x > /work/y");
  expect(readonly).toEqual({
    stdout: "",
    stderr: "sh: 1: cannot create /work/y: Read-only file system\n",
    status: 2,
  });
  expect(wasmIpc("sh", "--volume", folder, "-c", "true")).toMatchObject({ status: 2 });
});

test("sh goes on when no process can be made", () => {
  const line = "sleep 5 | sleep 5 | sleep 5 | sleep 5; echo $?; kill $! 2>/dev/null; echo on";
  const { stdout, stderr, status } = wasmIpc(
    "sh",
    "--limit",
    "PROC_MAX=5",
    "-c",
    `(${line}) ; echo "after $?"`,
  );
  expect(stderr).toContain("Cannot fork");
  expect({ stdout, status }).toEqual({ stdout: "after 2\n", status: 0 });
});

test("Ctrl-C ends what runs in the foreground, and an interactive shell goes on", async () => {
  const child = spawn(process.execPath, [MAIN, "sh", "-i"], { stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  child.stdout.on("data", (chunk) => {
    said += chunk;
  });
  const until = async (text: string) => {
    while (!said.includes(text)) await once(child.stdout, "data");
  };
  child.stdin.write("echo ready; sleep 100\n");
  await until("ready");
  child.kill("SIGINT");
  child.stdin.write("echo $?; exit 5\n");
  await until("130");
  const [status] = await once(child, "exit");
  expect(status).toBe(5);
});
