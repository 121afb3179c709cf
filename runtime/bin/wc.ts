/** wc(1): counts lines, words and bytes; a character is a byte, as in the locale C. */
import { EBADF } from "../../assembly/abi/errno.ts";
import { S_IFMT, S_IFREG } from "../../assembly/abi/stat.ts";
import type { Syscalls } from "../../host/contract.ts";
import { errnoText, SystemError } from "../../host/errno.ts";
import { eachFile } from "./files.ts";
import { parts } from "./input.ts";
import { type OptionTable, parseOptions } from "./options.ts";
import { fileName } from "./quoting.ts";
import { reason, runTool, type Tool } from "./tool.ts";

const TABLE: OptionTable = {
  usage: "[OPTION]... [FILE]...",
  letters: "clLmw",
  names: { bytes: "c", chars: "m", lines: "l", "max-line-length": "L", words: "w" },
};

const NEWLINE = 10;
const TAB = 9;
const TAB_STOP = 8;
const FORM_FEED = 12;
const RETURN = 13;

/** What is counted, in the order in which it is printed. */
interface Counts {
  l: number;
  w: number;
  m: number;
  c: number;
  L: number;
}

const none = (): Counts => ({ l: 0, w: 0, m: 0, c: 0, L: 0 });

function isBlank(byte: number): boolean {
  return byte === 32 || (byte >= TAB && byte <= RETURN);
}

/** Counts one file into `counts`. */
class Counter {
  readonly counts: Counts;
  #isInWord = false;
  #column = 0;

  constructor(counts: Counts) {
    this.counts = counts;
  }

  part(bytes: Uint8Array): void {
    this.counts.c += bytes.length;
    this.counts.m += bytes.length;
    for (const byte of bytes) this.#byte(byte);
  }

  end(): void {
    this.counts.L = Math.max(this.counts.L, this.#column);
  }

  #byte(byte: number): void {
    if (byte === NEWLINE) this.counts.l++;
    if (byte === NEWLINE || byte === RETURN || byte === FORM_FEED) {
      this.end();
      this.#column = 0;
    } else if (byte === TAB) {
      this.#column += TAB_STOP - (this.#column % TAB_STOP);
    } else if (byte >= 32 && byte < 127) {
      this.#column++;
    }
    // What is neither blank nor printable is no part of a word, and ends none.
    if (isBlank(byte)) this.#isInWord = false;
    else if (byte > 32 && byte < 127 && !this.#isInWord) {
      this.#isInWord = true;
      this.counts.w++;
    }
  }
}

/** As wide as the sizes of all files together, 7 where a size is not known. */
function columnWidth(tool: Tool, paths: readonly string[], shown: number): number {
  if (shown === 1 && paths.length <= 1) return 1;
  let width = 1;
  let total = 0;
  for (const path of paths.length === 0 ? ["-"] : paths) {
    try {
      const { st_mode, st_size } = path === "-" ? tool.sys.fstat(0) : tool.sys.stat(path);
      if ((st_mode & S_IFMT) === S_IFREG) total += st_size;
      else width = 7;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
    }
  }
  return Math.max(width, String(total).length);
}

function wc(tool: Tool): void {
  // It writes each line at once, and what failed then is forgotten unless close() fails as well.
  tool.writeFailure = (why) => [why === errnoText(EBADF) ? `write error: ${why}` : "write error"];
  const { options, operands } = parseOptions(tool, TABLE);
  const asked = new Set(options.map(([key]) => key));
  const keys = (["l", "w", "m", "c", "L"] as const).filter((key) =>
    asked.size === 0 ? "lwc".includes(key) : asked.has(key),
  );
  const width = columnWidth(tool, operands, keys.length);
  const total = none();
  const print = (counts: Counts, name: string) => {
    const columns = keys.map((key) => String(counts[key]).padStart(width)).join(" ");
    tool.out.text(`${columns}${name === "" ? "" : ` ${name}`}\n`);
  };
  eachFile(tool, operands, (fd, path) => {
    const counter = new Counter(none());
    try {
      for (const part of parts(tool.sys, fd)) counter.part(part);
    } catch (error) {
      tool.warn(`${path === "-" ? "standard input" : fileName(path)}: ${reason(error)}`);
    }
    counter.end();
    const { counts } = counter;
    for (const key of ["l", "w", "m", "c"] as const) total[key] += counts[key];
    total.L = Math.max(total.L, counts.L);
    print(counts, operands.length === 0 ? "" : path.includes("\n") ? fileName(path) : path);
  });
  if (operands.length > 1) print(total, "total");
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, wc);
}
