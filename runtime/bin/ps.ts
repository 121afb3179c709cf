/** ps(1), the program of procps: the processes of the machine; with --files what they have open, with --waits who waits. */
import type { Syscalls } from "../../host/contract.ts";
import type { Machine } from "../machine.ts";
import { type Chosen, choose, listing } from "../ps/columns.ts";
import { filesText } from "../ps/files.ts";
import { waitsText } from "../ps/waits.ts";
import type { ProcessSnapshot } from "../snapshot/types.ts";
import { accountNames } from "./accounts.ts";
import { type PsRequest, psOptions } from "./ps-options.ts";
import { runTool, type Tool } from "./tool.ts";

const columns = (names: string, heads: Readonly<Record<string, string>> = {}): Chosen[] =>
  names.split(" ").map((name) => choose(name, heads[name]));

const SIMPLE = columns("pid tname time ucmd");
const FULL = columns("user pid ppid c stime tname time cmd", { user: "UID" });
const BSD = columns("pid tname stat bsdtime args");
const BSD_USER = columns("user pid pcpu pmem vsz rss tname stat start_time bsdtime args");

function columnsOf({ columns, flags, isFull }: PsRequest): readonly Chosen[] {
  if (columns.length > 0) return columns;
  if (flags.has(".u")) return BSD_USER;
  if ([".a", ".x", ".p"].some((flag) => flags.has(flag))) return BSD;
  return isFull ? FULL : SIMPLE;
}

/** Whether an option names a process, or something that it has. */
function isListed({ lists }: PsRequest, process: ProcessSnapshot): boolean {
  return (
    lists.pids.has(process.pid) ||
    lists.ppids.has(process.ppid) ||
    lists.sessions.has(process.sid) ||
    lists.commands.has(process.command) ||
    lists.users.has(process.euid) ||
    lists.realUsers.has(process.uid)
  );
}

/** Without a list: the user's own on the same terminal, or what -A and its like say. None has a terminal here. */
function isBasic({ flags, shows }: PsRequest, process: ProcessSnapshot, euid: number): boolean {
  const leads = process.pid === process.sid;
  // What is ours is asked of the whole machine.
  if (flags.has("A") || shows !== "processes" || (flags.has(".a") && flags.has(".x"))) return true;
  if (flags.has("d")) return !leads;
  if (flags.has("a") || flags.has(".a")) return false;
  return process.euid === euid;
}

function selected(
  request: PsRequest,
  processes: readonly ProcessSnapshot[],
  euid: number,
): ProcessSnapshot[] {
  const { flags, lists } = request;
  const hasLists = Object.values(lists).some(({ size }) => size > 0);
  const hasFlags = ["A", "a", "d", ".a", ".x"].some((flag) => flags.has(flag));
  const isWanted = (process: ProcessSnapshot) =>
    isListed(request, process) || ((hasFlags || !hasLists) && isBasic(request, process, euid));
  return processes.filter((process) => isWanted(process) !== flags.has("N"));
}

function ps(tool: Tool, machine: Machine): void {
  const request = psOptions(tool);
  const names = accountNames(tool.sys);
  const snapshot = machine.snapshot();
  const processes = selected(request, snapshot.processes, tool.sys.geteuid());
  if (processes.length === 0) tool.status = 1;
  if (request.shows === "waits") {
    tool.out.text(waitsText(snapshot, new Set(processes.map(({ pid }) => pid))));
  } else if (request.shows === "files") {
    tool.out.text(filesText(snapshot, processes, names));
  } else {
    const rows = processes.map((process) => ({ process, snapshot, names }));
    tool.out.text(listing(rows, columnsOf(request), request.hasHead));
  }
}

export function main(sys: Syscalls, argv: readonly string[], machine: Machine): number {
  return runTool(sys, argv, (tool) => ps(tool, machine));
}
