/**
 * One mutex of the C library, shared by a C program and wasm-ipc/linux in both directions, where one
 * side dies; and by threads of Node, whose memories are gone before their end.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { EOWNERDEAD } from "../../assembly/abi/errno.ts";
import { IPC_CREAT, IPC_PRIVATE, IPC_RMID, IPC_STAT } from "../../assembly/abi/ipc.ts";
import { ROBUST_MUTEX_SIZE } from "../../assembly/abi/mutex.ts";
import type { RobustMutex, Syscalls } from "../../host/contract.ts";
import { linux } from "../../host/linux/index.ts";

/** In the sources, as seen from build/test/contract/. */
const SOURCE = fileURLToPath(new URL("../../../test/contract/native/mutex.c", import.meta.url));
const HOLDER = new URL("./linux-mutex-holder.js", import.meta.url);

const folder = mkdtempSync(join(tmpdir(), "wasm-ipc-mutex-"));
const program = join(folder, "mutex");
let sys: Syscalls;
let mutex: RobustMutex;

/** The C program, asked line by line. */
class Native {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    const args = [String(mutex.attachment.shmid), String(mutex.offset)];
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    const lines: Interface = createInterface({ input: this.#child.stdout! });
    this.#lines = lines[Symbol.asyncIterator]();
  }

  async do(command: string): Promise<number> {
    this.#child.stdin!.write(`${command}\n`);
    return Number((await this.#lines.next()).value);
  }

  async end(how: "exit" | "kill"): Promise<void> {
    const ended = once(this.#child, "close");
    if (how === "exit") this.#child.stdin!.write("exit\n");
    else this.#child.kill("SIGKILL");
    await ended;
  }
}

beforeAll(async () => {
  execFileSync(process.env.CC ?? "cc", ["-O1", "-pthread", "-o", program, SOURCE]);
  sys = await linux();
});

afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  const shmid = sys.shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0o600);
  mutex = { attachment: sys.shmat(shmid), offset: 0 };
  // Marked now, gone with its last user: also when a test fails.
  sys.shmctl(shmid, IPC_RMID);
  sys.pthread_mutex_init(mutex);
  return () => {
    sys.shmdt(mutex.attachment);
  };
});

/** Takes over from a dead owner, and gives the mutex back whole. */
function takesOver(result: number): void {
  expect(result).toBe(EOWNERDEAD);
  sys.pthread_mutex_consistent(mutex);
  sys.pthread_mutex_unlock(mutex);
}

describe("a mutex shared with a C program", () => {
  it("is one mutex, whoever made it", async () => {
    const native = new Native();
    for (const made of ["here", "there"]) {
      if (made === "here") sys.pthread_mutex_init(mutex);
      else expect(await native.do("init")).toBe(0);
      expect(await native.do("lock")).toBe(0);
      expect(() => sys.pthread_mutex_trylock(mutex)).toThrow("EBUSY");
      const pending = sys.async.pthread_mutex_lock(mutex);
      expect(await native.do("unlock")).toBe(0);
      expect(await pending).toBe(0);
      sys.pthread_mutex_unlock(mutex);
    }
    await native.end("exit");
  });

  it.each(["exit", "kill"] as const)("tells that the C program died: %s", async (how) => {
    const native = new Native();
    expect(await native.do("lock")).toBe(0);
    const pending = sys.async.pthread_mutex_lock(mutex);
    await native.end(how);
    takesOver(await pending);
  });

  it("tells the C program that a process of Node died", async () => {
    const native = new Native();
    const { shmid } = mutex.attachment;
    const printed = execFileSync(process.execPath, [fileURLToPath(HOLDER), String(shmid)]);
    expect(String(printed)).toBe("0\n");
    expect(await native.do("lock")).toBe(EOWNERDEAD);
    expect(await native.do("consistent")).toBe(0);
    expect(await native.do("unlock")).toBe(0);
    expect(sys.pthread_mutex_lock(mutex)).toBe(0);
    sys.pthread_mutex_unlock(mutex);
    await native.end("exit");
  });
});

describe("a mutex shared by threads of Node", () => {
  it("tells that a worker was terminated", async () => {
    const worker = new Worker(HOLDER, { workerData: mutex.attachment.shmid });
    expect(await once(worker, "message")).toEqual([0]);
    expect(() => sys.pthread_mutex_trylock(mutex)).toThrow("EBUSY");
    await worker.terminate();
    takesOver(await sys.async.pthread_mutex_lock(mutex));
  });

  it("counts as one more attachment until the thread has detached its segment", () => {
    const { shmid } = mutex.attachment;
    const attached = () => sys.shmctl(shmid, IPC_STAT).shm_nattch;
    expect(attached()).toBe(2);
    const again = sys.shmat(shmid);
    const other = { attachment: again, offset: ROBUST_MUTEX_SIZE };
    sys.pthread_mutex_init(other);
    expect(attached()).toBe(3);
    sys.pthread_mutex_lock(other);
    sys.shmdt(mutex.attachment);
    sys.shmdt(again);
    expect(attached()).toBe(1);
    mutex = { attachment: sys.shmat(shmid), offset: 0 };
    sys.pthread_mutex_unlock({ ...mutex, offset: ROBUST_MUTEX_SIZE });
    expect(attached()).toBe(2);
  });
});
