/** echo(1), the program of coreutils: -n, -e and -E, and everything else is text. */
import type { Syscalls } from "../../host/contract.ts";
import { escapeAt } from "./escapes.ts";
import { textBytes, utf8Text } from "./input.ts";
import { runTool, type Tool } from "./tool.ts";

/** @returns the text, and whether it ends where \c stands */
function unescaped(text: string): [string, boolean] {
  let result = "";
  let from = 0;
  for (let at = text.indexOf("\\"); at >= 0; at = text.indexOf("\\", from)) {
    result += text.slice(from, at);
    const found = escapeAt(text.slice(at + 1), "echo");
    if (found !== undefined && found.text === undefined) return [result, true];
    result += found?.text ?? text.slice(at, at + 1);
    from = at + 1 + (found?.length ?? 0);
  }
  return [result + text.slice(from), false];
}

function echo(tool: Tool): void {
  const words = [...tool.args];
  let endsLine = true;
  let escapes = false;
  while (/^-[neE]+$/.test(words[0] ?? "")) {
    for (const letter of words.shift()!.slice(1)) {
      if (letter === "n") endsLine = false;
      else escapes = letter === "e";
    }
  }
  const text = utf8Text(words.join(" "));
  const [shown, isCut] = escapes ? unescaped(text) : [text, false];
  tool.out.bytes(textBytes(endsLine && !isCut ? `${shown}\n` : shown));
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  return runTool(sys, argv, echo);
}
