import { describe, it } from "vitest";
import { LockPlay, lockCommands } from "./lock-commands.ts";
import { replay, sequences } from "./replay.ts";

const MINUTES = 5 * 60_000;

describe("locks on files follow the model", () => {
  it("in sequences of commands of five processes", { timeout: MINUTES }, () => {
    replay("locks, debug", sequences(lockCommands(), 100), 3000, (commands) =>
      new LockPlay("debug").run(commands),
    );
  });

  it("in the release build", { timeout: MINUTES }, () => {
    replay("locks, release", sequences(lockCommands(), 100), 1500, (commands) =>
      new LockPlay("release").run(commands),
    );
  });
});
