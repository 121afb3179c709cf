/** Counts on the command line of head(1) and tail(1): digits with a multiplier, as xstrtoumax() reads. */
import { quote } from "./quoting.ts";
import type { Tool } from "./tool.ts";

const UINTMAX = 2n ** 64n - 1n;
const FORM = /^\s*\+?(\d+)(b|(?:[kKMGTPEZY](?:B|iB)?)?)$/;
const UNITS = "KMGTPEZY";

function multiplier(suffix: string): bigint {
  if (suffix === "") return 1n;
  if (suffix === "b") return 512n;
  const power = BigInt(UNITS.indexOf(suffix[0]!.toUpperCase()) + 1);
  return (suffix.length === 2 ? 1000n : 1024n) ** power;
}

/**
 * A number of lines or bytes; one past 2^53 is as good as without end.
 * @param what "lines" or "bytes", for messages
 */
export function parseCount(tool: Tool, text: string, what: string, shown = text): number {
  const [, digits, suffix] = FORM.exec(text) ?? [];
  const wrong = `invalid number of ${what}: ${quote(shown)}`;
  if (digits === undefined) return tool.fail(wrong);
  const value = BigInt(digits) * multiplier(suffix!);
  if (value > UINTMAX) return tool.fail(`${wrong}: Value too large for defined data type`);
  return Number(value);
}
