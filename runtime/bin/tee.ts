/** tee(1): standard input to standard output and to files. -i ignores SIGINT; -p is not here. */

import { EPIPE } from "../../assembly/abi/errno.ts";
import { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } from "../../assembly/abi/fcntl.ts";
import { SIG_IGN, SIGINT } from "../../assembly/abi/signal.ts";
import { STDIN_FILENO } from "../../assembly/abi/unistd.ts";
import type { Syscalls } from "../../host/contract.ts";
import { errnoText } from "../../host/errno.ts";
import { openApart } from "./files.ts";
import { parts } from "./input.ts";
import { type OptionTable, parseOptions } from "./options.ts";
import { Output } from "./output.ts";
import { fileName } from "./quoting.ts";
import { reason, runTool, type Tool } from "./tool.ts";

const TABLE: OptionTable = {
  usage: "[OPTION]... [FILE]...",
  letters: "ai",
  names: { append: "a", "ignore-interrupts": "i" },
};

const NEW_FILE_MODE = 0o666;

function tee(tool: Tool): void {
  const parsed = parseOptions(tool, TABLE);
  const { operands } = parsed;
  if (parsed.has("i")) tool.sys.sigaction(SIGINT, SIG_IGN);
  const flags = O_WRONLY | O_CREAT | (parsed.has("a") ? O_APPEND : O_TRUNC);
  // A pipe that nobody reads any more is no failure.
  const failed = (name: string) => (error: unknown) => {
    const why = reason(error);
    if (why !== errnoText(EPIPE)) tool.warn(`${name}: ${why}`);
  };
  const outputs = [new Output(tool.sys, 1, failed("'standard output'"))];
  const open: number[] = [];
  for (const path of operands) {
    const fd = tool.attempt(
      () => openApart(tool.sys, path, flags, NEW_FILE_MODE),
      (text) => `${fileName(path)}: ${text}`,
    );
    if (fd === undefined) continue;
    open.push(fd);
    outputs.push(new Output(tool.sys, fd, failed(fileName(path))));
  }
  tool.attempt(
    () => copy(tool, outputs),
    (text) => `read error: ${text}`,
  );
  for (const fd of open) tool.sys.close(fd);
}

/** Until the end, or until nobody takes it any more. */
function copy(tool: Tool, outputs: readonly Output[]): void {
  for (const part of parts(tool.sys, STDIN_FILENO)) {
    for (const output of outputs) {
      output.bytes(part);
      output.flush();
    }
    if (outputs.every(({ isBroken }) => isBroken)) return;
  }
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, tee);
}
