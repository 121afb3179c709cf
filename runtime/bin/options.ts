/**
 * Options as getopt_long(3) reads them: `-abc`, `-n 5`, `-n5`, `--lines=5`, `--li 5`, `--`, operands
 * anywhere, with GNU's messages. No package that runs in a page gives these messages.
 *
 * A program says what it accepts by a string of getopt's kind, "cn:" (`:` takes an argument, `::` one
 * in the same word), and by its long names, each with the letter that it stands for, or with a word of
 * its own that has no letter.
 */
import { type Tool, ToolExit } from "./tool.ts";

/** What a program accepts. */
export interface OptionTable {
  /** What follows the name in the usage: "[OPTION]... [FILE]...". */
  readonly usage: string;
  readonly letters: string;
  /** Long name to letter or word; a word that takes an argument ends with `:` or `::`. */
  readonly names?: Readonly<Record<string, string>>;
  /** Options end at the first operand. */
  readonly inOrder?: boolean;
  /** Words that look like options, and are operands, at which options end. */
  readonly stops?: RegExp;
}

/** An option as it stood: its letter or word, and its argument if it takes one. */
export type Option = readonly [key: string, argument: string | undefined];

/** The options in their order, and the operands. */
export class Parsed {
  readonly options: readonly Option[];
  readonly operands: readonly string[];

  constructor(options: readonly Option[], operands: readonly string[]) {
    this.options = options;
    this.operands = operands;
  }

  has(key: string): boolean {
    return this.options.some(([each]) => each === key);
  }

  /** The last one of several that exclude each other. */
  last(...keys: string[]): Option | undefined {
    return this.options.filter(([key]) => keys.includes(key)).at(-1);
  }

  /** The argument of the last one. */
  argument(key: string): string | undefined {
    return this.last(key)?.[1];
  }
}

/** What differs from program to program. */
export interface ParseSettings {
  /** Ends the program with a message; GNU's usual one when left out. */
  readonly refuse?: (message: string) => never;
  /** The arguments when an old form among them was replaced. */
  readonly args?: readonly string[];
}

type Takes = "" | ":" | "::";

class Parser {
  readonly options: [string, string | undefined][] = [];
  readonly operands: string[] = [];
  readonly #tool: Tool;
  readonly #table: OptionTable;
  readonly #letters: ReadonlyMap<string, Takes>;
  readonly #refuse: (message: string) => never;
  #rest: string[];

  constructor(tool: Tool, table: OptionTable, settings: ParseSettings) {
    this.#tool = tool;
    this.#table = table;
    this.#refuse = settings.refuse ?? ((message) => tool.misuse(message));
    this.#rest = [...(settings.args ?? tool.args)];
    const found = table.letters.matchAll(/([^:])(:{0,2})/g);
    this.#letters = new Map([...found].map(([, letter, takes]) => [letter!, takes as Takes]));
  }

  run(): this {
    for (let word = this.#rest.shift(); word !== undefined; word = this.#rest.shift()) {
      if (word === "--") break;
      if (this.#table.stops?.test(word)) {
        this.operands.push(word);
        break;
      }
      if (word.startsWith("--")) {
        this.#long(word.slice(2));
      } else if (word.startsWith("-") && word !== "-") {
        this.#short(word.slice(1));
      } else {
        this.operands.push(word);
        if (this.#table.inOrder) break;
      }
    }
    this.operands.push(...this.#rest);
    return this;
  }

  #short(letters: string): void {
    const [letter, ...others] = letters;
    const takes = this.#letters.get(letter!);
    if (takes === undefined) this.#refuse(`invalid option -- '${letter}'`);
    const rest = others.join("");
    if (takes === "") {
      this.options.push([letter!, undefined]);
      if (rest !== "") this.#short(rest);
    } else if (rest !== "" || takes === "::") {
      this.options.push([letter!, rest === "" ? undefined : rest]);
    } else {
      if (this.#rest.length === 0) this.#refuse(`option requires an argument -- '${letter}'`);
      this.options.push([letter!, this.#rest.shift()]);
    }
  }

  #long(word: string): void {
    const equals = word.indexOf("=");
    const given = equals < 0 ? word : word.slice(0, equals);
    const name = this.#find(given, word);
    if (name === "help") this.#help();
    const key = this.#table.names![name]!;
    const letter = key.replace(/:+$/, "");
    const takes = this.#letters.get(letter) ?? key.slice(letter.length);
    let argument = equals < 0 ? undefined : word.slice(equals + 1);
    if (takes === "" && argument !== undefined) {
      this.#refuse(`option '--${name}' doesn't allow an argument`);
    }
    if (takes === ":" && argument === undefined) {
      if (this.#rest.length === 0) this.#refuse(`option '--${name}' requires an argument`);
      argument = this.#rest.shift();
    }
    this.options.push([letter, argument]);
  }

  /** A name, or what only one begins with; several names of one option are no conflict. */
  #find(given: string, word: string): string {
    const names = { ...this.#table.names, help: "help" } as Record<string, string>;
    if (Object.hasOwn(names, given)) return given;
    const found = Object.keys(names).filter((name) => name.startsWith(given));
    if (found.length === 0) this.#refuse(`unrecognized option '--${word}'`);
    if (new Set(found.map((name) => names[name])).size > 1) {
      const possible = found.map((name) => ` '--${name}'`).join("");
      this.#refuse(`option '--${word}' is ambiguous; possibilities:${possible}`);
    }
    return found[0]!;
  }

  #help(): never {
    const names = Object.entries(this.#table.names ?? {});
    const lines = [...this.#letters].map(([letter, takes]) => {
      const long = names.filter(([, key]) => key.replace(/:+$/, "") === letter);
      const words = [`-${letter}`, ...long.map(([name]) => `--${name}`)].join(", ");
      return `  ${words}${takes === "" ? "" : takes === ":" ? " ARG" : "[ARG]"}\n`;
    });
    for (const [name, key] of names) {
      if (key.replace(/:+$/, "").length === 1) continue;
      lines.push(
        `      --${name}${key.endsWith("::") ? "[=ARG]" : key.endsWith(":") ? "=ARG" : ""}\n`,
      );
    }
    this.#tool.out.text(`Usage: ${this.#tool.name} ${this.#table.usage}\n${lines.join("")}`);
    throw new ToolExit(0);
  }
}

/** The options and operands of a program. */
export function parseOptions(tool: Tool, table: OptionTable, settings: ParseSettings = {}): Parsed {
  const { options, operands } = new Parser(tool, table, settings).run();
  return new Parsed(options, operands);
}
