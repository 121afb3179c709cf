/** `wasm-ipc ipcs --linux` beside util-linux's ipcs on the same objects: every byte counts. */
import { describe, expect, test } from "vitest";
import { inNamespace } from "./command.ts";
import type { Comparison } from "./ipcs-compare.ts";

describe("wasm-ipc ipcs --linux", () => {
  const comparisons = inNamespace<Comparison[]>(new URL("ipcs-compare.js", import.meta.url));

  test.each(comparisons)("prints what util-linux prints for `ipcs $args`", ({ ours, theirs }) => {
    expect(ours).toEqual(theirs);
  });

  test("compares objects of several owners, removed, locked and waited for", () => {
    const printed = comparisons.map(({ theirs }) => theirs.stdout).join("");
    for (const part of ["daemon", "nobody", "2000000000", "dest", "locked", "0x80000001"]) {
      expect(printed).toContain(part);
    }
  });
});
