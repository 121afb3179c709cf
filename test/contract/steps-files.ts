/**
 * Steps on descriptors. Data stays in the process where it can: rows see text, or runs of equal bytes
 * as `[byte, length]`. Calls whose arguments change in place return the changed ones. A name that ends
 * in "Twin" makes the asynchronous call, and takes `{ abort: NAME }` as its last argument.
 */
import { DT_DIR } from "../../assembly/abi/dirent.ts";
import {
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_RDONLY,
  O_WRONLY,
} from "../../assembly/abi/fcntl.ts";
import type { Syscalls } from "../../host/contract.ts";
import type { Pollfd, Timeval } from "../../host/contract-poll.ts";

/** `[byte, length]`. */
export type Run = [number, number];

/** Makes a call by its name, "async.NAME" for the twin. */
export type MakeCall = (step: string, args: unknown[]) => unknown;

type Step = (...args: never[]) => unknown;

/** Calls whose result is new descriptors. */
const OPENERS = new Set([
  ...["pipe", "pipe2", "dup", "dup2", "dup3", "epoll_create1"],
  ...["open", "openat", "async.open", "async.openat"],
]);
const UMASK = 0o022;

function opens(step: string, args: readonly unknown[]): boolean {
  if (step === "fcntl") return args[1] === F_DUPFD || args[1] === F_DUPFD_CLOEXEC;
  return OPENERS.has(step);
}

/** Appends bytes to runs. */
function addRuns(runs: Run[], bytes: Uint8Array): void {
  for (const byte of bytes) {
    const last = runs.at(-1);
    if (last?.[0] === byte) last[1]++;
    else runs.push([byte, 1]);
  }
}

function runsOf(bytes: Uint8Array): Run[] {
  const runs: Run[] = [];
  addRuns(runs, bytes);
  return runs;
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes.slice());
const bytesOf = (value: string) => new TextEncoder().encode(value);
const filled = (byte: number, count: number) => new Uint8Array(count).fill(byte);

export class FileSteps {
  readonly #sys: Syscalls;
  readonly #call: MakeCall;
  /** Descriptors that rows have opened here. */
  readonly #open = new Set<number>();
  #moved = false;

  constructor(sys: Syscalls, call: MakeCall) {
    this.#sys = sys;
    this.#call = call;
  }

  /** Remembers what a step opened or closed. */
  note(step: string, args: readonly unknown[], result: unknown): void {
    if (step === "close" || step === "async.close") this.#open.delete(args[0] as number);
    if (["chdir", "fchdir", "umask"].includes(step)) this.#moved = true;
    if (!opens(step, args)) return;
    for (const fd of [result].flat()) this.#open.add(fd as number);
  }

  /** Closes what rows have left open, and goes where it began. */
  reset(): void {
    for (const fd of this.#open) this.#sys.close(fd);
    this.#open.clear();
    if (!this.#moved) return;
    this.#moved = false;
    this.#sys.chdir("/");
    this.#sys.umask(UMASK);
  }

  /** rm -r, in a directory that nobody else uses. */
  #removeTree(path: string): void {
    const fd = this.#sys.open(path, O_RDONLY | O_DIRECTORY);
    const names: [name: string, type: number][] = [];
    for (let list = this.#sys.getdents(fd); list.length > 0; list = this.#sys.getdents(fd)) {
      for (const { d_name, d_type } of list) names.push([d_name, d_type]);
    }
    this.#sys.close(fd);
    for (const [name, type] of names) {
      if (name === "." || name === "..") continue;
      if (type === DT_DIR) this.#removeTree(`${path}/${name}`);
      else this.#sys.unlink(`${path}/${name}`);
    }
    this.#sys.rmdir(path);
  }

  /** Reads once into a buffer of its own and shows what came. */
  async #read<T>(call: string, show: (bytes: Uint8Array) => T, args: unknown[]): Promise<T> {
    const [fd, count, ...options] = args as [number, number];
    const buffer = new Uint8Array(count);
    const n = (await this.#call(call, [fd, buffer, count, ...options])) as number;
    return show(buffer.subarray(0, n));
  }

  async #poll(call: string, fds: Pollfd[], rest: unknown[]) {
    const result = (await this.#call(call, [fds, ...rest])) as number;
    return { result, revents: fds.map(({ revents }) => revents) };
  }

  async #select(call: string, args: unknown[]) {
    const [nfds, r, w, e, timeout, ...options] = args as [
      number,
      ...(number[] | null | undefined)[],
    ];
    const sets = [r, w, e].map((list) => (list ? new Set(list) : list));
    const result = (await this.#call(call, [nfds, ...sets, timeout, ...options])) as number;
    const left = sets.map((set) => (set ? [...set] : null));
    return { result, left, timeout: (timeout ?? null) as unknown as Timeval | null };
  }

  readonly steps: Record<string, Step> = {
    readText: (...args) => this.#read("read", text, args),
    readTextTwin: (...args) => this.#read("async.read", text, args),
    readRuns: (...args) => this.#read("read", runsOf, args),
    readRunsTwin: (...args) => this.#read("async.read", runsOf, args),
    /** read() into shared memory, at an odd address, beside bytes that must stay. */
    readShared: (fd: number, count: number) => {
      const all = new Uint8Array(new SharedArrayBuffer(count + 4)).fill(0xee);
      const n = this.#sys.read(fd, all.subarray(3, 3 + count));
      const around = [all[2], all[3 + n]];
      return { text: text(all.subarray(3, 3 + n)), around };
    },
    writeShared: (fd: number, value: string) => {
      const bytes = bytesOf(value);
      const all = new Uint8Array(new SharedArrayBuffer(bytes.length + 3));
      all.set(bytes, 3);
      return this.#sys.write(fd, all.subarray(3));
    },
    /** readv() into buffers of these sizes. */
    readVector: async (fd: number, ...sizes: number[]) => {
      const iov = sizes.map((size) => new Uint8Array(size));
      const n = this.#sys.readv(fd, iov);
      return { n, texts: iov.map((each) => text(each).replaceAll("\0", ".")) };
    },
    readVectorTwin: async (fd: number, ...sizes: number[]) => {
      const iov = sizes.map((size) => new Uint8Array(size));
      const n = await this.#sys.async.readv(fd, iov);
      return { n, texts: iov.map((each) => text(each).replaceAll("\0", ".")) };
    },
    writeText: (fd: number, value: string) => this.#sys.write(fd, bytesOf(value)),
    writeTextTwin: (fd: number, value: string, ...options: unknown[]) =>
      this.#call("async.write", [fd, bytesOf(value), undefined, ...options]),
    writeVector: (fd: number, ...values: string[]) => this.#sys.writev(fd, values.map(bytesOf)),
    writeVectorTwin: (fd: number, ...values: string[]) =>
      this.#sys.async.writev(fd, values.map(bytesOf)),
    /** One write() of `count` equal bytes. */
    writeRun: (fd: number, byte: number, count: number) => this.#sys.write(fd, filled(byte, count)),
    writeRunTwin: (fd: number, byte: number, count: number, ...options: unknown[]) =>
      this.#call("async.write", [fd, filled(byte, count), count, ...options]),
    /** Writes of `size` bytes until one fails with EAGAIN. @returns bytes in all */
    fill: (fd: number, size: number, byte = 0) => {
      for (let total = 0; ; ) {
        try {
          total += this.#sys.write(fd, filled(byte, size));
        } catch (error) {
          if ((error as { code?: string }).code !== "EAGAIN") throw error;
          return total;
        }
      }
    },
    /** `count` records of `size` bytes, one write() each. @returns what each write() returned, once */
    writeRecords: (fd: number, byte: number, size: number, count: number) => {
      const results = new Set<number>();
      for (let i = 0; i < count; i++) results.add(this.#sys.write(fd, filled(byte, size)));
      return [...results];
    },
    /** Reads until the end of the file. */
    readToEnd: (fd: number, size = 65536) => {
      const runs: Run[] = [];
      const buffer = new Uint8Array(size);
      for (let n = this.#sys.read(fd, buffer); n > 0; n = this.#sys.read(fd, buffer)) {
        addRuns(runs, buffer.subarray(0, n));
      }
      return runs;
    },
    /** A new file with this text. */
    makeFile: (path: string, value: string, mode = 0o644) => {
      const fd = this.#sys.open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
      this.#sys.write(fd, bytesOf(value));
      this.#sys.close(fd);
    },
    /** What is in a file. */
    contents: (path: string) => {
      const fd = this.#sys.open(path, O_RDONLY);
      const buffer = new Uint8Array(65536);
      const n = this.#sys.read(fd, buffer);
      this.#sys.close(fd);
      return text(buffer.subarray(0, n));
    },
    /** pread() as text. */
    preadText: (fd: number, count: number, offset: number) => {
      const buffer = new Uint8Array(count);
      return text(buffer.subarray(0, this.#sys.pread(fd, buffer, count, offset)));
    },
    pwriteText: (fd: number, value: string, offset: number) => {
      const bytes = bytesOf(value);
      return this.#sys.pwrite(fd, bytes, bytes.length, offset);
    },
    removeTree: (path: string) => this.#removeTree(path),
    poll: (fds: Pollfd[], ...rest: unknown[]) => this.#poll("poll", fds, rest),
    pollTwin: (fds: Pollfd[], ...rest: unknown[]) => this.#poll("async.poll", fds, rest),
    select: (...args) => this.#select("select", args),
    selectTwin: (...args) => this.#select("async.select", args),
    /** How many descriptors it can open: dup() until EMFILE. All are closed again. */
    openAll: (fd: number) => {
      const opened: number[] = [];
      try {
        for (;;) opened.push(this.#sys.dup(fd));
      } catch (error) {
        if ((error as { code?: string }).code !== "EMFILE") throw error;
      }
      for (const each of opened) this.#sys.close(each);
      return { count: opened.length, highest: Math.max(...opened) };
    },
  };
}
