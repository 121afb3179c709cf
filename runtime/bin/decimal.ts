/**
 * Decimal numbers without rounding: an integer and how many of its digits stand after the point. seq(1)
 * counts with them, where doubles would drift.
 */

/** value / 10^scale. */
export interface Decimal {
  readonly value: bigint;
  readonly scale: number;
  /** How many digits after the point were written. */
  readonly places: number;
}

const FORM = /^\s*([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,4}))?$/;
const HEXADECIMAL = /^\s*([+-]?)0[xX]([0-9a-fA-F]+)$/;

/** @returns undefined when it is no decimal number */
export function parseDecimal(text: string): Decimal | undefined {
  const hex = HEXADECIMAL.exec(text);
  if (hex !== null) {
    const value = BigInt(`0x${hex[2]}`);
    return { value: hex[1] === "-" ? -value : value, scale: 0, places: 0 };
  }
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, sign, integer = "", fraction = match[4] ?? "", , exponentText = "0"] = match;
  const digits = BigInt(`${integer}${fraction}` || "0");
  const value = sign === "-" ? -digits : digits;
  const scale = fraction.length - Number(exponentText);
  if (scale < 0) return { value: value * 10n ** BigInt(-scale), scale: 0, places: 0 };
  return { value, scale, places: scale };
}

/** The same number with more digits after the point. */
export function atScale({ value, scale }: Decimal, wanted: number): bigint {
  return value * 10n ** BigInt(wanted - scale);
}

/** `%.*f` of value / 10^scale. */
export function decimalText(value: bigint, scale: number): string {
  const sign = value < 0n ? "-" : "";
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  if (scale === 0) return sign + digits;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
