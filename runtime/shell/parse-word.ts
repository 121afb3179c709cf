/**
 * Words of unbash's tree as pieces. It knows more than POSIX: what only Bash has is either plain text
 * here, as dash reads it, or refused.
 */
import type {
  CommandExpansionPart,
  ParameterExpansionPart,
  Word as ParsedWord,
  Script,
  WordPart,
} from "unbash";
import type { Piece, Sequence, Word } from "./tree.ts";

/** What the words of a text need of the parser that has it. */
export interface WordContext {
  /** The commands of a substitution. */
  script(script: Script, part: CommandExpansionPart): Sequence;
  /** The pieces of a text that is expanded as a here-document is. */
  quotedText(text: string, pos: number): Word;
  /** Ends the parsing: `token` may not stand here. */
  refuse(token: string, pos: number): never;
}

const plain = (text: string, isQuoted: boolean): Piece => ({ kind: "text", text, isQuoted });

/** A text without quotes, but with backslashes: what follows one is quoted. */
function unquoted(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (const [part] of text.matchAll(/\\[\s\S]|[^\\]+|\\$/g)) {
    if (part === "\\\n") continue;
    if (part.startsWith("\\") && part.length > 1) pieces.push(plain(part.slice(1), true));
    else pieces.push(plain(part, part === "\\"));
  }
  return pieces;
}

/** What is in double quotes: a backslash is one only before these. */
function inDoubleQuotes(text: string, special: RegExp): string {
  return text.replace(special, (_all, character: string) => (character === "\n" ? "" : character));
}

const IN_STRING = /\\([$`"\\\n])/g;
const IN_DOCUMENT = /\\([$`\\\n])/g;

/** Parameters with a name, a digit, or a character of their own. */
const NAME = /^(?:[A-Za-z_]\w*|\d+|[@*#?$!-])$/;
const OPERATIONS = new Set(["Default", "Remove"]);

function parameter(
  part: ParameterExpansionPart,
  isQuoted: boolean,
  context: WordContext,
  special: RegExp,
): Piece {
  const { parameter: name, prefix, operation, index } = part;
  const isKnown =
    NAME.test(name) &&
    prefix !== "!" &&
    index === undefined &&
    (operation === undefined || OPERATIONS.has(operation.type));
  if (!isKnown || (prefix === "#" && operation !== undefined)) return { kind: "bad" };
  if (prefix === "#") return { kind: "length", name, isQuoted };
  if (operation === undefined) return { kind: "parameter", name, isQuoted };
  if (operation.type === "Remove") {
    // The quotes around `"${x%"$y"*}"` do not count in the pattern.
    const operand = pieces(operation.operand, false, context, special);
    return { kind: "parameter", name, operator: operation.operator, operand, isQuoted };
  }
  if (operation.type !== "Default") return { kind: "bad" };
  const operand = pieces(operation.operand, isQuoted, context, special);
  return { kind: "parameter", name, operator: operation.operator, operand, isQuoted };
}

function literal(text: string, isQuoted: boolean, special: RegExp): Piece[] {
  return isQuoted ? [plain(inDoubleQuotes(text, special), true)] : unquoted(text);
}

/** Parts that have others in them are given here one by one. */
function partPieces(
  part: WordPart,
  isQuoted: boolean,
  context: WordContext,
  special: RegExp,
): Piece[] {
  const nested = (parts: readonly WordPart[], quoted = isQuoted) =>
    parts.flatMap((each) => partPieces(each, quoted, context, special));
  switch (part.type) {
    case "Literal":
      return literal(part.text, isQuoted, special);
    case "SingleQuoted":
      return [plain(part.value, true)];
    case "AnsiCQuoted":
      // dash knows no $'': a dollar sign and a string.
      return [plain("$", true), plain(part.text.slice(2, -1), true)];
    case "LocaleString":
      return [plain("$", true), ...doubleQuoted(part.parts, context)];
    case "DoubleQuoted":
      return doubleQuoted(part.parts, context);
    case "Glob":
      if (part.kind !== "bracket") return [plain(part.text, isQuoted)];
      return [plain("[", isQuoted), ...nested(part.parts), plain("]", isQuoted)];
    case "BraceExpansion":
      return part.parts === undefined ? unquoted(part.text) : nested(part.parts);
    case "SimpleExpansion":
      return [{ kind: "parameter", name: part.text.slice(1), isQuoted }];
    case "ParameterExpansion":
      return [parameter(part, isQuoted, context, special)];
    case "CommandExpansion":
      return [command(part, isQuoted, context)];
    case "ArithmeticExpansion": {
      const word = context.quotedText(part.text.slice(3, -2), part.pos + 3);
      return [{ kind: "arithmetic", word, isQuoted }];
    }
    default:
      // @(a|b) and <(a).
      return context.refuse("(", part.pos);
  }
}

function doubleQuoted(parts: readonly WordPart[], context: WordContext): Piece[] {
  if (parts.length === 0) return [plain("", true)];
  return parts.flatMap((part) => partPieces(part, true, context, IN_STRING));
}

function command(part: CommandExpansionPart, isQuoted: boolean, context: WordContext): Piece {
  const { script } = part;
  const body: Sequence =
    script === undefined ? { kind: "sequence", items: [] } : context.script(script, part);
  return { kind: "command", body, isQuoted };
}

/** Neighbours of a kind are one: `a\ b` has three parts, `a"b"c` stays three. */
function merged(all: readonly Piece[]): Word {
  const result: Piece[] = [];
  for (const piece of all) {
    const last = result.at(-1);
    if (last?.kind === "text" && piece.kind === "text" && last.isQuoted === piece.isQuoted) {
      result[result.length - 1] = plain(last.text + piece.text, piece.isQuoted);
    } else {
      result.push(piece);
    }
  }
  return result;
}

function pieces(word: ParsedWord, isQuoted: boolean, context: WordContext, special: RegExp): Word {
  const { parts } = word;
  if (parts === undefined) return merged(literal(word.text, isQuoted, special));
  return merged(parts.flatMap((part) => partPieces(part, isQuoted, context, special)));
}

/** The pieces of a word. */
export function wordPieces(word: ParsedWord, context: WordContext): Word {
  return pieces(word, false, context, IN_STRING);
}

/** The pieces of a here-document, or of the text of $(( )). */
export function documentPieces(
  text: string,
  parts: readonly WordPart[] | undefined,
  context: WordContext,
): Word {
  if (parts === undefined) return [plain(inDoubleQuotes(text, IN_DOCUMENT), true)];
  return merged(parts.flatMap((part) => partPieces(part, true, context, IN_DOCUMENT)));
}
