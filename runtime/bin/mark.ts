/** What the file of a program in /bin has in it: a line that names its program, `#!wasm-ipc cat`. */
const MARK = "#!wasm-ipc ";

/** Permissions of such a file. */
export const BUILTIN_MODE = 0o755;

export function builtinText(name: string): string {
  return `${MARK}${name}\n`;
}

/** The name of the program that a file names; undefined when it is no such file. */
export function builtinName(text: string): string | undefined {
  if (!text.startsWith(MARK)) return undefined;
  return text.slice(MARK.length).split("\n", 1)[0]!.trim();
}
