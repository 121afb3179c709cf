/**
 * Columns, numbers, sizes and times as util-linux's ipcs(1) prints them: scripts read its output
 * by column, so every blank counts.
 */

/** How sizes are shown: as each column has always had them, in bytes, or as 4.9K. */
export type SizeUnit = "default" | "bytes" | "human";

/** printf's `%-N.Ms`: cut to `limit` characters, blanks after it up to `width`. */
export function left(value: string | number, width: number, limit?: number): string {
  return String(value).slice(0, limit).padEnd(width);
}

/** One line of columns, all of them `%-Ns` with one blank between. */
export function columns(cells: readonly (readonly [string | number, number])[]): string {
  return `${cells.map(([value, width]) => left(value, width)).join(" ")}\n`;
}

/** A key, `0x%08x`. */
export function keyText(key: number): string {
  return `0x${(key >>> 0).toString(16).padStart(8, "0")}`;
}

/** A mode as `%#o`: a leading 0, but 0 itself alone. */
export function modeText(mode: number): string {
  return mode === 0 ? "0" : `0${mode.toString(8)}`;
}

/** The permission bits as `%o`. */
export function permsText(mode: number): string {
  return (mode & 0o777).toString(8);
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** ctime(3) without the newline, in local time: "Thu Nov  5 08:00:00 2026". */
function ctime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  const day = String(date.getDate()).padStart(2);
  return `${DAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${day} ${clock} ${date.getFullYear()}`;
}

const NOT_SET = "Not set";

/** A time with weekday and year, `%-26.24s`; 0 is "Not set". */
export function longTime(seconds: number): string {
  return left(seconds === 0 ? NOT_SET : ctime(seconds), 26, 24);
}

/** A time as "Nov  5 08:00:00", `%-20.16s`; 0 is "Not set". */
export function shortTime(seconds: number): string {
  return left(seconds === 0 ? NOT_SET : ctime(seconds).slice(4), 20, 16);
}

const LETTERS = "BKMGTPE";

/** A size in the largest unit that leaves at least 1 of it, rounded to a tenth: 4.9K, 1M, 55B. */
export function humanSize(bytes: number | bigint): string {
  const size = BigInt(bytes);
  let power = 0;
  while (power < LETTERS.length - 1 && size >> BigInt(10 * (power + 1)) > 0n) power++;
  const unit = 1n << BigInt(10 * power);
  // Rounded twice, cut to thousandths and then half up to tenths: so does util-linux.
  const tenths = (size / unit) * 10n + (((size % unit) * 1000n) / unit + 50n) / 100n;
  const fraction = tenths % 10n === 0n ? "" : `.${tenths % 10n}`;
  return `${tenths / 10n}${fraction}${LETTERS[power]}`;
}

/** A size in a column, in bytes unless `unit` says otherwise. */
export function sizeText(unit: SizeUnit, bytes: number | bigint): string {
  return unit === "human" ? humanSize(bytes) : String(bytes);
}

/** "used space (bytes) = 55\n"; the unit is in the name, but for human sizes, which show theirs. */
export function sizeLine(unit: SizeUnit, name: string, bytes: number | bigint): string {
  return `${name}${unit === "human" ? "" : " (bytes)"} = ${sizeText(unit, bytes)}\n`;
}
