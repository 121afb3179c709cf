/** `wasm-ipc ipcrm --linux` beside util-linux's ipcrm: the same messages, statuses and removals. */
import { describe, expect, test } from "vitest";
import { inNamespace } from "./command.ts";
import type { Step } from "./ipcrm-steps.ts";

describe("wasm-ipc ipcrm --linux", () => {
  const theirs = inNamespace<Step[]>(new URL("ipcrm-steps.js", import.meta.url), "util-linux");
  const ours = inNamespace<Step[]>(new URL("ipcrm-steps.js", import.meta.url), "wasm-ipc");
  const pairs = theirs.map((step, index) => ({ args: step.args, index }));

  test.each(pairs)("does what util-linux does for `ipcrm $args` (step $index)", ({ index }) => {
    expect(ours[index]).toEqual(theirs[index]);
  });
});
