/** The idiomatic layer on a machine. */
import { afterAll, beforeAll, test } from "vitest";
import { boot, type Machine } from "../../runtime/index.ts";
import { runCase } from "./case.ts";
import { CASES } from "./cases.ts";

let machine: Machine;

beforeAll(async () => {
  machine = await boot({ pool: 0 });
});

afterAll(async () => {
  await machine.shutdown();
});

test.each(CASES.map((apiCase) => [apiCase.name, apiCase] as const))(
  "%s",
  async (_name, apiCase) => {
    await runCase(machine.sys, apiCase);
  },
);
