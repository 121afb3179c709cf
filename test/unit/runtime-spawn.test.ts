import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { boot, type Machine, O_CREAT, type SpawnOptions } from "../../runtime/index.ts";
import { codeOfAsync } from "./runtime-support.ts";

const PROGRAM = new URL("runtime-program.js", import.meta.url);
const FOLDER = "/tmp/söme where";

let machine: Machine;
beforeAll(async () => {
  machine = await boot({ pool: 1, OPEN_MAX: 1024 });
  machine.sys.mkdir(FOLDER, 0o777);
  machine.sys.mkdir(`${FOLDER}/below`, 0o777);
  machine.sys.symlink("below", `${FOLDER}/link`);
  machine.sys.close(machine.sys.open("/tmp/file", O_CREAT, 0o666));
});
afterAll(() => machine.shutdown());

/** What a child says of where it is and of what it makes. */
async function begins(options: SpawnOptions): Promise<string> {
  const child = await machine.spawn(PROGRAM, ["place"], { ...options, stdio: "pipe" });
  const said = new TextDecoder().decode(await child.stdout!.readAllAsync());
  for (const end of [child.stdin, child.stdout, child.stderr]) end?.close();
  expect((await child.wait()).code).toBe(0);
  return said;
}

describe("spawn() of a child", () => {
  it("begins where its parent is, with its umask", async () => {
    const { sys } = machine;
    expect(await begins({})).toBe("/ 644\n");
    sys.chdir(FOLDER);
    const before = sys.umask(0o077);
    expect(await begins({})).toBe(`${FOLDER} 600\n`);
    sys.umask(before);
    sys.chdir("/");
  });

  it("begins in another directory, and its parent stays", async () => {
    expect(await begins({ cwd: FOLDER })).toBe(`${FOLDER} 644\n`);
    machine.sys.chdir(FOLDER);
    for (const cwd of ["below", "./link/", `${FOLDER}/below`]) {
      expect(await begins({ cwd })).toBe(`${FOLDER}/below 644\n`);
    }
    expect(await begins({ cwd: ".." })).toBe("/tmp 644\n");
    expect(await begins({ cwd: "/" })).toBe("/ 644\n");
    expect(machine.sys.getcwd()).toBe(FOLDER);
    machine.sys.chdir("/");
  });

  it("begins with another umask", async () => {
    expect(await begins({ umask: 0 })).toBe("/ 666\n");
    expect(await begins({ umask: 0o777, cwd: "/tmp" })).toBe("/tmp 0\n");
    expect(machine.sys.umask(0o022)).toBe(0o022);
  });

  it("keeps a directory that is removed while it is there", async () => {
    const { sys } = machine;
    sys.mkdir("/tmp/gone", 0o700);
    const child = await machine.spawn(PROGRAM, ["wait"], { cwd: "/tmp/gone", stdio: "pipe" });
    sys.rmdir("/tmp/gone");
    child.stdin!.close();
    const said = new TextDecoder().decode(await child.stdout!.readAllAsync());
    expect(said).toBe("ENOENT\n");
    for (const end of [child.stdout, child.stderr]) end?.close();
    await child.wait();
  });

  it.each([
    ["ENOENT", { cwd: "/tmp/nothing" }],
    ["ENOENT", { cwd: "" }],
    ["ENOTDIR", { cwd: "/tmp/file" }],
    ["ENAMETOOLONG", { cwd: "d/".repeat(2048) }],
    ["EACCES", { cwd: "/tmp/secret" }],
    ["E2BIG", { cwd: "/", stdio: Array.from({ length: 600 }, () => 2) }],
  ])("fails with %s, and has started nobody", async (code, options) => {
    const { sys } = machine;
    if (code !== "EACCES") {
      expect(await codeOfAsync(machine.spawn(PROGRAM, ["place"], options))).toBe(code);
      expect(() => sys.waitpid(-1)).toThrow("ECHILD");
      return;
    }
    sys.mkdir("/tmp/secret", 0o700);
    const child = await machine.spawn(PROGRAM, ["spawn-in", PROGRAM.href, options.cwd], {
      uid: 1000,
      gid: 1000,
      stdio: "pipe",
    });
    const said = new TextDecoder().decode(await child.stdout!.readAllAsync());
    for (const end of [child.stdin, child.stdout, child.stderr]) end?.close();
    await child.wait();
    expect(said).toBe("EACCES\n");
  });

  it.each([
    [{ cwd: 7 }, TypeError],
    [{ cwd: "a\0b" }, TypeError],
    [{ umask: 0o1000 }, RangeError],
    [{ umask: -1 }, RangeError],
    [{ umask: "022" }, TypeError],
  ])("refuses %o", async (options, error) => {
    await expect(machine.spawn(PROGRAM, [], options as unknown as SpawnOptions)).rejects.toThrow(
      error,
    );
  });
});
