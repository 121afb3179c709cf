/** yes(1): a line again and again, until nobody reads it. */
import type { Syscalls } from "../../host/contract.ts";
import { type OptionTable, parseOptions } from "./options.ts";
import { runTool, type Tool } from "./tool.ts";

const TABLE: OptionTable = { usage: "[STRING]...", letters: "" };

function yes(tool: Tool): void {
  tool.writeFailure = (why) => [`standard output: ${why}`];
  const { operands } = parseOptions(tool, TABLE);
  const words = operands.length === 0 ? ["y"] : operands;
  const line = new TextEncoder().encode(`${words.join(" ")}\n`);
  // What ends it is a signal, or output that fails, which ends the program.
  for (;;) tool.out.bytes(line);
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, yes);
}
