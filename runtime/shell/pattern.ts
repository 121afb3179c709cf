/** Patterns of the shell: `*`, `?` and `[a-z]`, of which what is quoted stands for itself. */
import { bracket, PatternError } from "../bin/regex-set.ts";

/** A part of a word after its expansion. */
export interface Segment {
  readonly text: string;
  readonly isQuoted: boolean;
}

const SPECIAL = /[*?[]/;

export function hasPattern(segments: readonly Segment[]): boolean {
  return segments.some(({ text, isQuoted }) => !isQuoted && SPECIAL.test(text));
}

export function plainText(segments: readonly Segment[]): string {
  return segments.map(({ text }) => text).join("");
}

interface Unit {
  readonly character: string;
  readonly isQuoted: boolean;
}

function units(segments: readonly Segment[]): Unit[] {
  return segments.flatMap(({ text, isQuoted }) =>
    Array.from(text, (character) => ({ character, isQuoted })),
  );
}

const escaped = (character: string): string =>
  /[\\^$.*+?()[\]{}|/-]/.test(character) ? `\\${character}` : character;

/**
 * A bracket expression that begins at `at`: what it is for bracket(), where a quoted character stands
 * as `[.x.]`, and `^` for `!`.
 */
function bracketSource(
  all: readonly Unit[],
  at: number,
): [source: string, end: number] | undefined {
  let text = "[";
  const starts: number[] = [0];
  for (const [index, { character, isQuoted }] of all.slice(at + 1).entries()) {
    starts.push(text.length);
    // `^` is one of the characters.
    if (isQuoted || (index === 0 && character === "^")) text += `[.${character}.]`;
    else text += index === 0 && character === "!" ? "^" : character;
  }
  try {
    const [source, end] = bracket(text, 0, false);
    const count = starts.findIndex((start) => start >= end);
    return [source, count < 0 ? all.length : at + count];
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return undefined;
  }
}

/** The source of a regular expression that matches what a pattern matches. */
function patternSource(segments: readonly Segment[]): string {
  const all = units(segments);
  let source = "";
  for (let at = 0; at < all.length; at++) {
    const { character, isQuoted } = all[at]!;
    if (isQuoted) {
      source += escaped(character);
    } else if (character === "*") {
      source += "[^]*";
    } else if (character === "?") {
      source += "[^]";
    } else if (character === "[") {
      const found = bracketSource(all, at);
      source += found === undefined ? "\\[" : found[0];
      if (found !== undefined) at = found[1] - 1;
    } else {
      source += escaped(character);
    }
  }
  return source;
}

export function matches(segments: readonly Segment[], text: string): boolean {
  return new RegExp(`^(?:${patternSource(segments)})$`, "u").test(text);
}

/** `${x#p}`, `${x##p}`, `${x%p}`, `${x%%p}`: the value without what the pattern matches. */
export function trimmed(value: string, operator: string, segments: readonly Segment[]): string {
  const expression = new RegExp(`^(?:${patternSource(segments)})$`, "u");
  const isSuffix = operator.startsWith("%");
  const cuts = Array.from({ length: value.length + 1 }, (_, at) => at);
  // The shortest match first, the longest for the doubled operators.
  if (isSuffix === (operator.length === 1)) cuts.reverse();
  for (const cut of cuts) {
    const part = isSuffix ? value.slice(cut) : value.slice(0, cut);
    if (expression.test(part)) return isSuffix ? value.slice(0, cut) : value.slice(cut);
  }
  return value;
}
