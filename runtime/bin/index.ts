/**
 * The programs that machines have in /bin, where a line of text names each, see mark.ts. A program is a
 * module, loaded when it is first started. Each import() stands here in full, so that a bundler finds them.
 */
import type { Syscalls } from "../../host/contract.ts";
import type { Machine } from "../machine.ts";
import type { BuiltinName } from "./names.ts";

/** A program: `main` returns the exit status. */
export interface BuiltinProgram {
  main(sys: Syscalls, argv: readonly string[], machine: Machine): number | Promise<number>;
}

type Loader = () => Promise<BuiltinProgram>;

const PROGRAMS: Readonly<Record<BuiltinName, Loader>> = {
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
  ps: () => import("./ps.ts"),
  rm: () => import("./rm.ts"),
  seq: () => import("./seq.ts"),
  sh: async () => {
    const { main } = await import("./sh.ts");
    return { main: (sys, argv, machine) => main(sys, argv, machine, builtin) };
  },
  sleep: () => import("./sleep.ts"),
  sort: () => import("./sort.ts"),
  tail: () => import("./tail.ts"),
  tee: () => import("./tee.ts"),
  true: () => import("./true.ts"),
  wc: () => import("./wc.ts"),
  yes: () => import("./yes.ts"),
};

/**
 * What loads a program.
 * @returns undefined when there is none of that name
 * @example
 * const program = await builtin("cat")?.();
 */
export function builtin(name: string): Loader | undefined {
  return Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name as BuiltinName] : undefined;
}
