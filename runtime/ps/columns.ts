/** The columns of ps(1), procps's names, heads and widths; what a machine does not know is "-". */

import { groupText, type Names, userText } from "../ipcs/names.ts";
import type { MachineSnapshot, ProcessSnapshot, WaitSnapshot } from "../snapshot/types.ts";

/** A process with what else a column may need. */
export interface Row {
  readonly process: ProcessSnapshot;
  readonly snapshot: MachineSnapshot;
  readonly names: Names;
}

/** A column: text is on the left of it, numbers on the right. */
export interface Column {
  readonly head: string;
  readonly width: number;
  readonly isRight: boolean;
  readonly value: (row: Row) => string;
}

type Value = (row: Row) => string | number;

function column(head: string, width: number, value: Value, isRight: boolean): Column {
  return { head, width, isRight, value: (row) => String(value(row)) };
}

const left = (head: string, width: number, value: Value) => column(head, width, value, false);
const right = (head: string, width: number, value: Value) => column(head, width, value, true);
const unknown = () => "-";

/** The name of a user or group, a long one cut with a plus. */
function cut(name: string): string {
  return name.length > 8 ? `${name.slice(0, 7)}+` : name;
}

/** The call that the thread sleeps in. */
function blocking({ waits }: ProcessSnapshot): WaitSnapshot | undefined {
  return waits.find(({ blocks }) => blocks);
}

const LETTERS = { running: "R", sleeping: "S", exiting: "X", zombie: "Z" } as const;

function stateLetter({ process }: Row): string {
  return LETTERS[process.state];
}

function stateText(row: Row): string {
  const { pid, sid } = row.process;
  return `${stateLetter(row)}${pid === sid ? "s" : ""}`;
}

function defunct({ state }: ProcessSnapshot): string {
  return state === "zombie" ? " <defunct>" : "";
}

function command({ process }: Row): string {
  return `${process.command}${defunct(process)}`;
}

/** The arguments, or, of what has none or has ended, the name in brackets. */
function line({ process }: Row): string {
  const { args, command: name } = process;
  const text = args.length > 0 && process.state !== "zombie" ? args.join(" ") : `[${name}]`;
  // What is no character of a line would spoil the table.
  const shown = text.replace(/\p{Cc}/gu, "?");
  return `${shown}${defunct(process)}`;
}

const two = (number: number) => String(number).padStart(2, "0");

function elapsed({ process, snapshot }: Row): number {
  return Math.max(0, Math.floor(snapshot.time / 1000) - process.started);
}

/** [[days-]hours:]minutes:seconds. */
function elapsedText(row: Row): string {
  const seconds = elapsed(row);
  const [days, hours] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24];
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  if (days > 0) return `${days}-${two(hours)}:${rest}`;
  return hours > 0 ? `${two(hours)}:${rest}` : rest;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const DAYS = "Sun Mon Tue Wed Thu Fri Sat".split(" ");

/** The time of a day, else the day, else the year. */
function startedShort({ process, snapshot }: Row): string {
  const [then, now] = [new Date(process.started * 1000), new Date(snapshot.time)];
  if (then.getFullYear() !== now.getFullYear()) return String(then.getFullYear());
  if (then.getDate() === now.getDate() && then.getMonth() === now.getMonth()) {
    return `${two(then.getHours())}:${two(then.getMinutes())}`;
  }
  return `${MONTHS[then.getMonth()]}${two(then.getDate())}`;
}

function clock(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function started(row: Row): string {
  const date = new Date(row.process.started * 1000);
  if (elapsed(row) < 86400) return clock(date);
  return `${MONTHS[date.getMonth()]} ${two(date.getDate())}`;
}

function startedLong({ process }: Row): string {
  const date = new Date(process.started * 1000);
  const day = `${DAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${String(date.getDate()).padStart(2)}`;
  return `${day} ${clock(date)} ${date.getFullYear()}`;
}

const user = ({ process, names }: Row) => cut(userText(names, process.euid));
const group = ({ process, names }: Row) => cut(groupText(names, process.egid));
const number = (
  head: string,
  name: "pid" | "ppid" | "pgid" | "sid" | "uid" | "euid" | "egid" | "gid",
) => right(head, 5, ({ process }) => process[name]);

/** What -o names. */
export const COLUMNS: Readonly<Record<string, Column>> = {
  pid: number("PID", "pid"),
  tgid: number("TGID", "pid"),
  ppid: number("PPID", "ppid"),
  pgid: number("PGID", "pgid"),
  pgrp: number("PGRP", "pgid"),
  sid: number("SID", "sid"),
  sess: number("SESS", "sid"),
  session: number("SESS", "sid"),
  uid: number("UID", "euid"),
  euid: number("EUID", "euid"),
  ruid: number("RUID", "uid"),
  gid: number("GID", "egid"),
  egid: number("EGID", "egid"),
  rgid: number("RGID", "gid"),
  user: left("USER", 8, user),
  euser: left("EUSER", 8, user),
  uname: left("USER", 8, user),
  ruser: left("RUSER", 8, ({ process, names }) => cut(userText(names, process.uid))),
  group: left("GROUP", 8, group),
  egroup: left("EGROUP", 8, group),
  rgroup: left("RGROUP", 8, ({ process, names }) => cut(groupText(names, process.gid))),
  stat: left("STAT", 4, stateText),
  s: left("S", 1, stateLetter),
  state: left("S", 1, stateLetter),
  wchan: left("WCHAN", 6, ({ process }) => blocking(process)?.call ?? "-"),
  comm: left("COMMAND", 15, command),
  ucomm: left("COMMAND", 15, command),
  ucmd: left("CMD", 15, command),
  args: left("COMMAND", 27, line),
  command: left("COMMAND", 27, line),
  cmd: left("CMD", 27, line),
  tty: left("TT", 8, () => "?"),
  tt: left("TT", 8, () => "?"),
  tname: left("TTY", 8, () => "?"),
  time: right("TIME", 8, unknown),
  cputime: right("TIME", 8, unknown),
  bsdtime: right("TIME", 6, unknown),
  etime: right("ELAPSED", 11, elapsedText),
  etimes: right("ELAPSED", 7, elapsed),
  start: right("STARTED", 8, started),
  lstart: right("STARTED", 24, startedLong),
  start_time: right("START", 5, startedShort),
  bsdstart: right("START", 6, startedShort),
  stime: right("STIME", 5, startedShort),
  c: right("C", 2, unknown),
  pcpu: right("%CPU", 4, unknown),
  "%cpu": right("%CPU", 4, unknown),
  pmem: right("%MEM", 4, unknown),
  "%mem": right("%MEM", 4, unknown),
  rss: right("RSS", 5, unknown),
  vsz: right("VSZ", 6, unknown),
};

/** A column of a listing, with a head of its own where it has one. */
export interface Chosen {
  readonly column: Column;
  readonly head: string;
}

export function choose(name: string, head?: string): Chosen {
  const column = COLUMNS[name]!;
  return { column, head: head ?? column.head };
}

/** As wide as its head at least. */
function cell({ column, head }: Chosen, text: string, isLast: boolean): string {
  const width = Math.max(column.width, head.length);
  if (column.isRight) return text.padStart(width);
  // The last column is as long as it is.
  return isLast ? text : text.slice(0, width).padEnd(width);
}

/** A line a process, below the heads if any is not empty. */
export function listing(
  rows: readonly Row[],
  columns: readonly Chosen[],
  hasHead = columns.some(({ head }) => head !== ""),
): string {
  const format = (texts: readonly string[]) => {
    const cells = columns.map((each, at) => cell(each, texts[at]!, at === columns.length - 1));
    return `${cells.join(" ")}\n`;
  };
  const lines = rows.map((row) => format(columns.map(({ column }) => column.value(row))));
  return [...(hasHead ? [format(columns.map(({ head }) => head))] : []), ...lines].join("");
}
