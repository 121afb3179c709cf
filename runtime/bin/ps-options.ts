/**
 * The options of ps(1) as procps reads them: letters with a dash, long ones, and letters and pids without a dash
 * as BSD has them; its messages for what is wrong. Two long ones are ours: --waits and --files.
 */
import { type Chosen, COLUMNS, choose } from "../ps/columns.ts";
import { userId } from "./accounts.ts";
import { type Tool, ToolExit } from "./tool.ts";

/** Lists that select processes; each process in one of them is shown. */
export interface Lists {
  readonly pids: Set<number>;
  readonly ppids: Set<number>;
  readonly sessions: Set<number>;
  readonly commands: Set<string>;
  /** Effective and real ones. */
  readonly users: Set<number>;
  readonly realUsers: Set<number>;
}

export interface PsRequest {
  /** Letters of options: A, a, d, N; and of BSD's, with a dot before them, a, x, u, p. */
  readonly flags: Set<string>;
  readonly lists: Lists;
  readonly columns: Chosen[];
  hasHead: boolean | undefined;
  shows: "processes" | "waits" | "files";
  isFull: boolean;
}

const USAGE = `
Usage:
 ps [options]

 Try 'ps --help <simple|list|output|threads|misc|all>'
  or 'ps --help <s|l|o|t|m|a>'
 for additional help text.

For more details see ps(1).
`;

const HELP = `
Usage:
 ps [options]

 -A, -e                 all processes
 -a                     all with a terminal, except session leaders
 -d                     all except session leaders
 -N, --deselect         all others than those selected
 -C <command>           command name
 -p, p, --pid <PID>     process id
     --ppid <PID>       parent process id
 -s, --sid <session>    session id
 -u, --user <UID>       effective user id or name
 -U, --User <UID>       real user id or name
  a  x                  all of a terminal, all of the user: with BSD's columns

 -f                     full format
  u                     user-oriented format
 -o, --format <format>  user-defined format
  h, --no-headers       no header line

 --files                what the processes have open
 --waits                who waits for whom, and deadlocks

For more details see ps(1).
`;

const PID_MOST = 0x7fff_ffff;
/** Options that change nothing here: wide output, which it is always, and a header, which is there. */
const IDLE = new Set(["w", ".w"]);
const PLAIN = new Set(["A", "a", "d", "N", ".a", ".x", ".u"]);

/** What each option with an argument does, and what it misses without one. */
const TAKES: Readonly<Record<string, readonly [missing: string, list: keyof Lists | "format"]>> = {
  o: ["format specification", "format"],
  "--format": ["format specification", "format"],
  p: ["list of process IDs", "pids"],
  q: ["list of process IDs", "pids"],
  ".p": ["list of process IDs", "pids"],
  "--pid": ["list of process IDs", "pids"],
  "--ppid": ["list of process IDs", "ppids"],
  C: ["list of command names", "commands"],
  s: ["some sid thing(s)", "sessions"],
  "--sid": ["some sid thing(s)", "sessions"],
  u: ["list of effective users", "users"],
  "--user": ["list of effective users", "users"],
  U: ["list of real users", "realUsers"],
  "--User": ["list of real users", "realUsers"],
};

class Parser {
  readonly request: PsRequest = {
    flags: new Set(),
    lists: {
      pids: new Set(),
      ppids: new Set(),
      sessions: new Set(),
      commands: new Set(),
      users: new Set(),
      realUsers: new Set(),
    },
    columns: [],
    hasHead: undefined,
    shows: "processes",
    isFull: false,
  };
  readonly #tool: Tool;
  readonly #rest: string[];

  constructor(tool: Tool) {
    this.#tool = tool;
    this.#rest = [...tool.args];
  }

  run(): PsRequest {
    for (let word = this.#rest.shift(); word !== undefined; word = this.#rest.shift()) {
      if (word === "" || word === "-" || word === "--") this.#refuse("garbage option");
      else if (word.startsWith("--")) this.#long(word);
      else if (word.startsWith("-")) this.#letters(word.slice(1), "");
      else if (/^\d/.test(word)) this.#argument(".p", word, word);
      else this.#letters(word, ".");
    }
    const { request } = this;
    if (request.flags.has(".u") && request.columns.length > 0) {
      this.#refuse("conflicting format options");
    }
    return request;
  }

  #refuse(message: string): never {
    this.#tool.complain(`error: ${message}\n${USAGE}`);
    throw new ToolExit(1);
  }

  /** @param prefix a dot for letters without a dash */
  #letters(letters: string, prefix: string): void {
    for (const [at, letter] of [...letters].entries()) {
      const key = `${prefix}${letter === "e" && prefix === "" ? "A" : letter}`;
      if (PLAIN.has(key)) this.request.flags.add(key);
      else if (key === "f") this.request.isFull = true;
      else if (key === ".h") this.request.hasHead = false;
      else if (Object.hasOwn(TAKES, key)) {
        // Not of the letter: what stands before it in the word is done already.
        this.#argument(key, letters.slice(at + 1) || this.#rest.shift(), `-${letter}`);
        return;
      } else if (!IDLE.has(key)) {
        this.#refuse(prefix === "" ? "unsupported SysV option" : "unsupported option (BSD syntax)");
      }
    }
  }

  #long(word: string): void {
    const { request } = this;
    const equals = word.indexOf("=");
    const name = equals < 0 ? word : word.slice(0, equals);
    if (Object.hasOwn(TAKES, name)) {
      this.#argument(name, equals < 0 ? this.#rest.shift() : word.slice(equals + 1), name);
    } else if (name === "--files" || name === "--waits") {
      request.shows = name === "--files" ? "files" : "waits";
    } else if (name === "--deselect") {
      request.flags.add("N");
    } else if (/^--no-head(?:er|ing)s?$/.test(name)) {
      request.hasHead = false;
    } else if (name === "--help") {
      this.#tool.out.text(HELP);
      throw new ToolExit(0);
    } else if (!/^--head(?:er|ing)s?$/.test(name)) {
      this.#refuse("unknown gnu long option");
    }
  }

  #argument(key: string, argument: string | undefined, option: string): void {
    const [missing, list] = TAKES[key]!;
    if (!argument) this.#refuse(`${missing} must follow ${option}`);
    if (key === ".p") this.request.flags.add(key);
    if (list === "format") this.#format(argument);
    else this.#list(list, argument);
  }

  #list(list: keyof Lists, text: string): void {
    const { lists } = this.request;
    const words = text.split(/[ ,\t]+/);
    if (list === "commands") {
      for (const word of words) lists.commands.add(word);
      return;
    }
    for (const word of words) {
      if (list === "users" || list === "realUsers") {
        lists[list].add(this.#user(word));
        continue;
      }
      if (!/^-?\d+$/.test(word)) this.#refuse("process ID list syntax error");
      const number = Number(word);
      if (number < 1 || number > PID_MOST) this.#refuse("process ID out of range");
      lists[list].add(number);
    }
  }

  #user(word: string): number {
    const uid = /^\d+$/.test(word) ? Number(word) : userId(this.#tool.sys, word);
    return uid ?? this.#refuse("user name does not exist");
  }

  /** `pid,comm=NAME,args:40`. */
  #format(text: string): void {
    const specs = text.replace(/[ ,\t]+$/, "").split(/[ ,\t]/);
    for (const spec of specs) {
      const [, name = "", width, head] = /^([^=:]*)(?::([^=]*))?(?:=(.*))?$/.exec(spec) ?? [];
      if (name === "") this.#refuse("improper format list");
      if (!Object.hasOwn(COLUMNS, name)) {
        this.#refuse(`unknown user-defined format specifier "${name}"`);
      }
      if (width !== undefined && !/^\d+$/.test(width)) {
        this.#refuse("column widths must be unsigned decimal numbers");
      }
      const chosen = choose(name, head);
      const column =
        width === undefined ? chosen.column : { ...chosen.column, width: Number(width) };
      this.request.columns.push({ ...chosen, column });
    }
  }
}

/** Reads the arguments; wrong ones end the program. */
export function psOptions(tool: Tool): PsRequest {
  return new Parser(tool).run();
}
