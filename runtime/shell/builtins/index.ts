/** The builtins by their names; a failure of a special one ends a shell that is not interactive. */
import type { Builtin } from "./builtin.ts";
import { breakLoop, colon, continueLoop, exit, leave, no } from "./control.ts";
import { exportVariable, local, readonly, set, shift, unset } from "./declare.ts";
import { cd, pwd, umask } from "./directory.ts";
import { getopts } from "./getopts.ts";
import { bg, fg, jobs, kill, wait } from "./job-control.ts";
import { echo, printf } from "./print.ts";
import { read } from "./read.ts";
import { describers, dot, evaluate, exec } from "./run.ts";
import { test } from "./test.ts";
import { trap } from "./trap.ts";

export type { Builtin } from "./builtin.ts";

const SPECIAL: Readonly<Record<string, Builtin>> = {
  ".": dot,
  ":": colon,
  break: breakLoop,
  continue: continueLoop,
  eval: evaluate,
  exec,
  exit,
  export: exportVariable,
  local,
  readonly,
  return: leave,
  set,
  shift,
  trap,
  unset,
};

const { type, command } = describers((name) => {
  if (Object.hasOwn(SPECIAL, name)) return "special";
  return Object.hasOwn(PLAIN, name) ? "plain" : undefined;
});

const PLAIN: Readonly<Record<string, Builtin>> = {
  "[": test,
  bg,
  cd,
  command,
  echo,
  false: no,
  fg,
  getopts,
  jobs,
  kill,
  printf,
  pwd,
  read,
  test,
  true: colon,
  type,
  umask,
  wait,
};

export function builtinNamed(name: string): Builtin | undefined {
  if (Object.hasOwn(SPECIAL, name)) return SPECIAL[name];
  return Object.hasOwn(PLAIN, name) ? PLAIN[name] : undefined;
}

export function isSpecial(name: string): boolean {
  return Object.hasOwn(SPECIAL, name);
}

/** Builtins that do nothing but print, so that a substitution needs no process for them. */
const PRINTING = new Set(["[", ":", "echo", "false", "printf", "pwd", "test", "true", "type"]);

export function onlyPrints(name: string): boolean {
  return PRINTING.has(name);
}
