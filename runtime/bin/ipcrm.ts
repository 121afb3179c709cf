/** ipcrm(1), the program of util-linux: removes System V objects. */
import { EBADF, EPIPE } from "../../assembly/abi/errno.ts";
import type { Syscalls } from "../../host/contract.ts";
import { errnoText } from "../../host/errno.ts";
import { type IpcrmTarget, ipcrmOldForm, ipcrm as remove } from "../ipcs/ipcrm.ts";
import { IPC_KINDS, type IpcKind, isIpcKind } from "../ipcs/ipcs.ts";
import { parseId, parseKey } from "../ipcs/numbers.ts";
import { type OptionTable, parseOptions } from "./options.ts";
import { runTool, type Tool } from "./tool.ts";

const TABLE: OptionTable = {
  usage: "[options]\n or shm|msg|sem ID...",
  letters: "a::m:M:q:Q:s:S:v",
  names: {
    all: "a",
    "queue-id": "q",
    "queue-key": "Q",
    "semaphore-id": "s",
    "semaphore-key": "S",
    "shmem-id": "m",
    "shmem-key": "M",
    verbose: "v",
  },
};

const KINDS: Readonly<Record<string, IpcKind>> = { m: "shm", q: "msg", s: "sem" };

function targets(tool: Tool, options: readonly (readonly [string, string | undefined])[]) {
  const found: IpcrmTarget[] = [];
  const all: IpcKind[] = [];
  const wrong = (why: string) => tool.fail(`failed to parse argument: ${why}`);
  for (const [key, text = ""] of options) {
    const kind = KINDS[key.toLowerCase()];
    if (key === "a") {
      if (text !== "" && !isIpcKind(text)) tool.fail(`unknown argument: ${text}`);
      all.push(...(isIpcKind(text) ? [text] : IPC_KINDS));
    } else if (kind !== undefined && key === key.toLowerCase()) {
      found.push({ kind, id: parseId(text, wrong) });
    } else if (kind !== undefined) {
      found.push({ kind, key: parseKey(text, wrong), keyText: text });
    }
  }
  return [...found, ...all.map((kind) => ({ kind, all: true as const }))];
}

function oldForm(tool: Tool, kind: string, ids: readonly string[]): void {
  if (!isIpcKind(kind)) tool.misuse(`unknown argument: ${kind}`);
  if (ids.length === 0) tool.misuse("not enough arguments");
  const { targets: listed, failures } = ipcrmOldForm(kind, ids);
  for (const failure of [...failures, ...remove(tool.sys, listed).failures]) tool.warn(failure);
  if (tool.status === 0) tool.out.text("resource(s) deleted\n");
}

function ipcrm(tool: Tool): void {
  // util-linux takes no notice of output that is closed or that nobody reads.
  const ignored = [errnoText(EBADF), errnoText(EPIPE)];
  tool.writeFailure = (why) => (ignored.includes(why) ? [] : [`write error: ${why}`]);
  const { options, operands } = parseOptions(tool, TABLE);
  const [kind, ...ids] = operands;
  if (options.length === 0 && kind !== undefined) {
    oldForm(tool, kind, ids);
    return;
  }
  if (kind !== undefined) tool.misuse(`unknown argument: ${kind}`);
  const wanted = targets(tool, options);
  const { actions, failures } = remove(tool.sys, wanted);
  if (options.some(([key]) => key === "v")) {
    for (const line of actions) tool.out.text(`${line}\n`);
  }
  for (const failure of failures) tool.warn(failure);
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, ipcrm);
}
