import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { boot, type Machine, O_CREAT, O_RDONLY, O_RDWR, SEM_UNDO } from "../../runtime/index.ts";
import { asleep, by, end, processIn, start } from "./runtime-snapshot-support.ts";
import { codeOf } from "./runtime-support.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await boot({ pool: 3 });
});
afterAll(() => machine.shutdown());

function file(path: string): number {
  return machine.sys.open(path, O_RDWR | O_CREAT, 0o644);
}

describe("a snapshot's processes", () => {
  it("are those of the machine, with their ids and names", async () => {
    const set = machine.sys.semget(0, 1, 0o666);
    const child = await start(machine, [["semop", set, by(0, -1)]], { uid: 7, gid: 8 });
    const snapshot = await asleep(machine, new Map([[child.pid, "semop"]]));
    expect(snapshot.processes.map(({ pid, command }) => [pid, command])).toEqual([
      [1, "init"],
      [machine.pid, "boot"],
      [child.pid, "runtime-snapsho"],
    ]);
    const { args, started, ...process } = processIn(snapshot, child.pid);
    expect(process).toMatchObject({
      ppid: machine.pid,
      pgid: machine.pid,
      sid: machine.pid,
      uid: 7,
      euid: 7,
      gid: 8,
      egid: 8,
      state: "sleeping",
      cwd: "/",
      alarm: false,
    });
    expect(args[0]).toMatch(/runtime-snapshot-program\.js$/);
    expect(args[1]).toBe(JSON.stringify([["semop", set, by(0, -1)]]));
    expect(Math.abs(started - Date.now() / 1000)).toBeLessThan(60);
    await end(child);
  });

  it("are running, or zombies until they are waited for", async () => {
    const child = await start(machine, []);
    for (;;) {
      const { state } = processIn(machine.snapshot(), child.pid);
      if (state === "zombie") break;
      await new Promise(setImmediate);
    }
    expect(processIn(machine.snapshot(), machine.pid).state).toBe("running");
    await child.wait();
    expect(machine.snapshot().processes.map(({ pid }) => pid)).toEqual([1, machine.pid]);
  });

  it("are called by their file, whatever their argv[0] is", async () => {
    const child = await machine.spawn("sleep", ["100"], { argv0: "idle" });
    const snapshot = await asleep(machine, new Map([[child.pid, "poll"]]));
    const { command, args, waits } = processIn(snapshot, child.pid);
    expect([command, args]).toEqual(["sleep", ["idle", "100"]]);
    expect(waits).toEqual([{ call: "poll", entries: [], blocks: true, forever: false }]);
    await end(child);
  });

  it("have names and arguments cut where a character ends", async () => {
    const set = machine.sys.semget(0, 1, 0o600);
    const text = `export const main = (sys) => sys.semop(${set}, [{ sem_num: 0, sem_op: -1 }]);`;
    const path = "/tmp/überlanger-name.mjs";
    const fd = machine.sys.open(path, O_RDWR | O_CREAT, 0o755);
    machine.sys.write(fd, new TextEncoder().encode(text));
    machine.sys.close(fd);
    const child = await machine.spawn(`machine:${path}`, ["x", "ü".repeat(300)], { argv0: "y" });
    const snapshot = await asleep(machine, new Map([[child.pid, "semop"]]));
    const { command, args } = processIn(snapshot, child.pid);
    expect(command).toBe("überlanger-nam");
    expect(args).toEqual(["y", "x", "ü".repeat(142)]);
    await end(child);
    machine.sys.unlink(path);
  });

  it("have an alarm until it has come", () => {
    const { sys } = machine;
    const alarm = () => processIn(machine.snapshot(), machine.pid).alarm;
    sys.alarm(1000);
    expect(alarm()).toBe(true);
    sys.alarm(0);
    expect(alarm()).toBe(false);
  });
});

describe("a snapshot's descriptors", () => {
  it("say what they name, by a path that leads there", () => {
    const { sys } = machine;
    sys.mkdir("/tmp/d", 0o755);
    const fd = file("/tmp/d/file");
    sys.write(fd, new Uint8Array(5));
    sys.symlink("/tmp/d/file", "/tmp/link");
    const same = sys.dup(fd);
    const tmp = sys.open("/tmp/d", O_RDONLY);
    const device = sys.open("/dev/null", O_RDONLY);
    const open = () => processIn(machine.snapshot(), machine.pid).descriptors;
    const named = (number: number) => open().find((each) => each.fd === number);
    const { st_ino: ino } = sys.fstat(fd);
    const description = named(fd)!.description;
    const expected = { description, type: "file", access: "rw", offset: 5, pipe: null, ino };
    expect(named(fd)).toMatchObject({ ...expected, path: "/tmp/d/file", stream: null });
    expect(named(same)).toMatchObject(expected);
    expect(named(tmp)).toMatchObject({ type: "directory", access: "r", path: "/tmp/d" });
    expect(named(device)).toMatchObject({ type: "device", path: "/dev/null" });
    expect(named(0)).toMatchObject({ type: "host", stream: 0, path: null });
    sys.rename("/tmp/d/file", "/tmp/d/other");
    expect(named(fd)!.path).toBe("/tmp/d/other");
    sys.unlink("/tmp/d/other");
    expect(named(fd)!.path).toBe(null);
    for (const each of [fd, same, tmp, device]) sys.close(each);
    for (const each of ["/tmp/link"]) sys.unlink(each);
    sys.rmdir("/tmp/d");
  });

  it("say which ends of which pipes they are, and pipes how full they are", async () => {
    const { sys } = machine;
    sys.mkfifo("/tmp/fifo", 0o600);
    const fifo = sys.open("/tmp/fifo", O_RDWR);
    const [r, w] = sys.pipe();
    sys.write(w, new Uint8Array(300));
    const child = await start(machine, [
      ["read", r, { bytes: 1000 }],
      ["read", r, { bytes: 1 }],
    ]);
    const snapshot = await asleep(machine, new Map([[child.pid, "read"]]));
    const open = processIn(snapshot, machine.pid).descriptors;
    const end1 = open.find((each) => each.fd === r)!;
    expect(end1).toMatchObject({ type: "pipe", access: "r", path: null });
    expect(open.find((each) => each.fd === fifo)).toMatchObject({
      type: "FIFO",
      access: "rw",
      path: "/tmp/fifo",
    });
    const both = [machine.pid, child.pid];
    expect(snapshot.pipes.find(({ pipe }) => pipe === end1.pipe)).toEqual({
      pipe: end1.pipe,
      path: null,
      fill: 0,
      size: 65536,
      readEnds: 1,
      writeEnds: 1,
      readers: both,
      writers: both,
      sleepingReaders: [child.pid],
      sleepingWriters: [],
    });
    expect(snapshot.pipes.find(({ path }) => path === "/tmp/fifo")).toMatchObject({
      readers: both,
      writers: both,
    });
    sys.write(w, new Uint8Array(7));
    await child.wait();
    expect(machine.snapshot().pipes.find(({ pipe }) => pipe === end1.pipe)!.fill).toBe(6);
    for (const fd of [r, w, fifo]) sys.close(fd);
    sys.unlink("/tmp/fifo");
    expect(machine.snapshot().pipes).toEqual([]);
  });
});

describe("a snapshot's objects", () => {
  it("are the System V ones, with who waits and who has to undo what", async () => {
    const { sys } = machine;
    const shmid = sys.shmget(0x11, 5000, 0o1600);
    const set = sys.semget(0x12, 2, 0o1600);
    const queue = sys.msgget(0x13, 0o1600);
    sys.semop(set, [{ sem_num: 1, sem_op: 3, sem_flg: SEM_UNDO }]);
    sys.msgsnd(queue, { mtype: 5, mtext: new Uint8Array(10) }, 10);
    const a = await start(machine, [["semop", set, by(1, -9)]]);
    const b = await start(machine, [["msgrcv", queue, { message: 10 }, 10, 6]]);
    const calls = [
      [a.pid, "semop"],
      [b.pid, "msgrcv"],
    ] as const;
    const snapshot = await asleep(machine, new Map(calls));
    expect(snapshot.segments.find(({ id }) => id === shmid)).toMatchObject({
      shm_segsz: 5000,
      shm_nattch: 0,
      shm_perm: { key: 0x11 },
    });
    expect(snapshot.semaphoreSets.find(({ id }) => id === set)!.semaphores).toEqual([
      { value: 0, pid: 0, ncnt: 0, zcnt: 0, waiters: [], adjustments: [] },
      {
        value: 3,
        pid: machine.pid,
        ncnt: 1,
        zcnt: 0,
        waiters: [a.pid],
        adjustments: [{ pid: machine.pid, value: -3 }],
      },
    ]);
    expect(snapshot.messageQueues.find(({ id }) => id === queue)).toMatchObject({
      msg_qnum: 1,
      msg_cbytes: 10,
      senders: [],
      receivers: [b.pid],
    });
    const [wait] = processIn(snapshot, b.pid).waits;
    expect(wait).toEqual({ call: "msgrcv", msqid: queue, msgtyp: 6, blocks: true, forever: true });
    await end(a, b);
  });
});

describe("a snapshot", () => {
  it("is plain data", () => {
    const snapshot = machine.snapshot();
    expect(structuredClone(snapshot)).toEqual(snapshot);
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
  });

  it("throws ECANCELED when the machine has been shut down", async () => {
    const other = await boot({ pool: 0 });
    await other.shutdown();
    expect(codeOf(() => other.snapshot())).toBe("ECANCELED");
  });
});
