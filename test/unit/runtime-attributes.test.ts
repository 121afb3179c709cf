import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  boot,
  type FileAction,
  type Machine,
  O_APPEND,
  O_CREAT,
  O_RDONLY,
  O_WRONLY,
  SIG_BLOCK,
  SIG_DFL,
  SIG_IGN,
  SIG_SETMASK,
  SIGINT,
  SIGKILL,
  SIGTERM,
  SIGUSR1,
  SIGUSR2,
  type SpawnOptions,
  type Syscalls,
} from "../../runtime/index.ts";
import { codeOf, codeOfAsync } from "./runtime-support.ts";

const PROGRAM = new URL("runtime-attributes-program.js", import.meta.url);

let machine: Machine;
beforeAll(async () => {
  machine = await boot({ pool: 3 });
});
afterAll(() => machine.shutdown());

/** What a child says of itself. */
async function tell(what: string, options: SpawnOptions = {}): Promise<unknown> {
  const child = await machine.spawn(PROGRAM, [what], { stdio: [0, "pipe", 2], ...options });
  const said = new TextDecoder().decode(await child.stdout!.readAllAsync());
  child.stdout!.close();
  expect((await child.wait()).code).toBe(0);
  return JSON.parse(said);
}

function contents(sys: Syscalls, path: string): string {
  const fd = sys.open(path, O_RDONLY);
  const bytes = new Uint8Array(1000);
  const text = new TextDecoder().decode(bytes.subarray(0, sys.read(fd, bytes)));
  sys.close(fd);
  return text;
}

describe("spawn() puts its child", () => {
  it("in its parent's group and session, unless it is told otherwise", async () => {
    const { sys } = machine;
    expect(await tell("groups")).toMatchObject({ pgid: sys.getpgid(0), sid: sys.getsid(0) });
  });

  it("in a group of its own, and another beside it", async () => {
    const { sys } = machine;
    const first = await machine.spawn(PROGRAM, ["pause"], { pgroup: 0 });
    expect(sys.getpgid(first.pid)).toBe(first.pid);
    const { pid, pgid, sid } = (await tell("groups", { pgroup: first.pid })) as Record<
      string,
      number
    >;
    expect([pgid, sid]).toEqual([first.pid, sys.getsid(0)]);
    expect(pid).not.toBe(first.pid);
    sys.kill(-first.pid, SIGKILL);
    expect(await first.wait()).toMatchObject({ signal: SIGKILL });
  });

  it("in a session of its own, whose groups others cannot join", async () => {
    const child = await machine.spawn(PROGRAM, ["pause"], { session: true });
    expect(machine.sys.getsid(child.pid)).toBe(child.pid);
    expect(machine.sys.getpgid(child.pid)).toBe(child.pid);
    expect(await codeOfAsync(machine.spawn(PROGRAM, ["groups"], { pgroup: child.pid }))).toBe(
      "EPERM",
    );
    machine.sys.kill(child.pid, SIGKILL);
    await child.wait();
  });

  it.each([
    ["EPERM", { pgroup: 12345 }],
    ["EINVAL", { pgroup: -1 }],
    ["EINVAL", { sigmask: [0] }],
    ["EINVAL", { sigdefault: [99] }],
    [expect.stringContaining("TypeError"), { sigmask: 5 }],
    [expect.stringContaining("TypeError"), { pgroup: "own" }],
    [expect.stringContaining("TypeError"), { env: null }],
  ])("nowhere: %s for %o", async (code, options) => {
    const spawned = machine.spawn(PROGRAM, ["groups"], options as unknown as SpawnOptions);
    expect(await codeOfAsync(spawned)).toEqual(code);
    expect(codeOf(() => machine.sys.waitpid(-1))).toBe("ECHILD");
  });
});

describe("spawn() gives its child", () => {
  it("the signals that are blocked and ignored here, and no handler", async () => {
    const { sys } = machine;
    sys.sigaction(SIGUSR1, () => {});
    sys.sigaction(SIGUSR2, SIG_IGN);
    const before = sys.sigprocmask(SIG_BLOCK, [SIGTERM]);
    expect(await tell("signals")).toEqual({ mask: [SIGTERM], ignored: [SIGUSR2] });
    expect(await tell("signals", { sigmask: [], sigdefault: [SIGUSR2] })).toEqual({
      mask: [],
      ignored: [],
    });
    expect(await tell("signals", { sigmask: [SIGINT, SIGKILL] })).toEqual({
      mask: [SIGINT],
      ignored: [SIGUSR2],
    });
    sys.sigprocmask(SIG_SETMASK, before);
    sys.sigaction(SIGUSR2, SIG_DFL);
    sys.sigaction(SIGUSR1, SIG_DFL);
  });
});

describe("file actions", () => {
  it("open, duplicate and close in their order, in the child alone", async () => {
    const { sys } = machine;
    const fileActions: FileAction[] = [
      { open: [1, "/tmp/out", O_WRONLY | O_CREAT | O_APPEND, 0o640] },
      { dup2: [1, 7] },
      { open: [1, "/tmp/other", O_WRONLY | O_CREAT] },
      { dup2: [7, 2] },
      { close: 7 },
    ];
    const free = sys.open("/dev/null", O_RDONLY);
    sys.close(free);
    const child = await machine.spawn(PROGRAM, ["both"], { fileActions });
    expect((await child.wait()).code).toBe(0);
    expect([contents(sys, "/tmp/out"), contents(sys, "/tmp/other")]).toEqual(["err\n", "out\n"]);
    expect(sys.stat("/tmp/out").st_mode & 0o777).toBe(0o640);
    expect(sys.open("/dev/null", O_RDONLY)).toBe(free);
    sys.close(free);
  });

  it("open relative to the child's directory", async () => {
    machine.sys.mkdir("/tmp/there", 0o755);
    const child = await machine.spawn(PROGRAM, ["both"], {
      cwd: "/tmp/there",
      fileActions: [{ open: [1, "file", O_WRONLY | O_CREAT, 0o600] }, { dup2: [1, 2] }],
    });
    expect((await child.wait()).code).toBe(0);
    expect(contents(machine.sys, "/tmp/there/file")).toBe("out\nerr\n");
  });

  it.each([
    ["ENOENT", [{ open: [1, "/tmp/no/file", O_RDONLY] }]],
    ["EISDIR", [{ open: [1, "/tmp", O_WRONLY] }]],
    ["EBADF", [{ open: [-1, "/dev/null", O_RDONLY] }]],
    ["EBADF", [{ close: 1 }, { dup2: [1, 2] }]],
    ["EBADF", [{ dup2: [200, 2] }]],
    ["EBADF", [{ dup2: [0, -1] }]],
    ["EBADF", [{ close: -2 }]],
    [expect.stringContaining("TypeError"), [{ shut: 1 }]],
    [expect.stringContaining("TypeError"), [{ close: "1" }]],
  ])("fail with %s: %o", async (code, fileActions) => {
    const { sys } = machine;
    const free = sys.open("/dev/null", O_RDONLY);
    sys.close(free);
    const options = { fileActions } as unknown as SpawnOptions;
    expect(await codeOfAsync(machine.spawn(PROGRAM, ["both"], options))).toEqual(code);
    expect(codeOf(() => sys.waitpid(-1))).toBe("ECHILD");
    expect(sys.open("/dev/null", O_RDONLY)).toBe(free);
    sys.close(free);
  });
});
