/** The names of the programs of /bin, in order. */
export const BUILTIN_NAMES = [
  "cat",
  "echo",
  "false",
  "grep",
  "head",
  "ipcrm",
  "ipcs",
  "kill",
  "less",
  "ls",
  "mkdir",
  "mkfifo",
  "printf",
  "ps",
  "rm",
  "seq",
  "sh",
  "sleep",
  "sort",
  "tail",
  "tee",
  "true",
  "wc",
  "yes",
] as const;

export type BuiltinName = (typeof BUILTIN_NAMES)[number];
