/** The machine that the model of files is compared with: two processes, and little room. */
import { type Build, TestMachine } from "../support/machine.ts";
import { LOCK_NAME, LOCK_PAGE, LOCK_PROC } from "../support/machine-locks.ts";
import { KernelFiles } from "./file-calls.ts";
import { type Subject, USERS } from "./file-play.ts";
import type { Room } from "./file-tree.ts";
import { pick, same } from "./replay.ts";

/** Of a new machine: inodes, and frames of its directories. */
const INODES = 11;
const FRAMES = 4;
/** The host's standard streams. */
const FILES = 3;

export const ROOM: Room = {
  inodes: 6,
  frames: 12,
  openMax: 8,
  fileMax: 7,
  protectedLinks: false,
};

/** Which is held at a call's first try; more often none. */
const LOCKS = [LOCK_NAME, LOCK_PROC, LOCK_PAGE, 0, 0, 0, 0, 0] as const;

const machines = new Map<Build, TestMachine>();

export function fileStage(build: Build): Subject {
  const machine = machines.get(build) ?? new TestMachine(build, 16);
  machines.set(build, machine);
  const limits = {
    INODES: INODES + ROOM.inodes,
    FILE_PAGES: FRAMES + ROOM.frames,
    OPEN_MAX: ROOM.openMax,
    FILE_MAX: FILES + ROOM.fileMax,
  };
  same("machine_format", machine.format(limits), 0);
  const processes = USERS.map((uid) => machine.process({ uid, gid: uid }).main);
  const calls = processes.map((task) => new KernelFiles(task));
  calls[0]!.umask(0o022);
  calls[0]!.chmod("/", 0o777);
  calls[1]!.umask(0o022);
  return {
    calls,
    before: (process, extra) => {
      calls[process]!.busy = extra < 0 ? 0 : pick(extra, LOCKS)!;
    },
    after: () => same("machine_check", machine.check(), 0),
  };
}
