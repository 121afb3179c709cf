import { describe, it } from "vitest";
import { replay, sequences } from "./replay.ts";
import { SemPlay, semCommands, TINY } from "./sem-commands.ts";

const MINUTES = 5 * 60_000;

describe("semaphores follow the model", () => {
  it("in sequences of commands of five processes", { timeout: MINUTES }, () => {
    replay("sem, debug", sequences(semCommands(32767)), 3000, (commands) =>
      new SemPlay("debug", {}).run(commands),
    );
  });

  it("with tiny limits, where tables are full", { timeout: MINUTES }, () => {
    replay("sem, debug, tiny", sequences(semCommands(5)), 3000, (commands) =>
      new SemPlay("debug", TINY).run(commands),
    );
  });

  it("in the release build", { timeout: MINUTES }, () => {
    replay("sem, release", sequences(semCommands(5)), 1500, (commands) =>
      new SemPlay("release", TINY).run(commands),
    );
  });
});
