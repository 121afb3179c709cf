import { describe, it } from "vitest";
import { fileCommands } from "./file-commands.ts";
import { FilePlay } from "./file-play.ts";
import { fileStage, ROOM } from "./file-stage.ts";
import { replay, sequences } from "./replay.ts";

const MINUTES = 5 * 60_000;

describe("files follow the model", () => {
  it("in sequences of commands of two processes", { timeout: MINUTES }, () => {
    replay("files, debug", sequences(fileCommands(), 150), 1500, (commands) =>
      new FilePlay(fileStage("debug"), ROOM).run(commands),
    );
  });

  it("in the release build", { timeout: MINUTES }, () => {
    replay("files, release", sequences(fileCommands(), 150), 1500, (commands) =>
      new FilePlay(fileStage("release"), ROOM).run(commands),
    );
  });
});
