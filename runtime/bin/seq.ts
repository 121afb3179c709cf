/** seq(1): numbers from FIRST to LAST. -f is not here. */
import type { Syscalls } from "../../host/contract.ts";
import { atScale, type Decimal, decimalText, parseDecimal } from "./decimal.ts";
import { type OptionTable, parseOptions } from "./options.ts";
import { quote } from "./quoting.ts";
import { runTool, type Tool } from "./tool.ts";

const TABLE: OptionTable = {
  usage: "[OPTION]... [FIRST [INCREMENT]] LAST",
  letters: "s:w",
  names: { "equal-width": "w", separator: "s:" },
  inOrder: true,
  // Negative numbers.
  stops: /^-[\d.]/,
};

const ONE: Decimal = { value: 1n, scale: 0, places: 0 };

function number(tool: Tool, text: string): Decimal {
  const decimal = parseDecimal(text);
  if (/^[-+]?nan$/i.test(text)) tool.misuse(`invalid 'not-a-number' argument: ${quote(text)}`);
  if (decimal !== undefined) return decimal;
  return tool.misuse(`invalid floating point argument: ${quote(text)}`);
}

function seq(tool: Tool): void {
  const parsed = parseOptions(tool, TABLE);
  const { operands } = parsed;
  const separator = parsed.argument("s") ?? "\n";
  const isWide = parsed.has("w");
  if (operands.length === 0) tool.misuse("missing operand");
  if (operands.length > 3) tool.misuse(`extra operand ${quote(operands[3]!)}`);
  const numbers = operands.map((text) => number(tool, text));
  const last = numbers.at(-1)!;
  const first = numbers.length > 1 ? numbers[0]! : ONE;
  const step = numbers.length > 2 ? numbers[1]! : ONE;
  if (step.value === 0n) {
    tool.misuse(`invalid Zero increment value: ${quote(operands[1]!)}`);
  }
  const scale = Math.max(first.scale, step.scale, last.scale);
  const places = Math.max(first.places, step.places);
  count(
    tool,
    [first, step, last].map((each) => atScale(each, scale)),
    scale,
    {
      separator,
      places,
      isWide,
    },
  );
}

interface Style {
  readonly separator: string;
  readonly places: number;
  readonly isWide: boolean;
}

function count(tool: Tool, numbers: bigint[], scale: number, style: Style): void {
  const [first, step, last] = numbers as [bigint, bigint, bigint];
  const isPast = (value: bigint) => (step > 0n ? value > last : value < last);
  if (isPast(first)) return;
  const cut = 10n ** BigInt(scale - style.places);
  const text = (value: bigint) => decimalText(value / cut, style.places);
  const width = style.isWide ? Math.max(text(first).length, text(last).length) : 0;
  const wide = (shown: string) =>
    shown.startsWith("-")
      ? `-${shown.slice(1).padStart(width - 1, "0")}`
      : shown.padStart(width, "0");
  tool.out.text(wide(text(first)));
  for (let value = first + step; !isPast(value); value += step) {
    tool.out.text(style.separator + wide(text(value)));
  }
  tool.out.text("\n");
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, seq);
}
