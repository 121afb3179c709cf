/** A case's directory, standard descriptors and what is left of them, over any Syscalls. */
import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  O_APPEND,
  O_CREAT,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from "../../assembly/abi/fcntl.ts";
import { S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT } from "../../assembly/abi/stat.ts";
import type { Syscalls } from "../../host/contract.ts";
import { writeAll } from "../../runtime/api/descriptor.ts";
import type { BinCase, Tree } from "./case.ts";

const FLAGS = O_WRONLY | O_CREAT | O_TRUNC;

export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function text(data: Uint8Array): string {
  return Buffer.from(data).toString("latin1");
}

function writeFile(sys: Syscalls, path: string, data: string, mode = 0o644): void {
  const fd = sys.open(path, FLAGS, mode);
  if (data !== "") writeAll(sys, fd, bytes(data));
  sys.close(fd);
}

export function readFile(sys: Syscalls, path: string): string {
  const fd = sys.open(path, O_RDONLY);
  const buffer = new Uint8Array(65536);
  let all = "";
  for (let count = sys.read(fd, buffer); count > 0; count = sys.read(fd, buffer)) {
    all += text(buffer.subarray(0, count));
  }
  sys.close(fd);
  return all;
}

/** 2020-01-02 03:04:05 UTC: a time that `ls -l` shows with its year. */
const OLD = 1_577_934_245;

export function build(sys: Syscalls, directory: string, tree: Tree): void {
  for (const [name, node] of Object.entries(tree)) {
    const path = `${directory}/${name}`;
    if (node === null) sys.mkdir(path, 0o755);
    else if (typeof node === "string") writeFile(sys, path, node);
    else if ("link" in node) sys.symlink(node.link, path);
    else if ("fifo" in node) sys.mkfifo(path, node.fifo);
    else if ("directory" in node) sys.mkdir(path, node.directory);
    else writeFile(sys, path, node.text, node.mode);
  }
  // Last, because a directory's time changes with what is made in it; the deepest first.
  for (const [name, node] of Object.entries(tree).reverse()) {
    const hasTime = node !== null && typeof node === "object" && "time" in node;
    const time = { tv_sec: hasTime ? node.time! : OLD, tv_nsec: 0 };
    sys.utimensat(AT_FDCWD, `${directory}/${name}`, [time, time], AT_SYMLINK_NOFOLLOW);
  }
}

function namesIn(sys: Syscalls, directory: string): string[] {
  const fd = sys.open(directory, O_RDONLY);
  const names: string[] = [];
  for (let batch = sys.getdents(fd); batch.length > 0; batch = sys.getdents(fd)) {
    names.push(...batch.map(({ d_name }) => d_name));
  }
  sys.close(fd);
  return names.filter((name) => name !== "." && name !== "..");
}

/** Takes a directory away with all below it: a machine holds the files of a few cases only. */
export function remove(sys: Syscalls, path: string): void {
  if ((sys.lstat(path).st_mode & S_IFMT) !== S_IFDIR) {
    sys.unlink(path);
    return;
  }
  for (const name of namesIn(sys, path)) remove(sys, `${path}/${name}`);
  sys.rmdir(path);
}

/** Every file below a directory: name, mode, and what is in it. */
export function walk(sys: Syscalls, directory: string, prefix = ""): string[] {
  return namesIn(sys, directory)
    .sort()
    .flatMap((name) => describe(sys, `${directory}/${name}`, prefix + name));
}

function describe(sys: Syscalls, path: string, name: string): string[] {
  const { st_mode } = sys.lstat(path);
  const type = st_mode & S_IFMT;
  const head = `${name} ${(st_mode & ~0o777 & ~S_IFMT) >>> 0} ${(st_mode & 0o777).toString(8)}`;
  if (type === S_IFDIR) return [`${head} directory`, ...walk(sys, path, `${name}/`)];
  if (type === S_IFLNK) return [`${name} -> ${sys.readlink(path)}`];
  if (type === S_IFIFO) return [`${head} fifo`];
  return [`${head} ${JSON.stringify(readFile(sys, path))}`];
}

/** The three descriptors of a case; -1 is a closed one. */
export interface Standard {
  readonly stdin: number;
  readonly stdout: number;
  readonly stderr: number;
}

export function openStandard(sys: Syscalls, base: string, row: BinCase): Standard {
  return {
    stdin: openInput(sys, base, row),
    stdout: openOutput(sys, base, row),
    stderr: sys.open(`${base}/err`, FLAGS, 0o600),
  };
}

function openInput(sys: Syscalls, base: string, { stdin = "", piped }: BinCase): number {
  if (piped) {
    const [reader, writer] = sys.pipe();
    if (stdin !== "") writeAll(sys, writer, bytes(stdin));
    sys.close(writer);
    return reader;
  }
  writeFile(sys, `${base}/in`, stdin);
  return sys.open(`${base}/in`, O_RDONLY);
}

function openOutput(sys: Syscalls, base: string, { stdout }: BinCase): number {
  if (stdout === "closed") return -1;
  if (stdout === "broken") {
    const [reader, writer] = sys.pipe();
    sys.close(reader);
    return writer;
  }
  if (stdout !== undefined) {
    return sys.open(`${base}/cwd/${stdout.append}`, O_RDWR | O_CREAT | O_APPEND, 0o644);
  }
  return sys.open(`${base}/out`, FLAGS, 0o600);
}

export function closeStandard(sys: Syscalls, { stdin, stdout, stderr }: Standard): void {
  for (const fd of [stdin, stdout, stderr]) if (fd >= 0) sys.close(fd);
}
