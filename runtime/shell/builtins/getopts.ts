/** `getopts`: the options of a script or a function, one a call. */
import { CommandFailure } from "../failure.ts";
import type { Builtin } from "./builtin.ts";
import { checkName } from "./builtin.ts";

export const getopts: Builtin = (shell, args, name) => {
  const [letters, variable, ...given] = args;
  if (letters === undefined || variable === undefined) {
    throw new CommandFailure(`${name}: Usage: getopts optstring var [arg...]`);
  }
  checkName(variable, name);
  const { variables } = shell;
  const words = given.length > 0 ? given : shell.positional;
  let index = Number(variables.get("OPTIND") ?? "1");
  if (index !== shell.optionIndex) shell.optionOffset = 0;
  const finish = (value: string, status: number): number => {
    variables.set("OPTIND", String(index));
    shell.optionIndex = index;
    variables.set(variable, value);
    return status;
  };
  const word = words[index - 1];
  if (shell.optionOffset === 0) {
    if (word === undefined || !/^-./.test(word)) return finish("?", 1);
    if (word === "--") {
      index++;
      return finish("?", 1);
    }
    shell.optionOffset = 1;
  }
  const letter = word![shell.optionOffset++]!;
  const isQuiet = letters.startsWith(":");
  const at = letters.indexOf(letter, isQuiet ? 1 : 0);
  const isOver = shell.optionOffset >= word!.length;
  const next = () => {
    index++;
    shell.optionOffset = 0;
  };
  if (at < 0 || letter === ":") {
    if (isOver) next();
    if (isQuiet) variables.set("OPTARG", letter);
    else shell.complain(`Illegal option -${letter}\n`);
    if (!isQuiet && variables.get("OPTARG") !== undefined) variables.unset("OPTARG");
    return finish("?", 0);
  }
  if (letters[at + 1] !== ":") {
    if (isOver) next();
    variables.set("OPTARG", "");
    return finish(letter, 0);
  }
  const attached = isOver ? words[index] : word!.slice(shell.optionOffset);
  if (isOver) index++;
  next();
  if (attached === undefined) {
    index--;
    if (isQuiet) variables.set("OPTARG", letter);
    else shell.complain(`No arg for -${letter} option\n`);
    if (!isQuiet && variables.get("OPTARG") !== undefined) variables.unset("OPTARG");
    return finish(isQuiet ? ":" : "?", 0);
  }
  variables.set("OPTARG", attached);
  return finish(letter, 0);
};
