/** What unbash finds wrong with a text, in dash's words. */
import type { ParseError } from "unbash";
import { SyntaxFailure } from "./failure.ts";

/** What never ends; an interactive shell waits for the end. */
const UNENDED: readonly (readonly [RegExp, string])[] = [
  [
    /^unterminated (?:single|double|ANSI|locale).*quote|^unterminated .*string/i,
    "Unterminated quoted string",
  ],
  [/^unterminated backtick/, "EOF in backquote substitution"],
  [/^unterminated command substitution/, 'end of file unexpected (expecting ")")'],
  [/^unterminated parameter expansion/, "Missing '}'"],
  [/^unterminated arithmetic/, "Missing '))'"],
  [/^unterminated/, "Unterminated quoted string"],
];

const OPERATOR = /^(?:;;|&&|\|\||[;&|()])/;
const REDIRECTION = /^(?:\d?[<>])/;
const RESERVED =
  /^(?:if|then|elif|else|fi|while|until|for|do|done|case|esac|in|!|[{}])(?![^\s;&|()<>])/;

/** What stands at a position, as dash calls it. */
export function tokenAt(text: string, at: number): string {
  const rest = text.slice(at).replace(/^[ \t]+/, "");
  if (rest === "") return "end of file";
  if (rest.startsWith("\n")) return "newline";
  const [operator] = OPERATOR.exec(rest) ?? [];
  if (operator !== undefined) return `"${operator}"`;
  if (REDIRECTION.test(rest)) return "redirection";
  const [reserved] = RESERVED.exec(rest) ?? [];
  return reserved === undefined ? "word" : `"${reserved}"`;
}

export function lineAt(text: string, at: number): number {
  let line = 1;
  for (let next = text.indexOf("\n"); next >= 0 && next < at; next = text.indexOf("\n", next + 1)) {
    line++;
  }
  return line;
}

function unendedText(text: string, { message, pos }: ParseError): string | undefined {
  const found = UNENDED.find(([pattern]) => pattern.test(message))?.[1];
  // Read as a substitution of a subshell only because its end is missing.
  return found !== undefined && text.startsWith("$((", pos) ? "Missing '))'" : found;
}

/** unbash names the bracket of an empty list, dash what stands behind it. */
function afterOpener(text: string, { message, pos }: ParseError): number {
  if (!/^expected command in (?:subshell|brace group)$/.test(message)) return pos;
  return pos + 1 + /^\s*/.exec(text.slice(pos + 1))![0].length;
}

/** The first thing that is wrong, and where. */
export function syntaxFailure(
  text: string,
  errors: readonly ParseError[],
  firstLine: number,
): SyntaxFailure {
  const sorted = [...errors].sort((a, b) => a.pos - b.pos);
  const [first] = sorted;
  const { message } = first!;
  const pos = afterOpener(text, first!);
  const lastLine = firstLine + lineAt(text, text.length) - 1;
  // Of those that stand in one another the innermost is told.
  const unended = sorted.reduce<string | undefined>(
    (found, error) => unendedText(text, error) ?? found,
    undefined,
  );
  if (unended !== undefined) return new SyntaxFailure(unended, lastLine, true);
  const isAtEnd = sorted.some((error) => text.slice(error.pos).trim() === "");
  const wanted = sorted
    .map((error) => /^expected '([^']+)'(?: to close .*)?$/.exec(error.message)?.[1])
    .find((each) => each !== undefined);
  const expecting = wanted === undefined ? "" : ` (expecting "${wanted}")`;
  const isRedirect = message === "expected redirect target";
  if (isAtEnd && !(isRedirect && text.slice(pos).includes("\n"))) {
    return new SyntaxFailure(`end of file unexpected${expecting}`, lastLine, !isRedirect);
  }
  const line = firstLine + lineAt(text, pos) - 1;
  return new SyntaxFailure(`${tokenAt(text, pos)} unexpected${expecting}`, line, false);
}
