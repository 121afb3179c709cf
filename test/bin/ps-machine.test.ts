/** ps as a program of a machine's own /bin: what it shows of the processes there. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BUILTIN_NAMES } from "../../runtime/bin/names.ts";
import {
  boot,
  type Child,
  type Machine,
  O_CLOEXEC,
  O_CREAT,
  O_RDWR,
  type ProcessSnapshot,
  SIGKILL,
} from "../../runtime/index.ts";

let machine: Machine;
let sleeper: Child;
let ended: Child;
beforeAll(async () => {
  machine = await boot({ pool: 2 });
  sleeper = await machine.spawn("sleep", ["1000"], { uid: 12, gid: 13, session: true });
  ended = await machine.spawn("true");
  const isThere = () => {
    const states = machine.snapshot().processes.map(({ pid, state }) => [pid, state].join(" "));
    return states.includes(`${sleeper.pid} sleeping`) && states.includes(`${ended.pid} zombie`);
  };
  while (!isThere()) await new Promise(setImmediate);
});
afterAll(async () => {
  sleeper.kill(SIGKILL);
  await machine.shutdown();
});

/** What a command prints, and its status. */
async function run(program: string, ...args: string[]) {
  const child = await machine.spawn(program, args, { stdio: [0, "pipe", "pipe"] });
  const read = async (stream: Child["stdout"]) => {
    const bytes = await stream!.readAllAsync();
    stream!.close();
    return new TextDecoder().decode(bytes);
  };
  const [stdout, stderr] = await Promise.all([read(child.stdout), read(child.stderr)]);
  const { code } = await child.wait();
  return { pid: child.pid, stdout, stderr, code };
}

describe("ps", () => {
  it("is one of the programs", () => {
    expect(BUILTIN_NAMES).toContain("ps");
  });

  it("shows the user's own processes", async () => {
    const { pid, stdout, stderr, code } = await run("ps");
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    const line = (id: number, name: string) =>
      `${String(id).padStart(5)} ?               - ${name}\n`;
    expect(stdout).toBe(
      `  PID TTY          TIME CMD\n${line(1, "init")}${line(machine.pid, "boot")}` +
        `${line(ended.pid, "true <defunct>")}${line(pid, "ps")}`,
    );
  });

  it("shows what its options ask for", async () => {
    const of = `-p ${sleeper.pid}`;
    const format = "-o pid=,ppid=,pgid=,sid=,user=,stat=,wchan=,comm=,args=";
    const { stdout } = await run("ps", ...`${format} ${of}`.split(" "));
    const id = String(sleeper.pid).padStart(5);
    const parent = String(machine.pid).padStart(5);
    expect(stdout).toBe(
      `${id} ${parent} ${id} ${id} 12       Ss   poll   sleep           sleep 1000\n`,
    );
    const pids = async (...args: string[]) => {
      const { stdout: found } = await run("ps", "-o", "pid=", ...args);
      return found.split("\n").slice(0, -1).map(Number);
    };
    expect(await pids("-u", "12")).toEqual([sleeper.pid]);
    expect(await pids("-U", "12,99")).toEqual([sleeper.pid]);
    expect(await pids("-C", "sleep,true")).toEqual([sleeper.pid, ended.pid]);
    expect(await pids("-s", String(sleeper.pid))).toEqual([sleeper.pid]);
    expect(await pids("--ppid", "1")).toEqual([machine.pid]);
    const all = await pids("-e");
    expect(all.slice(0, -1)).toEqual([1, machine.pid, sleeper.pid, ended.pid]);
    expect((await pids("ax")).slice(0, -1)).toEqual(all.slice(0, -1));
    expect((await pids("-d")).slice(0, -1)).toEqual([ended.pid]);
    expect(await pids("-N", "-u", "0")).toEqual([sleeper.pid]);
  });

  it("shows full lines with -f, and users and states with u", async () => {
    const lines = async (...args: string[]) =>
      (await run("ps", ...args)).stdout.split("\n").map((line) => line.replace(/ +/g, " "));
    const full = await lines("-ef");
    expect(full[0]).toBe("UID PID PPID C STIME TTY TIME CMD");
    expect(full[3]).toMatch(/^12 \d+ 2 - \d\d:\d\d \? - sleep 1000$/);
    expect(full[4]).toMatch(/ \[true\] <defunct>$/);
    const bsd = await lines("u", String(sleeper.pid));
    expect(bsd[1]).toMatch(/^12 \d+ - - - - \? Ss \d\d:\d\d - sleep 1000$/);
  });

  it("prints its head alone and fails when it finds nobody", async () => {
    expect(await run("ps", "-p", "9999")).toMatchObject({
      stdout: "  PID TTY          TIME CMD\n",
      code: 1,
    });
  });
});

describe("ps, beyond what procps has,", () => {
  it("shows with --files what the processes have open", async () => {
    const { sys } = machine;
    const [r, w] = sys.pipe();
    sys.write(w, new Uint8Array(12));
    const file = sys.open("/tmp/file", O_RDWR | O_CREAT, 0o600);
    sys.mkfifo("/tmp/fifo", 0o600);
    const fifo = sys.open("/tmp/fifo", O_RDWR);
    sys.write(file, new Uint8Array(3));
    const { stdout, pid } = await run("ps", "--files", "-p", String(machine.pid));
    for (const fd of [r, w, file, fifo]) sys.close(fd);
    const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/));
    const row = (fd: string) => rows.find((cells) => cells[3] === fd)!.join(" ");
    expect(rows[0]!.join(" ")).toBe("COMMAND PID USER FD TYPE OFFSET NODE NAME");
    expect(row("cwd")).toBe(`boot ${machine.pid} 0 cwd DIR /`);
    expect(row("0r")).toBe(`boot ${machine.pid} 0 0r host standard input of the host`);
    const both = `${machine.pid}, ${pid}`;
    expect(row(`${r}r`)).toMatch(/^boot \d+ 0 \d+r FIFO \d+ pipe /);
    expect(row(`${r}r`)).toContain(`(12 of 65536 bytes, written by ${both})`);
    expect(row(`${w}w`)).toContain(`(12 of 65536 bytes, read by ${both})`);
    expect(row(`${file}u`)).toMatch(/ REG 0t3 \d+ \/tmp\/file$/);
    expect(row(`${fifo}u`)).toContain("/tmp/fifo (0 of 65536 bytes, read and written)");
  });

  it("shows with --waits who waits for whom", async () => {
    const [r] = machine.sys.pipe();
    const reader = await machine.spawn("cat", [], { stdio: [r, 1, 2] });
    for (;;) {
      const { processes } = machine.snapshot();
      const found = processes.find(({ pid }) => pid === reader.pid)!;
      if (found.waits.some(({ call }) => call === "read")) break;
      await new Promise(setImmediate);
    }
    const { stdout } = await run("ps", "--waits", "-p", String(reader.pid));
    expect(stdout).toMatch(
      new RegExp(`^pid ${reader.pid} \\(cat\\) waits in read for bytes in pipe \\d+ from pid 2`),
    );
    const all = await run("ps", "--waits");
    expect(all.stdout).toContain(
      `pid ${sleeper.pid} (sleep) waits in poll for a time or a signal\n`,
    );
    expect(all.stdout).not.toContain("deadlock");
    reader.kill(SIGKILL);
    await reader.wait();
  });

  it("names the ring of a deadlock with --waits", async () => {
    const { sys } = machine;
    const [first, second] = [sys.pipe2(O_CLOEXEC), sys.pipe2(O_CLOEXEC)];
    const a = await machine.spawn("cat", [], { stdio: [first[0], second[1], 2] });
    const b = await machine.spawn("cat", [], { stdio: [second[0], first[1], 2] });
    for (const fd of [...first, ...second]) sys.close(fd);
    const isAsleep = ({ pid, waits }: ProcessSnapshot) =>
      ![a.pid, b.pid].includes(pid) || waits.some(({ forever }) => forever);
    while (!machine.snapshot().processes.every(isAsleep)) await new Promise(setImmediate);
    const { stdout } = await run("ps", "--waits", "-C", "cat");
    const [one, two] = [`pid ${a.pid} (cat)`, `pid ${b.pid} (cat)`];
    expect(stdout.replace(/pipe \d+/g, "a pipe").split("\n")).toEqual([
      `${one} waits in read for bytes in a pipe from ${two}`,
      `${two} waits in read for bytes in a pipe from ${one}`,
      `deadlock: ${a.pid} -> ${b.pid} -> ${a.pid}`,
      "",
    ]);
    a.kill(SIGKILL);
    await a.wait();
    // Its end is the end of the other's file.
    expect((await b.wait()).code).toBe(0);
  });
});
