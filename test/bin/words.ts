/** Command lines as people write them, and the files that they are about. */
import type { Tree } from "./case.ts";

/** "cat -n a\sb" is ["cat", "-n", "a b"], `\n` a newline, `''` the empty word. */
export function words(line: string): string[] {
  return line.split(" ").map((word) => {
    if (word === "''") return "";
    return word.replace(/\\([sn])/g, (_all, letter) => (letter === "s" ? " " : "\n"));
  });
}

/** The files that a command line names, with what is below them and where links lead: making all takes long. */
export function named(tree: Tree, argv: readonly string[]): Tree {
  const wanted = new Set<string>();
  const add = (word: string): void => {
    for (const [name, node] of Object.entries(tree)) {
      const isNamed = name === word || name.startsWith(`${word}/`) || word.startsWith(`${name}/`);
      if (!isNamed || wanted.has(name)) continue;
      wanted.add(name);
      if (node !== null && typeof node === "object" && "link" in node) add(node.link);
    }
  };
  for (const word of argv) add(word);
  return Object.fromEntries(Object.entries(tree).filter(([name]) => wanted.has(name)));
}
