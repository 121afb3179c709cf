/** ipcs(1), the program of util-linux: lists System V objects. */
import { EBADF, EPIPE } from "../../assembly/abi/errno.ts";
import type { Syscalls } from "../../host/contract.ts";
import { errnoText } from "../../host/errno.ts";
import { type IpcKind, type IpcsOptions, ipcsDetail, ipcs as listing } from "../ipcs/ipcs.ts";
import { parseId } from "../ipcs/numbers.ts";
import type { IpcsFormat } from "../ipcs/section.ts";
import { accountNames } from "./accounts.ts";
import { type OptionTable, parseOptions } from "./options.ts";
import { runTool, type Tool } from "./tool.ts";

const TABLE: OptionTable = {
  usage: "[resource-option...] [output-option]",
  letters: "abci:lmpqstu",
  names: {
    all: "a",
    bytes: "b",
    creator: "c",
    human: "human",
    id: "i",
    limits: "l",
    pid: "p",
    queues: "q",
    semaphores: "s",
    shmems: "m",
    summary: "u",
    time: "t",
  },
};

const KINDS: Readonly<Record<string, readonly IpcKind[]>> = {
  m: ["shm"],
  q: ["msg"],
  s: ["sem"],
  a: ["shm", "sem", "msg"],
};
const FORMATS: Readonly<Record<string, IpcsFormat>> = {
  t: "time",
  p: "pid",
  c: "creator",
  l: "limits",
  u: "summary",
};
const UNITS: Readonly<Record<string, IpcsOptions["unit"]>> = { b: "bytes", human: "human" };

/** The last option that a table knows. */
function last<T>(keys: readonly string[], table: Readonly<Record<string, T>>): T | undefined {
  const key = keys.filter((each) => Object.hasOwn(table, each)).at(-1);
  return key === undefined ? undefined : table[key];
}

function ipcs(tool: Tool): void {
  // util-linux takes no notice of output that is closed or that nobody reads.
  const ignored = [errnoText(EBADF), errnoText(EPIPE)];
  tool.writeFailure = (why) => (ignored.includes(why) ? [] : [`write error: ${why}`]);
  const parsed = parseOptions(tool, TABLE);
  const { options, operands } = parsed;
  if (operands.length > 0) tool.misuse("bad usage");
  const keys = options.map(([key]) => key);
  const kinds = new Set(keys.flatMap((key) => KINDS[key] ?? []));
  const settings: IpcsOptions = {
    format: last(keys, FORMATS) ?? "default",
    unit: last(keys, UNITS) ?? "default",
    names: accountNames(tool.sys),
    ...(kinds.size > 0 ? { kinds: [...kinds] } : {}),
  };
  const id = parsed.argument("i");
  if (id === undefined) {
    tool.out.text(listing(tool.sys, settings));
    return;
  }
  if (kinds.size !== 1) tool.fail("when using an ID, a single resource must be specified");
  const [kind] = kinds;
  const number = parseId(id, (why) => tool.fail(`failed to parse id argument: ${why}`));
  const text = ipcsDetail(tool.sys, kind!, number, settings);
  // Exit status 0, as util-linux has it.
  if (text === undefined) tool.say(`id ${number} not found`);
  else tool.out.text(text);
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, ipcs);
}
