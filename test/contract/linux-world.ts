/**
 * The rows on the running Linux kernel, in an IPC namespace of their own and with a tmpfs of their own:
 * nothing collides with the machine's objects and nothing is left behind.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import koffi from "koffi";
import type { AgentOptions } from "./linux-agent.ts";
import { LinuxProc } from "./linux-proc.ts";
import type { Limits, ProcOptions, World } from "./row.ts";
import { WorldBase } from "./world-base.ts";

const CLONE_NEWNS = 0x0002_0000;
const CLONE_NEWIPC = 0x0800_0000;
const MS_REMOUNT = 0x20;
/** MS_REC | MS_PRIVATE: what is mounted here stays here. */
const MS_ALL_PRIVATE = 0x4_4000;
const MNT_DETACH = 2;
/** The rows' tmpfs, unless a row says otherwise. */
const ROOM = { FILE_PAGES: 16384, INODES: 4096 };
/** In the sources, as seen from build/test/contract/. */
const SIGNAL_SOURCE = fileURLToPath(
  new URL("../../../test/contract/native/signal-script.c", import.meta.url),
);
const AGENT = fileURLToPath(new URL("./linux-agent.js", import.meta.url));

export class LinuxWorld extends WorldBase<LinuxProc> {
  readonly backend = "linux";
  readonly #folder = mkdtempSync(join(tmpdir(), "contract-"));
  readonly #socketPath = join(this.#folder, "socket");
  protected readonly base = join(this.#folder, "files");
  readonly #server: Server;
  readonly #expected = new Map<string, (pid: number, socket: Socket) => void>();
  readonly #signalProgram = join(this.#folder, "signal-script");
  #count = 0;
  #openMax: number | undefined;

  private constructor(server: Server) {
    super();
    this.#server = server;
    server.on("connection", (socket) => this.#greet(socket));
  }

  /** @throws {Error} with the command to use when this is not root. */
  static async start(): Promise<LinuxWorld> {
    if (process.getuid?.() !== 0) {
      throw new Error(
        "The contract rows act as several users, which needs root: " +
          "sudo npx vitest run --project contract",
      );
    }
    succeed(unshare(CLONE_NEWIPC | CLONE_NEWNS), "unshare(2)");
    succeed(mount("none", "/", null, MS_ALL_PRIVATE, null), "mount(2)");
    const world = new LinuxWorld(createServer());
    mkdirSync(world.base);
    execFileSync(process.env.CC ?? "cc", ["-O1", "-o", world.#signalProgram, SIGNAL_SOURCE]);
    // Other users are to reach it.
    chmodSync(world.#folder, 0o755);
    mountFiles(world.base, ROOM, 0);
    await new Promise<void>((resolve) => world.#server.listen(world.#socketPath, resolve));
    return world;
  }

  protected async startProc(options: ProcOptions): Promise<LinuxProc> {
    const { uid = 0, gid = 0, groups = [], parent } = options;
    const name = String(++this.#count);
    const agent: AgentOptions = {
      ...{ socket: this.#socketPath, name, uid, gid, groups },
      signalProgram: this.#signalProgram,
      ...(this.#openMax !== undefined && { openMax: this.#openMax }),
    };
    const started = new Promise<LinuxProc>((resolve) => {
      this.#expected.set(name, (pid, socket) => resolve(new LinuxProc(pid, socket)));
    });
    if (parent !== undefined) {
      await parent.do("spawnAgent", agent);
      return started;
    }
    const child = spawn(process.execPath, [AGENT, JSON.stringify(agent)], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    return Promise.race([started, failedStart(child, name)]);
  }

  /** The limits of this namespace, put back after the row; OPEN_MAX is that of fresh processes. */
  async withLimits(
    { OPEN_MAX, FILE_PAGES, INODES, ...limits }: Limits,
    run: (world: World) => Promise<void>,
  ): Promise<void> {
    this.#openMax = OPEN_MAX;
    const room = { FILE_PAGES: FILE_PAGES ?? ROOM.FILE_PAGES, INODES: INODES ?? ROOM.INODES };
    mountFiles(this.base, room, MS_REMOUNT);
    const before = Object.keys(limits).map((name) => [name, readLimit(name)] as const);
    try {
      for (const [name, value] of Object.entries(limits)) {
        writeLimit(name, name === "FILE_MAX" ? openFiles() : String(value));
      }
      await run(this);
    } finally {
      this.#openMax = undefined;
      mountFiles(this.base, ROOM, MS_REMOUNT);
      for (const [name, value] of before) writeLimit(name, value);
    }
  }

  protected async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
    succeed(umount2(this.base, MNT_DETACH), "umount(2)");
    rmSync(this.#folder, { recursive: true });
  }

  /** An agent's first line tells its name and pid. */
  #greet(socket: Socket): void {
    socket.on("error", () => undefined);
    socket.once("data", (data) => {
      const { name, pid } = JSON.parse(String(data)) as { name: string; pid: number };
      this.#expected.get(name)!(pid, socket);
      this.#expected.delete(name);
    });
  }
}

const library = koffi.load(null);
const unshare = library.func("int unshare(int flags)");
const umount2 = library.func("int umount2(const char *target, int flags)");
const mount = library.func(
  "int mount(const char *source, const char *target, const char *type, ulong flags, const char *data)",
);

function succeed(result: number, manual: string): void {
  if (result !== 0) throw new Error(`errno ${koffi.errno()}: see ${manual}`);
}

/** The tmpfs of the rows' files. */
function mountFiles(path: string, { FILE_PAGES, INODES }: typeof ROOM, flags: number): void {
  const options = `mode=755,size=${FILE_PAGES * 4096},nr_inodes=${INODES}`;
  succeed(mount("tmpfs", path, "tmpfs", flags, options), "tmpfs(5)");
}

function failedStart(child: ChildProcess, name: string): Promise<never> {
  return new Promise((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      reject(new Error(`agent ${name} ended before it began: ${code ?? signal}`));
    });
  }) as Promise<never>;
}

/** kernel.sem holds four numbers in this order, see proc_sys_kernel(5). */
const SEM_FIELDS = ["SEMMSL", "SEMMNS", "SEMOPM", "SEMMNI"];

function limitFile(name: string): string {
  if (name === "FILE_MAX") return "/proc/sys/fs/file-max";
  return `/proc/sys/kernel/${SEM_FIELDS.includes(name) ? "sem" : name.toLowerCase()}`;
}

/**
 * How many files are open in the whole system. FILE_MAX is this number in a row: less would also keep
 * everybody, root included, from making Unix sockets, of which there may be twice as many as files.
 */
function openFiles(): string {
  return readFileSync("/proc/sys/fs/file-nr", "latin1").split(/\s/)[0]!;
}

/** The synchronous calls run on the main thread, which is the one in the namespace. */
function readLimit(name: string): string {
  const fields = readFileSync(limitFile(name), "latin1").trim().split(/\s+/);
  return fields[Math.max(0, SEM_FIELDS.indexOf(name))]!;
}

function writeLimit(name: string, value: string): void {
  const fields = readFileSync(limitFile(name), "latin1").trim().split(/\s+/);
  fields[Math.max(0, SEM_FIELDS.indexOf(name))] = value;
  writeFileSync(limitFile(name), fields.join(" "));
}
