/** Backslashes as echo(1) and printf(1) read them, in texts whose characters are bytes. */
import { utf8Text } from "./input.ts";

const LETTERS: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  e: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/** What stands after a backslash. */
export interface Escape {
  /** What it means; undefined: the output ends here. */
  readonly text: string | undefined;
  /** Characters after the backslash that belong to it. */
  readonly length: number;
}

/** Where it stands: echo and %b take a 0 before three octal digits, a format does not. */
export type EscapeForm = "echo" | "format" | "argument";

const OCTAL = /^([0-7]{1,3})/;
const OCTAL_AFTER_ZERO = /^(?:0([0-7]{1,3})|([0-7]{1,3}))/;

/**
 * The escape at the beginning of `rest`, which follows a backslash.
 * @returns undefined when there is none: the backslash stands for itself
 */
export function escapeAt(rest: string, form: EscapeForm): Escape | undefined {
  const letter = rest[0] ?? "";
  if (letter === "c") return { text: undefined, length: 1 };
  if (Object.hasOwn(LETTERS, letter)) return { text: LETTERS[letter]!, length: 1 };
  if (letter === '"' && form !== "echo") return { text: '"', length: 1 };
  const octal = (form === "format" ? OCTAL : OCTAL_AFTER_ZERO).exec(rest);
  if (octal !== null) {
    const digits = octal[1] ?? octal[2] ?? "";
    const byte = digits === "" ? 0 : Number.parseInt(digits, 8) & 0xff;
    return { text: String.fromCharCode(byte), length: octal[0].length };
  }
  const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest);
  if (hex !== null) {
    return { text: String.fromCharCode(Number.parseInt(hex[1]!, 16)), length: hex[0].length };
  }
  const unicode = form === "echo" ? null : /^(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(rest);
  if (unicode === null) return undefined;
  const code = Number.parseInt(unicode[1] ?? unicode[2]!, 16);
  return code > 0x10ffff
    ? undefined
    : { text: utf8Text(String.fromCodePoint(code)), length: unicode[0].length };
}
