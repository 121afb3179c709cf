/**
 * Regular expressions of regex(7), basic and extended with GNU's additions, as ones of JavaScript over
 * texts whose characters are bytes. JavaScript takes the first alternative that fits, POSIX the longest:
 * whether a line matches is the same, and grep.ts looks for longer matches where it shows them.
 */
import { bracket, PatternError } from "./regex-set.ts";

export { PatternError } from "./regex-set.ts";

export type Syntax = "basic" | "extended" | "fixed";

const COUNT_MAX = 32767;
const BAD_COUNT = "Invalid content of \\{\\}";

/** A byte that stands for itself. */
function literal(character: string, ignoresCase: boolean): string {
  if (ignoresCase && /[a-zA-Z]/.test(character)) {
    return `[${character.toLowerCase()}${character.toUpperCase()}]`;
  }
  if (/[\w]/.test(character)) return character;
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

/** What GNU adds after a backslash, in both syntaxes. */
const ADDED: Readonly<Record<string, string>> = {
  w: "[A-Za-z0-9_]",
  W: "[^A-Za-z0-9_]",
  s: "[ \\t-\\r]",
  S: "[^ \\t-\\r]",
  b: "\\b",
  B: "\\B",
  "<": "\\b(?=\\w)",
  ">": "\\b(?<=\\w)",
  "`": "^",
  "'": "$",
};

/** With a backslash in a basic expression, without one in an extended one. */
const OPERATORS = "(){|+?";

/** One pattern, translated from left to right. */
class Translator {
  readonly warnings: string[] = [];
  readonly #text: string;
  readonly #isExtended: boolean;
  readonly #ignoresCase: boolean;
  #at = 0;
  #source = "";
  /** Where the last atom begins in `#source`; undefined where an operator has nothing before it. */
  #atom: number | undefined;
  /** Where each open group begins in `#source`. */
  readonly #open: number[] = [];
  #groups = 0;
  readonly #closed = new Set<number>();
  readonly #numbers: number[] = [];

  constructor(text: string, isExtended: boolean, ignoresCase: boolean) {
    this.#text = text;
    this.#isExtended = isExtended;
    this.#ignoresCase = ignoresCase;
  }

  run(): string {
    while (this.#at < this.#text.length) this.#token();
    if (this.#open.length > 0) throw new PatternError("Unmatched ( or \\(");
    return this.#source;
  }

  #token(): void {
    const character = this.#text[this.#at++]!;
    if (character === "\\") {
      this.#escape();
    } else if (character === "[") {
      const [source, end] = bracket(this.#text, this.#at - 1, this.#ignoresCase);
      this.#at = end;
      this.#put(source);
    } else if (character === ".") {
      this.#put("[^]");
    } else if (character === "*") {
      this.#star();
    } else if (character === "^" && this.#isAnchorStart()) {
      this.#anchor("^");
    } else if (character === "$" && this.#isAnchorEnd()) {
      this.#anchor("$");
    } else if (this.#isExtended && OPERATORS.includes(character)) {
      this.#operator(character);
    } else {
      this.#put(literal(character, this.#ignoresCase));
    }
  }

  #escape(): void {
    const character = this.#text[this.#at++];
    if (character === undefined) throw new PatternError("Trailing backslash");
    const added = ADDED[character];
    if (!this.#isExtended && OPERATORS.includes(character)) {
      this.#operator(character);
    } else if (/[1-9]/.test(character)) {
      if (!this.#closed.has(Number(character))) throw new PatternError("Invalid back reference");
      this.#put(`(?:\\${character})`);
    } else if (added !== undefined) {
      this.#put(`(?:${added})`);
    } else {
      this.#put(literal(character, this.#ignoresCase));
    }
  }

  #put(source: string): void {
    this.#atom = this.#source.length;
    this.#source += source;
  }

  #anchor(source: string): void {
    this.#source += source;
    // An asterisk after it is a character, or in an extended expression does nothing.
    this.#atom = undefined;
  }

  /** A basic expression has anchors only where they can be meant. */
  #isAnchorStart(): boolean {
    if (this.#isExtended) return true;
    return /(?:^|\\\(|\\\|)$/.test(this.#text.slice(0, this.#at - 1));
  }

  #isAnchorEnd(): boolean {
    return this.#isExtended || /^(?:$|\\\)|\\\|)/.test(this.#text.slice(this.#at));
  }

  #star(): void {
    if (this.#atom !== undefined) this.#repeat("*");
    else if (this.#isExtended) this.warnings.push("* at start of expression");
    else this.#put(literal("*", false));
  }

  #operator(character: string): void {
    if (character === "(") {
      this.#open.push(this.#source.length);
      this.#numbers.push(++this.#groups);
      this.#source += "(";
      this.#atom = undefined;
    } else if (character === ")") {
      this.#close();
    } else if (character === "|") {
      this.#source += "|";
      this.#atom = undefined;
    } else if (character === "{") {
      this.#interval();
    } else if (character === "}") {
      this.#put(literal("}", false));
    } else if (this.#atom !== undefined) {
      this.#repeat(character);
    } else if (this.#isExtended) {
      this.warnings.push(`${character} at start of expression`);
    } else {
      this.#put(literal(character, false));
    }
  }

  #close(): void {
    const begin = this.#open.pop();
    if (begin !== undefined) {
      this.#closed.add(this.#numbers.pop()!);
      this.#source += ")";
      this.#atom = begin;
    } else if (this.#isExtended) {
      this.#put(literal(")", false));
    } else {
      throw new PatternError("Unmatched ) or \\)");
    }
  }

  /** `{2}`, `{2,}`, `{,5}`, `{2,5}`. */
  #interval(): void {
    const close = this.#isExtended ? /^(\d*)(,?)(\d*)\}/ : /^(\d*)(,?)(\d*)\\\}/;
    const match = close.exec(this.#text.slice(this.#at));
    if (match !== null && match[1] + match[2]! !== "") this.#counted(match);
    else if (this.#isExtended) this.#put(literal("{", false));
    else if (this.#text.includes("\\}", this.#at)) throw new PatternError(BAD_COUNT);
    else throw new PatternError("Unmatched \\{");
  }

  #counted([all, low = "", comma, high = ""]: RegExpExecArray): void {
    this.#at += all.length;
    const least = Number(low || "0");
    const most = comma === "" ? least : high === "" ? undefined : Number(high);
    if (most !== undefined && most < least) throw new PatternError(BAD_COUNT);
    if (Math.max(least, most ?? 0) > COUNT_MAX) {
      throw new PatternError("Regular expression too big");
    }
    if (this.#atom !== undefined) this.#repeat(`{${least},${most ?? ""}}`);
    else if (this.#isExtended) this.warnings.push("{...} at start of expression");
    else throw new PatternError("Invalid preceding regular expression");
  }

  /** The repeated atom is one atom again: `a**` is no error here. */
  #repeat(operator: string): void {
    const atom = this.#source.slice(this.#atom);
    this.#source = `${this.#source.slice(0, this.#atom)}(?:${atom}${operator})`;
  }
}

/** @throws {PatternError} with regerror()'s text */
export function translate(
  text: string,
  syntax: Syntax,
  ignoresCase: boolean,
): { source: string; warnings: readonly string[] } {
  if (syntax === "fixed") {
    return { source: [...text].map((each) => literal(each, ignoresCase)).join(""), warnings: [] };
  }
  const translator = new Translator(text, syntax === "extended", ignoresCase);
  return { source: translator.run(), warnings: translator.warnings };
}
