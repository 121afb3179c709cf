/** What a word is, how often each one occurs, and which occur most. */

/** How often each word occurs. */
export type Counts = Map<string, number>;

/** Letters, marks and digits of any script; an apostrophe inside a word belongs to it. */
const WORD = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*/gu;
/** What may stand inside a word. \p{Cs} is half of a character beyond U+FFFF. */
const INSIDE_A_WORD = /[\p{L}\p{M}\p{N}\p{Cs}'’]/u;

export function add(counts: Counts, word: string, times: number): void {
  counts.set(word, (counts.get(word) ?? 0) + times);
}

/** Adds the words of a text to `counts`. */
export function countWords(text: string, counts: Counts): Counts {
  for (const [word] of text.matchAll(WORD)) add(counts, word.toLowerCase(), 1);
  return counts;
}

/** The largest length, up to `limit`, at which a text can be cut without cutting a word; or 0. */
export function lengthOfWholeWords(text: string, limit: number): number {
  let length = limit;
  while (length > 0 && INSIDE_A_WORD.test(text[length - 1]!)) length -= 1;
  return length;
}

/** The most frequent words first; those that are equally frequent in the order of the alphabet. */
export function mostFrequent(counts: Counts, howMany: number): [string, number][] {
  const byCountThenWord = (a: [string, number], b: [string, number]) =>
    b[1] - a[1] || (a[0] < b[0] ? -1 : 1);
  return [...counts].sort(byCountThenWord).slice(0, howMany);
}

export function totalOf(counts: Counts): number {
  let total = 0;
  for (const times of counts.values()) total += times;
  return total;
}

/** The words that two counts disagree about. */
export function disagreements(ours: Counts, plain: Counts): string[] {
  const words = new Set([...ours.keys(), ...plain.keys()]);
  return [...words].filter((word) => ours.get(word) !== plain.get(word));
}
