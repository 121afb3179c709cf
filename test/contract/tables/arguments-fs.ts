/** Wrong types and ranges in the arguments of calls with paths: a TypeError, never anything else. */
import { AT_FDCWD, O_RDONLY } from "../../../assembly/abi/fcntl.ts";
import { equal } from "../check.ts";
import { type Row, row } from "../row.ts";
import { NOT_INTS, NOT_LONGS, refuses, without } from "./arguments.ts";
import { names } from "./directory.ts";

/** To C the first would be "a". */
const NOT_PATHS: readonly unknown[] = [
  "a\0b",
  "\0",
  undefined,
  null,
  1,
  {},
  ["a"],
  new Uint8Array(2),
];

/** Calls whose arguments are paths and ints: a valid one of each, paths as strings. */
const CALLS: readonly (readonly [call: string, ...args: (string | number)[]])[] = [
  ["open", "none", O_RDONLY],
  ["openat", AT_FDCWD, "none", O_RDONLY],
  ["async.open", "none", O_RDONLY],
  ["mkfifo", "fifo", 0o600],
  ["mkfifoat", AT_FDCWD, "fifo", 0o600],
  ["mkdir", "sub", 0o755],
  ["rmdir", "none"],
  ["unlink", "none"],
  ["link", "none", "new"],
  ["symlink", "target", "link"],
  ["rename", "none", "new"],
  ["readlink", "none"],
  ["stat", "none"],
  ["lstat", "none"],
  ["access", "none", 0],
  ["chmod", "none", 0],
  ["fchmod", 999, 0],
  ["chown", "none", 0, 0],
  ["lchown", "none", 0, 0],
  ["fchown", 999, 0, 0],
  ["chdir", "none"],
  ["fchdir", 999],
  ["fsync", 999],
  ["async.fdatasync", 999],
  ["getdents", 999],
];

export const argumentFsRows: readonly Row[] = [
  row("open() and its like throw TypeError for paths and integers that are none", async (world) => {
    const [p, dir] = [await world.proc(), await world.folder()];
    await p.do("chdir", dir);
    for (const [call, ...args] of CALLS) {
      for (const [index, good] of args.entries()) {
        const wrong = typeof good === "string" ? NOT_PATHS : NOT_INTS;
        await refuses(p, wrong, (bad) => [
          call,
          ...args.map((arg, i) => (i === index ? bad : arg)),
        ]);
      }
    }
    equal(await names(p, dir), [], "nothing was made");
  }),
  row("open() throws TypeError for a mode that is no integer", async ({ proc }) => {
    const p = await proc();
    await refuses(p, without(NOT_INTS, undefined), (bad) => ["open", "/", O_RDONLY, bad]);
    await refuses(p, NOT_INTS, (bad) => ["umask", bad]);
  }),
  row("truncate() throws TypeError for a length that is no integer", async ({ proc }) => {
    const p = await proc();
    await refuses(p, NOT_PATHS, (bad) => ["truncate", bad, 0]);
    await refuses(p, NOT_LONGS, (bad) => ["truncate", "/none", bad]);
    await refuses(p, NOT_INTS, (bad) => ["ftruncate", bad, 0]);
    await refuses(p, NOT_LONGS, (bad) => ["ftruncate", 999, bad]);
    await refuses(p, without(NOT_LONGS, undefined), (bad) => ["getdents", 999, bad]);
  }),
  row("utimensat() throws TypeError for times that are no two timespecs", async ({ proc }) => {
    const p = await proc();
    const zero = { tv_sec: 0, tv_nsec: 0 };
    const call = (times: unknown, flags?: unknown) => [
      "utimensat",
      AT_FDCWD,
      "/none",
      times,
      flags,
    ];
    await refuses(p, [1, "x", {}, [], [zero], [zero, zero, zero], [zero, null]], (bad) =>
      call(bad),
    );
    await refuses(p, NOT_LONGS, (bad) => call([zero, { tv_sec: bad, tv_nsec: 0 }]));
    await refuses(p, NOT_LONGS, (bad) => call([{ tv_sec: 0, tv_nsec: bad }, zero]));
    await refuses(p, without(NOT_INTS, undefined), (bad) => call(null, bad));
    await refuses(p, NOT_INTS, (bad) => ["futimens", bad, null]);
    await refuses(p, NOT_PATHS, (bad) => ["utimensat", AT_FDCWD, bad, null]);
  }),
];
