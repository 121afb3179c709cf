/** What every builtin is, and what several have in common. */
import { CommandFailure } from "../failure.ts";
import type { Shell } from "../shell.ts";
import { VARIABLE_NAME } from "../variables.ts";

/** @returns the exit status @throws {CommandFailure} with the message that tells why not */
export type Builtin = (
  shell: Shell,
  args: readonly string[],
  name: string,
) => number | Promise<number>;

/** A number that is not negative. */
export function naturalNumber(text: string, name: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 0x7fffffff) return value;
  throw new CommandFailure(`${name}: Illegal number: ${text}`);
}

export function checkName(text: string, name: string): void {
  if (!VARIABLE_NAME.test(text)) throw new CommandFailure(`${name}: ${text}: bad variable name`);
}

/** Letters of options at the beginning, and the rest. @throws {CommandFailure} another one */
export function letters(
  args: readonly string[],
  known: string,
  name: string,
): [letters: string, rest: readonly string[]] {
  let found = "";
  for (const [at, word] of args.entries()) {
    if (word === "--") return [found, args.slice(at + 1)];
    if (!/^-./.test(word)) return [found, args.slice(at)];
    for (const letter of word.slice(1)) {
      if (!known.includes(letter)) throw new CommandFailure(`${name}: Illegal option -${letter}`);
      found += letter;
    }
  }
  return [found, []];
}
