/**
 * The programs that every machine has in /bin. A file there is a line of text that names its program,
 * `#!wasm-ipc cat`; the program itself is a module, loaded when it is first started. Each import()
 * stands here in full, so that a bundler finds the modules and gives each a file of its own.
 */
import type { Syscalls } from "../../host/contract.ts";

/** A program: `main` returns the exit status. */
export interface BuiltinProgram {
  main(sys: Syscalls, argv: readonly string[]): number | Promise<number>;
}

type Loader = () => Promise<BuiltinProgram>;

const PROGRAMS: Readonly<Record<string, Loader>> = {
  cat: () => import("./cat.ts"),
  echo: () => import("./echo.ts"),
  false: () => import("./false.ts"),
  grep: () => import("./grep.ts"),
  head: () => import("./head.ts"),
  ipcrm: () => import("./ipcrm.ts"),
  ipcs: () => import("./ipcs.ts"),
  kill: () => import("./kill.ts"),
  less: () => import("./less.ts"),
  ls: () => import("./ls.ts"),
  mkdir: () => import("./mkdir.ts"),
  mkfifo: () => import("./mkfifo.ts"),
  printf: () => import("./printf.ts"),
  rm: () => import("./rm.ts"),
  seq: () => import("./seq.ts"),
  sleep: () => import("./sleep.ts"),
  sort: () => import("./sort.ts"),
  tail: () => import("./tail.ts"),
  tee: () => import("./tee.ts"),
  true: () => import("./true.ts"),
  wc: () => import("./wc.ts"),
  yes: () => import("./yes.ts"),
};

/** The names of all programs, in order. */
export const BUILTIN_NAMES: readonly string[] = Object.keys(PROGRAMS);

/** Permissions of their files. */
export const BUILTIN_MODE = 0o755;

const MARK = "#!wasm-ipc ";

/**
 * What loads a program.
 * @returns undefined when there is none of that name
 * @example
 * const program = await builtin("cat")?.();
 */
export function builtin(name: string): Loader | undefined {
  return Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined;
}

/** What the file of a program in /bin has in it. */
export function builtinText(name: string): string {
  return `${MARK}${name}\n`;
}

/** The name of the program that a file names; undefined when it is no such file. */
export function builtinName(text: string): string | undefined {
  if (!text.startsWith(MARK)) return undefined;
  return text.slice(MARK.length).split("\n", 1)[0]!.trim();
}
