import { describe, expect, it } from "vitest";
import { SystemError } from "../../host/errno.ts";

describe("SystemError", () => {
  it("knows an error that another copy of the module has made", async () => {
    const copy = new URL("../../host/errno.js?copy", import.meta.url).href;
    const { SystemError: Other } = (await import(copy)) as typeof import("../../host/errno.ts");
    expect(Other).not.toBe(SystemError);
    expect(new Other(11, "semop")).toBeInstanceOf(SystemError);
    expect(new Error("semop")).not.toBeInstanceOf(SystemError);
    expect(null).not.toBeInstanceOf(SystemError);
  });

  it("has a stack unless it is the answer of a call that was told not to wait", () => {
    expect(new SystemError(22, "semop").stack).toContain("system-error.test");
    expect(new SystemError(11, "semop").stack).not.toContain("system-error.test");
    expect(new SystemError(11, "spawn", "the pool is empty").stack).toContain("system-error.test");
  });
});
