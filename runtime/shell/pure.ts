/** What a shell can find out of a command without running a part of it. */
import type { Argument, Node, Redirect, Simple, Word } from "./tree.ts";

/** Whether the expansion of a word changes nothing and cannot wait. */
function isPureWord(word: Word): boolean {
  return word.every((piece) => {
    if (piece.kind === "text" || piece.kind === "length") return true;
    if (piece.kind !== "parameter") return false;
    const { operator = "", operand = [] } = piece;
    return !/[=?]/.test(operator) && isPureWord(operand);
  });
}

function isPureRedirect(redirect: Redirect): boolean {
  return isPureWord(redirect.kind === "here" ? redirect.body : redirect.target);
}

/** A simple command whose words the shell may expand in the place of a child. */
export function isPure(node: Node): node is Simple {
  return (
    node.kind === "simple" &&
    node.words.length > 0 &&
    node.words.every(({ word }: Argument) => isPureWord(word)) &&
    node.assignments.every(([, value]) => isPureWord(value)) &&
    node.redirects.every(isPureRedirect)
  );
}

/** A word that is plain text; undefined for others. */
export function literal(word: Word): string | undefined {
  let text = "";
  for (const piece of word) {
    if (piece.kind !== "text") return undefined;
    text += piece.text;
  }
  return text;
}
