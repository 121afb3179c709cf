/** `echo`, which reads backslashes as dash's does, and `printf`. */
import { STDERR_FILENO, STDOUT_FILENO } from "../../../assembly/abi/unistd.ts";
import type { Syscalls } from "../../../host/contract.ts";
import { main } from "../../bin/printf.ts";
import { CommandFailure } from "../failure.ts";
import type { Builtin } from "./builtin.ts";

const LETTERS: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

export const echo: Builtin = (shell, args) => {
  const isBare = args[0] === "-n";
  const text = (isBare ? args.slice(1) : args).join(" ");
  let out = "";
  for (const [part, letter, octal] of text.matchAll(/\\(?:([abcfnrtv\\])|0([0-7]{0,3}))|[\s\S]/g)) {
    if (letter === "c") {
      shell.print(out);
      return 0;
    }
    if (letter !== undefined) out += LETTERS[letter];
    else if (octal !== undefined)
      out += String.fromCharCode(Number.parseInt(octal || "0", 8) & 0xff);
    else out += part;
  }
  shell.print(isBare ? out : `${out}\n`);
  return 0;
};

/** The program of /bin, whose output the shell takes. */
export const printf: Builtin = (shell, args, name) => {
  const { sys } = shell;
  if (args.length === 0) throw new CommandFailure(`${name}: usage: printf format [arg ...]`);
  const decoder = new TextDecoder();
  const write = (fd: number, bytes: Uint8Array, count = bytes.length): number => {
    const text = decoder.decode(bytes.subarray(0, count).slice());
    if (fd === STDOUT_FILENO) shell.print(text);
    else if (fd === STDERR_FILENO) shell.complain(text);
    return count;
  };
  const captured: Syscalls = { ...sys, write };
  return main(captured, [`${shell.name}: ${shell.line}: ${name}`, ...args]);
};
