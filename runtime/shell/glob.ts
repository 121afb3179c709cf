/** Names of files that a pattern matches, one component of the path after the other. */
import { O_DIRECTORY, O_RDONLY } from "../../assembly/abi/fcntl.ts";
import { S_IFDIR, S_IFMT } from "../../assembly/abi/stat.ts";
import type { Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import { entryNames } from "../bin/entries.ts";
import { hasPattern, matches, plainText, type Segment } from "./pattern.ts";

/** The components between slashes; a run of slashes stays as it is written. */
function components(segments: readonly Segment[]): Segment[][] {
  const parts: Segment[][] = [[]];
  for (const { text, isQuoted } of segments) {
    for (const piece of text.split(/(\/+)/)) {
      if (piece === "") continue;
      if (piece.startsWith("/")) parts.push([{ text: piece, isQuoted: true }], []);
      else parts.at(-1)!.push({ text: piece, isQuoted });
    }
  }
  return parts;
}

/** Names in a directory; none when it cannot be read. */
function namesIn(sys: Syscalls, path: string): string[] {
  try {
    const fd = sys.open(path === "" ? "." : path, O_RDONLY | O_DIRECTORY);
    try {
      return entryNames(sys, fd);
    } finally {
      sys.close(fd);
    }
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return [];
  }
}

function exists(sys: Syscalls, path: string, mustBeDirectory: boolean): boolean {
  try {
    const { st_mode } = mustBeDirectory ? sys.stat(path) : sys.lstat(path);
    return !mustBeDirectory || (st_mode & S_IFMT) === S_IFDIR;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return false;
  }
}

/** @returns the paths in order, none when nothing is matched */
export function glob(sys: Syscalls, segments: readonly Segment[]): string[] {
  const parts = components(segments);
  let found = [""];
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    if (!hasPattern(part)) {
      found = found.map((path) => path + plainText(part));
      continue;
    }
    const showsHidden = plainText(part).startsWith(".");
    found = found.flatMap((path) =>
      namesIn(sys, path)
        .filter((name) => (showsHidden || !name.startsWith(".")) && matches(part, name))
        .map((name) => path + name)
        .filter((each) => isLast || exists(sys, each, true)),
    );
  }
  return found.filter((path) => exists(sys, path, path.endsWith("/"))).sort(byBytes);
}

/** The order of UTF-8's bytes is that of code points. */
function byBytes(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  for (const [at, character] of left.entries()) {
    const other = right[at];
    if (other === undefined) return 1;
    if (character !== other) return character.codePointAt(0)! - other.codePointAt(0)!;
  }
  return left.length - right.length;
}
