/** Cases of ipcs and ipcrm, in a namespace and a machine without objects; test/cli has those with some. */
import type { BinCase } from "./case.ts";
import { words } from "./words.ts";

const each = (lines: readonly string[], more: Partial<BinCase> = {}): BinCase[] =>
  lines.map((line) => ({ argv: words(line), ...more }));

const LIMITS = "a machine has limits of its own";

export const IPC_CASES: Readonly<Record<string, readonly BinCase[]>> = {
  ipcs: [
    ...each([
      "ipcs",
      "ipcs -a",
      "ipcs -m",
      "ipcs -q -s",
      "ipcs -t",
      "ipcs -p",
      "ipcs -c",
      "ipcs -s -u",
      "ipcs -q --human",
      "ipcs -m -i 999999",
      "ipcs -i 1",
      "ipcs -m -s -i 1",
      "ipcs -m -i x",
      "ipcs -m -i 99999999999",
      "ipcs --queues --time",
      "ipcs -m -i",
      "ipcs -Q",
      "ipcs --nope",
    ]),
    ...each(["ipcs -q -l", "ipcs -s -l"], { onlyLinux: LIMITS }),
    ...each(["ipcs"], { stdout: "closed" }),
    ...each(["ipcs"], { stdout: "broken" }),
  ],
  ipcrm: each([
    "ipcrm",
    "ipcrm -m 999999",
    "ipcrm -q 999999 -s 999998",
    "ipcrm -M 4711 -Q 0x4711 -S 0",
    "ipcrm -m x",
    "ipcrm -M 9x",
    "ipcrm -m 99999999999",
    "ipcrm -a",
    "ipcrm -v -a",
    "ipcrm --all=msg",
    "ipcrm --all=foo",
    "ipcrm -Z",
    "ipcrm --nope",
    "ipcrm -m",
    "ipcrm shm 999999",
    "ipcrm sem x",
    "ipcrm shm",
    "ipcrm foo 1",
    "ipcrm -v -m 999999",
  ]),
};
