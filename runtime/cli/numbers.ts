/** Sizes on the command line. */

const UNITS = "KMGT";

/** A size in bytes, with a suffix of powers of 1024: 1048576, 512K, 64M, 64MiB. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)([KMGT]?)(?:i?B)?$/i.exec(text);
  if (match === null) return undefined;
  const [, digits, unit = ""] = match;
  const power = unit === "" ? 0 : UNITS.indexOf(unit.toUpperCase()) + 1;
  return Number(digits) * 1024 ** power;
}
