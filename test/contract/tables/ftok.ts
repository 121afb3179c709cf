/** ftok(3). */
import { equal, fails, ok } from "../check.ts";
import { type Row, row } from "../row.ts";

export const ftok: readonly Row[] = [
  row("ftok() gives the same key for the same file and project", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    const key = await p.do("ftok", "/", 65);
    equal(await q.do("ftok", "/", 65), key);
    ok(key !== -1, "the key is not the C library's error");
  }),
  row("ftok() uses the low eight bits of the project, in the key's top byte", async ({ proc }) => {
    const p = await proc();
    const key = await p.do("ftok", "/", 65);
    equal(key >>> 24, 65, "the top byte");
    equal(await p.do("ftok", "/", 65 + 256), key);
    equal((await p.do("ftok", "/", 66)) & 0xffffff, key & 0xffffff, "the rest");
  }),
  row("ftok() returns ENOENT for a file that does not exist", async ({ proc }) => {
    const p = await proc();
    await fails("ENOENT", p.do("ftok", "/no/such/file", 1));
    await fails("ENOENT", p.do("ftok", "", 1));
  }),
];
