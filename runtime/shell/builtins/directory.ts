/** `cd`, `pwd` and `umask`. */
import { S_IFDIR, S_IFMT } from "../../../assembly/abi/stat.ts";
import { SystemError } from "../../../host/errno.ts";
import { parseMode } from "../../bin/mode.ts";
import { CommandFailure } from "../failure.ts";
import type { Shell } from "../shell.ts";
import { type Builtin, letters } from "./builtin.ts";

/** A path without `.` and `..`, by its text alone: `cd ..` leaves a symbolic link by its name. */
function logical(base: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${base}/${path}`).split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** Where the shell is, by the names that it has come; the kernel's when these are no longer true. */
export function workingDirectory(shell: Shell): string {
  const known = shell.variables.get("PWD");
  const { sys } = shell;
  if (known?.startsWith("/")) {
    try {
      const [here, there] = [sys.stat("."), sys.stat(known)];
      if (here.st_ino === there.st_ino && here.st_dev === there.st_dev) return known;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
    }
  }
  return sys.getcwd();
}

function isDirectory(shell: Shell, path: string): boolean {
  try {
    return (shell.sys.stat(path).st_mode & S_IFMT) === S_IFDIR;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return false;
  }
}

/** Where CDPATH leads, and whether it is told. */
function inCdPath(shell: Shell, path: string): [path: string, isTold: boolean] {
  if (/^(?:\/|\.{1,2}(?:\/|$))/.test(path)) return [path, false];
  for (const directory of (shell.variables.get("CDPATH") ?? "").split(":")) {
    if (directory === "") continue;
    const full = `${directory}/${path}`;
    if (isDirectory(shell, full)) return [full, true];
  }
  return [path, false];
}

export const cd: Builtin = (shell, args, name) => {
  const [found, [operand]] = letters(args, "LP", name);
  const { variables, sys } = shell;
  const isBack = operand === "-";
  const given = isBack ? variables.get("OLDPWD") : (operand ?? variables.get("HOME"));
  if (given === undefined || given === "") return 0;
  const before = workingDirectory(shell);
  const [path, isTold] = inCdPath(shell, given);
  const isPhysical = found.endsWith("P");
  try {
    sys.chdir(isPhysical ? path : logical(before, path));
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    throw new CommandFailure(`${name}: can't cd to ${given}`);
  }
  const now = isPhysical ? sys.getcwd() : logical(before, path);
  variables.set("OLDPWD", before);
  variables.set("PWD", now);
  variables.export("OLDPWD");
  variables.export("PWD");
  if (isBack || isTold) shell.print(`${now}\n`);
  return 0;
};

export const pwd: Builtin = (shell, args, name) => {
  const [found] = letters(args, "LP", name);
  shell.print(`${found.endsWith("P") ? shell.sys.getcwd() : workingDirectory(shell)}\n`);
  return 0;
};

/** "u=rwx,g=rx,o=rx". */
function symbolic(mask: number): string {
  const bits = (shift: number) =>
    [..."rwx"].filter((_, at) => ((mask >> shift) & (4 >> at)) === 0).join("");
  return `u=${bits(6)},g=${bits(3)},o=${bits(0)}`;
}

export const umask: Builtin = (shell, args, name) => {
  const [found, [text]] = letters(args, "S", name);
  const { sys } = shell;
  const before = sys.umask(0);
  sys.umask(before);
  if (text === undefined) {
    const octal = before.toString(8).padStart(4, "0");
    shell.print(`${found === "" ? octal : symbolic(before)}\n`);
    return 0;
  }
  if (/^\d/.test(text)) {
    if (!/^[0-7]+$/.test(text)) throw new CommandFailure(`${name}: Illegal number: ${text}`);
    sys.umask(Number.parseInt(text, 8) & 0o777);
    return 0;
  }
  const mode = parseMode(text, ~before & 0o777, before);
  if (mode === undefined) throw new CommandFailure(`${name}: Illegal mode: ${text}`);
  sys.umask(~mode & 0o777);
  return 0;
};
