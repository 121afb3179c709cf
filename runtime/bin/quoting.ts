/** Names in messages, as gnulib's quotearg quotes them in the locale C. */

const ESCAPES: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
};

/** What the shell would read as more than one plain word. */
const SPECIAL = /[\s!"$&'()*:;<=>?[\\\]^`{|}]|^[#~]/;
const UNPRINTABLE = /[^\x20-\x7e]/;

function bytesOf(text: string): string[] {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
}

function escaped(character: string): string {
  return ESCAPES[character] ?? `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
}

/** In quotes that a shell would take: `'a b'`, `"it's"`, `'a'$'\n''b'`. */
export function shellQuote(name: string): string {
  if (!UNPRINTABLE.test(name)) {
    if (!name.includes("'")) return `'${name}'`;
    if (!/["$`\\]/.test(name)) return `"${name}"`;
  }
  let quoted = "'";
  let isEscaping = false;
  for (const character of bytesOf(name)) {
    if (UNPRINTABLE.test(character)) {
      if (!isEscaping) quoted += "'$'";
      isEscaping = true;
      quoted += escaped(character);
    } else {
      if (isEscaping) quoted += "''";
      isEscaping = false;
      quoted += character === "'" ? "'\\''" : character;
    }
  }
  return `${quoted}'`;
}

/** shellQuote() of a name that needs it; other names as they are. */
export function fileName(name: string): string {
  return name === "" || SPECIAL.test(name) || UNPRINTABLE.test(name) ? shellQuote(name) : name;
}

/** A word of the command line that is not understood, with C's escapes: `'it\'s'`. */
export function quote(word: string): string {
  const text = bytesOf(word)
    .map((character) => {
      if (character === "'" || character === "\\") return `\\${character}`;
      return UNPRINTABLE.test(character) ? escaped(character) : character;
    })
    .join("");
  return `'${text}'`;
}
