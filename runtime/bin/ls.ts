/** ls(1): what is in directories. Columns only on a terminal or with -C; names as they are. */

import { O_DIRECTORY, O_RDONLY } from "../../assembly/abi/fcntl.ts";
import { S_IFDIR, S_IFLNK, S_IFMT } from "../../assembly/abi/stat.ts";
import { STDOUT_FILENO } from "../../assembly/abi/unistd.ts";
import type { Syscalls } from "../../host/contract.ts";
import type { Stat } from "../../host/contract-files.ts";
import { SystemError } from "../../host/errno.ts";
import { type Names, numericNames } from "../ipcs/names.ts";
import { accountNames } from "./accounts.ts";
import { compareNames } from "./collate.ts";
import { entryNames } from "./entries.ts";
import {
  blocksText,
  columnLines,
  type Entry,
  type LsStyle,
  longLines,
  shortLines,
} from "./ls-format.ts";
import { type OptionTable, parseOptions } from "./options.ts";
import { isCharacterDevice } from "./output.ts";
import { shellQuote } from "./quoting.ts";
import { reason, runTool, type Tool } from "./tool.ts";

const TABLE: OptionTable = {
  usage: "[OPTION]... [FILE]...",
  letters: "aAcCdFghilLnopRrSstuU1",
  names: {
    all: "a",
    "almost-all": "A",
    classify: "F",
    dereference: "L",
    directory: "d",
    "human-readable": "h",
    inode: "i",
    "numeric-uid-gid": "n",
    recursive: "R",
    reverse: "r",
    size: "s",
  },
};

const TROUBLE = 2;

class Listing {
  readonly #tool: Tool;
  readonly #has: Set<string>;
  readonly #isLong: boolean;
  readonly #isInColumns: boolean;
  readonly #time: LsStyle["time"];
  readonly #names: Names;
  /** Directories still to be listed, with what they are called on the command line. */
  #pending: string[] = [];
  #isFirst = true;

  constructor(tool: Tool, keys: readonly string[]) {
    this.#tool = tool;
    this.#has = new Set(keys);
    const hidden = keys.filter((key) => key === "a" || key === "A").at(-1);
    this.#has.delete(hidden === "a" ? "A" : "a");
    const form = keys.filter((key) => "lngoC1".includes(key)).at(-1);
    this.#isLong = keys.some((key) => "lngo".includes(key)) && form !== "C";
    const isTerminal = isCharacterDevice(tool.sys, STDOUT_FILENO);
    this.#isInColumns = !this.#isLong && (form === "C" || (form === undefined && isTerminal));
    const time = keys.filter((key) => key === "c" || key === "u").at(-1);
    this.#time = time === "c" ? "st_ctime" : time === "u" ? "st_atime" : "st_mtime";
    this.#names = this.#has.has("n") ? numericNames : accountNames(tool.sys);
  }

  run(operands: readonly string[]): void {
    const paths = operands.length === 0 ? ["."] : operands;
    const isSeveral = paths.length > 1 || this.#has.has("R");
    const entries = paths.flatMap((path) => this.#look(path, path, true));
    const isListed = ({ stat }: Entry) =>
      !this.#has.has("d") && (stat.st_mode & S_IFMT) === S_IFDIR;
    const sorted = this.#sorted(entries);
    const files = sorted.filter((entry) => !isListed(entry));
    if (files.length > 0) {
      this.#print(files);
      this.#isFirst = false;
    }
    this.#pending = sorted.filter(isListed).map(({ name }) => name);
    for (let path = this.#pending.shift(); path !== undefined; path = this.#pending.shift()) {
      this.#directory(path, isSeveral, operands.includes(path) || path === ".");
    }
  }

  /** Looks at a file; one of the command line that leads to a directory is that directory. */
  #look(name: string, path: string, isOperand: boolean): Entry[] {
    const { sys } = this.#tool;
    try {
      let stat = this.#has.has("L") ? sys.stat(path) : sys.lstat(path);
      const isLink = (stat.st_mode & S_IFMT) === S_IFLNK;
      const stays = this.#isLong || this.#has.has("d") || this.#has.has("F");
      if (isLink && isOperand && !stays) stat = this.#target(path) ?? stat;
      const isStillLink = (stat.st_mode & S_IFMT) === S_IFLNK;
      if (!isStillLink || !this.#isLong) return [{ name, stat }];
      const target = this.#target(path, true);
      return [{ name, stat, link: sys.readlink(path), target }];
    } catch (error) {
      const status = isOperand ? TROUBLE : 1;
      this.#tool.warn(`cannot access ${shellQuote(path)}: ${reason(error)}`, status);
      return [];
    }
  }

  /** What a link leads to, if that is a directory or `any` will do. */
  #target(path: string, any = false): Stat | undefined {
    try {
      const stat = this.#tool.sys.stat(path);
      return any || (stat.st_mode & S_IFMT) === S_IFDIR ? stat : undefined;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      return undefined;
    }
  }

  #directory(path: string, isHeaded: boolean, isOperand: boolean): void {
    const { sys, out } = this.#tool;
    let names: string[];
    try {
      const fd = sys.open(path, O_RDONLY | O_DIRECTORY);
      try {
        names = entryNames(sys, fd);
      } finally {
        sys.close(fd);
      }
    } catch (error) {
      const status = isOperand ? TROUBLE : 1;
      this.#tool.warn(`cannot open directory ${shellQuote(path)}: ${reason(error)}`, status);
      return;
    }
    if (!this.#isFirst) out.text("\n");
    this.#isFirst = false;
    if (isHeaded) out.text(`${path}:\n`);
    const prefix = path.endsWith("/") ? path : `${path}/`;
    const shown = names.filter((name) => this.#isShown(name));
    const entries = this.#sorted(shown.flatMap((name) => this.#look(name, prefix + name, false)));
    if (this.#isLong || this.#has.has("s")) {
      const blocks = entries.reduce((sum, { stat }) => sum + stat.st_blocks, 0);
      out.text(`total ${blocksText(blocks, this.#has.has("h"))}\n`);
    }
    this.#print(entries);
    if (this.#has.has("R")) this.#pending.unshift(...this.#below(entries, prefix));
  }

  #below(entries: readonly Entry[], prefix: string): string[] {
    return entries
      .filter(({ name, stat }) => {
        const isDirectory = (stat.st_mode & S_IFMT) === S_IFDIR;
        return isDirectory && name !== "." && name !== "..";
      })
      .map(({ name }) => prefix + name);
  }

  #isShown(name: string): boolean {
    if (!name.startsWith(".") || this.#has.has("a")) return true;
    return this.#has.has("A") && name !== "." && name !== "..";
  }

  #sorted(entries: readonly Entry[]): Entry[] {
    if (this.#has.has("U")) return [...entries];
    const byName = (a: Entry, b: Entry) => compareNames(a.name, b.name);
    const first = (a: Entry, b: Entry): number => {
      if (this.#has.has("S")) return b.stat.st_size - a.stat.st_size;
      const isByTime = this.#has.has("t") || (this.#time !== "st_mtime" && !this.#isLong);
      return isByTime ? b.stat[this.#time] - a.stat[this.#time] : 0;
    };
    const sorted = [...entries].sort((a, b) => first(a, b) || byName(a, b));
    return this.#has.has("r") ? sorted.reverse() : sorted;
  }

  #print(entries: readonly Entry[]): void {
    const style = { has: this.#has, names: this.#names, time: this.#time, now: Date.now() / 1000 };
    const print = this.#isLong ? longLines : this.#isInColumns ? columnLines : shortLines;
    for (const line of print(entries, style)) this.#tool.out.text(`${line}\n`);
  }
}

function ls(tool: Tool): void {
  const { options, operands } = parseOptions(tool, TABLE);
  new Listing(
    tool,
    options.map(([key]) => key),
  ).run(operands);
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, ls, TROUBLE);
}
