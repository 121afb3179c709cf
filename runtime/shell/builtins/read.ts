/** `read`: a line of standard input into variables. */
import { STDIN_FILENO } from "../../../assembly/abi/unistd.ts";
import { readOnce } from "../../api/descriptor.ts";
import { CommandFailure } from "../failure.ts";
import { DEFAULT_IFS } from "../fields.ts";
import type { Shell } from "../shell.ts";
import { type Builtin, checkName, letters } from "./builtin.ts";

const NEWLINE = 10;
const BACKSLASH = 92;

/** A character and whether a backslash stood before it. */
type Unit = readonly [character: string, isQuoted: boolean];

/**
 * A line, byte by byte: what follows it is for who reads next.
 * @returns whether it was ended by a newline
 */
function readLine(shell: Shell, isRaw: boolean): [units: Unit[], isWhole: boolean] {
  const bytes: number[] = [];
  const quotedAt = new Set<number>();
  const buffer = new Uint8Array(1);
  let isQuoting = false;
  let isWhole = false;
  while (readOnce(shell.sys, STDIN_FILENO, buffer) > 0) {
    const byte = buffer[0]!;
    if (isQuoting) {
      isQuoting = false;
      if (byte === NEWLINE) continue;
      quotedAt.add(bytes.length);
      bytes.push(byte);
    } else if (byte === BACKSLASH && !isRaw) {
      isQuoting = true;
    } else if (byte === NEWLINE) {
      isWhole = true;
      break;
    } else if (byte !== 0) {
      bytes.push(byte);
    }
  }
  return [decoded(bytes, quotedAt), isWhole];
}

/** Characters of more than one byte are put together. */
function decoded(bytes: readonly number[], quotedAt: ReadonlySet<number>): Unit[] {
  const units: Unit[] = [];
  const encoder = new TextEncoder();
  let at = 0;
  for (const character of new TextDecoder().decode(Uint8Array.from(bytes))) {
    units.push([character, quotedAt.has(at)]);
    at += encoder.encode(character).length;
  }
  return units;
}

/** The fields of the variables but the last, and what is left for that. */
function split(units: readonly Unit[], count: number, ifs: string): string[] {
  const isSeparator = ([character, isQuoted]: Unit) => !isQuoted && ifs.includes(character);
  const isSpace = (unit: Unit) => isSeparator(unit) && DEFAULT_IFS.includes(unit[0]);
  const text = (part: readonly Unit[]) => part.map(([character]) => character).join("");
  let at = 0;
  const skipSpace = () => {
    while (at < units.length && isSpace(units[at]!)) at++;
  };
  const fields: string[] = [];
  skipSpace();
  while (fields.length < count - 1 && at < units.length) {
    const from = at;
    while (at < units.length && !isSeparator(units[at]!)) at++;
    fields.push(text(units.slice(from, at)));
    skipSpace();
    if (at < units.length && isSeparator(units[at]!) && !isSpace(units[at]!)) {
      // The spaces before it were skipped with it only if they ended the field.
      at++;
      skipSpace();
    }
  }
  let end = units.length;
  while (end > at && isSpace(units[end - 1]!)) end--;
  const rest = units.slice(at, end);
  // One field and its separator leave only the field.
  const separators = rest.filter(isSeparator).length;
  const isOne = separators === 1 && rest.length > 0 && isSeparator(rest.at(-1)!);
  fields.push(text(isOne ? rest.slice(0, -1) : rest));
  return fields;
}

export const read: Builtin = (shell, args, name) => {
  const options: string[] = [];
  const words = [...args];
  let prompt = "";
  while (words[0]?.startsWith("-") && words[0] !== "-") {
    const word = words.shift()!;
    if (word === "--") break;
    if (word === "-p") prompt = words.shift() ?? "";
    else if (word === "-r") options.push("r");
    else letters([word], "rp", name);
  }
  if (words.length === 0) throw new CommandFailure(`${name}: arg count`);
  for (const word of words) checkName(word, name);
  if (prompt !== "" && shell.isInteractive) shell.complain(prompt);
  const [units, isWhole] = readLine(shell, options.includes("r"));
  const ifs = shell.variables.get("IFS") ?? DEFAULT_IFS;
  const fields = split(units, words.length, ifs);
  for (const [at, word] of words.entries()) shell.variables.set(word, fields[at] ?? "");
  return isWhole ? 0 : 1;
};
