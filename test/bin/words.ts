/** Command lines as people write them: words between blanks, a blank inside as `\s`, a newline as `\n`. */

/** "cat -n a\sb" is ["cat", "-n", "a b"]; `''` is the empty word. */
export function words(line: string): string[] {
  return line.split(" ").map((word) => {
    if (word === "''") return "";
    return word.replace(/\\([sn])/g, (_all, letter) => (letter === "s" ? " " : "\n"));
  });
}
