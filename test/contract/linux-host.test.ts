/** What host/linux does beside the contract: aborts at any instant, attachments that overlap, exits. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { IPC_PRIVATE, IPC_RMID, IPC_STAT } from "../../assembly/abi/ipc.ts";
import { GETNCNT, GETVAL } from "../../assembly/abi/sem.ts";
import { SHM_REMAP } from "../../assembly/abi/shm.ts";
import type { Syscalls } from "../../host/contract.ts";
import { linux } from "../../host/linux/index.ts";

const BUILD = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = 4096;

let sys: Syscalls;
const cleanups: (() => unknown)[] = [];
beforeAll(async () => {
  sys = await linux();
});
afterAll(() => {
  for (const cleanup of cleanups) cleanup();
});

function semSet(): number {
  const id = sys.semget(IPC_PRIVATE, 1, 0o600);
  cleanups.push(() => sys.semctl(id, 0, IPC_RMID));
  return id;
}

function segment(pages: number): number {
  const id = sys.shmget(IPC_PRIVATE, pages * PAGE, 0o600);
  cleanups.push(() => sys.shmctl(id, IPC_RMID));
  return id;
}

const attached = (id: number) => sys.shmctl(id, IPC_STAT).shm_nattch;

/** Runs a module's text with the built host/linux; it may not take longer than 20 s. */
function runNode(text: string, folder: string) {
  return spawnSync(process.execPath, ["--input-type=module", "-e", text], {
    cwd: folder,
    encoding: "utf8",
    timeout: 20_000,
  });
}

describe("an asynchronous twin on Linux", () => {
  it("can be aborted at any instant, and leaves no sleeper", async () => {
    const id = semSet();
    for (let round = 0; round < 150; round++) {
      const controller = new AbortController();
      const call = sys.async.semop(id, [{ sem_num: 0, sem_op: -1 }], controller);
      const abort = () => controller.abort(round);
      if (round % 3 === 0) abort();
      else if (round % 3 === 1) setImmediate(abort);
      else setTimeout(abort, round % 5);
      await expect(call).rejects.toBe(round);
    }
    expect(sys.semctl(id, 0, GETNCNT)).toBe(0);
    expect(sys.semctl(id, 0, GETVAL)).toBe(0);
  });

  it("rejects at once when its signal was aborted before", async () => {
    const id = semSet();
    sys.semop(id, [{ sem_num: 0, sem_op: 1 }]);
    const signal = AbortSignal.abort("too late");
    const call = sys.async.semop(id, [{ sem_num: 0, sem_op: -1 }], { signal });
    await expect(call).rejects.toBe("too late");
    expect(sys.semctl(id, 0, GETVAL)).toBe(1);
  });

  it("keeps no process from exiting, pending or done", () => {
    const run = (end: string) =>
      runNode(
        `import { linux } from "./host/linux/index.js";
         const sys = await linux();
         const id = sys.semget(0, 1, 0o600);
         const wait = () => sys.async.semop(id, [{ sem_num: 0, sem_op: -1 }]);
         const first = wait();
         first.catch(() => undefined);
         while (sys.semctl(id, 0, 14) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
         ${end}`,
        BUILD,
      );
    const pending = run(`process.on("exit", () => sys.semctl(id, 0, 0)); process.exit(7);`);
    expect(pending.stderr).toBe("");
    expect(pending.status).toBe(7);
    const done = run(
      `sys.semop(id, [{ sem_num: 0, sem_op: 1 }]); await first; sys.semctl(id, 0, 0);`,
    );
    expect(done.stderr).toBe("");
    expect(done.status).toBe(0);
  });
});

describe("shmat() on Linux", () => {
  it("reads zeros through a view that was kept over shmdt()", () => {
    const attachment = sys.shmat(segment(1));
    const view = attachment.bytes;
    view[5] = 9;
    sys.shmdt(attachment);
    expect(view[5]).toBe(0);
    view[5] = 1;
  });

  it("keeps what an overlapping SHM_REMAP leaves of an attachment, until its own shmdt()", () => {
    const [below, above] = [segment(3), segment(1)];
    const first = sys.shmat(below);
    first.bytes.fill(1);
    const second = sys.shmat(above, first.addr + PAGE, SHM_REMAP);
    second.bytes.fill(2);
    const seen = [0, PAGE, 2 * PAGE].map((at) => first.bytes[at]);
    expect(seen).toEqual([1, 2, 1]);
    sys.shmdt(first);
    expect(attached(below)).toBe(0);
    expect(second.bytes[0]).toBe(2);
    sys.shmdt(second);
    expect(attached(above)).toBe(0);
  });

  it("takes the same place again and again, and segments larger than an arena", () => {
    const small = segment(2);
    const places = new Set<number>();
    for (let round = 0; round < 100; round++) {
      const attachment = sys.shmat(small);
      places.add(attachment.addr);
      sys.shmdt(attachment);
    }
    expect(places.size).toBe(1);
    const large = sys.shmat(segment(20_000));
    large.bytes[20_000 * PAGE - 1] = 3;
    expect(large.bytes.at(-1)).toBe(3);
    sys.shmdt(large);
  });

  it("fills the gaps between attachments", () => {
    const id = segment(1);
    const all = Array.from({ length: 20 }, () => sys.shmat(id));
    const [gap] = all.splice(7, 1);
    sys.shmdt(gap!);
    all.push(sys.shmat(id));
    expect(all.at(-1)?.addr).toBe(gap?.addr);
    expect(attached(id)).toBe(20);
    for (const each of all) sys.shmdt(each);
    expect(attached(id)).toBe(0);
  });
});

describe("linux()", () => {
  it("says what to install when koffi is missing", () => {
    const folder = mkdtempSync(join(tmpdir(), "no-koffi-"));
    try {
      writeFileSync(join(folder, "package.json"), '{"type":"module"}');
      for (const part of ["host", "assembly"]) {
        cpSync(BUILD + part, join(folder, part), { recursive: true });
      }
      const text = 'import { linux } from "./host/linux/index.js"; await linux();';
      expect(runNode(text, folder).stderr).toMatch(/npm install koffi/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("names itself on another platform", () => {
    const text = `Object.defineProperty(process, "platform", { value: "darwin" });
      const { linux } = await import("./host/linux/index.js");
      await linux();`;
    expect(runNode(text, BUILD).stderr).toMatch(/wasm-ipc\/linux makes the system calls of Linux/);
  });
});
