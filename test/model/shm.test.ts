import { describe, it } from "vitest";
import { replay, sequences } from "./replay.ts";
import { CROWDED, ShmPlay, shmCommand } from "./shm-commands.ts";

const MINUTES = 5 * 60_000;

describe("shared memory follows the model", () => {
  it("in sequences of commands of five processes", { timeout: MINUTES }, () => {
    replay("shm, debug", sequences(shmCommand), 2000, (commands) =>
      new ShmPlay("debug", {}).run(commands),
    );
  });

  it("when frames and attachments run out", { timeout: MINUTES }, () => {
    replay("shm, debug, crowded", sequences(shmCommand), 2000, (commands) =>
      new ShmPlay("debug", CROWDED).run(commands),
    );
  });

  it("in the release build", { timeout: MINUTES }, () => {
    replay("shm, release", sequences(shmCommand), 1000, (commands) =>
      new ShmPlay("release", CROWDED).run(commands),
    );
  });
});
