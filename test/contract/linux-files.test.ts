/** The model of files of test/model is right: the running Linux answers as it does. */
import { afterAll, beforeAll, describe, it } from "vitest";
import { linux } from "../../host/linux/index.ts";
import { fileCommands } from "../model/file-commands.ts";
import { FilePlay } from "../model/file-play.ts";
import type { Room } from "../model/file-tree.ts";
import { replay, sequences } from "../model/replay.ts";
import { LinuxTrees, protectedLinks } from "./linux-tree.ts";

const MINUTES = 5 * 60_000;

/**
 * Room for all: Linux counts frames in another way, keeps the directory of a name that was removed while the
 * file is open, and the descriptors are Node's. What is full is in the tables.
 */
const ROOM: Omit<Room, "protectedLinks"> = {
  inodes: 1000,
  frames: Number.POSITIVE_INFINITY,
  openMax: Number.POSITIVE_INFINITY,
  fileMax: Number.POSITIVE_INFINITY,
};

let trees: LinuxTrees;
let groups: number[];

beforeAll(async () => {
  trees = new LinuxTrees(await linux());
  groups = process.getgroups!();
  // The user is in no group of root's.
  process.setgroups!([]);
});

afterAll(() => {
  process.setgroups!(groups);
  trees.end();
});

describe("the model of files follows Linux", () => {
  it("in sequences of commands of two users", { timeout: MINUTES }, () => {
    const room = { ...ROOM, protectedLinks: protectedLinks() };
    replay("files, linux", sequences(fileCommands(), 150), 1500, (commands) =>
      trees.use(room, (subject) => new FilePlay(subject, room).run(commands)),
    );
  });
});
