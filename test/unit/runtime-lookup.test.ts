import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  boot,
  type Machine,
  O_CREAT,
  O_TRUNC,
  O_WRONLY,
  type SpawnOptions,
  type Syscalls,
} from "../../runtime/index.ts";
import { codeOfAsync, PROGRAM } from "./runtime-support.ts";

/** A module that says what it was started with. */
const ECHO = `export function main(sys, argv, machine) {
  console.log(JSON.stringify({ argv, env: machine.env, cwd: sys.getcwd() }));
}`;

let machine: Machine;
beforeAll(async () => {
  machine = await boot({ pool: 2 });
  const { sys } = machine;
  sys.mkdir("/tmp/tools", 0o755);
  put(sys, "/tmp/tools/echo.mjs", ECHO);
  put(sys, "/tmp/tools/echo", "#!/tmp/tools/echo.mjs\n");
});
afterAll(() => machine.shutdown());

function put(sys: Syscalls, path: string, text: string, mode = 0o755): void {
  const fd = sys.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
  sys.write(fd, new TextEncoder().encode(text));
  sys.fchmod(fd, mode);
  sys.close(fd);
}

/** What a program writes on its standard output. */
async function output(program: string | URL, args: string[] = [], options: SpawnOptions = {}) {
  const child = await machine.spawn(program, args, { ...options, stdio: [0, "pipe", 2] });
  const said = new TextDecoder().decode(await child.stdout!.readAllAsync());
  child.stdout!.close();
  expect(await child.wait()).toMatchObject({ signal: null });
  return said;
}

const said = async (...args: Parameters<typeof output>) =>
  JSON.parse(await output(...args)) as { argv: string[]; env: object; cwd: string };

describe("spawn() by a name", () => {
  it("finds a program of /bin, as PATH is by default", async () => {
    expect(await output("echo", ["a", "b c"])).toBe("a b c\n");
    expect(await output("machine:/bin/echo", ["-n", "x"])).toBe("x");
    expect(await output("machine:./bin/../bin/echo", ["y"])).toBe("y\n");
  });

  it("looks in the directories of PATH in their order, an empty one being its own", async () => {
    const { env, sys } = machine;
    const before = env.PATH;
    env.PATH = "/nowhere:/tmp/tools:/bin";
    expect(JSON.parse(await output("echo", ["1"])).argv).toEqual([
      "/tmp/tools/echo.mjs",
      "/tmp/tools/echo",
      "1",
    ]);
    env.PATH = "/bin:/tmp/tools";
    expect(await output("echo", ["1"])).toBe("1\n");
    env.PATH = "/nowhere::/bin";
    sys.chdir("/tmp/tools");
    expect((await said("echo", [])).argv).toEqual(["/tmp/tools/echo.mjs", "./echo"]);
    sys.chdir("/");
    env.PATH = before!;
  });

  it("runs a module of the machine's own tree", async () => {
    machine.sys.chdir("/tmp");
    const { argv, cwd } = await said("machine:./tools/echo.mjs", ["ä"], { cwd: "/dev" });
    machine.sys.chdir("/");
    expect([argv, cwd]).toEqual([["machine:./tools/echo.mjs", "ä"], "/dev"]);
  });

  it("runs a script by its interpreter, with one argument of its first line", async () => {
    put(machine.sys, "/tmp/script", "#! /bin/cat  -n \ntwo\n");
    expect(await output("machine:/tmp/script")).toBe("     1\t#! /bin/cat  -n \n     2\ttwo\n");
    put(machine.sys, "/tmp/no newline", "#!/bin/cat");
    expect(await output("machine:/tmp/no newline")).toBe("#!/bin/cat");
    put(machine.sys, "/tmp/args", "#!/tmp/tools/echo -a  b -c\n");
    const { argv } = await said("machine:/tmp/args", ["1", "2"]);
    expect(argv).toEqual([
      "/tmp/tools/echo.mjs",
      "/tmp/tools/echo",
      "-a  b -c",
      "/tmp/args",
      "1",
      "2",
    ]);
  });

  it("calls it argv0, and gives it the environment asked for", async () => {
    const tool = "machine:/tmp/tools/echo.mjs";
    expect(await said(tool, [], { argv0: "-sh", env: { A: "1=2", LONG: "ß" } })).toEqual({
      argv: ["-sh"],
      env: { A: "1=2", LONG: "ß" },
      cwd: "/",
    });
    machine.env.COLOUR = "red";
    expect((await said(tool)).env).toEqual({ PATH: "/bin", COLOUR: "red" });
    delete machine.env.COLOUR;
  });
});

describe("spawn() refuses", () => {
  it.each([
    ["ENOENT", "no-such-program"],
    ["ENOENT", "machine:/tmp/nothing"],
    ["ENOENT", "machine:"],
    ["ENOENT", "machine:/tmp/lost"],
    ["ENOTDIR", "machine:/tmp/plain/program"],
    ["EACCES", "machine:/tmp"],
    ["EACCES", "machine:/dev/null"],
    ["EACCES", "machine:/tmp/plain"],
    ["EACCES", "machine:/tmp/of-plain"],
    ["ENOEXEC", "machine:/tmp/text"],
    ["ENOEXEC", "machine:/tmp/empty"],
    ["ENOEXEC", "machine:/tmp/nobody"],
    ["ELOOP", "machine:/tmp/loop"],
    ["ELOOP", "machine:/tmp/ring"],
    ["ENAMETOOLONG", `machine:/tmp/${"n".repeat(256)}`],
  ])("with %s, %s", async (code, program) => {
    const { sys } = machine;
    put(sys, "/tmp/plain", "#!/bin/cat\n", 0o644);
    put(sys, "/tmp/of-plain", "#!/tmp/plain\n");
    put(sys, "/tmp/text", "echo hello\n");
    put(sys, "/tmp/empty", "");
    put(sys, "/tmp/nobody", "#!\n");
    put(sys, "/tmp/lost", "#!/tmp/nothing\n");
    put(sys, "/tmp/loop", "#!/tmp/loop\n");
    if (code === "ELOOP" && program.endsWith("ring")) sys.symlink("/tmp/ring", "/tmp/ring");
    expect(await codeOfAsync(machine.spawn(program))).toBe(code);
    expect(() => sys.waitpid(-1)).toThrow("ECHILD");
  });
});

describe("spawn() of what cannot be run", () => {
  it("passes over what is not there, and says EACCES of what may not be run", async () => {
    const { env, sys } = machine;
    sys.mkdir("/tmp/first", 0o755);
    put(sys, "/tmp/first/tool", "#!/bin/cat\n", 0o644);
    env.PATH = "/tmp/first:/tmp/plain:/nowhere";
    expect(await codeOfAsync(machine.spawn("tool"))).toBe("EACCES");
    env.PATH = "/tmp/first:/tmp/second";
    sys.mkdir("/tmp/second", 0o755);
    put(sys, "/tmp/second/tool", "#!/bin/echo\n");
    expect(await output("tool")).toBe("/tmp/second/tool\n");
    env.PATH = "/bin";
  });

  it("throws EACCES for what a user may not execute or search", async () => {
    const { sys } = machine;
    put(sys, "/tmp/mine", "#!/bin/echo\n", 0o700);
    sys.mkdir("/tmp/closed", 0o700);
    put(sys, "/tmp/closed/tool", "#!/bin/echo\n");
    for (const path of ["/tmp/mine", "/tmp/closed/tool"]) {
      const child = await machine.spawn(PROGRAM, ["spawn", `machine:${path}`], {
        uid: 1000,
        gid: 1000,
        stdio: [0, "pipe", 2],
      });
      expect(new TextDecoder().decode(await child.stdout!.readAllAsync())).toBe("EACCES\n");
      child.stdout!.close();
      await child.wait();
    }
  });

  it("tells of a program whose text does not compile, or throws, by the child's status and its words", async () => {
    put(machine.sys, "/tmp/broken.mjs", "export function main( {");
    put(machine.sys, "/tmp/throws.mjs", "throw new Error('while loading')");
    put(machine.sys, "/tmp/nothing.mjs", "export const x = 1;");
    for (const [name, words] of [
      ["broken", "SyntaxError"],
      ["throws", "while loading"],
      ["nothing", "exports no function `main`"],
    ]) {
      const child = await machine.spawn(`machine:/tmp/${name}.mjs`, [], { stdio: [0, 1, "pipe"] });
      const text = new TextDecoder().decode(await child.stderr!.readAllAsync());
      child.stderr!.close();
      expect(text).toContain(words);
      expect((await child.wait()).code).toBe(1);
    }
  });

  it("has no programs of /bin in a machine without them", async () => {
    await using bare = await boot({ pool: 1, bin: false });
    expect(await codeOfAsync(bare.spawn("true"))).toBe("ENOENT");
    put(bare.sys, "/tmp/true", "#!wasm-ipc true\n");
    const child = await bare.spawn("machine:/tmp/true", [], { stdio: [0, 1, "pipe"] });
    const text = new TextDecoder().decode(await child.stderr!.readAllAsync());
    child.stderr!.close();
    expect(text).toContain("booted without the programs of /bin");
    expect((await child.wait()).code).toBe(1);
  });
});
