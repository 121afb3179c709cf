/** What processes have open, a line a descriptor, as lsof(8) lists it. */
import { type Names, userText } from "../ipcs/names.ts";
import type { DescriptorSnapshot, MachineSnapshot, ProcessSnapshot } from "../snapshot/types.ts";

const TYPES: Readonly<Record<DescriptorSnapshot["type"], string>> = {
  pipe: "FIFO",
  FIFO: "FIFO",
  file: "REG",
  directory: "DIR",
  device: "CHR",
  epoll: "a_inode",
  host: "host",
  other: "unknown",
};

const ACCESS = { r: "r", w: "w", rw: "u" } as const;
const STREAMS = ["standard input", "standard output", "standard error", "terminal"];

/** How full a pipe is, and at whose other end it is. */
function pipeText({ pipes }: MachineSnapshot, { pipe, access }: DescriptorSnapshot): string {
  const found = pipes.find((each) => each.pipe === pipe);
  if (found === undefined) return "";
  const others = access === "r" ? found.writers : found.readers;
  const ends = access === "r" ? "written" : "read";
  const by = others.length === 0 ? `${ends} by nobody` : `${ends} by ${others.join(", ")}`;
  return `${found.fill} of ${found.size} bytes, ${access === "rw" ? "read and written" : by}`;
}

function nameOf(snapshot: MachineSnapshot, descriptor: DescriptorSnapshot): string {
  const { type, path, stream } = descriptor;
  if (type === "pipe") return `pipe (${pipeText(snapshot, descriptor)})`;
  if (type === "FIFO") return `${path ?? "(deleted)"} (${pipeText(snapshot, descriptor)})`;
  if (type === "epoll") return "[eventpoll]";
  if (type === "host") return `${STREAMS[stream ?? -1] ?? "stream"} of the host`;
  return path ?? "(deleted)";
}

type Line = readonly [fd: string, type: string, offset: string, node: string, name: string];

function linesOf(snapshot: MachineSnapshot, process: ProcessSnapshot): Line[] {
  const cwd: Line = ["cwd", "DIR", "", "", process.cwd ?? "(deleted)"];
  const open = process.descriptors.map((each): Line => {
    const hasOffset = each.type === "file" || each.type === "directory";
    const node = each.pipe ?? each.ino;
    return [
      `${each.fd}${ACCESS[each.access]}`,
      TYPES[each.type],
      hasOffset ? `0t${each.offset}` : "",
      node === null ? "" : String(node),
      nameOf(snapshot, each),
    ];
  });
  return process.state === "zombie" ? [] : [cwd, ...open];
}

/** Which columns stand on the left; the last one is as long as it is. */
const LEFT = new Set([0, 4]);
const HEAD = ["COMMAND", "PID", "USER", "FD", "TYPE", "OFFSET", "NODE", "NAME"];

/** Lists the descriptors of these processes, and where each process is. */
export function filesText(
  snapshot: MachineSnapshot,
  processes: readonly ProcessSnapshot[],
  names: Names,
): string {
  const rows = processes.flatMap((process) =>
    linesOf(snapshot, process).map((line) => [
      process.command,
      String(process.pid),
      userText(names, process.euid),
      ...line,
    ]),
  );
  const all = [HEAD, ...rows];
  const widths = HEAD.map((_, at) => Math.max(...all.map((row) => row[at]!.length)));
  const cell = (text: string, at: number) => {
    if (at === HEAD.length - 1) return text;
    return LEFT.has(at) ? text.padEnd(widths[at]!) : text.padStart(widths[at]!);
  };
  return all.map((row) => `${row.map(cell).join(" ")}\n`).join("");
}
