/** The keys of sort(1): which part of a line, and how two parts compare. Characters are bytes. */
import { quote } from "./quoting.ts";
import type { Tool } from "./tool.ts";

/** A position: fields and characters counted from 0. */
interface Position {
  readonly field: number;
  readonly character: number;
}

export interface SortKey {
  readonly begin: Position;
  /** `character` 0: the end of the field; undefined: the end of the line. */
  readonly end: Position | undefined;
  /** Letters of bdfinr; `b` of the end is `B`. */
  readonly flags: ReadonlySet<string>;
}

const ORDERINGS = "bdfinr";

/** A count at the beginning of `text`. */
function count(tool: Tool, text: string, message: string): [number, string] {
  const [digits] = /^\d+/.exec(text) ?? [];
  if (digits === undefined) tool.fail(`${message}: invalid count at start of ${quote(text)}`);
  return [Number(digits), text.slice(digits.length)];
}

/** `-k POS1[,POS2]`. */
export function parseKey(tool: Tool, text: string): SortKey {
  const bad = (why: string) => tool.fail(`${why}: invalid field specification ${quote(text)}`);
  const flags = new Set<string>();
  const orderings = (rest: string, blank: string): string => {
    const [letters = ""] = new RegExp(`^[${ORDERINGS}]*`).exec(rest) ?? [];
    for (const letter of letters) flags.add(letter === "b" ? blank : letter);
    return rest.slice(letters.length);
  };
  let [field, rest] = count(tool, text, "invalid number at field start");
  if (field === 0) bad("field number is zero");
  let character = 1;
  if (rest.startsWith(".")) {
    [character, rest] = count(tool, rest.slice(1), "invalid number after '.'");
    if (character === 0) bad("character offset is zero");
  }
  const begin = { field: field - 1, character: character - 1 };
  rest = orderings(rest, "b");
  if (!rest.startsWith(",")) {
    if (rest !== "") bad("stray character in field spec");
    return { begin, end: undefined, flags };
  }
  [field, rest] = count(tool, rest.slice(1), "invalid number after ','");
  if (field === 0) bad("field number is zero");
  character = 0;
  if (rest.startsWith("."))
    [character, rest] = count(tool, rest.slice(1), "invalid number after '.'");
  if (orderings(rest, "B") !== "") bad("stray character in field spec");
  return { begin, end: { field: field - 1, character }, flags };
}

const isBlank = (character: string | undefined): boolean =>
  character === " " || character === "\t" || character === "\n";

function skipBlanks(line: string, from: number): number {
  let at = from;
  while (at < line.length && isBlank(line[at])) at++;
  return at;
}

/** The end of a field that begins at `from`: its leading blanks belong to it. */
function fieldEnd(line: string, from: number): number {
  let at = skipBlanks(line, from);
  while (at < line.length && !isBlank(line[at])) at++;
  return at;
}

/** Where field `field` begins, past its separator. */
function fieldStart(line: string, field: number, separator: string | undefined): number {
  let at = 0;
  for (let skipped = 0; skipped < field && at < line.length; skipped++) {
    if (separator === undefined) {
      at = fieldEnd(line, at);
    } else {
      const found = line.indexOf(separator, at);
      at = found < 0 ? line.length : found + 1;
    }
  }
  return at;
}

/** The part of a line that a key is about. */
export function keyText(line: string, key: SortKey, separator: string | undefined): string {
  let from = fieldStart(line, key.begin.field, separator);
  if (key.flags.has("b")) from = skipBlanks(line, from);
  from = Math.min(from + key.begin.character, line.length);
  if (key.end === undefined) return line.slice(from);
  const { field, character } = key.end;
  let to = fieldStart(line, field, separator);
  if (character > 0) {
    if (key.flags.has("B")) to = skipBlanks(line, to);
    to = Math.min(to + character, line.length);
  } else if (separator === undefined) {
    to = fieldEnd(line, to);
  } else {
    const found = line.indexOf(separator, to);
    to = found < 0 ? line.length : found;
  }
  return line.slice(from, Math.max(from, to));
}

export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What -n reads: a sign, digits without leading zeros, digits after the point. */
function numberOf(text: string): { isNegative: boolean; integer: string; fraction: string } {
  const [, sign, digits = "", after = ""] = /^[ \t\n]*(-?)(\d*)(?:\.(\d*))?/.exec(text) ?? [];
  const integer = digits.replace(/^0+/, "");
  const fraction = after.replace(/0+$/, "");
  return { isNegative: sign === "-" && integer + fraction !== "", integer, fraction };
}

function compareNumbers(a: string, b: string): number {
  const left = numberOf(a);
  const right = numberOf(b);
  if (left.isNegative !== right.isNegative) return left.isNegative ? -1 : 1;
  const magnitude =
    left.integer.length - right.integer.length ||
    compareTexts(left.integer, right.integer) ||
    compareTexts(left.fraction, right.fraction);
  return left.isNegative ? -magnitude : magnitude;
}

/** -d keeps blanks and alphanumerics, -i what is printable, -f makes letters capital. */
function prepared(text: string, flags: ReadonlySet<string>): string {
  let result = text;
  if (flags.has("d")) result = result.replace(/[^ \t\nA-Za-z0-9]/g, "");
  else if (flags.has("i")) result = result.replace(/[^ -~]/g, "");
  return flags.has("f") ? result.replace(/[a-z]+/g, (letters) => letters.toUpperCase()) : result;
}

/** Compares two parts as the letters say, without `r`. */
export function compareKeys(a: string, b: string, flags: ReadonlySet<string>): number {
  if (flags.has("n")) return compareNumbers(a, b);
  return compareTexts(prepared(a, flags), prepared(b, flags));
}
