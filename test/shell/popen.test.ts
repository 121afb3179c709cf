import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  boot,
  type Machine,
  O_CREAT,
  O_RDONLY,
  O_WRONLY,
  SIG_IGN,
  SIGCHLD,
  SIGINT,
  SIGKILL,
  SIGPIPE,
  SIGTERM,
  SIGUSR1,
} from "../../runtime/index.ts";
import { readFile } from "../bin/stage.ts";
import { codeOfAsync } from "../unit/runtime-support.ts";

const PROGRAM = new URL("popen-program.js", import.meta.url);
const LINES = ["pear", "apple", "fig", "quince", "banana"];

let machine: Machine;
beforeAll(async () => {
  machine = await boot({ pool: 4 });
});
afterAll(() => machine.shutdown());

/** The textbook's program in C. */
const TEXTBOOK = `#include <stdio.h>
int main(void) {
  FILE *sort = popen("sort", "w");
  const char *lines[] = { ${LINES.map((line) => JSON.stringify(line)).join(", ")} };
  for (int i = 0; i < ${LINES.length}; i++) fprintf(sort, "%s\\n", lines[i]);
  printf("status %d\\n", pclose(sort));
  return 0;
}`;

function onLinux(): string {
  const folder = mkdtempSync(join(tmpdir(), "wasm-ipc-popen-"));
  try {
    writeFileSync(join(folder, "main.c"), TEXTBOOK);
    const built = spawnSync("gcc", ["-o", "main", "main.c"], { cwd: folder, encoding: "utf8" });
    expect(built.stderr).toBe("");
    return spawnSync(join(folder, "main"), { cwd: folder, encoding: "utf8" }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (line: string) => new TextEncoder().encode(line);

describe("popen()", () => {
  it("sorts five lines as the textbook's program does on Linux", async () => {
    const { sys } = machine;
    const out = sys.open("/tmp/sorted", O_WRONLY | O_CREAT, 0o600);
    const child = await machine.spawn(PROGRAM, ["sort", ...LINES], { stdio: [0, out, 2] });
    expect((await child.wait()).code).toBe(0);
    sys.close(out);
    expect(readFile(sys, "/tmp/sorted")).toBe(onLinux());
  });

  it("reads what a pipeline writes", async () => {
    const list = await machine.popen("printf 'c\\nb\\na\\n' | sort | head -2", "r");
    expect(text(await list.stream.readAllAsync())).toBe("a\nb\n");
    expect(await list.close()).toEqual({ status: 0, code: 0, signal: null });
    expect(await list.close()).toEqual({ status: 0, code: 0, signal: null });
  });

  it.each([
    ["exit 7", { code: 7, signal: null }],
    ["no-such-program 2> /dev/null", { code: 127, signal: null }],
    ["/dev/null 2> /dev/null", { code: 126, signal: null }],
    ["echo 'unfinished 2> /dev/null", { code: 2, signal: null }],
    ["kill -TERM $$", { code: null, signal: SIGTERM }],
  ])("gives the status of: %s", async (command, status) => {
    const err = machine.sys.open("/dev/null", O_WRONLY);
    const saved = machine.sys.dup(2);
    machine.sys.dup2(err, 2);
    const run = await machine.popen(command, "r");
    expect(await run.close()).toMatchObject(status);
    machine.sys.dup2(saved, 2);
    for (const fd of [err, saved]) machine.sys.close(fd);
  });

  it("ends a command that writes on when nobody reads, and a writer of one that has ended", async () => {
    const endless = await machine.popen("exec yes", "r");
    const first = new Uint8Array(2);
    await endless.stream.readAsync(first);
    expect(text(first)).toBe("y\n");
    expect(await endless.close()).toMatchObject({ signal: SIGPIPE });
    machine.sys.sigaction(SIGPIPE, SIG_IGN);
    const brief = await machine.popen("exit 0", "w");
    const end = await codeOfAsync(
      (async () => {
        for (;;) await brief.stream.writeAsync(bytes("x".repeat(4096)));
      })(),
    );
    expect(end).toBe("EPIPE");
    expect((await brief.close()).code).toBe(0);
  });

  it("leaves no descriptor, and gives its children none of another's", async () => {
    const { sys } = machine;
    const free = sys.open("/dev/null", O_RDONLY);
    sys.close(free);
    await using first = await machine.popen("cat", "w");
    const second = await machine.popen("cat", "w");
    // Had the second one the first one's stream, the first would not see its end.
    expect((await first.close()).code).toBe(0);
    expect((await second.close()).code).toBe(0);
    expect(sys.open("/dev/null", O_RDONLY)).toBe(free);
    sys.close(free);
  });

  it("refuses another type, and a machine without a shell", async () => {
    expect(await codeOfAsync(machine.popen("true", "rw" as "r"))).toBe("EINVAL");
    await using bare = await boot({ pool: 1, bin: false });
    expect(await codeOfAsync(bare.popen("true", "r"))).toBe("ENOENT");
    expect(await codeOfAsync(bare.system("true"))).toBe("ENOENT");
  });
});

describe("system()", () => {
  it("runs a command line, and gives its status", async () => {
    const { sys } = machine;
    expect(await machine.system("echo one > /tmp/list; echo two >> /tmp/list; exit 3")).toEqual({
      status: 0x300,
      code: 3,
      signal: null,
    });
    expect(readFile(sys, "/tmp/list")).toBe("one\ntwo\n");
    expect(await machine.system("kill -KILL $$")).toMatchObject({ signal: SIGKILL });
  });

  it("ignores the keyboard's signals and blocks SIGCHLD meanwhile, not in the command", async () => {
    const { sys } = machine;
    const seen: number[] = [];
    for (const signal of [SIGINT, SIGCHLD, SIGUSR1]) {
      sys.sigaction(signal, (number) => void seen.push(number));
    }
    const script = `kill -INT ${sys.getpid()}; kill -USR1 ${sys.getpid()}; kill -INT $$`;
    const [one, two] = await Promise.all([machine.system(script), machine.system("exit 2")]);
    expect([one.signal, two.code]).toEqual([SIGINT, 2]);
    // The block's end brings the SIGCHLD that came meanwhile.
    expect(seen).toEqual([SIGUSR1, SIGCHLD]);
    sys.kill(sys.getpid(), SIGINT);
    sys.getpid();
    expect(seen).toEqual([SIGUSR1, SIGCHLD, SIGINT]);
    for (const signal of [SIGINT, SIGCHLD, SIGUSR1]) sys.sigaction(signal, 0);
  });
});
