/** One test of the idiomatic layer: it runs on every implementation of Syscalls. */
import assert from "node:assert/strict";
import type { Syscalls } from "../../host/contract.ts";
import { ipcs, SystemError } from "../../runtime/index.ts";

/** No test runner is imported here: on Linux the cases run in a process of their own. */
export interface ApiCase {
  readonly name: string;
  run(sys: Syscalls): void | Promise<void>;
}

/** Asserts that a call fails with an errno, named as in "EIDRM". */
export function failsWith(code: string, call: () => unknown): void {
  assert.throws(call, isError(code));
}

/** The same for a promise. */
export async function rejectsWith(code: string, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, isError(code));
}

function isError(code: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof SystemError, String(error));
    assert.equal(error.code, code);
    return true;
  };
}

/** Runs a case, and checks that it left no object behind. */
export async function runCase(sys: Syscalls, { run }: ApiCase): Promise<void> {
  const before = ipcs(sys, { format: "summary" });
  await run(sys);
  assert.equal(ipcs(sys, { format: "summary" }), before, "no object is left behind");
}
