import { describe, it } from "vitest";
import { procCommand } from "./proc-choices.ts";
import { ProcPlay } from "./proc-commands.ts";
import { replay, sequences } from "./replay.ts";

const MINUTES = 5 * 60_000;

describe("processes follow the model", () => {
  it("in trees that spawn, signal, wait and end", { timeout: MINUTES }, () => {
    replay("proc, debug", sequences(procCommand, 80), 2000, (commands) =>
      new ProcPlay("debug").run(commands),
    );
  });

  it("in the release build", { timeout: MINUTES }, () => {
    replay("proc, release", sequences(procCommand, 80), 1000, (commands) =>
      new ProcPlay("release").run(commands),
    );
  });
});
