/** `test` and `[`: questions about files, texts and numbers. */
import * as stat from "../../../assembly/abi/stat.ts";
import { R_OK, W_OK, X_OK } from "../../../assembly/abi/unistd.ts";
import type { Stat } from "../../../host/contract-files.ts";
import { SystemError } from "../../../host/errno.ts";
import { isCharacterDevice } from "../../bin/output.ts";
import { CommandFailure } from "../failure.ts";
import type { Shell } from "../shell.ts";
import type { Builtin } from "./builtin.ts";

const FILE_TYPES: Readonly<Record<string, number>> = {
  b: stat.S_IFBLK,
  c: stat.S_IFCHR,
  d: stat.S_IFDIR,
  f: stat.S_IFREG,
  h: stat.S_IFLNK,
  L: stat.S_IFLNK,
  p: stat.S_IFIFO,
  S: stat.S_IFSOCK,
};
const BITS: Readonly<Record<string, number>> = {
  g: stat.S_ISGID,
  k: stat.S_ISVTX,
  u: stat.S_ISUID,
};
const ACCESS: Readonly<Record<string, number>> = { r: R_OK, w: W_OK, x: X_OK };

const UNARY = /^-[bcdefghkLnoprsStuwxzGO]$/;
const BINARY = /^(?:=|==|!=|<|>|-(?:eq|ne|gt|ge|lt|le|nt|ot|ef))$/;

/** What a call on a file gives; undefined when there is none. */
function asked<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return undefined;
  }
}

function integer(text: string, name: string): bigint {
  const trimmed = text.trim();
  if (/^[-+]?\d+$/.test(trimmed)) return BigInt(trimmed.replace(/^\+/, ""));
  throw new CommandFailure(`${name}: Illegal number: ${text}`);
}

function unary(shell: Shell, operator: string, operand: string): boolean {
  const { sys } = shell;
  const letter = operator[1]!;
  if (letter === "n") return operand !== "";
  if (letter === "z") return operand === "";
  if (letter === "t") return isCharacterDevice(sys, Number(operand));
  const access = ACCESS[letter];
  if (access !== undefined) return asked(() => sys.access(operand, access)) !== undefined;
  const isLink = letter === "h" || letter === "L";
  const found = asked(() => (isLink ? sys.lstat(operand) : sys.stat(operand)));
  if (found === undefined) return false;
  if (letter === "e") return true;
  if (letter === "s") return found.st_size > 0;
  if (letter === "O") return found.st_uid === sys.geteuid();
  if (letter === "G") return found.st_gid === sys.getegid();
  const type = FILE_TYPES[letter];
  if (type !== undefined) return (found.st_mode & stat.S_IFMT) === type;
  return (found.st_mode & BITS[letter]!) !== 0;
}

function isNewer(left: Stat | undefined, right: Stat | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  return left.st_mtime > right.st_mtime;
}

function binary(
  shell: Shell,
  left: string,
  operator: string,
  right: string,
  name: string,
): boolean {
  switch (operator) {
    case "=":
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case ">":
      return left > right;
    default:
      break;
  }
  if (["-nt", "-ot", "-ef"].includes(operator)) {
    const [a, b] = [left, right].map((path) => asked(() => shell.sys.stat(path)));
    if (operator === "-nt") return isNewer(a, b);
    if (operator === "-ot") return isNewer(b, a);
    return a !== undefined && b !== undefined && a.st_ino === b.st_ino && a.st_dev === b.st_dev;
  }
  const [a, b] = [integer(left, name), integer(right, name)];
  const results: Readonly<Record<string, boolean>> = {
    "-eq": a === b,
    "-ne": a !== b,
    "-gt": a > b,
    "-ge": a >= b,
    "-lt": a < b,
    "-le": a <= b,
  };
  return results[operator]!;
}

/** Expressions of `!`, `-a`, `-o` and parentheses; of few words POSIX says what each is. */
class Expression {
  readonly #shell: Shell;
  readonly #words: readonly string[];
  readonly #name: string;
  #at = 0;

  constructor(shell: Shell, words: readonly string[], name: string) {
    this.#shell = shell;
    this.#words = words;
    this.#name = name;
  }

  run(): boolean {
    const value = this.#or();
    const rest = this.#words[this.#at];
    if (rest !== undefined) this.#fail(`${rest}: unexpected operator`);
    return value;
  }

  #fail(message: string): never {
    throw new CommandFailure(`${this.#name}: ${message}`);
  }

  #peek(ahead = 0): string | undefined {
    return this.#words[this.#at + ahead];
  }

  #or(): boolean {
    let value = this.#and();
    while (this.#peek() === "-o") {
      this.#at++;
      const right = this.#and();
      value ||= right;
    }
    return value;
  }

  #and(): boolean {
    let value = this.#not();
    while (this.#peek() === "-a") {
      this.#at++;
      const right = this.#not();
      value &&= right;
    }
    return value;
  }

  #isBinaryAt(ahead: number): boolean {
    const operator = this.#peek(ahead);
    return operator !== undefined && BINARY.test(operator) && this.#peek(ahead + 1) !== undefined;
  }

  #not(): boolean {
    if (this.#peek() === "!" && this.#peek(1) !== undefined && !this.#isBinaryAt(1)) {
      this.#at++;
      return !this.#not();
    }
    return this.#primary();
  }

  #primary(): boolean {
    const first = this.#peek();
    if (first === undefined) this.#fail("argument expected");
    if (this.#isBinaryAt(1)) {
      const [left, operator, right] = this.#words.slice(this.#at, this.#at + 3);
      this.#at += 3;
      return binary(this.#shell, left!, operator!, right!, this.#name);
    }
    if (first === "(" && this.#peek(1) !== undefined) {
      this.#at++;
      const value = this.#or();
      if (this.#peek() !== ")") this.#fail("closing paren expected");
      this.#at++;
      return value;
    }
    if (UNARY.test(first) && this.#peek(1) !== undefined) {
      this.#at += 2;
      return unary(this.#shell, first, this.#words[this.#at - 1]!);
    }
    this.#at++;
    const next = this.#peek();
    if (next !== undefined && !["-a", "-o", ")"].includes(next)) {
      this.#fail(`${first}: unexpected operator`);
    }
    return first !== "";
  }
}

export const test: Builtin = (shell, args, name) => {
  let words = args;
  if (name === "[") {
    if (args.at(-1) !== "]") throw new CommandFailure("[: missing ]");
    words = args.slice(0, -1);
  }
  if (words.length === 0) return 1;
  return new Expression(shell, words, name).run() ? 0 : 1;
};
