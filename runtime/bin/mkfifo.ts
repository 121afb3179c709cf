/** mkfifo(1): FIFOs. */
import type { Syscalls } from "../../host/contract.ts";
import { parseMode } from "./mode.ts";
import { type OptionTable, parseOptions } from "./options.ts";
import { shellQuote } from "./quoting.ts";
import { runTool, type Tool } from "./tool.ts";

const TABLE: OptionTable = {
  usage: "[OPTION]... NAME...",
  letters: "m:",
  names: { mode: "m" },
};

const ALL = 0o666;

function mkfifo(tool: Tool): void {
  const parsed = parseOptions(tool, TABLE);
  const { operands } = parsed;
  if (operands.length === 0) tool.misuse("missing operand");
  const umask = tool.sys.umask(0);
  tool.sys.umask(umask);
  const text = parsed.argument("m");
  const mode = text === undefined ? undefined : parseMode(text, ALL, umask);
  if (text !== undefined && mode === undefined) tool.fail("invalid mode");
  if (mode !== undefined && (mode & ~0o777) !== 0) {
    tool.fail("mode must specify only file permission bits");
  }
  for (const path of operands) {
    tool.attempt(
      () => {
        tool.sys.mkfifo(path, mode ?? ALL);
        // The umask does not bind what was asked for.
        if (mode !== undefined) tool.sys.chmod(path, mode);
      },
      (reason) => `cannot create fifo ${shellQuote(path)}: ${reason}`,
    );
  }
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, mkfifo);
}
