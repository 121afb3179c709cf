/** `eval`, `.`, `exec`, `command` and `type`: commands that run others, or tell what they are. */
import { O_RDONLY } from "../../../assembly/abi/fcntl.ts";
import { errnoText, SystemError } from "../../../host/errno.ts";
import { openApart } from "../../bin/files.ts";
import { whole } from "../../bin/input.ts";
import { CommandFailure, ReturnJump, ShellError, SyntaxFailure } from "../failure.ts";
import { findFile, locate } from "../find.ts";
import { replace } from "../launch.ts";
import type { Shell } from "../shell.ts";
import { type Builtin, letters } from "./builtin.ts";

export const evaluate: Builtin = async (shell, args, name) => {
  shell.status = 0;
  try {
    await shell.interpreter.runText(shell, args.join(" "));
  } catch (error) {
    if (!(error instanceof SyntaxFailure)) throw error;
    throw new ShellError(`${name}: ${error.message}`, error.status, error.line);
  }
  return shell.status;
};

/** The text of a file. */
export function readScript(shell: Shell, path: string): string {
  const fd = openApart(shell.sys, path, O_RDONLY);
  try {
    return new TextDecoder().decode(whole(shell.sys, fd));
  } finally {
    shell.sys.close(fd);
  }
}

export const dot: Builtin = async (shell, [file], name) => {
  if (file === undefined) throw new ShellError(`${name}: filename argument required`);
  const path = findFile(shell.sys, file, shell.variables.get("PATH"));
  if (path === undefined) throw new ShellError(`${name}: ${file}: not found`);
  let text: string;
  try {
    text = readScript(shell, path);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    const why =
      error.code === "ENOENT" || error.code === "ENOTDIR" ? "No such file" : errnoText(error.errno);
    throw new ShellError(`${name}: cannot open ${path}: ${why}`);
  }
  const { line } = shell;
  shell.returns++;
  shell.status = 0;
  try {
    await shell.interpreter.runText(shell, text);
  } catch (error) {
    if (!(error instanceof ReturnJump)) throw error;
  } finally {
    shell.returns--;
    shell.line = line;
  }
  return shell.status;
};

export const exec: Builtin = async (shell, args, name) => {
  const argv = args[0] === "--" ? args.slice(1) : args;
  if (argv.length === 0) return 0;
  try {
    return await replace(shell, argv, shell.variables.environment());
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    throw new ShellError(`${name}: ${error.message}`, error.status);
  }
};

const KEYWORDS = new Set(
  "! case do done elif else esac fi for if in then until while { }".split(" "),
);

/** What a name is: for people, or as `command -v` has it. */
function describe(
  shell: Shell,
  name: string,
  isShort: boolean,
  isBuiltin: (name: string) => "special" | "plain" | undefined,
): string | undefined {
  const line = (what: string) => (isShort ? name : `${name} is ${what}`);
  if (KEYWORDS.has(name)) return line("a shell keyword");
  const kind = isBuiltin(name);
  if (kind === "special") return line("a special shell builtin");
  if (shell.functions.has(name)) return line("a shell function");
  if (kind === "plain") return line("a shell builtin");
  const path = locate(shell.sys, name, shell.variables.get("PATH"));
  if (path === undefined) return undefined;
  return isShort ? path : `${name} is ${path}`;
}

/** `type`, and `command -v` and `-V`. The table of builtins is not known here. */
export function describers(isBuiltin: (name: string) => "special" | "plain" | undefined): {
  type: Builtin;
  command: Builtin;
} {
  const tell = (shell: Shell, names: readonly string[], isShort: boolean): number => {
    let status = 0;
    for (const name of names) {
      const text = describe(shell, name, isShort, isBuiltin);
      if (text !== undefined) shell.print(`${text}\n`);
      else status = 127;
      if (text === undefined && !isShort) shell.print(`${name}: not found\n`);
    }
    return status;
  };
  return {
    type: (shell, args) => tell(shell, args, false),
    // With a command it never comes here, see simple.ts.
    command: (shell, args, name) => {
      const [found, words] = letters(args, "pvV", name);
      return found === "" ? 0 : tell(shell, words.slice(0, 1), found.includes("v"));
    },
  };
}
