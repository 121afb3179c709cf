/** Values of parameters: variables, positional ones, and those of one character. */
import { ShellError } from "./failure.ts";
import type { Shell } from "./shell.ts";

/** The value; undefined when it is not set. `@` and `*` have several, see expand.ts. */
export function parameterValue(shell: Shell, name: string): string | undefined {
  switch (name) {
    case "#":
      return String(shell.positional.length);
    case "?":
      return String(shell.status);
    case "-":
      return shell.options.letters;
    case "$":
      return String(shell.pid);
    case "!":
      return shell.lastBackground === 0 ? undefined : String(shell.lastBackground);
    case "LINENO":
      return shell.variables.get(name) ?? String(shell.line);
    default:
      break;
  }
  if (!/^\d+$/.test(name)) return shell.variables.get(name);
  const index = Number(name);
  return index === 0 ? shell.name : shell.positional[index - 1];
}

/** What joins the values of "$*": the first character of IFS. */
export function joiner(shell: Shell): string {
  const ifs = shell.variables.get("IFS");
  return ifs === undefined ? " " : (Array.from(ifs)[0] ?? "");
}

/** With `set -u` a parameter that is not set is an error. */
export function requireSet(shell: Shell, name: string, value: string | undefined): void {
  if (value !== undefined || !shell.options.has("nounset") || name === "@" || name === "*") return;
  throw new ShellError(`${name}: parameter not set`);
}
