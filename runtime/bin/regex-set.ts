/** Bracket expressions of regex(7) in the locale C: sets of bytes. */

const CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this class is of them
  cntrl: /[\x00-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t-\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

const BYTES = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));

/** A pattern that is none, with regerror()'s text. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

const UNMATCHED = "Unmatched [, [^, [:, [., or [=";

const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, "0")}`;

/** A set of bytes as JavaScript writes it. */
function setSource(set: ReadonlySet<number>, isNegated: boolean): string {
  const bytes = [...set].sort((a, b) => a - b);
  if (bytes.length === 0) return isNegated ? "[^]" : "[]";
  return `[${isNegated ? "^" : ""}${bytes.map(hex).join("")}]`;
}

/** One of "a", "[.a.]", "[=a=]"; an end of a range. */
function element(text: string, at: number): [number, number] {
  const special = /^\[([.=])([\s\S])\1\]/.exec(text.slice(at));
  if (special !== null) return [special[2]!.charCodeAt(0), at + special[0].length];
  if (/^\[[.=]/.test(text.slice(at))) {
    const closed = /^\[([.=])[\s\S]*?\1\]/.test(text.slice(at));
    throw new PatternError(closed ? "Invalid collation character" : UNMATCHED);
  }
  return [text.charCodeAt(at), at + 1];
}

/**
 * The bracket expression at `start`, where `[` stands.
 * @returns its source for JavaScript, and where it ends
 */
export function bracket(text: string, start: number, ignoresCase: boolean): [string, number] {
  const set = new Set<number>();
  let at = start + 1;
  const isNegated = text[at] === "^";
  if (isNegated) at++;
  for (let isFirst = true; isFirst || text[at] !== "]"; isFirst = false) {
    if (at >= text.length) throw new PatternError(UNMATCHED);
    const named = /^\[:([^\]:]*):\]/.exec(text.slice(at));
    if (named !== null) {
      const members = CLASSES[named[1]!];
      if (members === undefined) throw new PatternError("Invalid character class name");
      for (const [byte, character] of BYTES.entries()) if (members.test(character)) set.add(byte);
      at += named[0].length;
      continue;
    }
    let low: number;
    [low, at] = element(text, at);
    let high = low;
    if (text[at] === "-" && at + 1 < text.length && text[at + 1] !== "]") {
      [high, at] = element(text, at + 1);
      if (high < low) throw new PatternError("Invalid range end");
    }
    for (let byte = low; byte <= high; byte++) set.add(byte);
  }
  if (ignoresCase) addOtherCase(set);
  const inner = text.slice(start + 1, at);
  if (/^:[^\]]*:$/.test(inner)) {
    throw new PatternError("character class syntax is [[:space:]], not [:space:]");
  }
  return [setSource(set, isNegated), at + 1];
}

function addOtherCase(set: Set<number>): void {
  for (const byte of [...set]) {
    const character = String.fromCharCode(byte);
    if (/[a-z]/.test(character)) set.add(byte - 32);
    if (/[A-Z]/.test(character)) set.add(byte + 32);
  }
}
