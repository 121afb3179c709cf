/**
 * What boot() can be told: the limits, under Linux's names, and how workers are started. Defaults
 * are Linux's where the memory has room for them, otherwise they grow with the memory.
 */
import {
  LIMIT_COUNT,
  LIMIT_FILE_MAX,
  LIMIT_FILE_PAGES,
  LIMIT_INODES,
  LIMIT_LOCK_MAX,
  LIMIT_MSGMAX,
  LIMIT_MSGMNB,
  LIMIT_MSGMNI,
  LIMIT_MSGSEG,
  LIMIT_OPEN_MAX,
  LIMIT_PIPE_MAX,
  LIMIT_PROC_MAX,
  LIMIT_SEMMNI,
  LIMIT_SEMMNS,
  LIMIT_SEMMNU,
  LIMIT_SEMMSL,
  LIMIT_SEMOPM,
  LIMIT_SEMVMX,
  LIMIT_SHMALL,
  LIMIT_SHMMAX,
  LIMIT_SHMMNI,
  LIMIT_SHMSEG,
  LIMIT_TASK_MAX,
  LIMIT_WATCH_MAX,
} from "../assembly/abi/layout.ts";
import {
  IPCMNI,
  MEMORY_PAGES_MAX,
  MEMORY_PAGES_MIN,
  PAGE_SIZE,
  SEMVMX_LIMIT,
  TASK_MAX_LIMIT,
  WASM_PAGE_SIZE,
} from "../assembly/abi/limits.ts";
import { type Mount, planMounts, type Volume } from "./volume/volume.ts";

/** The limits of a machine, fixed when it boots. See sysvipc(7) and proc(5). */
export interface Limits {
  /** Processes, zombies counted. Default 64. */
  PROC_MAX?: number;
  /** Threads, pooled workers and pending asynchronous calls together. Default 128. */
  TASK_MAX?: number;
  /** Shared memory segments. */
  SHMMNI?: number;
  /** Bytes in a segment. */
  SHMMAX?: number;
  /** Pages of 4096 bytes in all segments. */
  SHMALL?: number;
  /** Attachments in the machine. */
  SHMSEG?: number;
  /** Semaphore sets. */
  SEMMNI?: number;
  /** Semaphores in a set. */
  SEMMSL?: number;
  /** Semaphores in all sets. */
  SEMMNS?: number;
  /** Operations in one semop(). Default 500. */
  SEMOPM?: number;
  /** Largest value of a semaphore. Default 32767. */
  SEMVMX?: number;
  /** SEM_UNDO records in the machine. */
  SEMMNU?: number;
  /** Message queues. */
  MSGMNI?: number;
  /** Bytes in a message. Default 8192. */
  MSGMAX?: number;
  /** Bytes in a queue, as it is created. Default 16384. */
  MSGMNB?: number;
  /** Blocks of 112 bytes for the text of all messages. */
  MSGSEG?: number;
  /** Descriptors of a process. Default 256. */
  OPEN_MAX?: number;
  /** Open file descriptions in the machine. */
  FILE_MAX?: number;
  /** Pipes in the machine; each takes 64 KiB of its memory while it exists. */
  PIPE_MAX?: number;
  /** Locks on files: ranges of fcntl(), and flock()s. Default 1024. */
  LOCK_MAX?: number;
  /** Descriptors that epoll instances watch. */
  WATCH_MAX?: number;
  /** Files, directories, symbolic links and FIFOs in the machine, and further names of files. */
  INODES?: number;
  /** Pages of 4096 bytes in all files and directories. */
  FILE_PAGES?: number;
}

/** Options of boot(). */
export interface BootOptions extends Limits {
  /** Bytes of the machine's memory, 1 MiB to 2 GiB; pages never touched cost nothing. Default 64 MiB. */
  memory?: number;
  /** Workers kept ready for spawn(). Default 4. */
  pool?: number;
  /** How long spawn() waits for a worker when the pool is empty, in milliseconds. Default 10000. */
  poolWaitMs?: number;
  /** User and group of the process that boots. Default 0, the superuser. */
  uid?: number;
  gid?: number;
  /** What is mounted at "/"; /tmp, /dev and /proc stay the machine's own. As one entry of `volumes`. */
  volume?: Volume;
  /**
   * Volumes by the absolute paths where they are mounted; missing directories are made. Objects, and what
   * has the methods of node:fs, are copied in, and changed by machine.sync() and shutdown(); for a
   * directory() see there.
   */
  volumes?: Readonly<Record<string, Volume>>;
  /**
   * Whether the machine has the programs of /bin: ls, cat, sort and the like. Default: when there is room,
   * 8 MiB of memory and 128 INODES, and no volume is the root.
   */
  bin?: boolean;
  /** Where kernel.wasm is, when the embedded one is not wanted. */
  kernelUrl?: string | URL;
  /** Where worker.js is, for a page whose Content-Security-Policy forbids workers from a Blob. */
  workerUrl?: string | URL;
  /** Where supervisor.js is; default: beside `workerUrl`, "worker" in its name replaced. */
  supervisorUrl?: string | URL;
  /** Where programs.js is, the code of /bin, for such a page. */
  programsUrl?: string | URL;
}

const MIB = 1024 * 1024;
/** What a machine has at least that has a /bin unless it is told. */
const BIN_MIB = 8;
const BIN_INODES = 128;
const I32_MAX = 0x7fff_ffff;

/** A limit's slot, bounds, and default for a memory of so many MiB. */
interface LimitRule {
  slot: number;
  least: number;
  most: number;
  standard: (mib: number) => number;
}

function scaled(perMib: number, least: number, most: number): (mib: number) => number {
  return (mib) => Math.min(most, Math.max(least, Math.floor(perMib * mib)));
}

function rule(slot: number, least: number, most: number, standard: LimitRule["standard"]) {
  return { slot, least, most, standard };
}

/** Bounds are those of the ids, of the ABI's fields and of a task's transfer area. */
const RULES: Readonly<Record<keyof Limits, LimitRule>> = {
  PROC_MAX: rule(LIMIT_PROC_MAX, 2, TASK_MAX_LIMIT, scaled(4, 8, 64)),
  TASK_MAX: rule(LIMIT_TASK_MAX, 2, TASK_MAX_LIMIT, scaled(8, 16, 128)),
  SHMMNI: rule(LIMIT_SHMMNI, 1, IPCMNI, scaled(16, 64, 4096)),
  SHMMAX: rule(LIMIT_SHMMAX, 1, I32_MAX, (mib) => Math.min(I32_MAX, mib * MIB)),
  SHMALL: rule(LIMIT_SHMALL, 1, I32_MAX, (mib) => (mib * MIB) / PAGE_SIZE),
  SHMSEG: rule(LIMIT_SHMSEG, 1, 1 << 20, scaled(64, 256, 65536)),
  SEMMNI: rule(LIMIT_SEMMNI, 1, IPCMNI, scaled(16, 64, 32000)),
  SEMMSL: rule(LIMIT_SEMMSL, 1, 65535, scaled(64, 250, 32000)),
  SEMMNS: rule(LIMIT_SEMMNS, 1, I32_MAX, scaled(65536, 65536, 1_024_000_000)),
  SEMOPM: rule(LIMIT_SEMOPM, 1, 16384, () => 500),
  SEMVMX: rule(LIMIT_SEMVMX, 1, SEMVMX_LIMIT, () => SEMVMX_LIMIT),
  SEMMNU: rule(LIMIT_SEMMNU, 1, 1 << 20, scaled(64, 256, 65536)),
  MSGMNI: rule(LIMIT_MSGMNI, 1, IPCMNI, scaled(16, 64, 32000)),
  MSGMAX: rule(LIMIT_MSGMAX, 1, 16 * MIB, () => 8192),
  MSGMNB: rule(LIMIT_MSGMNB, 1, 1 << 30, () => 16384),
  MSGSEG: rule(LIMIT_MSGSEG, 1, 1 << 24, scaled(512, 512, 1 << 20)),
  OPEN_MAX: rule(LIMIT_OPEN_MAX, 3, 1024, () => 256),
  FILE_MAX: rule(LIMIT_FILE_MAX, 3, 1 << 16, scaled(32, 64, 4096)),
  LOCK_MAX: rule(LIMIT_LOCK_MAX, 1, 1 << 16, () => 1024),
  WATCH_MAX: rule(LIMIT_WATCH_MAX, 1, 1 << 16, scaled(16, 64, 4096)),
  INODES: rule(LIMIT_INODES, 16, 1 << 16, scaled(64, 64, 4096)),
  FILE_PAGES: rule(LIMIT_FILE_PAGES, 16, 1 << 20, (mib) => (mib * MIB) / PAGE_SIZE),
  PIPE_MAX: rule(LIMIT_PIPE_MAX, 1, 1 << 16, scaled(16, 16, 4096)),
};

const OTHER_OPTIONS = new Set<string>([
  "memory",
  "bin",
  "pool",
  "poolWaitMs",
  "uid",
  "gid",
  "volume",
  "volumes",
  "kernelUrl",
  "workerUrl",
  "supervisorUrl",
  "programsUrl",
]);

/** Options with every default filled in. */
export interface Settings {
  pages: number;
  /** LIMIT_COUNT words for the superblock. */
  limits: Int32Array;
  bin: boolean;
  pool: number;
  poolWaitMs: number;
  uid: number;
  gid: number;
  mounts: Mount[];
}

/**
 * Checks the options and fills in the defaults.
 * @throws {TypeError} for an unknown option, or one that is not an integer.
 * @throws {RangeError} for a value out of its range, which is named.
 */
export function settle(options: BootOptions): Settings {
  for (const name of Object.keys(options)) {
    if (!(name in RULES) && !OTHER_OPTIONS.has(name)) {
      throw new TypeError(`boot: there is no option \`${name}\``);
    }
  }
  const least = MEMORY_PAGES_MIN * WASM_PAGE_SIZE;
  const most = MEMORY_PAGES_MAX * WASM_PAGE_SIZE;
  const memory = checked("memory", options.memory ?? 64 * MIB, least, most);
  const pages = Math.ceil(memory / WASM_PAGE_SIZE);
  const limits = new Int32Array(LIMIT_COUNT);
  const mib = (pages * WASM_PAGE_SIZE) / MIB;
  for (const [name, { slot, least, most, standard }] of Object.entries(RULES)) {
    limits[slot] = checked(name, options[name as keyof Limits] ?? standard(mib), least, most);
  }
  const mounts = planMounts(options.volume, options.volumes);
  return {
    pages,
    limits,
    bin: binOf(options.bin, limits[LIMIT_INODES]! >= BIN_INODES && mib >= BIN_MIB, mounts),
    pool: checked("pool", options.pool ?? 4, 0, TASK_MAX_LIMIT),
    poolWaitMs: checked("poolWaitMs", options.poolWaitMs ?? 10_000, 0, I32_MAX),
    uid: checked("uid", options.uid ?? 0, 0, I32_MAX),
    gid: checked("gid", options.gid ?? 0, 0, I32_MAX),
    mounts,
  };
}

function binOf(bin: unknown, hasRoom: boolean, mounts: readonly Mount[]): boolean {
  const isVolume = mounts.some(({ path }) => path === "/");
  if (bin === undefined) return hasRoom && !isVolume;
  if (bin === true && isVolume) {
    throw new TypeError("boot: `bin` cannot be true with a volume that is the root");
  }
  if (typeof bin === "boolean") return bin;
  throw new TypeError(`boot: \`bin\` is ${String(bin)}, wanted true or false`);
}

function checked(name: string, value: unknown, least: number, most: number): number {
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw new TypeError(`boot: \`${name}\` must be an integer, not ${String(value)}`);
  }
  if (value < least || value > most) {
    throw new RangeError(`boot: \`${name}\` must be from ${least} to ${most}, not ${value}`);
  }
  return value;
}
