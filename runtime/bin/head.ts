/** head(1): the first lines or bytes of files, or all but the last. */
import { SEEK_CUR } from "../../assembly/abi/unistd.ts";
import type { Syscalls } from "../../host/contract.ts";
import { readOnce } from "../api/descriptor.ts";
import { parseCount } from "./count.ts";
import { withFile } from "./files.ts";
import { headings } from "./headings.ts";
import { lines, parts, whole } from "./input.ts";
import { type OptionTable, parseOptions } from "./options.ts";
import { shellQuote } from "./quoting.ts";
import { reason, runTool, type Tool } from "./tool.ts";

const TABLE: OptionTable = {
  usage: "[OPTION]... [FILE]...",
  letters: "c:n:qvz",
  names: {
    bytes: "c",
    lines: "n",
    quiet: "q",
    silent: "q",
    verbose: "v",
    "zero-terminated": "z",
  },
};

interface Request {
  readonly what: "lines" | "bytes";
  readonly count: number;
  /** All but the last `count`. */
  readonly isRest: boolean;
  readonly delimiter: number;
}

/** `-5`, `-5c`, `-20kqv`: an old form that may stand first. */
function modern(tool: Tool): string[] {
  const [first = "", ...others] = tool.args;
  const [, digits, letters] = /^-(\d+)([\s\S]*)$/.exec(first) ?? [];
  if (digits === undefined) return [...tool.args];
  const bad = [...letters!].find((letter) => !"cblkmqvz".includes(letter));
  if (bad !== undefined) tool.misuse(`invalid trailing option -- ${bad}`);
  const unit = [...letters!].filter((letter) => "bkm".includes(letter)).at(-1) ?? "";
  const isBytes = /[cbkm][^l]*$/.test(letters!);
  const flags = [...letters!].filter((letter) => "qvz".includes(letter));
  return [`-${isBytes ? "c" : "n"}${digits}${unit}`, ...flags.map((flag) => `-${flag}`), ...others];
}

/** Takes no more than was asked for, so that who reads the same file next finds the rest. */
function firstBytes(tool: Tool, fd: number, count: number): void {
  let rest = count;
  const buffer = new Uint8Array(Math.min(count, 65536));
  while (rest > 0) {
    const got = readOnce(tool.sys, fd, buffer.subarray(0, Math.min(rest, buffer.length)));
    if (got === 0) return;
    tool.out.bytes(buffer.subarray(0, got));
    rest -= got;
  }
}

/** Reads on in large parts, and gives back what stands after the last line, where that is possible. */
function firstLines(tool: Tool, fd: number, { count, delimiter }: Request): void {
  if (count === 0) return;
  let rest = count;
  for (const part of parts(tool.sys, fd)) {
    let end = 0;
    for (let at = part.indexOf(delimiter); at >= 0 && rest > 0; at = part.indexOf(delimiter, end)) {
      end = at + 1;
      rest--;
    }
    if (rest > 0) {
      tool.out.bytes(part);
      continue;
    }
    tool.out.bytes(part.subarray(0, end));
    giveBack(tool.sys, fd, part.length - end);
    return;
  }
}

function giveBack(sys: Syscalls, fd: number, count: number): void {
  if (count === 0) return;
  try {
    sys.lseek(fd, -count, SEEK_CUR);
  } catch (error) {
    // A pipe has no offset; reason() throws on what is no failed call.
    reason(error);
  }
}

/** Keeps the last `count` lines or bytes back. */
function allButLast(tool: Tool, fd: number, { what, count, delimiter }: Request): void {
  if (what === "bytes") {
    const all = whole(tool.sys, fd);
    tool.out.bytes(all.subarray(0, Math.max(all.length - count, 0)));
    return;
  }
  const kept: Uint8Array[] = [];
  let first = 0;
  for (const line of lines(tool.sys, fd, delimiter)) {
    kept.push(line.slice());
    if (kept.length - first <= count) continue;
    tool.out.bytes(kept[first]!);
    kept[first++] = line.subarray(0, 0);
  }
}

function head(tool: Tool): void {
  tool.writeFailure = (why, isAtEnd) => [
    isAtEnd ? `write error: ${why}` : `error writing 'standard output': ${why}`,
  ];
  const parsed = parseOptions(tool, TABLE, { args: modern(tool) });
  const { options, operands } = parsed;
  let request: Request = {
    what: "lines",
    count: 10,
    isRest: false,
    delimiter: parsed.has("z") ? 0 : 10,
  };
  for (const [key, text] of options) {
    if (key !== "c" && key !== "n") continue;
    const what = key === "c" ? "bytes" : "lines";
    const isRest = text!.startsWith("-");
    const count = parseCount(tool, isRest ? text!.slice(1) : text!, what);
    request = { ...request, what, count, isRest };
  }
  const heading = headings(tool, parsed);
  for (const path of operands.length === 0 ? ["-"] : operands) {
    const name = path === "-" ? "standard input" : path;
    try {
      withFile(tool, path, (fd) => {
        heading(name);
        try {
          one(tool, fd, request);
        } catch (error) {
          tool.warn(`error reading ${shellQuote(name)}: ${reason(error)}`);
        }
      });
    } catch (error) {
      tool.warn(`cannot open ${shellQuote(name)} for reading: ${reason(error)}`);
    }
  }
}

function one(tool: Tool, fd: number, request: Request): void {
  if (request.isRest) allButLast(tool, fd, request);
  else if (request.what === "bytes") firstBytes(tool, fd, request.count);
  else firstLines(tool, fd, request);
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, head);
}
