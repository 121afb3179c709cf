/** Options of `set` and of the command line: `-e`, `-o errexit`. */

/** Names in the order in which `set -o` shows them; those without a letter do nothing here. */
const NAMES: readonly (readonly [name: string, letter: string])[] = [
  ["errexit", "e"],
  ["noglob", "f"],
  ["ignoreeof", "I"],
  ["interactive", "i"],
  ["monitor", "m"],
  ["noexec", "n"],
  ["stdin", "s"],
  ["xtrace", "x"],
  ["verbose", "v"],
  ["vi", "V"],
  ["emacs", "E"],
  ["noclobber", "C"],
  ["allexport", "a"],
  ["notify", "b"],
  ["nounset", "u"],
  ["privileged", "p"],
  ["nolog", ""],
  ["debug", ""],
];

export class Options {
  readonly #names = new Set<string>();

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** $-, in dash's order. */
  get letters(): string {
    return NAMES.filter(([name, letter]) => letter !== "" && this.#names.has(name))
      .map(([, letter]) => letter)
      .reverse()
      .join("");
  }

  get names(): string[] {
    return [...this.#names];
  }

  set(name: string, isOn: boolean): void {
    if (isOn) this.#names.add(name);
    else this.#names.delete(name);
  }

  /** The name of `-e`; undefined when there is no such letter. */
  static named(letter: string): string | undefined {
    return letter === "" ? undefined : NAMES.find(([, each]) => each === letter)?.[0];
  }

  static exists(name: string): boolean {
    return NAMES.some(([each]) => each === name);
  }

  /** What `set -o` prints. */
  table(): string {
    const lines = NAMES.map(([name]) => `${name.padEnd(16)}${this.has(name) ? "on" : "off"}\n`);
    return `Current option settings\n${lines.join("")}`;
  }

  /** What `set +o` prints. */
  commands(): string {
    return NAMES.map(([name]) => `set ${this.has(name) ? "-" : "+"}o ${name}\n`).join("");
  }
}
