/** Every row that a backend runs as a test of vitest, for the backends that Node reaches itself. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeResults } from "./results.ts";
import { type Backend, exclusion } from "./row.ts";
import { type Result, type RunnableWorld, resultOf } from "./run-tables.ts";
import { TABLES } from "./tables.ts";

type StoppableWorld = RunnableWorld & AsyncDisposable;

/** Runs rows one after another on a world that is started once; `file` gets the results. */
export function contractSuite(
  backend: Backend,
  start: () => Promise<StoppableWorld>,
  file: string = backend,
): void {
  describe(`the contract on ${file}`, () => {
    let world: StoppableWorld;
    const results: Result[] = [];
    beforeAll(async () => {
      world = await start();
    });
    afterAll(async () => {
      writeResults(file, results);
      await world?.[Symbol.asyncDispose]();
    });
    for (const row of TABLES) {
      if (exclusion(row, backend) !== undefined) continue;
      it(row.name, async () => {
        const result = await resultOf(world, row);
        results.push(result);
        expect(result.reason).toBeUndefined();
      });
    }
  });
}
