/** Cases of ls. */
import type { BinCase, Tree } from "./case.ts";
import { words } from "./words.ts";

const NOON = 1_600_000_000;

const FILES: Tree = {
  a: "text\n",
  ".hidden": "x",
  ".dot": null,
  "b.txt": { text: "", mode: 0o755 },
  big: { text: "z".repeat(123_456), time: NOON },
  mid: { text: "z".repeat(5000), time: NOON + 60 },
  Upper: "x",
  "sp ace": "x",
  é: "x",
  dir: null,
  "dir/one": "1",
  "dir/two": { text: "22", mode: 0o600 },
  "dir/deep": null,
  "dir/deep/leaf": "x",
  void: null,
  fifo: { fifo: 0o644 },
  link: { link: "a" },
  dirlink: { link: "dir" },
  broken: { link: "nothing" },
  sticky: { directory: 0o777 },
};

const over = (lines: readonly string[], more: Partial<BinCase> = {}): BinCase[] =>
  lines.map((line) => ({ argv: words(line), files: FILES, ...more }));

/** A directory's size is its file system's own matter, and so are the blocks that it takes. */
const DIRECTORY_SIZE = /^(total.*|(d\S+ +\d+ \S+ +\S+ +)\d+)/gm;
/** When the device was made. */
const MADE = /\w{3} [ \d]\d \d\d:\d\d/;
const BLANKS = / +/g;

export const LS_CASES: Readonly<Record<string, readonly BinCase[]>> = {
  ls: [
    ...over([
      "ls",
      "ls -a",
      "ls -A",
      "ls -aA",
      "ls -1",
      "ls -F",
      "ls -p",
      "ls -r",
      "ls -R",
      "ls -Ra dir",
      "ls -d",
      "ls -d . dir",
      "ls -d dirlink/ dirlink",
      "ls dir void",
      "ls a dir",
      "ls b.txt a",
      "ls none a",
      "ls none dir nothing",
      "ls broken",
      "ls link/",
      "ls ''",
      "ls a/b",
      "ls dirlink",
      "ls dirlink/",
      "ls -F dirlink link broken fifo",
      "ls -L link dirlink",
      "ls -L broken",
      "ls -S big mid a",
      "ls -Sr big mid a",
      "ls -t big mid a",
      "ls -tr big mid a",
      "ls -h",
      "ls -C",
      "ls -C a b.txt",
      "ls -C1 a b.txt",
      "ls -U a big",
      "ls -8",
      "ls --nope",
      "ls --all",
      "ls --almost",
      "ls --direc dir",
      "ls no\\sspace no'quote",
      "ls void",
      "ls -l void",
    ]),
    ...over([
      "ls -l a",
      "ls -l a b.txt big fifo link broken",
      "ls -n a big",
      "ls -g a",
      "ls -o a",
      "ls -lo a",
      "ls -lF b.txt link broken fifo",
      "ls -lh big mid a",
      "ls -lr a big",
      "ls -lt a big mid",
      "ls -lS a big mid",
      "ls -lL link",
      "ls -lL link broken",
      "ls -lu a big",
      "ls -1l a",
      "ls -lC a b.txt",
      "ls -Cl a b.txt",
      "ls -l none",
      "ls -ln dir/one dir/two",
    ]),
    ...over(["ls -l dir", "ls -la dir", "ls -lR dir", "ls -ld dir sticky", "ls -l"], {
      masked: [DIRECTORY_SIZE, BLANKS],
    }),
    ...over(["ls -l /dev/null"], { masked: [MADE] }),
    ...over(["ls -s a big", "ls -sh big"], { onlyLinux: "a machine counts a file's own blocks" }),
    ...over(["ls -ls a"]),
    ...over(["ls"], { stdout: "closed" }),
    ...over(["ls", "ls -l a"], { stdout: "broken" }),
  ],
};
