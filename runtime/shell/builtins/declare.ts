/** `export`, `readonly`, `local`, `unset`, `set` and `shift`: what parameters are. */
import { ShellError } from "../failure.ts";
import { Options } from "../options.ts";
import type { Shell } from "../shell.ts";
import { quoted } from "../variables.ts";
import { type Builtin, checkName, letters, naturalNumber } from "./builtin.ts";

/** `export` and `readonly`. */
function declaration(
  which: "isExported" | "isReadonly",
  mark: (shell: Shell, name: string) => void,
): Builtin {
  return (shell, args, name) => {
    const [found, words] = letters(args, "p", name);
    if (found !== "" || words.length === 0) {
      for (const [variable, value] of shell.variables.list(which)) {
        shell.print(`${name} ${variable}${value === undefined ? "" : `=${quoted(value)}`}\n`);
      }
      return 0;
    }
    for (const word of words) {
      const [variable, value] = splitAssignment(word);
      checkName(variable, name);
      if (value !== undefined) shell.variables.set(variable, value);
      mark(shell, variable);
    }
    return 0;
  };
}

function splitAssignment(word: string): [name: string, value: string | undefined] {
  const equals = word.indexOf("=");
  return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}

export const exportVariable = declaration("isExported", (shell, name) =>
  shell.variables.export(name),
);
export const readonly = declaration("isReadonly", (shell, name) =>
  shell.variables.makeReadonly(name),
);

export const local: Builtin = (shell, args, name) => {
  if (!shell.variables.isInFunction) throw new ShellError("local: not in a function");
  for (const word of args) {
    const [variable, value] = splitAssignment(word);
    checkName(variable, name);
    shell.variables.makeLocal(variable);
    if (value !== undefined) shell.variables.set(variable, value);
  }
  return 0;
};

export const unset: Builtin = (shell, args, name) => {
  const [found, words] = letters(args, "fv", name);
  for (const word of words) {
    if (found.endsWith("f")) {
      shell.functions.delete(word);
    } else {
      checkName(word, name);
      try {
        shell.variables.unset(word);
      } catch (error) {
        if (error instanceof ShellError) throw new ShellError(`${name}: ${error.message}`);
        throw error;
      }
    }
  }
  return 0;
};

export const shift: Builtin = (shell, [count], name) => {
  const by = count === undefined ? 1 : naturalNumber(count, name);
  if (by > shell.positional.length) throw new ShellError("shift: can't shift that many");
  shell.positional = shell.positional.slice(by);
  return 0;
};

/** One `-e` or `+e`; `-o name` takes the next word. @returns whether it did */
function setOption(shell: Shell, word: string, next: string | undefined, name: string): boolean {
  const isOn = word.startsWith("-");
  let takesNext = false;
  for (const letter of word.slice(1)) {
    if (letter === "o") {
      if (next === undefined) {
        shell.print(isOn ? shell.options.table() : shell.options.commands());
        continue;
      }
      if (!Options.exists(next))
        throw new ShellError(`${name}: Illegal option ${word[0]}o ${next}`);
      shell.options.set(next, isOn);
      takesNext = true;
      continue;
    }
    const option = Options.named(letter);
    if (option === undefined || option === "interactive" || option === "stdin") {
      throw new ShellError(`${name}: Illegal option ${word[0]}${letter}`);
    }
    shell.options.set(option, isOn);
  }
  return takesNext;
}

export const set: Builtin = (shell, args, name) => {
  if (args.length === 0) {
    for (const [variable, value] of shell.variables.list()) {
      shell.print(`${variable}=${quoted(value ?? "")}\n`);
    }
    return 0;
  }
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    if (word === "--" || word === "-") {
      shell.positional = args.slice(at + 1);
      return 0;
    }
    if (!/^[-+]./.test(word)) {
      shell.positional = args.slice(at);
      return 0;
    }
    if (setOption(shell, word, args[at + 1], name)) at++;
  }
  return 0;
};
