/** printf(1): a format that is used again for as long as there are arguments. %a and %q are not here. */
import type { Syscalls } from "../../host/contract.ts";
import { type EscapeForm, escapeAt } from "./escapes.ts";
import { textBytes, utf8Text } from "./input.ts";
import { longDoubleText, parseLongDouble } from "./long-double.ts";
import { type OptionTable, parseOptions } from "./options.ts";
import { quote } from "./quoting.ts";
import { runTool, type Tool, ToolExit } from "./tool.ts";

const TABLE: OptionTable = { usage: "FORMAT [ARGUMENT]...", letters: "" };

const SPECIFICATION = /^%([-+ #0']*)(\*|\d+)?(?:\.(\*|-?\d*))?[hlLjzt]*([\s\S]?)/;
/** Flags that a conversion takes besides `-`. */
const FLAGS: Readonly<Record<string, string>> = {
  d: "+ 0'",
  i: "+ 0'",
  u: "0'",
  o: "#0",
  x: "#0",
  X: "#0",
  c: "",
  s: "",
  f: "+ #0'",
  F: "+ #0'",
  e: "+ #0",
  E: "+ #0",
  g: "+ #0'",
  G: "+ #0'",
};

const INTMAX = 2n ** 63n - 1n;
const UINTMAX = 2n ** 64n - 1n;
const WIDTH_MAX = 2 ** 31 - 1;

/** One use of the format takes arguments from here. */
class Formatter {
  readonly #tool: Tool;
  readonly #words: string[];
  #taken = 0;

  constructor(tool: Tool, words: readonly string[]) {
    this.#tool = tool;
    this.#words = [...words];
  }

  /** Prints everything. */
  run(format: string): void {
    do {
      this.#taken = 0;
      this.#once(format);
    } while (this.#taken > 0 && this.#words.length > 0);
    if (this.#words.length > 0) {
      const first = quote(this.#words[0]!);
      this.#tool.say(`warning: ignoring excess arguments, starting with ${first}`);
    }
  }

  #once(format: string): void {
    for (let at = 0; at < format.length; ) {
      const character = format[at]!;
      if (character === "\\") {
        at += 1 + this.#escape(format.slice(at + 1), "format");
      } else if (character === "%") {
        at += this.#conversion(format.slice(at));
      } else {
        this.#print(character);
        at++;
      }
    }
  }

  #print(text: string): void {
    this.#tool.out.bytes(textBytes(text));
  }

  /** What stands after a backslash. @returns its length */
  #escape(rest: string, form: EscapeForm): number {
    const found = escapeAt(rest, form);
    if (found !== undefined) {
      if (found.text === undefined) throw new ToolExit(this.#tool.status);
      this.#print(found.text);
      return found.length;
    }
    if (/^[xuU]/.test(rest)) this.#tool.fail("missing hexadecimal number in escape");
    this.#print(`\\${rest.slice(0, 1)}`);
    return Math.min(rest.length, 1);
  }

  #next(): string | undefined {
    this.#taken++;
    return this.#words.shift();
  }

  /** @returns the length of the conversion */
  #conversion(rest: string): number {
    if (rest.startsWith("%%")) {
      this.#print("%");
      return 2;
    }
    if (rest.startsWith("%b")) {
      this.#expand(utf8Text(this.#next() ?? ""));
      return 2;
    }
    const [all, flags = "", widthText, precisionText, conversion = ""] = SPECIFICATION.exec(rest)!;
    const allowed = FLAGS[conversion];
    const isWrong =
      allowed === undefined ||
      [...flags].some((flag) => flag !== "-" && !allowed.includes(flag)) ||
      (conversion === "c" && precisionText !== undefined);
    if (isWrong) this.#tool.fail(`${all}: invalid conversion specification`);
    const width = this.#size(widthText, "field width") ?? 0;
    const precision = this.#size(precisionText, "precision");
    const set = new Set(flags);
    if (width < 0) set.add("-");
    const shown = this.#shown(
      conversion,
      set,
      precision !== undefined && precision < 0 ? undefined : precision,
    );
    this.#print(padded(shown, Math.abs(width), set, conversion, precision));
    return all.length;
  }

  #size(text: string | undefined, what: string): number | undefined {
    if (text === undefined) return undefined;
    if (text !== "*") return text === "" || text === "-" ? 0 : Number(text);
    const word = this.#next();
    const value = word === undefined ? 0 : Number(this.#integer(word, true));
    if (Math.abs(value) > WIDTH_MAX) this.#tool.fail(`invalid ${what}: ${quote(word!)}`);
    return value;
  }

  #expand(text: string): void {
    for (let at = 0; at < text.length; ) {
      if (text[at] === "\\") {
        at += 1 + this.#escape(text.slice(at + 1), "argument");
      } else {
        this.#print(text[at]!);
        at++;
      }
    }
  }

  #shown(conversion: string, flags: ReadonlySet<string>, precision: number | undefined): string {
    const word = this.#next();
    if (conversion === "c") return utf8Text(word ?? "").slice(0, 1) || (word === "" ? "\0" : "\0");
    if (conversion === "s") return utf8Text(word ?? "").slice(0, precision);
    if ("feg".includes(conversion.toLowerCase())) {
      const value = this.#float(word ?? "");
      const sign = value.isNegative ? "-" : flags.has("+") ? "+" : flags.has(" ") ? " " : "";
      const kind = conversion.toLowerCase();
      const digits = longDoubleText(value, kind, precision ?? 6, flags.has("#"));
      return sign + (kind === conversion ? digits : digits.toUpperCase());
    }
    return integerText(
      this.#integer(word ?? "", "di".includes(conversion)),
      conversion,
      flags,
      precision,
    );
  }

  /** `'a` is the number of a character. @returns undefined when the word is no such thing */
  #character(word: string): number | undefined {
    if (!/^['"][\s\S]/.test(word)) return undefined;
    const bytes = utf8Text(word);
    if (bytes.length > 2) {
      const rest = word.slice(2);
      const about = "character(s) following character constant have been ignored";
      this.#tool.say(`warning: ${rest}: ${about}`);
    }
    return bytes.charCodeAt(1);
  }

  #complain(word: string, length: number): void {
    if (word === "") return;
    if (length === 0) this.#tool.warn(`${quote(word)}: expected a numeric value`);
    else if (length < word.length)
      this.#tool.warn(`${quote(word)}: value not completely converted`);
  }

  #integer(word: string, isSigned: boolean): bigint {
    const character = this.#character(word);
    if (character !== undefined) return BigInt(character);
    const form = /^[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/;
    const [all = "", sign, digits = "0"] = form.exec(word) ?? [];
    this.#complain(word, all.length);
    const isOctal = /^0\d/.test(digits);
    const value = BigInt(isOctal ? `0o${digits.slice(1)}` : digits);
    const highest = isSigned ? INTMAX + (sign === "-" ? 1n : 0n) : UINTMAX;
    if (value > highest) this.#tool.warn(`${quote(word)}: Numerical result out of range`);
    const kept = value > highest ? highest : value;
    const result = sign === "-" && !(value > highest && !isSigned) ? -kept : kept;
    return isSigned ? result : BigInt.asUintN(64, result);
  }

  #float(word: string) {
    const character = this.#character(word);
    if (character !== undefined) {
      return { isNegative: false, above: BigInt(character), below: 1n };
    }
    const { value, length } = parseLongDouble(word);
    this.#complain(word, length);
    return value;
  }
}

function integerText(
  value: bigint,
  conversion: string,
  flags: ReadonlySet<string>,
  precision: number | undefined,
): string {
  const isNegative = value < 0n;
  const magnitude = isNegative ? -value : value;
  const base = conversion === "o" ? 8 : conversion.toLowerCase() === "x" ? 16 : 10;
  let digits = precision === 0 && value === 0n ? "" : magnitude.toString(base);
  digits = digits.padStart(precision ?? 1, "0");
  if (conversion === "o" && flags.has("#") && !digits.startsWith("0")) digits = `0${digits}`;
  const prefix = flags.has("#") && base === 16 && value !== 0n ? "0x" : "";
  const isSigned = base === 10 && conversion !== "u";
  const sign = isNegative
    ? "-"
    : isSigned && flags.has("+")
      ? "+"
      : isSigned && flags.has(" ")
        ? " "
        : "";
  const text = sign + prefix + digits;
  return conversion === "X" ? text.toUpperCase() : text;
}

/** Blanks before or after, or zeros between the sign and the digits. */
function padded(
  text: string,
  width: number,
  flags: ReadonlySet<string>,
  conversion: string,
  precision: number | undefined,
): string {
  if (flags.has("-")) return text.padEnd(width);
  const isInteger = "diouxX".includes(conversion);
  const isNumber = isInteger
    ? precision === undefined
    : /\d/.test(text) && !"cs".includes(conversion);
  if (!flags.has("0") || !isNumber) return text.padStart(width);
  const [head = ""] = /^[-+ ]?(?:0[xX])?/.exec(text) ?? [];
  return head + text.slice(head.length).padStart(width - head.length, "0");
}

function printf(tool: Tool): void {
  const [first] = tool.args;
  const isHelp = first === "--help" && tool.args.length === 1;
  // Only these two are no format: printf has no options of its own.
  if (isHelp) parseOptions(tool, TABLE);
  const words = first === "--" ? tool.args.slice(1) : tool.args;
  if (words.length === 0) tool.misuse("missing operand");
  new Formatter(tool, words.slice(1)).run(utf8Text(words[0]!));
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, printf);
}
