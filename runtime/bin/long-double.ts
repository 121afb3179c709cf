/**
 * Floating point numbers as printf(1) has them on x86-64: long double, 64 bits of significand, read
 * and printed exactly. A number is a fraction of two integers.
 */
import { decimalText } from "./decimal.ts";

/** A finite number with its sign apart (so that there is -0), or what is none. */
export type LongDouble =
  | { readonly isNegative: boolean; readonly above: bigint; readonly below: bigint }
  | { readonly isNegative: boolean; readonly name: "inf" | "nan" };

const SIGNIFICAND_BITS = 64;
const FORM =
  /^[ \t\n\v\f\r]*([+-]?)(?:(0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)(?:[pP][+-]?\d+)?)|((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(inf(?:inity)?|nan))/i;

/** above / below, rounded half to even. */
function rounded(above: bigint, below: bigint): bigint {
  const whole = above / below;
  const twice = (above % below) * 2n;
  return twice > below || (twice === below && whole % 2n === 1n) ? whole + 1n : whole;
}

const bitsOf = (value: bigint): number => value.toString(2).length;

/** The nearest number of 64 significant bits. */
function nearest(above: bigint, below: bigint): [bigint, bigint] {
  if (above === 0n) return [0n, 1n];
  let shift = SIGNIFICAND_BITS - (bitsOf(above) - bitsOf(below));
  const scaled = (by: number) =>
    by >= 0 ? rounded(above << BigInt(by), below) : rounded(above, below << BigInt(-by));
  if (bitsOf(scaled(shift)) > SIGNIFICAND_BITS) shift--;
  const value = scaled(shift);
  return shift >= 0 ? [value, 1n << BigInt(shift)] : [value << BigInt(-shift), 1n];
}

function fraction(digits: string, base: 10n | 16n, exponent: number, exponentBase: bigint) {
  const [integer = "", after = ""] = digits.split(".");
  const above = BigInt(`${base === 16n ? "0x" : ""}${integer}${after}` || "0");
  const below = base ** BigInt(after.length);
  const power = exponentBase ** BigInt(Math.abs(exponent));
  return exponent >= 0 ? nearest(above * power, below) : nearest(above, below * power);
}

/** More than this is infinite, or 0. */
const EXPONENT_MAX = 5000;

/** strtold(). @returns the number and how many characters it takes, 0 when there is none */
export function parseLongDouble(text: string): { value: LongDouble; length: number } {
  const match = FORM.exec(text);
  if (match === null) return { value: { isNegative: false, above: 0n, below: 1n }, length: 0 };
  const [all, sign, hex, decimal, name] = match;
  const isNegative = sign === "-";
  const length = all.length;
  if (name !== undefined) {
    const kind = /^nan/i.test(name) ? "nan" : "inf";
    return { value: { isNegative, name: kind }, length };
  }
  const [digits = "", power = "0"] = (hex?.slice(2) ?? decimal!).split(hex ? /[pP]/ : /[eE]/);
  const exponent = Math.max(Math.min(Number(power), EXPONENT_MAX), -EXPONENT_MAX);
  const [above, below] = fraction(digits, hex ? 16n : 10n, exponent, hex ? 2n : 10n);
  return { value: { isNegative, above, below }, length };
}

/** The digits of %e: one before the point, `precision` after it. */
function scientific(above: bigint, below: bigint, precision: number): [string, number] {
  if (above === 0n) return ["0".repeat(precision + 1), 0];
  const guess = above.toString().length - below.toString().length;
  for (let exponent = guess - 1; ; exponent++) {
    const shift = precision - exponent;
    const power = 10n ** BigInt(Math.abs(shift));
    const digits = String(
      shift >= 0 ? rounded(above * power, below) : rounded(above, below * power),
    );
    if (digits.length === precision + 1) return [digits, exponent];
  }
}

function exponentText(exponent: number): string {
  return `e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

const withoutZeros = (text: string): string =>
  text.includes(".") ? text.replace(/\.?0+$/, "") : text;

/** The digits of %f, %e or %g without a sign. @param isAlternate `#`: keeps the point and zeros */
export function longDoubleText(
  value: LongDouble,
  conversion: string,
  precision: number,
  isAlternate: boolean,
): string {
  if ("name" in value) return value.name;
  const { above, below } = value;
  const pointed = (text: string) => (isAlternate && !text.includes(".") ? `${text}.` : text);
  if (conversion === "f") {
    return pointed(decimalText(rounded(above * 10n ** BigInt(precision), below), precision));
  }
  const places = conversion === "e" ? precision : Math.max(precision, 1) - 1;
  const [digits, exponent] = scientific(above, below, places);
  const mantissa = pointed(places === 0 ? digits : `${digits[0]}.${digits.slice(1)}`);
  if (conversion === "e") return mantissa + exponentText(exponent);
  const trimmed = (text: string) => (isAlternate ? text : withoutZeros(text));
  if (exponent < -4 || exponent > places) return trimmed(mantissa) + exponentText(exponent);
  const after = places - exponent;
  return trimmed(pointed(decimalText(rounded(above * 10n ** BigInt(after), below), after)));
}
