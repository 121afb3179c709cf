/** ftok(3). */
import { equal, fails, ok } from "../check.ts";
import { type Row, row } from "../row.ts";

const NO_FILES = { page: "a page has no files: every path is ENOENT" };
/** A file of every Linux, and a path through it. */
const FILE = "/proc/version";
const THROUGH_FILE = "/proc/version/x";

export const ftok: readonly Row[] = [
  row(
    "ftok() gives the same key for the same file and project to every process",
    async ({ proc }) => {
      const [p, q] = [await proc(), await proc()];
      const key = await p.do("ftok", "/", 65);
      equal(await q.do("ftok", "/", 65), key);
      ok(key !== -1, "the key is not the C library's error");
      ok((await p.do("ftok", FILE, 65)) !== key, "another file has another key");
    },
    NO_FILES,
  ),
  row(
    "ftok() uses the low eight bits of the project, in the key's top byte",
    async ({ proc }) => {
      const p = await proc();
      const key = await p.do("ftok", "/", 65);
      equal(key >>> 24, 65, "the top byte");
      equal(await p.do("ftok", "/", 65 + 256), key);
      equal((await p.do("ftok", "/", 66)) & 0xffffff, key & 0xffffff, "the rest");
    },
    NO_FILES,
  ),
  row("ftok() returns ENOENT for a file that does not exist", async ({ proc }) => {
    const p = await proc();
    await fails("ENOENT", p.do("ftok", "/no/such/file", 1));
    await fails("ENOENT", p.do("ftok", "", 1));
  }),
  row(
    "ftok() returns ENOTDIR for a path through a file",
    async ({ proc }) => {
      await fails("ENOTDIR", (await proc()).do("ftok", THROUGH_FILE, 1));
    },
    NO_FILES,
  ),
  row(
    "ftok() returns ENAMETOOLONG for a name of more than 255 bytes",
    async ({ proc }) => {
      await fails("ENAMETOOLONG", (await proc()).do("ftok", `/${"x".repeat(256)}`, 1));
    },
    NO_FILES,
  ),
];
