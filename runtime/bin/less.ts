/**
 * less(1) where standard output is no terminal: copies its files. Paging needs a terminal in raw mode,
 * and is not here; nor are options, because each of them is about the screen.
 */
import { S_IFDIR, S_IFMT } from "../../assembly/abi/stat.ts";
import { STDIN_FILENO } from "../../assembly/abi/unistd.ts";
import type { Syscalls } from "../../host/contract.ts";
import { withFile } from "./files.ts";
import { parts } from "./input.ts";
import { type OptionTable, parseOptions } from "./options.ts";
import { isCharacterDevice } from "./output.ts";
import { reason, runTool, type Tool, ToolExit } from "./tool.ts";

const TABLE: OptionTable = { usage: "[FILE]...", letters: "" };

function copy(tool: Tool, fd: number): void {
  for (const part of parts(tool.sys, fd)) {
    tool.out.bytes(part);
    tool.out.flush();
  }
}

function less(tool: Tool): void {
  const { operands } = parseOptions(tool, TABLE, {
    refuse(message) {
      const option = /'-*(.*)'$/.exec(message)?.[1];
      tool.complain(`There is no ${option} option ("${tool.name} --help" for help)\n`);
      throw new ToolExit(1);
    },
  });
  if (operands.length === 0 && isCharacterDevice(tool.sys, STDIN_FILENO)) {
    tool.complain(`Missing filename ("${tool.name} --help" for help)\n`);
    tool.status = 1;
    return;
  }
  for (const path of operands.length === 0 ? ["-"] : operands) {
    try {
      if (path !== "-" && (tool.sys.stat(path).st_mode & S_IFMT) === S_IFDIR) {
        tool.out.text(`${path} is a directory\n`);
        continue;
      }
      withFile(tool, path, (fd) => copy(tool, fd));
    } catch (error) {
      // In the middle of the output, and with status 0, as less has it.
      tool.out.text(`${path}: ${reason(error)}\n`);
    }
  }
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, less);
}
