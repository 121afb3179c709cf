/**
 * The running Linux kernel as the model of files asks it: on a tmpfs of the test's own, which is the root of
 * this thread while a sequence of commands runs. Its two processes are this thread with two users,
 * current directories and masks, because what a process is to files the thread can change.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import koffi from "koffi";
import { O_DIRECTORY, O_RDONLY } from "../../assembly/abi/fcntl.ts";
import { SEEK_SET } from "../../assembly/abi/unistd.ts";
import type { Stat } from "../../host/contract-files.ts";
import { type Syscalls, SystemError } from "../../host/linux/index.ts";
import { type Entry, type FileCalls, runs, type Seen, sorted } from "../model/file-calls.ts";
import { type Subject, USERS } from "../model/file-play.ts";
import { type Room, SYSTEM } from "../model/file-tree.ts";
import { Turns } from "./linux-turns.ts";

const CLONE_NEWNS = 0x0002_0000;
/** MS_REC | MS_PRIVATE: what is mounted here stays here. */
const MS_ALL_PRIVATE = 0x4_4000;
const MNT_DETACH = 2;

const library = koffi.load(null);
const unshare = library.func("int unshare(int flags)");
const chroot = library.func("int chroot(const char *path)");
const umount2 = library.func("int umount2(const char *target, int flags)");
const mount = library.func(
  "int mount(const char *source, const char *target, const char *type, ulong flags, const char *data)",
);

function succeed(result: number, manual: string): void {
  if (result !== 0) throw new Error(`errno ${koffi.errno()}: see ${manual}`);
}

/** The result, or the negated errno. */
function answer<T>(call: () => T): T | number {
  try {
    return call();
  } catch (error) {
    if (error instanceof SystemError) return -error.errno;
    throw error;
  }
}

const seen = ({ st_ino, st_mode, st_nlink, st_uid, st_gid, st_size }: Stat): Seen => ({
  ...{ ino: st_ino, mode: st_mode, nlink: st_nlink, uid: st_uid, gid: st_gid, size: st_size },
});

/** Numbers begin where those of a process of the machine do, whatever Node has open. */
const FIRST = 3;

/** The calls of one of the two. */
class LinuxFiles implements FileCalls {
  readonly #sys: Syscalls;
  readonly #fds = new Map<number, number>();

  constructor(sys: Syscalls) {
    this.#sys = sys;
  }

  #real(fd: number): number {
    return this.#fds.get(fd) ?? -1;
  }

  #number(result: number): number {
    if (result < 0) return result;
    let fd = FIRST;
    while (this.#fds.has(fd)) fd += 1;
    this.#fds.set(fd, result);
    return fd;
  }

  open(path: string, flags: number, mode: number): number {
    return this.#number(answer(() => this.#sys.open(path, flags, mode)));
  }

  close(fd: number): number {
    const real = this.#real(fd);
    this.#fds.delete(fd);
    return answer(() => this.#sys.close(real));
  }

  dup(fd: number): number {
    return this.#number(answer(() => this.#sys.dup(this.#real(fd))));
  }

  #read(count: number, call: (buf: Uint8Array) => number): string | number {
    const buf = new Uint8Array(count);
    const size = answer(() => call(buf));
    return size < 0 ? size : runs(buf.subarray(0, size));
  }

  read(fd: number, count: number): string | number {
    return this.#read(count, (buf) => this.#sys.read(this.#real(fd), buf));
  }

  pread(fd: number, count: number, offset: number): string | number {
    return this.#read(count, (buf) => this.#sys.pread(this.#real(fd), buf, count, offset));
  }

  write(fd: number, byte: number, count: number): number {
    return answer(() => this.#sys.write(this.#real(fd), new Uint8Array(count).fill(byte)));
  }

  pwrite(fd: number, byte: number, count: number, offset: number): number {
    const bytes = new Uint8Array(count).fill(byte);
    return answer(() => this.#sys.pwrite(this.#real(fd), bytes, count, offset));
  }

  lseek(fd: number, offset: number, whence: number): number {
    return answer(() => this.#sys.lseek(this.#real(fd), offset, whence));
  }

  truncate(path: string, length: number): number {
    return answer(() => this.#sys.truncate(path, length));
  }

  ftruncate(fd: number, length: number): number {
    return answer(() => this.#sys.ftruncate(this.#real(fd), length));
  }

  mkdir(path: string, mode: number): number {
    return answer(() => this.#sys.mkdir(path, mode));
  }

  rmdir(path: string): number {
    return answer(() => this.#sys.rmdir(path));
  }

  unlink(path: string): number {
    return answer(() => this.#sys.unlink(path));
  }

  link(from: string, to: string): number {
    return answer(() => this.#sys.link(from, to));
  }

  symlink(target: string, path: string): number {
    return answer(() => this.#sys.symlink(target, path));
  }

  rename(from: string, to: string): number {
    return answer(() => this.#sys.rename(from, to));
  }

  readlink(path: string): string | number {
    return answer(() => this.#sys.readlink(path));
  }

  stat(path: string): Seen | number {
    return answer(() => seen(this.#sys.stat(path)));
  }

  lstat(path: string): Seen | number {
    return answer(() => seen(this.#sys.lstat(path)));
  }

  fstat(fd: number): Seen | number {
    return answer(() => seen(this.#sys.fstat(this.#real(fd))));
  }

  chmod(path: string, mode: number): number {
    return answer(() => this.#sys.chmod(path, mode));
  }

  fchmod(fd: number, mode: number): number {
    return answer(() => this.#sys.fchmod(this.#real(fd), mode));
  }

  umask(mask: number): number {
    return answer(() => this.#sys.umask(mask));
  }

  chdir(path: string): number {
    return answer(() => this.#sys.chdir(path));
  }

  fchdir(fd: number): number {
    return answer(() => this.#sys.fchdir(this.#real(fd)));
  }

  getcwd(): string | number {
    return answer(() => this.#sys.getcwd());
  }

  list(fd: number, count: number): readonly Entry[] | number {
    this.lseek(fd, 0, SEEK_SET);
    const found: Entry[] = [];
    for (;;) {
      const next = answer(() => this.#sys.getdents(this.#real(fd), count));
      if (typeof next === "number") return next;
      if (next.length === 0) return sorted(found);
      found.push(...next.map(({ d_name, d_type, d_ino }) => [d_name, d_type, d_ino] as const));
    }
  }

  /** What a sequence that has failed left open. */
  end(): void {
    for (const fd of [...this.#fds.keys()]) this.close(fd);
  }
}

/** Whether links are protected, see proc_sys_fs(5). */
export function protectedLinks(): boolean {
  return readFileSync("/proc/sys/fs/protected_hardlinks", "latin1").trim() === "1";
}

/** A place for trees, of this thread alone. */
export class LinuxTrees {
  readonly #sys: Syscalls;
  readonly #base = mkdtempSync(join(tmpdir(), "wasm-ipc-tree-"));
  readonly #outside: number;

  /** @throws {Error} when this is not root. */
  constructor(sys: Syscalls) {
    this.#sys = sys;
    if (process.getuid!() !== 0) {
      throw new Error("Users and mounts need root: sudo npx vitest run --project contract");
    }
    succeed(unshare(CLONE_NEWNS), "unshare(2)");
    succeed(mount("none", "/", null, MS_ALL_PRIVATE, null), "mount(2)");
    this.#outside = sys.open("/", O_RDONLY | O_DIRECTORY);
  }

  end(): void {
    this.#sys.close(this.#outside);
    rmSync(this.#base, { recursive: true });
  }

  /** Runs `body` on a fresh tree, which is `/` meanwhile: nothing may be loaded then. */
  use(room: Room, body: (subject: Subject) => void): void {
    const inodes = 1 + SYSTEM.length + room.inodes;
    succeed(mount("tmpfs", this.#base, "tmpfs", 0, `mode=777,nr_inodes=${inodes}`), "tmpfs(5)");
    const umask = this.#sys.umask(0o022);
    const files = USERS.map(() => new LinuxFiles(this.#sys));
    const turns = new Turns(this.#sys);
    try {
      for (const name of SYSTEM) mkdirSync(join(this.#base, name), 0o755);
      succeed(chroot(this.#base), "chroot(2)");
      this.#sys.chdir("/");
      turns.begin();
      body({ calls: files, before: (process) => turns.take(process), after: () => undefined });
    } finally {
      turns.end();
      for (const each of files) each.end();
      this.#sys.fchdir(this.#outside);
      succeed(chroot("."), "chroot(2)");
      this.#sys.umask(umask);
      succeed(umount2(this.#base, MNT_DETACH), "umount(2)");
    }
  }
}
