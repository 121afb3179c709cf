/** One run of a program of /bin, as data: it is made the same way for ours and for the computer's own. */

/** A directory's files: a text is a regular file, null a directory; names may have slashes. */
export type Tree = Readonly<
  Record<
    string,
    | string
    | null
    | { readonly link: string }
    | { readonly fifo: number }
    | { readonly text: string; readonly mode?: number; readonly time?: number }
    | { readonly directory: number }
  >
>;

export interface BinCase {
  /** The program and its arguments; `@PID@` stands for a process that exists. */
  readonly argv: readonly string[];
  /** What the current directory has in it; every character is a byte. */
  readonly files?: Tree;
  /** What standard input gives, from a file or through a pipe; nothing when left out. */
  readonly stdin?: string;
  readonly piped?: boolean;
  /** Closed; a pipe without a reader; or a file of the directory, to whose end is written. */
  readonly stdout?: "closed" | "broken" | { readonly append: string };
  /** Not on a machine, with the reason. */
  readonly onlyLinux?: string;
  /** Takes out of the output what may differ between two kernels, with the reason beside it. */
  readonly masked?: readonly RegExp[];
}

/** What a run did. Characters are bytes. */
export interface Outcome {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
  /** Every file below the current directory after it, a line each. */
  readonly tree: readonly string[];
}

/** The same case run by each of the three. */
export interface Outcomes {
  readonly real: Outcome;
  readonly linux: Outcome;
  readonly machine: Outcome | null;
}

/** The case's name for people: its command line. */
export function nameOf({ argv, stdout, piped }: BinCase, index: number): string {
  const words = argv.map((word) => (/^[\w./,=+:@-]+$/.test(word) ? word : JSON.stringify(word)));
  const line = words.map((word) => (word.length > 60 ? `${word.slice(0, 60)}...` : word)).join(" ");
  const to = stdout === undefined ? "" : ` > ${JSON.stringify(stdout)}`;
  return `${index + 1}. ${piped ? "| " : ""}${line}${to}`;
}
