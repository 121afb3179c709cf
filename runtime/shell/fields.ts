/** The fields that the words of a command come to: what IFS splits, and what quotes hold together. */
import type { Segment } from "./pattern.ts";

export const DEFAULT_IFS = " \t\n";

export class Fields {
  readonly all: Segment[][] = [];
  readonly #ifs: string;
  #current: Segment[] | undefined;
  /** White space has just ended a field: the separator that may follow belongs to it. */
  #isAfterSpace = false;

  constructor(ifs: string) {
    this.#ifs = ifs;
  }

  /** What is not split. */
  add(text: string, isQuoted: boolean): void {
    this.#current ??= [];
    this.#current.push({ text, isQuoted });
    this.#isAfterSpace = false;
  }

  /** What an expansion outside quotes has come to. */
  split(text: string): void {
    if (this.#ifs === "") {
      if (text !== "") this.add(text, false);
      return;
    }
    let plain = "";
    const flush = () => {
      if (plain !== "") this.add(plain, false);
      plain = "";
    };
    for (const character of text) {
      if (!this.#ifs.includes(character)) {
        plain += character;
        continue;
      }
      flush();
      if (DEFAULT_IFS.includes(character)) {
        if (this.#current !== undefined) {
          this.end();
          this.#isAfterSpace = true;
        }
      } else if (this.#isAfterSpace) {
        this.#isAfterSpace = false;
      } else {
        this.#current ??= [];
        this.end();
      }
    }
    flush();
  }

  /** The field is complete; there may be none. */
  end(): void {
    if (this.#current !== undefined) this.all.push(this.#current);
    this.#current = undefined;
    this.#isAfterSpace = false;
  }
}
