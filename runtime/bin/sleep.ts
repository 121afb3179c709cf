/** sleep(1): waits for the sum of its arguments. */
import { EINTR } from "../../assembly/abi/errno.ts";
import type { Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import { type OptionTable, parseOptions } from "./options.ts";
import { quote } from "./quoting.ts";
import { runTool, type Tool } from "./tool.ts";

const TABLE: OptionTable = { usage: "NUMBER[SUFFIX]...", letters: "" };

const SECONDS: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600, d: 86400 };
const FORM =
  /^\s*\+?(inf(?:inity)?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|0[xX][0-9a-fA-F]+)([smhd]?)$/i;

/** poll() takes no more than an int. */
const LONGEST_MS = 2 ** 31 - 1;

function seconds(text: string): number | undefined {
  const [, number, unit] = FORM.exec(text) ?? [];
  if (number === undefined) return undefined;
  const value = /^inf/i.test(number) ? Number.POSITIVE_INFINITY : Number(number);
  return value * SECONDS[unit!]!;
}

function sleep(tool: Tool): void {
  const { operands } = parseOptions(tool, TABLE);
  if (operands.length === 0) tool.misuse("missing operand");
  let total = 0;
  let isWrong = false;
  for (const text of operands) {
    const value = seconds(text);
    if (value === undefined) tool.warn(`invalid time interval ${quote(text)}`);
    isWrong ||= value === undefined;
    total += value ?? 0;
  }
  if (isWrong) tool.complain(`Try '${tool.name} --help' for more information.\n`);
  else wait(tool.sys, total * 1000);
}

/** A signal handler interrupts nothing: the rest is slept too. */
function wait(sys: Syscalls, ms: number): void {
  const end = performance.now() + ms;
  for (let rest = ms; rest > 0; rest = end - performance.now()) {
    try {
      sys.poll([], Math.min(Math.ceil(rest), LONGEST_MS));
    } catch (error) {
      if (!(error instanceof SystemError && error.errno === EINTR)) throw error;
    }
  }
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, sleep);
}
