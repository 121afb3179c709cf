/** Numbers on the command line, read as util-linux reads them. */
import { CommandExit, EXIT_FAILURE } from "./usage.ts";

const I32_MIN = -(2 ** 31);
const I32_MAX = 2 ** 31 - 1;
const U64_MAX = 2n ** 64n - 1n;

/** The error of ipcs and ipcrm for an argument that is no number. */
function unreadable(message: string, text: string, isTooLarge: boolean): CommandExit {
  const detail = isTooLarge ? ": Numerical result out of range" : "";
  return new CommandExit(EXIT_FAILURE, `${message}: '${text}'${detail}`);
}

/** An id: a decimal integer of 32 bits. @param message - begins the error. */
export function parseId(text: string, message: string): number {
  if (!/^\s*[+-]?\d+$/.test(text)) throw unreadable(message, text, false);
  const id = Number(text);
  if (id < I32_MIN || id > I32_MAX) throw unreadable(message, text, true);
  return id;
}

/** A key as strtoul(3) reads it with base 0: decimal, 0x hexadecimal or 0 octal; 32 bits kept. */
export function parseKey(text: string, message: string): number {
  const match = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.exec(text);
  if (match === null) throw unreadable(message, text, false);
  const [, sign, digits = ""] = match;
  const isOctal = /^0\d/.test(digits);
  const magnitude = BigInt(isOctal ? `0o${digits.slice(1)}` : digits);
  if (magnitude > U64_MAX) throw unreadable(message, text, true);
  return Number(BigInt.asIntN(32, sign === "-" ? -magnitude : magnitude));
}

const UNITS = "KMGT";

/** A size in bytes, with a suffix of powers of 1024: 1048576, 512K, 64M, 64MiB. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)([KMGT]?)(?:i?B)?$/i.exec(text);
  if (match === null) return undefined;
  const [, digits, unit = ""] = match;
  const power = unit === "" ? 0 : UNITS.indexOf(unit.toUpperCase()) + 1;
  return Number(digits) * 1024 ** power;
}
