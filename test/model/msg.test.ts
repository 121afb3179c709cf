import { describe, it } from "vitest";
import { LIMITS } from "../support/machine.ts";
import { MsgPlay, msgCommands, TINY } from "./msg-commands.ts";
import { replay, sequences } from "./replay.ts";

const MINUTES = 5 * 60_000;

describe("message queues follow the model", () => {
  it("in sequences of commands of five processes", { timeout: MINUTES }, () => {
    replay("msg, debug", sequences(msgCommands(LIMITS.MSGMAX)), 3000, (commands) =>
      new MsgPlay("debug", {}).run(commands),
    );
  });

  it("with tiny limits, where queues and pool are full", { timeout: MINUTES }, () => {
    replay("msg, debug, tiny", sequences(msgCommands(TINY.MSGMAX!)), 3000, (commands) =>
      new MsgPlay("debug", TINY).run(commands),
    );
  });

  it("in the release build", { timeout: MINUTES }, () => {
    replay("msg, release", sequences(msgCommands(TINY.MSGMAX!)), 1500, (commands) =>
      new MsgPlay("release", TINY).run(commands),
    );
  });
});
