/** rm(1): names, with -r directories and all below them. -I, -x and --one-file-system are not here. */
import { ENOENT, ENOTDIR } from "../../assembly/abi/errno.ts";
import { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } from "../../assembly/abi/fcntl.ts";
import {
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFSOCK,
} from "../../assembly/abi/stat.ts";
import { STDIN_FILENO } from "../../assembly/abi/unistd.ts";
import type { Syscalls } from "../../host/contract.ts";
import type { Stat } from "../../host/contract-files.ts";
import { SystemError } from "../../host/errno.ts";
import { readOnce } from "../api/descriptor.ts";
import { entryNames } from "./entries.ts";
import { type OptionTable, parseOptions } from "./options.ts";
import { shellQuote } from "./quoting.ts";
import { reason, runTool, type Tool } from "./tool.ts";

const TABLE: OptionTable = {
  usage: "[OPTION]... [FILE]...",
  letters: "dfirRv",
  names: { dir: "d", force: "f", recursive: "r", verbose: "v" },
};

const TYPES = new Map<number, string>([
  [S_IFBLK, "block special file"],
  [S_IFCHR, "character special file"],
  [S_IFDIR, "directory"],
  [S_IFIFO, "fifo"],
  [S_IFLNK, "symbolic link"],
  [S_IFSOCK, "socket"],
]);

function typeName({ st_mode, st_size }: Stat): string {
  const type = TYPES.get(st_mode & S_IFMT);
  return type ?? (st_size === 0 ? "regular empty file" : "regular file");
}

const isMissing = (error: unknown): boolean =>
  error instanceof SystemError && (error.errno === ENOENT || error.errno === ENOTDIR);

/**
 * What came of a file. Kept: somebody said no, and its directory is asked about all the same. Stuck: it
 * could not be removed, or nobody was to look into it; directories above it are left without a word.
 */
type Fate = "gone" | "kept" | "stuck";

class Removal {
  readonly #tool: Tool;
  readonly #has: ReadonlySet<string>;

  constructor(tool: Tool, has: ReadonlySet<string>) {
    this.#tool = tool;
    this.#has = has;
  }

  /** One operand. */
  operand(path: string): void {
    const last = path.replace(/\/+$/, "").split("/").at(-1);
    if (this.#has.has("r")) {
      if (/^\/+$/.test(path)) {
        this.#tool.warn("it is dangerous to operate recursively on '/'");
        this.#tool.say("use --no-preserve-root to override this failsafe");
        return;
      }
      if (last === "." || last === "..") {
        const skipped = `skipping ${shellQuote(path)}`;
        this.#tool.warn(`refusing to remove '.' or '..' directory: ${skipped}`);
        return;
      }
    }
    this.remove(path);
  }

  remove(path: string): Fate {
    try {
      const stat = this.#tool.sys.lstat(path);
      const isDirectory = (stat.st_mode & S_IFMT) === S_IFDIR;
      return isDirectory ? this.#directory(path) : this.#file(path, stat);
    } catch (error) {
      return this.#cannot(path, error);
    }
  }

  #cannot(path: string, error: unknown): Fate {
    if (this.#has.has("f") && isMissing(error)) return "gone";
    this.#tool.warn(`cannot remove ${shellQuote(path)}: ${reason(error)}`);
    return "stuck";
  }

  #file(path: string, stat: Stat): Fate {
    if (!this.#agrees(`remove ${typeName(stat)} ${shellQuote(path)}? `)) return "kept";
    this.#tool.sys.unlink(path);
    this.#report("removed", path);
    return "gone";
  }

  #directory(path: string): Fate {
    if (!this.#has.has("r") && !this.#has.has("d")) {
      this.#tool.warn(`cannot remove ${shellQuote(path)}: Is a directory`);
      return "stuck";
    }
    if (this.#has.has("r") && this.#below(path) === "stuck") return "stuck";
    if (!this.#agrees(`remove directory ${shellQuote(path)}? `)) return "kept";
    this.#tool.sys.rmdir(path);
    this.#report("removed directory", path);
    return "gone";
  }

  /** Everything in a directory. */
  #below(path: string): Fate {
    const names = this.#names(path);
    if (names.length === 0) return "gone";
    if (!this.#agrees(`descend into directory ${shellQuote(path)}? `)) return "stuck";
    const prefix = path.endsWith("/") ? path : `${path}/`;
    const fates = names.map((name) => this.remove(prefix + name));
    return fates.includes("stuck") ? "stuck" : "gone";
  }

  #names(path: string): string[] {
    const { sys } = this.#tool;
    const fd = sys.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      return entryNames(sys, fd).filter((name) => name !== "." && name !== "..");
    } finally {
      sys.close(fd);
    }
  }

  #report(what: string, path: string): void {
    if (this.#has.has("v")) this.#tool.out.text(`${what} ${shellQuote(path)}\n`);
  }

  /** Asks when -i says so; a line that begins with y or Y agrees. */
  #agrees(question: string): boolean {
    if (!this.#has.has("i")) return true;
    this.#tool.complain(`${this.#tool.name}: ${question}`);
    const byte = new Uint8Array(1);
    let answer = "";
    while (readOnce(this.#tool.sys, STDIN_FILENO, byte) > 0 && byte[0] !== 10) {
      answer += String.fromCharCode(byte[0]!);
    }
    return /^[yY]/.test(answer);
  }
}

function rm(tool: Tool): void {
  const parsed = parseOptions(tool, TABLE);
  const { options, operands } = parsed;
  const has = new Set(options.map(([key]) => (key === "R" ? "r" : key)));
  // The last of -i and -f wins.
  const last = parsed.last("i", "f")?.[0];
  has.delete(last === "i" ? "f" : "i");
  if (operands.length === 0 && !has.has("f")) tool.misuse("missing operand");
  const removal = new Removal(tool, has);
  for (const path of operands) removal.operand(path);
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, rm);
}
