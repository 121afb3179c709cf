/** sort(1): lines of all files in order, by bytes or by keys. -g, -h, -M, -R and -V are not here. */
import { O_CREAT, O_TRUNC, O_WRONLY } from "../../assembly/abi/fcntl.ts";
import type { Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import { openApart, withFile } from "./files.ts";
import { byteText, lines, textBytes, withoutDelimiter } from "./input.ts";
import { type OptionTable, type Parsed, parseOptions } from "./options.ts";
import { Output } from "./output.ts";
import { fileName, quote } from "./quoting.ts";
import { compareKeys, compareTexts, keyText, parseKey, type SortKey } from "./sort-key.ts";
import { reason, runTool, type Tool, ToolExit } from "./tool.ts";

const TABLE: OptionTable = {
  usage: "[OPTION]... [FILE]...",
  letters: "bcCdfik:mno:rst:uz",
  names: {
    check: "check::",
    "dictionary-order": "d",
    "ignore-case": "f",
    "ignore-leading-blanks": "b",
    "ignore-nonprinting": "i",
    key: "k",
    merge: "m",
    "numeric-sort": "n",
    output: "o",
    reverse: "r",
    stable: "s",
    "field-separator": "t",
    unique: "u",
    "zero-terminated": "z",
  },
};

const TROUBLE = 2;
const NEW_FILE_MODE = 0o666;
const NO_FLAGS: ReadonlySet<string> = new Set();

/** What the options ask for. */
class Order {
  readonly has: ReadonlySet<string>;
  readonly delimiter: number;
  readonly #keys: readonly SortKey[];
  readonly #separator: string | undefined;
  readonly #flags: ReadonlySet<string>;

  constructor(tool: Tool, options: Parsed["options"]) {
    this.has = new Set(options.map(([key]) => key));
    this.delimiter = this.has.has("z") ? 0 : 10;
    this.#flags = new Set([...this.has].filter((letter) => "bdfinr".includes(letter)));
    // A key without letters of its own has those that stand alone.
    this.#keys = options
      .filter(([key]) => key === "k")
      .map(([, text]) => parseKey(tool, text!))
      .map((key) => (key.flags.size === 0 ? { ...key, flags: this.#inherited() } : key));
    this.#separator = separator(tool, options);
    const all = this.#keys.length === 0 ? [this.#flags] : this.#keys.map(({ flags }) => flags);
    for (const flags of all) refuseMixed(tool, flags);
  }

  #inherited(): ReadonlySet<string> {
    return this.#flags.has("b") ? new Set([...this.#flags, "B"]) : this.#flags;
  }

  /** By keys alone: what -u takes for equal. */
  byKeys(a: string, b: string): number {
    for (const key of this.#keys) {
      const left = keyText(a, key, this.#separator);
      const order = compareKeys(left, keyText(b, key, this.#separator), key.flags);
      if (order !== 0) return key.flags.has("r") ? -order : order;
    }
    if (this.#keys.length > 0) return 0;
    const order = this.#whole(a, b);
    return this.#flags.has("r") ? -order : order;
  }

  #whole(a: string, b: string): number {
    if (![..."bdfin"].some((letter) => this.#flags.has(letter))) return compareTexts(a, b);
    const part = (line: string) => (this.#flags.has("b") ? line.replace(/^[ \t\n]+/, "") : line);
    return compareKeys(part(a), part(b), this.#flags);
  }

  /** Lines that keys do not tell apart are ordered by all their bytes, unless -s or -u. */
  compare(a: string, b: string): number {
    const order = this.byKeys(a, b);
    if (order !== 0 || this.has.has("s") || this.has.has("u")) return order;
    return this.#flags.has("r") ? compareTexts(b, a) : compareTexts(a, b);
  }
}

function refuseMixed(tool: Tool, flags: ReadonlySet<string> = NO_FLAGS): void {
  if (!flags.has("n") || !(flags.has("d") || flags.has("i"))) return;
  const letters = [flags.has("d") ? "d" : "", flags.has("f") ? "f" : ""].join("");
  const shown = `${letters}${flags.has("i") && !flags.has("d") ? "i" : ""}n`;
  tool.fail(`options '-${shown}' are incompatible`);
}

function separator(tool: Tool, options: Parsed["options"]): string | undefined {
  let result: string | undefined;
  for (const [key, text] of options) {
    if (key !== "t") continue;
    if (text === "") tool.fail("empty tab");
    const one = text === "\\0" ? "\0" : text!;
    if (new TextEncoder().encode(one).length > 1) tool.fail(`multi-character tab ${quote(one)}`);
    if (result !== undefined && result !== one) tool.fail("incompatible tabs");
    result = one;
  }
  return result;
}

/** Every line of a file; it must be readable. */
function readLines(tool: Tool, path: string, delimiter: number): string[] {
  let isOpen = false;
  try {
    return withFile(tool, path, (fd) => {
      isOpen = true;
      const found: string[] = [];
      for (const line of lines(tool.sys, fd, delimiter)) {
        found.push(byteText(withoutDelimiter(line, delimiter)));
      }
      return found;
    });
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    const what = isOpen ? "read failed" : "cannot read";
    return tool.fail(`${what}: ${fileName(path)}: ${reason(error)}`);
  }
}

/** -m: takes the smallest of the first lines, again and again; files are in order already. */
function merged(files: string[][], order: Order): string[] {
  const at = files.map(() => 0);
  const result: string[] = [];
  for (;;) {
    let best = -1;
    for (const [index, file] of files.entries()) {
      const line = file[at[index]!];
      if (line === undefined) continue;
      if (best < 0 || order.compare(line, files[best]![at[best]!]!) < 0) best = index;
    }
    if (best < 0) return result;
    result.push(files[best]![at[best]!]!);
    at[best]!++;
  }
}

/** -c and -C: whether a file is in order, and with -u without equal lines. */
function check(tool: Tool, path: string, order: Order, isQuiet: boolean): void {
  const all = readLines(tool, path, order.delimiter);
  const limit = order.has.has("u") ? 0 : 1;
  for (let at = 1; at < all.length; at++) {
    if (order.compare(all[at - 1]!, all[at]!) < limit) continue;
    if (!isQuiet) tool.say(`${fileName(path)}:${at + 1}: disorder: ${all[at]}`);
    throw new ToolExit(1);
  }
}

function distinct(sorted: string[], order: Order): string[] {
  if (!order.has.has("u")) return sorted;
  let last: string | undefined;
  return sorted.filter((line) => {
    const isNew = last === undefined || order.byKeys(last, line) !== 0;
    if (isNew) last = line;
    return isNew;
  });
}

function write(tool: Tool, all: readonly string[], path: string | undefined, end: string): void {
  const print = (out: Output) => {
    for (const line of all) out.bytes(textBytes(line + end));
  };
  if (path === undefined) {
    print(tool.out);
    return;
  }
  try {
    const fd = openApart(tool.sys, path, O_WRONLY | O_CREAT | O_TRUNC, NEW_FILE_MODE);
    const out = new Output(tool.sys, fd, (error) => {
      tool.fail(`write failed: ${fileName(path)}: ${reason(error)}`);
    });
    print(out);
    out.flush();
    tool.sys.close(fd);
  } catch (error) {
    if (error instanceof ToolExit) throw error;
    tool.fail(`open failed: ${fileName(path)}: ${reason(error)}`);
  }
}

const CHECKS: Readonly<Record<string, string>> = {
  quiet: "C",
  silent: "C",
  "diagnose-first": "c",
};

function sort(tool: Tool): void {
  tool.writeFailure = (why, isAtEnd) => [
    `${isAtEnd ? "fflush" : "write"} failed: 'standard output': ${why}`,
    "write error",
  ];
  const parsed = parseOptions(tool, TABLE);
  const { options, operands } = parsed;
  const order = new Order(tool, options);
  const paths = operands.length === 0 ? ["-"] : operands;
  const checks = options.flatMap(([key, text]) => {
    if (key === "c" || key === "C") return [key];
    return key === "check" ? [CHECKS[text ?? "diagnose-first"] ?? "c"] : [];
  });
  if (checks.length > 0) {
    if (paths.length > 1) {
      tool.fail(`extra operand ${quote(paths[1]!)} not allowed with -${checks[0]}`);
    }
    check(tool, paths[0]!, order, checks.includes("C"));
    return;
  }
  const files = paths.map((path) => readLines(tool, path, order.delimiter));
  const compare = (a: string, b: string) => order.compare(a, b);
  const sorted = order.has.has("m") ? merged(files, order) : files.flat().sort(compare);
  const output = parsed.argument("o");
  write(tool, distinct(sorted, order), output, order.delimiter === 0 ? "\0" : "\n");
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, sort, TROUBLE);
}
