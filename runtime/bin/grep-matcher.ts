/** Whether and where a line matches one of grep's patterns. */
import { type Syntax, translate } from "./regex.ts";

/** From character `from` to before `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface MatcherOptions {
  readonly syntax: Syntax;
  readonly ignoresCase: boolean;
  /** -w, -x: only whole words, only whole lines. */
  readonly whole: "word" | "line" | undefined;
}

/** What -w and -x put around a pattern. */
const AROUND = {
  word: ["(?<!\\w)(?:", ")(?!\\w)"],
  line: ["^(?:", ")$"],
  none: ["", ""],
} as const;

/** JavaScript's first match of such a pattern may not be the longest one. */
const MAY_BE_LONGER = /\||[*?}].*[*?}]/s;

export class Matcher {
  readonly warnings: readonly string[];
  readonly #sources: readonly string[];
  readonly #tests: readonly RegExp[];
  readonly #finders: readonly RegExp[];

  /** @throws {PatternError} */
  constructor(patterns: readonly string[], { syntax, ignoresCase, whole }: MatcherOptions) {
    const [before, after] = AROUND[whole ?? "none"];
    const translated = patterns.map((pattern) => translate(pattern, syntax, ignoresCase));
    this.warnings = translated.flatMap(({ warnings }) => warnings);
    this.#sources = translated.map(({ source }) => `${before}(?:${source})${after}`);
    this.#tests = this.#sources.map((source) => new RegExp(source));
    this.#finders = this.#sources.map((source) => new RegExp(source, "g"));
  }

  test(line: string): boolean {
    return this.#tests.some((pattern) => pattern.test(line));
  }

  /** Every match that is not empty, the leftmost first, and the longest of those. */
  *spans(line: string): Generator<Span> {
    for (let at = 0; at <= line.length; ) {
      const span = this.#find(line, at);
      if (span === undefined) return;
      if (span.to > span.from) yield span;
      at = Math.max(span.to, span.from + 1);
    }
  }

  #find(line: string, start: number): Span | undefined {
    let from = Number.POSITIVE_INFINITY;
    let to = 0;
    for (const [index, finder] of this.#finders.entries()) {
      finder.lastIndex = start;
      const match = finder.exec(line);
      if (match === null || match.index > from) continue;
      const end = this.#longest(line, index, match.index, match.index + match[0].length);
      to = match.index < from ? end : Math.max(to, end);
      from = match.index;
    }
    return Number.isFinite(from) ? { from, to } : undefined;
  }

  /** The furthest end of a match that begins at `from`. */
  #longest(line: string, index: number, from: number, known: number): number {
    const source = this.#sources[index]!;
    if (!MAY_BE_LONGER.test(source)) return known;
    for (let end = line.length; end > known; end--) {
      const ends = new RegExp(`${source}(?<=^[^]{${end}})`, "y");
      ends.lastIndex = from;
      if (ends.test(line)) return end;
    }
    return known;
  }
}
