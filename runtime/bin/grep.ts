/**
 * grep(1): lines that match. The locale is C: a character is a byte. -P, -b, -T, -u, -U, --color and
 * the options that choose files by name are not here.
 */

import { DT_DIR, DT_REG } from "../../assembly/abi/dirent.ts";
import { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } from "../../assembly/abi/fcntl.ts";
import { S_IFDIR, S_IFMT } from "../../assembly/abi/stat.ts";
import type { Syscalls } from "../../host/contract.ts";
import { compareNames } from "./collate.ts";
import { withFile } from "./files.ts";
import { GrepFile, type GrepStyle } from "./grep-file.ts";
import { Matcher } from "./grep-matcher.ts";
import { byteText, utf8Text, whole } from "./input.ts";
import { type OptionTable, type Parsed, parseOptions } from "./options.ts";
import { PatternError, type Syntax } from "./regex.ts";
import { reason, runTool, type Tool, ToolExit } from "./tool.ts";

const TABLE: OptionTable = {
  usage: "[OPTION]... PATTERNS [FILE]...",
  letters: "0123456789A:B:C:EFGHLRce:f:hilm:noqrsvwxyz",
  names: {
    "after-context": "A",
    "basic-regexp": "G",
    "before-context": "B",
    context: "C",
    count: "c",
    "extended-regexp": "E",
    file: "f",
    "files-with-matches": "l",
    "files-without-match": "L",
    "fixed-strings": "F",
    "ignore-case": "i",
    "invert-match": "v",
    "line-number": "n",
    "line-regexp": "x",
    "max-count": "m",
    "no-filename": "h",
    "no-messages": "s",
    "null-data": "z",
    "only-matching": "o",
    quiet: "q",
    recursive: "r",
    regexp: "e",
    silent: "q",
    "with-filename": "H",
    "word-regexp": "w",
  },
};

const TROUBLE = 2;
const SYNTAXES: Readonly<Record<string, Syntax>> = { G: "basic", E: "extended", F: "fixed" };
const STANDARD_INPUT = "(standard input)";

function usage(tool: Tool): never {
  tool.complain(`Usage: ${tool.name} ${TABLE.usage}\n`);
  tool.complain(`Try '${tool.name} --help' for more information.\n`);
  throw new ToolExit(TROUBLE);
}

/** What -e and -f give, or the first operand; each line is a pattern of its own. */
function patterns(tool: Tool, { options }: Parsed, operands: string[]): string[] {
  const found: string[] = [];
  let isGiven = false;
  for (const [key, text] of options) {
    if (key !== "e" && key !== "f") continue;
    isGiven = true;
    if (key === "e") found.push(...utf8Text(text!).split("\n"));
    else found.push(...patternFile(tool, text!));
  }
  if (!isGiven) {
    const first = operands.shift();
    if (first === undefined) usage(tool);
    found.push(...utf8Text(first).split("\n"));
  }
  return found;
}

function patternFile(tool: Tool, path: string): string[] {
  try {
    const text = withFile(tool, path, (fd) => byteText(whole(tool.sys, fd)));
    return text === "" ? [] : text.replace(/\n$/, "").split("\n");
  } catch (error) {
    return tool.fail(`${path}: ${reason(error)}`);
  }
}

function context(tool: Tool, text: string): number {
  if (!/^\d+$/.test(text)) tool.fail(`${text}: invalid context length argument`);
  return Number(text);
}

/** How lines are shown; -A and -B win over -C wherever they stand. */
function styleOf(tool: Tool, parsed: Parsed, isSeveral: boolean): GrepStyle {
  const { options } = parsed;
  const has = new Set(options.map(([key]) => key));
  // `-15` is `-C 15`.
  const digits = options.map(([key]) => key).filter((key) => /^\d$/.test(key));
  const both = parsed.argument("C") ?? (digits.length === 0 ? undefined : digits.join(""));
  const most = parsed.argument("m");
  if (most !== undefined && !/^-?\d+$/.test(most)) tool.fail("invalid max count");
  const named = parsed.last("h", "H")?.[0];
  const size = (key: string) => {
    const text = parsed.argument(key) ?? both;
    return text === undefined ? 0 : context(tool, text);
  };
  return {
    has,
    isNamed: named === undefined ? isSeveral : named === "H",
    before: size("B"),
    after: size("A"),
    hasContext: both !== undefined || has.has("A") || has.has("B"),
    most: most === undefined || Number(most) < 0 ? Number.POSITIVE_INFINITY : Number(most),
    delimiter: has.has("z") ? 0 : 10,
  };
}

function matcherOf(tool: Tool, parsed: Parsed, texts: readonly string[]): Matcher {
  const syntax = parsed.last(...Object.keys(SYNTAXES))?.[0];
  try {
    const matcher = new Matcher(texts, {
      syntax: SYNTAXES[syntax ?? "G"]!,
      ignoresCase: parsed.has("i") || parsed.has("y"),
      whole: parsed.has("x") ? "line" : parsed.has("w") ? "word" : undefined,
    });
    for (const warning of matcher.warnings) tool.say(`warning: ${warning}`);
    return matcher;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return tool.fail(error.message);
  }
}

class Grep {
  hasFound = false;
  hasFailed = false;
  readonly #tool: Tool;
  readonly #style: GrepStyle;
  readonly #file: GrepFile;

  constructor(tool: Tool, matcher: Matcher, style: GrepStyle) {
    this.#tool = tool;
    this.#style = style;
    this.#file = new GrepFile(tool, matcher, style);
  }

  /** @param shown what the file is called in the output */
  search(path: string, shown: string): void {
    if (this.#style.has.has("q") && this.hasFound) return;
    try {
      const isRecursive = this.#style.has.has("r") || this.#style.has.has("R");
      if (path !== "-" && isRecursive && this.#isDirectory(path)) {
        this.#below(path);
        return;
      }
      withFile(this.#tool, path, (fd) => {
        const failed = (error: unknown) => this.#complain(shown, error);
        if (this.#file.search(fd, shown, failed)) this.hasFound = true;
      });
    } catch (error) {
      this.#complain(shown, error);
    }
  }

  #complain(shown: string, error: unknown): void {
    this.hasFailed = true;
    const why = reason(error);
    if (!this.#style.has.has("s")) this.#tool.say(`${shown}: ${why}`);
  }

  #isDirectory(path: string): boolean {
    return (this.#tool.sys.stat(path).st_mode & S_IFMT) === S_IFDIR;
  }

  /** Links below a directory are followed only with -R; FIFOs and devices are not opened. */
  #below(path: string): void {
    const { sys } = this.#tool;
    const flags = O_RDONLY | O_DIRECTORY | (this.#style.has.has("R") ? 0 : O_NOFOLLOW);
    const fd = sys.open(path, flags);
    const names: string[] = [];
    try {
      for (let batch = sys.getdents(fd); batch.length > 0; batch = sys.getdents(fd)) {
        for (const { d_name, d_type } of batch) {
          const isWanted = d_type === DT_REG || d_type === DT_DIR || this.#style.has.has("R");
          if (isWanted && d_name !== "." && d_name !== "..") names.push(d_name);
        }
      }
    } finally {
      sys.close(fd);
    }
    const prefix = path.endsWith("/") ? path : `${path}/`;
    for (const name of names.sort(compareNames)) this.search(prefix + name, prefix + name);
  }
}

function grep(tool: Tool): void {
  const parsed = parseOptions(tool, TABLE, {
    refuse(message) {
      tool.say(message);
      return usage(tool);
    },
  });
  const operands = [...parsed.operands];
  const texts = patterns(tool, parsed, operands);
  const isRecursive = parsed.has("r") || parsed.has("R");
  const style = styleOf(tool, parsed, operands.length > 1 || isRecursive);
  const grepper = new Grep(tool, matcherOf(tool, parsed, texts), style);
  if (operands.length === 0) operands.push(isRecursive ? "." : "-");
  for (const path of operands) grepper.search(path, path === "-" ? STANDARD_INPUT : path);
  const isQuietSuccess = style.has.has("q") && grepper.hasFound;
  tool.status = grepper.hasFailed && !isQuietSuccess ? TROUBLE : grepper.hasFound ? 0 : 1;
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, grep, TROUBLE);
}
