/** cat(1): files one after the other. */

import { S_IFMT, S_IFREG } from "../../assembly/abi/stat.ts";
import { SEEK_CUR, STDOUT_FILENO } from "../../assembly/abi/unistd.ts";
import type { Syscalls } from "../../host/contract.ts";
import type { Stat } from "../../host/contract-files.ts";
import { eachFile } from "./files.ts";
import { lines, parts, textBytes, withoutDelimiter } from "./input.ts";
import { type OptionTable, parseOptions } from "./options.ts";
import { fileName } from "./quoting.ts";
import { runTool, type Tool } from "./tool.ts";

const TABLE: OptionTable = {
  usage: "[OPTION]... [FILE]...",
  letters: "AbeEnstTuv",
  names: {
    "number-nonblank": "b",
    number: "n",
    "squeeze-blank": "s",
    "show-nonprinting": "v",
    "show-ends": "E",
    "show-tabs": "T",
    "show-all": "A",
  },
};

/** Letters that stand for several. */
const TOGETHER: Readonly<Record<string, string>> = { A: "vET", e: "vE", t: "vT" };

const NEWLINE = 10;
const TAB = 9;
const NUMBER_WIDTH = 6;

/** How -v shows a byte; TAB and newline stay. */
function visible(byte: number): string {
  if (byte === TAB) return "\t";
  const meta = byte >= 128 ? "M-" : "";
  const low = byte & 127;
  if (low < 32) return `${meta}^${String.fromCharCode(low + 64)}`;
  return low === 127 ? `${meta}^?` : `${meta}${String.fromCharCode(low)}`;
}

/** Lines with numbers and marks; numbers go on from file to file. */
class Decorator {
  readonly #has: ReadonlySet<string>;
  readonly #tool: Tool;
  #number = 0;
  #blanks = 0;
  /** The last file ended in the middle of a line, which goes on here. */
  #isInLine = false;

  constructor(tool: Tool, letters: ReadonlySet<string>) {
    this.#tool = tool;
    this.#has = letters;
  }

  file(fd: number): void {
    for (const line of lines(this.#tool.sys, fd, NEWLINE)) this.#line(line);
  }

  #line(line: Uint8Array): void {
    const body = withoutDelimiter(line, NEWLINE);
    const isWhole = body.length < line.length;
    const isBlank = body.length === 0 && !this.#isInLine;
    this.#blanks = isBlank ? this.#blanks + 1 : 0;
    if (this.#blanks > 1 && this.#has.has("s")) return;
    const isNumbered = this.#has.has("b") ? !isBlank : this.#has.has("n");
    if (isNumbered && !this.#isInLine) {
      this.#tool.out.text(`${String(++this.#number).padStart(NUMBER_WIDTH)}\t`);
    }
    this.#body(body, isWhole);
    if (isWhole) this.#tool.out.text(this.#has.has("E") ? "$\n" : "\n");
    this.#isInLine = !isWhole;
  }

  #body(body: Uint8Array, isWhole: boolean): void {
    if (!this.#has.has("v") && !this.#has.has("T") && !this.#has.has("E")) {
      this.#tool.out.bytes(body);
      return;
    }
    const shown = Array.from(body, (byte, at) => {
      if (byte === TAB) return this.#has.has("T") ? "^I" : "\t";
      // A carriage return just before a shown line end would hide it.
      const hides = byte === 13 && isWhole && at === body.length - 1 && this.#has.has("E");
      return this.#has.has("v") || hides ? visible(byte) : String.fromCharCode(byte);
    });
    this.#tool.out.bytes(textBytes(shown.join("")));
  }
}

/** Whether a file would be read for as long as it is written. */
function isOwnInput(tool: Tool, fd: number, out: Stat): boolean {
  if ((out.st_mode & S_IFMT) !== S_IFREG) return false;
  const { st_dev, st_ino, st_size } = tool.sys.fstat(fd);
  const isSame = st_dev === out.st_dev && st_ino === out.st_ino;
  return isSame && tool.sys.lseek(fd, 0, SEEK_CUR) < st_size;
}

function cat(tool: Tool): void {
  const { options, operands } = parseOptions(tool, TABLE);
  const letters = new Set(options.flatMap(([key]) => [...(TOGETHER[key] ?? key)]));
  letters.delete("u");
  const out = tool.attempt(
    () => tool.sys.fstat(STDOUT_FILENO),
    (reason) => `standard output: ${reason}`,
  );
  if (out === undefined) return;
  const decorator = new Decorator(tool, letters);
  eachFile(tool, operands, (fd, path) => {
    if (isOwnInput(tool, fd, out)) {
      tool.warn(`${fileName(path)}: input file is output file`);
    } else if (letters.size > 0) {
      decorator.file(fd);
    } else {
      for (const part of parts(tool.sys, fd)) {
        tool.out.bytes(part);
        tool.out.flush();
      }
    }
  });
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, cat);
}
