/** Plays commands on files to the model and to a subject, and compares what they answer. */
import { O_CREAT, O_RDONLY, O_RDWR } from "../../assembly/abi/fcntl.ts";
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from "../../assembly/abi/stat.ts";
import { SEEK_SET } from "../../assembly/abi/unistd.ts";
import type { Entry, FileCalls, Seen } from "./file-calls.ts";
import type { FileCommand } from "./file-commands.ts";
import type { Opened } from "./file-descriptors.ts";
import { FileModel } from "./file-model.ts";
import { FileTree, isDir, type Room } from "./file-tree.ts";
import { pick, same } from "./replay.ts";

/** Words that stand for a name and a path that are too long. */
const TOO_LONG: readonly (readonly [string, string])[] = [
  ["LONG", "n".repeat(256)],
  ["DEEP", "a/".repeat(2048)],
];

function spelt(path: unknown): unknown {
  if (typeof path !== "string") return path;
  return TOO_LONG.reduce((text, [word, long]) => text.replace(word, long), path);
}

const MASKS = [0, 0o022, 0o077] as const;

/** Those that need a descriptor: where there is none, one is opened. */
const FD_CALLS: readonly (keyof FileCalls)[] = [
  ...(["close", "dup", "read", "pread", "write", "pwrite", "lseek", "ftruncate"] as const),
  ...(["fstat", "fchmod", "fchdir", "list"] as const),
];

/** Bytes of one getdents(): too few, enough for two entries, for all. */
const LISTS = [8, 64, 4096] as const;

/** root, and a user who is in no group of others. */
export const USERS = [0, 100] as const;

/** What is compared with the model: its processes, and what is done before each call and after it. */
export interface Subject {
  readonly calls: readonly FileCalls[];
  /** `extra`: of the command, -1 for a call that is no command. */
  before(process: number, extra: number): void;
  after(): void;
}

export class FilePlay {
  readonly #subject: Subject;
  readonly #models: readonly FileModel[];
  /** Inodes of the subject and of the model: each has one of the other. */
  readonly #inodes = new Map<number, number>();
  readonly #known = new Map<number, number>();

  constructor(subject: Subject, room: Room) {
    this.#subject = subject;
    const tree = new FileTree(room);
    const opened: Opened = new Set();
    this.#models = USERS.map((uid) => new FileModel(tree, opened, uid));
  }

  run(commands: readonly (readonly FileCommand[])[]): void {
    for (const command of commands.flat()) {
      const { process, call, extra } = command;
      const isFirst = FD_CALLS.includes(call) && this.#models[process]!.fds.size === 0;
      const path = this.#aim(command.path, command.aims[0]);
      const other = this.#aim(command.other, command.aims[1]);
      if (isFirst) this.#ask(process, "open", [path, O_RDWR | O_CREAT, 0o777], extra);
      else this.#ask(process, call, this.#arguments({ ...command, path, other }), extra);
      this.#subject.after();
    }
    this.#end();
  }

  /** As it is; or something that is there; or its last name below that; or where a process is. */
  #aim(path: string, aim: number): string {
    const there = pick(aim >> 3, this.#models[0]!.tree.paths());
    if (there === undefined || aim % 2 === 0) return path;
    const cwd = pick(aim >> 3, this.#models)!.calls.getcwd();
    if (aim % 8 === 7) return typeof cwd === "number" ? path : cwd;
    const last = path.slice(1 + path.lastIndexOf("/", path.length - 2));
    return (aim & 2) === 0 ? there : `${there}/${last}`;
  }

  /** A descriptor that is open, but for one time in sixteen. */
  #fd({ process, fd }: FileCommand): number {
    const open = [...this.#models[process]!.fds.keys()];
    return fd % 16 === 15 ? 7 : (pick(fd, open) ?? 7);
  }

  #arguments(command: FileCommand): unknown[] {
    const { call, path, other, mode, count, offset, whence, extra } = command;
    const fd = this.#fd(command);
    const node = this.#models[command.process]!.fds.get(fd)?.node;
    const at = Math.max(offset, 0);
    if (call === "open") return [path, command.flags, mode];
    if (call === "close" || call === "dup" || call === "fstat" || call === "fchdir") return [fd];
    if (call === "read") return [fd, count];
    if (call === "pread") return [fd, count, at];
    if (call === "write") return [fd, extra % 100, count];
    if (call === "pwrite") return [fd, extra % 100, count, at];
    // Where in a directory one is, is the system's own matter.
    if (call === "lseek") return node && isDir(node) ? [fd, 0, SEEK_SET] : [fd, offset, whence];
    if (call === "truncate") return [path, offset];
    if (call === "ftruncate") return [fd, offset];
    if (call === "mkdir" || call === "chmod") return [path, mode];
    if (call === "fchmod") return [fd, mode];
    if (call === "link" || call === "symlink" || call === "rename") return [path, other];
    if (call === "umask") return [pick(extra, MASKS)];
    if (call === "getcwd") return [];
    if (call === "list") return [fd, pick(extra, LISTS)];
    return [path];
  }

  #ask(process: number, call: keyof FileCalls, args: unknown[], extra = -1): unknown {
    this.#subject.before(process, extra);
    const made = (calls: FileCalls) =>
      (calls[call] as (...args: unknown[]) => unknown)(...args.map(spelt));
    const model = made(this.#models[process]!.calls);
    const answer = made(this.#subject.calls[process]!);
    same(
      `${call}(${JSON.stringify(args)}) by ${USERS[process]}`,
      this.#plain(answer, this.#inodes),
      this.#plain(model, this.#known),
    );
    this.#pair(answer, model);
    return model;
  }

  /** An answer without what may differ; an inode that is known is the other side's of its pair. */
  #plain(answer: unknown, inodes: Map<number, number>): unknown {
    const number = (ino: number) => (inodes === this.#inodes ? inodes.get(ino) : undefined) ?? ino;
    const known = (ino: number) => (inodes.has(ino) ? number(ino) : "new");
    if (Array.isArray(answer)) {
      return (answer as Entry[]).map(([name, type, ino]) => [name, type, known(ino)]);
    }
    if (typeof answer !== "object" || answer === null) return answer;
    const seen = answer as Seen;
    const size = (seen.mode & S_IFMT) === S_IFDIR ? 0 : seen.size;
    return { ...seen, size, ino: known(seen.ino) };
  }

  /** Remembers which inodes of both sides are the same. */
  #pair(answer: unknown, model: unknown): void {
    const inodes = (from: unknown): number[] => {
      if (Array.isArray(from)) return (from as Entry[]).map(([, , ino]) => ino);
      return typeof from === "object" && from !== null ? [(from as Seen).ino] : [];
    };
    const theirs = inodes(answer);
    for (const [index, mine] of inodes(model).entries()) {
      this.#inodes.set(theirs[index]!, mine);
      this.#known.set(mine, mine);
    }
  }

  /** Closes everything, and looks at all there is. */
  #end(): void {
    for (const [process, model] of this.#models.entries()) {
      for (const fd of [...model.fds.keys()]) this.#ask(process, "close", [fd]);
      this.#ask(process, "chdir", ["/"]);
      this.#subject.after();
    }
    this.#look("/");
  }

  #look(path: string): void {
    const fd = this.#ask(0, "open", [path, O_RDONLY, 0]) as number;
    const found = this.#ask(0, "list", [fd, 4096]) as Entry[];
    this.#ask(0, "close", [fd]);
    for (const [name] of found) {
      if (name.length > 1 || name === ".") continue;
      const below = `${path}${name}`;
      const { mode } = this.#ask(0, "lstat", [below]) as Seen;
      if ((mode & S_IFMT) === S_IFDIR) this.#look(`${below}/`);
      else if ((mode & S_IFMT) === S_IFLNK) this.#ask(0, "readlink", [below]);
      else if ((mode & S_IFMT) === S_IFREG) this.#contents(below);
    }
  }

  #contents(path: string): void {
    const fd = this.#ask(0, "open", [path, O_RDONLY, 0]) as number;
    for (let at = 0; at < 72_000; at += 8000) this.#ask(0, "pread", [fd, 8000, at]);
    this.#ask(0, "close", [fd]);
  }
}
