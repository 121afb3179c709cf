/** Ids and keys on the command line, read as util-linux reads them. */

const I32_MIN = -(2 ** 31);
const I32_MAX = 2 ** 31 - 1;
const U64_MAX = 2n ** 64n - 1n;

/** Ends the command: `why` is the argument in quotes, and what is wrong if it is not its form. */
type Refuse = (why: string) => never;

function quoted(text: string, isTooLarge: boolean): string {
  return `'${text}'${isTooLarge ? ": Numerical result out of range" : ""}`;
}

/** An id: a decimal integer of 32 bits. */
export function parseId(text: string, refuse: Refuse): number {
  if (!/^\s*[+-]?\d+$/.test(text)) refuse(quoted(text, false));
  const id = Number(text);
  if (id < I32_MIN || id > I32_MAX) refuse(quoted(text, true));
  return id;
}

/** A key as strtoul(3) reads it with base 0: decimal, 0x hexadecimal or 0 octal; 32 bits kept. */
export function parseKey(text: string, refuse: Refuse): number {
  const match = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.exec(text);
  if (match === null) return refuse(quoted(text, false));
  const [, sign, digits = ""] = match;
  const isOctal = /^0\d/.test(digits);
  const magnitude = BigInt(isOctal ? `0o${digits.slice(1)}` : digits);
  if (magnitude > U64_MAX) refuse(quoted(text, true));
  return Number(BigInt.asIntN(32, sign === "-" ? -magnitude : magnitude));
}
