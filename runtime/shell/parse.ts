/**
 * Source text to what the shell runs. unbash reads Bash and forgives much: what is wrong in its eyes is
 * told in dash's words. It is loaded when there is text to parse, so a child shell that is handed its
 * commands does without it.
 */
import { parse, type Statement } from "unbash";
import { Converter } from "./convert.ts";
import { SyntaxFailure } from "./failure.ts";
import { syntaxFailure } from "./syntax-error.ts";
import type { Sequence, Word } from "./tree.ts";

/** A text as it is run: line by line, and what ends it if it cannot be parsed to its end. */
export interface Program {
  /** The commands that begin on one line, with those that a line of them continues. */
  readonly groups: readonly Sequence[];
  readonly failure: SyntaxFailure | undefined;
  /** The text ends in a here-document, or with a backslash: another line may belong to it. */
  readonly isOpen: boolean;
}

/** Statements by the line on which a command begins that is not a part of one before. */
function grouped(text: string, statements: readonly Statement[]): Statement[][] {
  const groups: Statement[][] = [];
  let end = -1;
  for (const statement of statements) {
    const between = end < 0 ? "\n" : text.slice(end, statement.pos);
    if (between.includes("\n")) groups.push([statement]);
    else groups.at(-1)!.push(statement);
    end = statement.end;
  }
  return groups;
}

/** What is expanded like a text in double quotes. @throws {SyntaxFailure} */
export function promptWord(text: string): Word {
  return new Converter(text, 1).quotedText(text, 0);
}

/**
 * Parses a text.
 * @param firstLine the number of its first line in messages
 */
export function parseProgram(text: string, firstLine = 1): Program {
  const { commands, errors = [] } = parse(text);
  const converter = new Converter(text, firstLine);
  let failure = errors.length === 0 ? undefined : syntaxFailure(text, errors, firstLine);
  const groups: Sequence[] = [];
  for (const group of grouped(text, commands)) {
    // What shares a line with an error, or goes on until there, is not run.
    const end = text.indexOf("\n", group.at(-1)!.end);
    if (errors.length > 0 && (end < 0 || parse(text.slice(0, end)).errors !== undefined)) break;
    try {
      groups.push(converter.sequence(group));
    } catch (error) {
      if (!(error instanceof SyntaxFailure)) throw error;
      failure = error;
      break;
    }
  }
  const isOpen = converter.isOpen || /(?:^|[^\\])(?:\\\\)*\\\n$/.test(text);
  return { groups, failure, isOpen };
}
