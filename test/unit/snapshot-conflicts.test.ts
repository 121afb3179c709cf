import { describe, expect, it } from "vitest";
import { conflicts } from "../../runtime/snapshot/conflicts.ts";
import type { FileLock } from "../../runtime/snapshot/types.ts";

const LOCK: FileLock = { file: 5, type: "write", kind: "process", owner: 0, start: 0, end: 9 };

describe("a snapshot of locks on files", () => {
  it.each([
    ["another file", { file: 6 }, false],
    ["its own", { owner: 1 }, false],
    ["a description of that number", { kind: "description", owner: 1 }, true],
    ["flock()'s", { kind: "flock" }, false],
    ["bytes before it", { start: 0, end: 4 }, false],
    ["its first byte", { start: 0, end: 5 }, true],
    ["its last byte", { start: 9, end: null }, true],
    ["bytes behind it", { start: 10, end: null }, false],
    ["a read lock", { type: "read" }, true],
  ] as const)("knows whether %s is in the way", (_what, other, expected) => {
    const wanted: FileLock = { ...LOCK, owner: 1, start: 5, end: 9 };
    expect(conflicts(wanted, { ...LOCK, owner: 2, ...other })).toBe(expected);
    expect(conflicts({ ...LOCK, owner: 2, ...other }, wanted)).toBe(expected);
  });

  it("lets readers be together", () => {
    const wanted: FileLock = { ...LOCK, owner: 1, type: "read" };
    expect(conflicts(wanted, { ...LOCK, owner: 2, type: "read" })).toBe(false);
  });
});
