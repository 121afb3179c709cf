/** mkdir(1): directories, with -p those on the way to them. */
import { EEXIST, ENOTDIR } from "../../assembly/abi/errno.ts";
import { S_IFDIR, S_IFMT, S_ISVTX } from "../../assembly/abi/stat.ts";
import type { Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import { parseMode } from "./mode.ts";
import { type OptionTable, parseOptions } from "./options.ts";
import { quote, shellQuote } from "./quoting.ts";
import { runTool, type Tool } from "./tool.ts";

const TABLE: OptionTable = {
  usage: "[OPTION]... DIRECTORY...",
  letters: "m:pv",
  names: { mode: "m", parents: "p", verbose: "v" },
};

const ALL = 0o777;
/** So that the owner can make what comes below. */
const PASSABLE = 0o300;
/** By group and others. */
const WRITABLE = 0o022;

interface Request {
  readonly parents: boolean;
  readonly verbose: boolean;
  /** What -m asks for; undefined: all that the umask leaves. */
  readonly mode: number | undefined;
  readonly umask: number;
}

/** What a name leads to: undefined of a symbolic link that leads nowhere. */
function typeOf(sys: Syscalls, path: string): number | undefined {
  try {
    return sys.stat(path).st_mode & S_IFMT;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return undefined;
  }
}

/**
 * What -m asks for. In a directory with the sticky bit, who did not ask for the right to write there for
 * group and others does not get it.
 */
function requestedMode(text: string, umask: number): number | undefined {
  const mode = parseMode(text, ALL, umask, true);
  if (mode === undefined || (mode & S_ISVTX) === 0) return mode;
  // A bit that is the same whatever it was before has been asked for.
  const mentioned = ~(mode ^ parseMode(text, 0, umask, true)!);
  return mode & (mentioned | ~WRITABLE);
}

/** mkdir() that is content with a directory that is there. @returns whether it made one */
function makeMissing(tool: Tool, path: string, mode: number): boolean {
  try {
    tool.sys.mkdir(path, mode);
    return true;
  } catch (error) {
    const isThere = error instanceof SystemError && typeOf(tool.sys, path) === S_IFDIR;
    if (!isThere) throw error;
    return false;
  }
}

/** makeMissing() on the way to another one: a file that is no directory is ENOTDIR. */
function makePassable(tool: Tool, path: string, mode: number): boolean {
  try {
    return makeMissing(tool, path, mode);
  } catch (error) {
    const isThere = error instanceof SystemError && error.errno === EEXIST;
    throw isThere && typeOf(tool.sys, path) !== undefined
      ? new SystemError(ENOTDIR, "mkdir")
      : error;
  }
}

/** Every path on the way to another one: "a", "a/b" of "a/b/c". */
function ancestors(path: string): string[] {
  return [...path.matchAll(/[^/]+(?=\/+[^/])/g)].map(({ 0: name, index }) =>
    path.slice(0, index + name.length),
  );
}

function make(tool: Tool, path: string, request: Request): void {
  const say = (made: string) => {
    if (request.verbose) tool.out.text(`${tool.name}: created directory ${shellQuote(made)}\n`);
  };
  const cannot = (what: string) => (reason: string) =>
    `cannot create directory ${quote(what)}: ${reason}`;
  if (request.parents) {
    for (const parent of ancestors(path)) {
      const mode = (ALL & ~request.umask) | PASSABLE;
      const made = tool.attempt(() => makePassable(tool, parent, mode), cannot(parent));
      if (made === undefined) return;
      if (made) say(parent);
      if (made && mode !== (ALL & ~request.umask)) tool.sys.chmod(parent, mode);
    }
  }
  const mode = request.mode ?? ALL;
  const made = tool.attempt(() => {
    if (request.parents) return makeMissing(tool, path, mode);
    tool.sys.mkdir(path, mode);
    return true;
  }, cannot(path));
  if (!made) return;
  say(path);
  // The umask does not bind what was asked for.
  if (request.mode !== undefined) tool.sys.chmod(path, request.mode);
}

function mkdir(tool: Tool): void {
  const parsed = parseOptions(tool, TABLE);
  const { operands } = parsed;
  if (operands.length === 0) tool.misuse("missing operand");
  const umask = tool.sys.umask(0);
  tool.sys.umask(umask);
  const text = parsed.argument("m");
  const mode = text === undefined ? undefined : requestedMode(text, umask);
  if (text !== undefined && mode === undefined) tool.fail(`invalid mode ${quote(text)}`);
  const request = { parents: parsed.has("p"), verbose: parsed.has("v"), mode, umask };
  for (const path of operands) make(tool, path, request);
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, mkdir);
}
