/** How ls(1) prints entries: long, in columns, or one a line. */
import {
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from "../../assembly/abi/stat.ts";
import type { Stat } from "../../host/contract-files.ts";
import { groupText, type Names, userText } from "../ipcs/names.ts";
import { modeText } from "./mode.ts";

/** A name with what is known of it. */
export interface Entry {
  readonly name: string;
  readonly stat: Stat;
  /** Of a symbolic link in the long form: what it says, and where it leads if that exists. */
  readonly link?: string;
  readonly target?: Stat | undefined;
}

export interface LsStyle {
  /** Letters of the options. */
  readonly has: ReadonlySet<string>;
  readonly names: Names;
  readonly time: "st_mtime" | "st_ctime" | "st_atime";
  /** Seconds since the Epoch. */
  readonly now: number;
}

const MARKS = new Map<number, string>([
  [S_IFDIR, "/"],
  [S_IFIFO, "|"],
  [S_IFLNK, "@"],
  [S_IFSOCK, "="],
]);

/** What -F and -p put after a name. */
function mark({ st_mode }: Stat, has: ReadonlySet<string>): string {
  const type = st_mode & S_IFMT;
  if (has.has("p") && !has.has("F")) return type === S_IFDIR ? "/" : "";
  if (!has.has("F")) return "";
  if (type === S_IFREG && (st_mode & 0o111) !== 0) return "*";
  return MARKS.get(type) ?? "";
}

const UNITS = ["", "K", "M", "G", "T", "P", "E"];

/** -h: rounded up, with a tenth below 10. */
function humanText(bytes: number): string {
  let power = 0;
  while (power < UNITS.length - 1 && bytes >= 1024 ** (power + 1)) power++;
  const value = bytes / 1024 ** power;
  if (power === 0) return String(bytes);
  const tenths = Math.ceil(value * 10) / 10;
  if (tenths < 10) return `${tenths.toFixed(1)}${UNITS[power]}`;
  const whole = Math.ceil(value);
  return whole === 1024 && power < UNITS.length - 1
    ? `1.0${UNITS[power + 1]}`
    : `${whole}${UNITS[power]}`;
}

/** Blocks of 512 bytes in units of 1024, or as -h shows them. */
export function blocksText(blocks: number, isHuman: boolean): string {
  return isHuman ? humanText(blocks * 512) : String(Math.ceil(blocks / 2));
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const HALF_A_YEAR = 31_556_952 / 2;

/** With the time of day if it lies in the last half year, with the year otherwise. */
function timeText(seconds: number, now: number): string {
  const date = new Date(seconds * 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${MONTHS[date.getMonth()]} ${String(date.getDate()).padStart(2)}`;
  const isRecent = seconds <= now && now - seconds < HALF_A_YEAR;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return `${day} ${isRecent ? clock : String(date.getFullYear()).padStart(5)}`;
}

/** Cells padded to the widest of their column; numbers stand to the right. */
function aligned(rows: readonly (readonly string[])[], rights: readonly boolean[]): string[] {
  const widths = rights.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const cell = (text: string, column: number) =>
    rights[column] ? text.padStart(widths[column]!) : text.padEnd(widths[column]!);
  return rows.map((row) => row.map(cell).join(" "));
}

/** Numbers before the name that any form may have: -i and -s. */
function frontCells({ stat }: Entry, has: ReadonlySet<string>): string[] {
  const cells: string[] = [];
  if (has.has("i")) cells.push(String(stat.st_ino));
  if (has.has("s")) cells.push(blocksText(stat.st_blocks, has.has("h")));
  return cells;
}

function shownName(entry: Entry, has: ReadonlySet<string>): string {
  const { name, stat, link, target } = entry;
  if (link === undefined) return name + mark(stat, has);
  return `${name} -> ${link}${target === undefined ? "" : mark(target, has)}`;
}

const isDevice = ({ st_mode }: Stat): boolean =>
  (st_mode & S_IFMT) === S_IFCHR || (st_mode & S_IFMT) === S_IFBLK;

const major = ({ st_rdev }: Stat): number => (st_rdev >>> 8) & 0xfff;
const minor = ({ st_rdev }: Stat): number => (st_rdev & 0xff) | ((st_rdev >>> 12) & 0xfff00);

/** Bytes, or the two numbers of a device, which stand in columns of their own. */
function sizeTexts(entries: readonly Entry[], has: ReadonlySet<string>): string[] {
  const devices = entries.filter(({ stat }) => isDevice(stat));
  const minorWidth = Math.max(0, ...devices.map(({ stat }) => String(minor(stat)).length));
  return entries.map(({ stat }) => {
    if (isDevice(stat)) return `${major(stat)}, ${String(minor(stat)).padStart(minorWidth)}`;
    return has.has("h") ? humanText(stat.st_size) : String(stat.st_size);
  });
}

/** -l and its kin. */
export function longLines(entries: readonly Entry[], style: LsStyle): string[] {
  if (entries.length === 0) return [];
  const { has, names, time, now } = style;
  const sizes = sizeTexts(entries, has);
  const ids = [...(has.has("i") ? [true] : []), ...(has.has("s") ? [true] : [])];
  const owners = [...(has.has("g") ? [] : [has.has("n")]), ...(has.has("o") ? [] : [has.has("n")])];
  const rows = entries.map((entry, index) => {
    const { stat } = entry;
    const shown = [
      ...frontCells(entry, has),
      modeText(stat.st_mode),
      String(stat.st_nlink),
      ...(has.has("g") ? [] : [userText(names, stat.st_uid)]),
      ...(has.has("o") ? [] : [groupText(names, stat.st_gid)]),
      sizes[index]!,
      timeText(stat[time], now),
    ];
    return shown;
  });
  const lines = aligned(rows, [...ids, false, true, ...owners, true, false]);
  return entries.map((entry, index) => `${lines[index]} ${shownName(entry, has)}`);
}

/** Every entry with the numbers before it. */
function cells(entries: readonly Entry[], has: ReadonlySet<string>): string[] {
  const fronts = entries.map((entry) => frontCells(entry, has));
  const rights = (fronts[0] ?? []).map(() => true);
  const lines = rights.length === 0 ? fronts.map(() => "") : aligned(fronts, rights);
  return entries.map((entry, index) => {
    const front = lines[index] === "" ? "" : `${lines[index]} `;
    return front + shownName(entry, has);
  });
}

/** One a line. */
export function shortLines(entries: readonly Entry[], { has }: LsStyle): string[] {
  return entries.length === 0 ? [] : cells(entries, has);
}

const LINE_WIDTH = 80;
const GAP = 2;
const TAB_STOP = 8;

/** Down the columns, as many as a line of 80 characters takes; tabs between them where they fit. */
export function columnLines(entries: readonly Entry[], { has }: LsStyle): string[] {
  if (entries.length === 0) return [];
  const texts = cells(entries, has);
  const most = Math.min(texts.length, Math.floor(LINE_WIDTH / (GAP + 1)));
  for (let count = most; ; count--) {
    const rows = Math.ceil(texts.length / count);
    const widths: number[] = [];
    for (const [index, text] of texts.entries()) {
      const column = Math.floor(index / rows);
      const gap = column === count - 1 ? 0 : GAP;
      widths[column] = Math.max(widths[column] ?? 0, text.length + gap);
    }
    const fits = widths.reduce((sum, width) => sum + width, 0) < LINE_WIDTH;
    if (count > 1 && !fits) continue;
    return Array.from({ length: rows }, (_, row) => rowText(texts, widths, rows, row));
  }
}

function rowText(texts: string[], widths: number[], rows: number, row: number): string {
  let line = "";
  let at = 0;
  let start = 0;
  for (const [column, width] of widths.entries()) {
    const text = texts[column * rows + row];
    if (text === undefined) break;
    while (at < start) {
      const isTab = Math.floor(start / TAB_STOP) > Math.floor((at + 1) / TAB_STOP);
      line += isTab ? "\t" : " ";
      at += isTab ? TAB_STOP - (at % TAB_STOP) : 1;
    }
    line += text;
    at = start + text.length;
    start += width;
  }
  return line;
}
