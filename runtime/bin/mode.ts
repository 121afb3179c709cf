/** Modes as chmod(1) writes them, octal or `u+x,go=r`; and as ls(1) shows them. */
import {
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFSOCK,
  S_ISGID,
  S_ISUID,
  S_ISVTX,
} from "../../assembly/abi/stat.ts";

const WHO: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o1007, a: 0o7777 };
const CLAUSE = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/;

/** One `+x` of a clause. */
function applied(
  mode: number,
  [who, cleared]: readonly [number, number],
  action: string,
  isDirectory: boolean,
): number {
  const letters = action.slice(1);
  let bits = 0;
  for (const letter of letters) {
    if (letter === "r") bits |= 0o444;
    if (letter === "w") bits |= 0o222;
    if (letter === "x") bits |= 0o111;
    if (letter === "X" && (isDirectory || (mode & 0o111) !== 0)) bits |= 0o111;
    if (letter === "s") bits |= S_ISUID | S_ISGID;
    if (letter === "t") bits |= S_ISVTX;
    if (letter === "u") bits |= 0o111 * ((mode >> 6) & 7);
    if (letter === "g") bits |= 0o111 * ((mode >> 3) & 7);
    if (letter === "o") bits |= 0o111 * (mode & 7);
  }
  bits &= who;
  if (action[0] === "+") return mode | bits;
  return action[0] === "-" ? mode & ~bits : (mode & ~(cleared & 0o777)) | bits;
}

/**
 * @param text an octal number, or clauses that change `mode`
 * @param umask what clauses that name nobody leave alone
 * @returns undefined when it is neither
 */
export function parseMode(
  text: string,
  mode: number,
  umask: number,
  isDirectory = false,
): number | undefined {
  if (/^[0-7]+$/.test(text)) {
    const value = Number.parseInt(text, 8);
    return value <= 0o7777 ? value : undefined;
  }
  let result = mode;
  for (const clause of text.split(",")) {
    const match = CLAUSE.exec(clause);
    if (match === null) return undefined;
    const named = [...match[1]!].reduce((all, letter) => all | WHO[letter]!, 0);
    // `=` that names nobody clears all, but sets what the umask leaves.
    const who = named === 0 ? ([0o7777 & ~umask, 0o7777] as const) : ([named, named] as const);
    for (const [action] of match[2]!.matchAll(/[-+=][^-+=]*/g)) {
      result = applied(result, who, action, isDirectory);
    }
  }
  return result;
}

const TYPES = new Map<number, string>([
  [S_IFIFO, "p"],
  [S_IFCHR, "c"],
  [S_IFDIR, "d"],
  [S_IFBLK, "b"],
  [S_IFLNK, "l"],
  [S_IFSOCK, "s"],
]);

/** "prw-r--r--". */
export function modeText(mode: number): string {
  const special = [S_ISUID, S_ISGID, S_ISVTX];
  const triples = [6, 3, 0].map((shift, index) => {
    const bits = mode >> shift;
    const mark = index === 2 ? "t" : "s";
    const runs = (bits & 1) !== 0;
    const isSpecial = (mode & special[index]!) !== 0;
    const last = isSpecial ? (runs ? mark : mark.toUpperCase()) : runs ? "x" : "-";
    return `${bits & 4 ? "r" : "-"}${bits & 2 ? "w" : "-"}${last}`;
  });
  return `${TYPES.get(mode & S_IFMT) ?? "-"}${triples.join("")}`;
}
