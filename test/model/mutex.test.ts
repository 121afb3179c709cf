import { describe, it } from "vitest";
import { MutexPlay, mutexCommands } from "./mutex-commands.ts";
import { replay, sequences } from "./replay.ts";

const MINUTES = 5 * 60_000;

describe("robust mutexes follow the model", () => {
  it("in sequences of commands of five processes", { timeout: MINUTES }, () => {
    replay("mutex, debug", sequences(mutexCommands()), 3000, (commands) =>
      new MutexPlay("debug").run(commands),
    );
  });

  it("in the release build", { timeout: MINUTES }, () => {
    replay("mutex, release", sequences(mutexCommands()), 1500, (commands) =>
      new MutexPlay("release").run(commands),
    );
  });
});
