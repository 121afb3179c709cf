/** tail(1): the last lines or bytes of files, or what begins at one. -f is not here. */
import { S_IFMT, S_IFREG } from "../../assembly/abi/stat.ts";
import { SEEK_CUR, SEEK_SET } from "../../assembly/abi/unistd.ts";
import type { Syscalls } from "../../host/contract.ts";
import { parseCount } from "./count.ts";
import { withFile } from "./files.ts";
import { headings } from "./headings.ts";
import { lines, parts } from "./input.ts";
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
  /** From line or byte `count` on, counted from 1. */
  readonly isFrom: boolean;
  readonly delimiter: number;
}

/** `-5`, `+5`, `-5c`: an old form that may stand before at most one file. */
function modern(tool: Tool): readonly string[] {
  const { args } = tool;
  const isAlone = args.length <= 2 || (args.length === 3 && args[1] === "--");
  const [, sign, digits, unit] = /^([-+])(\d*)([bcl]?)$/.exec(args[0] ?? "") ?? [];
  if (sign === undefined || !isAlone) return args;
  if (digits === "" && unit === "") return args;
  // `-c` alone is the option, whose argument follows.
  if (sign === "-" && digits === "" && unit === "c") return args;
  const count = `${sign}${digits === "" ? "10" : digits}${unit === "b" ? "b" : ""}`;
  return [unit === "c" || unit === "b" ? "-c" : "-n", count, ...args.slice(1)];
}

/** The lines that a ring of `count` still has at the end. */
function lastLines(tool: Tool, fd: number, count: number, delimiter: number): void {
  const ring: Uint8Array[] = [];
  let next = 0;
  for (const line of lines(tool.sys, fd, delimiter)) {
    if (count === 0) continue;
    if (ring.length < count) ring.push(line.slice());
    else ring[next] = line.slice();
    next = (next + 1) % count;
  }
  const order = ring.length < count ? ring : [...ring.slice(next), ...ring.slice(0, next)];
  for (const line of order) tool.out.bytes(line);
}

function lastBytes(tool: Tool, fd: number, count: number): void {
  skipTo(tool.sys, fd, count);
  let kept: Uint8Array[] = [];
  let size = 0;
  for (const part of parts(tool.sys, fd)) {
    kept.push(part.slice());
    size += part.length;
    while (kept.length > 0 && size - kept[0]!.length >= count) size -= kept.shift()!.length;
  }
  let extra = Math.max(size - count, 0);
  for (const part of kept) {
    tool.out.bytes(part.subarray(extra));
    extra = 0;
  }
  kept = [];
}

/** A file's size says where its last bytes begin. */
function skipTo(sys: Syscalls, fd: number, count: number): void {
  const { st_mode, st_size } = sys.fstat(fd);
  if ((st_mode & S_IFMT) !== S_IFREG) return;
  const from = st_size - count;
  if (from > sys.lseek(fd, 0, SEEK_CUR)) sys.lseek(fd, from, SEEK_SET);
}

function fromByte(tool: Tool, fd: number, first: number): void {
  let skip = Math.max(first - 1, 0);
  for (const part of parts(tool.sys, fd)) {
    tool.out.bytes(part.subarray(Math.min(skip, part.length)));
    skip -= Math.min(skip, part.length);
  }
}

function fromLine(tool: Tool, fd: number, first: number, delimiter: number): void {
  let skip = Math.max(first - 1, 0);
  for (const part of parts(tool.sys, fd)) {
    let from = 0;
    while (skip > 0 && from < part.length) {
      const at = part.indexOf(delimiter, from);
      from = at < 0 ? part.length : at + 1;
      if (at >= 0) skip--;
    }
    tool.out.bytes(part.subarray(from));
  }
}

function one(tool: Tool, fd: number, { what, count, isFrom, delimiter }: Request): void {
  if (what === "bytes") {
    if (isFrom) fromByte(tool, fd, count);
    else lastBytes(tool, fd, count);
  } else if (isFrom) {
    fromLine(tool, fd, count, delimiter);
  } else {
    lastLines(tool, fd, count, delimiter);
  }
}

function tail(tool: Tool): void {
  tool.writeFailure = (why, isAtEnd) => [
    isAtEnd ? `write error: ${why}` : `error writing 'standard output': ${why}`,
  ];
  const parsed = parseOptions(tool, TABLE, { args: modern(tool) });
  const { options, operands } = parsed;
  let request: Request = {
    what: "lines",
    count: 10,
    isFrom: false,
    delimiter: parsed.has("z") ? 0 : 10,
  };
  for (const [key, text] of options) {
    if (key !== "c" && key !== "n") continue;
    const what = key === "c" ? "bytes" : "lines";
    const digits = text!.replace(/^[-+]/, "");
    request = {
      ...request,
      what,
      count: parseCount(tool, digits, what, text!.replace(/^-/, "")),
      isFrom: text!.startsWith("+"),
    };
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

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, tail);
}
