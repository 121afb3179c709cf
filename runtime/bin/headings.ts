/** `==> name <==` before each of several files, as head(1) and tail(1) print it. */
import type { Parsed } from "./options.ts";
import type { Tool } from "./tool.ts";

/** @returns prints the heading of a file, if there is to be one: -q never, -v always */
export function headings(tool: Tool, parsed: Parsed): (name: string) => void {
  const choice = parsed.last("q", "v")?.[0];
  const isShown = choice === undefined ? parsed.operands.length > 1 : choice === "v";
  let before = "";
  return (name) => {
    if (isShown) tool.out.text(`${before}==> ${name} <==\n`);
    before = "\n";
  };
}
