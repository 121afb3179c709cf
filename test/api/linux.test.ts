/** The idiomatic layer on the real kernel, which decides. */
import { beforeAll, expect, test } from "vitest";
import { inNamespace } from "../cli/command.ts";
import { CASES } from "./cases.ts";

let failures: (string | null)[] = [];

beforeAll(() => {
  failures = inNamespace<(string | null)[]>(new URL("linux-runner.js", import.meta.url));
});

test.each(CASES.map(({ name }, index) => [name, index] as const))("%s", (_name, index) => {
  expect(failures[index]).toBeNull();
});
