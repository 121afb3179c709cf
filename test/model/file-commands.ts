/** The commands of the model of files: what may be asked. */
import fc from "fast-check";
import {
  O_APPEND,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from "../../assembly/abi/fcntl.ts";
import { SEEK_CUR, SEEK_END, SEEK_SET } from "../../assembly/abi/unistd.ts";
import type { FileCalls } from "./file-calls.ts";
import { choice } from "./replay.ts";

export interface FileCommand {
  readonly call: keyof FileCalls;
  readonly process: number;
  readonly path: string;
  readonly other: string;
  /** Whether the paths are aimed at what there is, see FilePlay. */
  readonly aims: readonly [number, number];
  readonly fd: number;
  readonly flags: number;
  readonly mode: number;
  readonly count: number;
  readonly offset: number;
  readonly whence: number;
  /** Which lock is held at first, and which byte is written. */
  readonly extra: number;
}

const CALLS: readonly [number, keyof FileCalls][] = [
  [24, "open"],
  [8, "close"],
  [3, "dup"],
  [4, "read"],
  [3, "pread"],
  [8, "write"],
  [4, "pwrite"],
  [4, "lseek"],
  [3, "truncate"],
  [3, "ftruncate"],
  [14, "mkdir"],
  [7, "rmdir"],
  [9, "unlink"],
  [8, "link"],
  [8, "symlink"],
  [14, "rename"],
  [3, "readlink"],
  [4, "stat"],
  [4, "lstat"],
  [3, "fstat"],
  [5, "chmod"],
  [2, "fchmod"],
  [2, "umask"],
  [6, "chdir"],
  [2, "fchdir"],
  [3, "getcwd"],
  [4, "list"],
];

const NAMES: readonly [number, string][] = [
  [10, "a"],
  [8, "b"],
  [6, "c"],
  [3, "d"],
  [2, "."],
  [4, ".."],
];
function weighted<T>(values: readonly (readonly [number, T])[]): fc.Arbitrary<T> {
  return fc.oneof(...values.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));
}

/** One to three components, sometimes from the root, sometimes with a slash at the end. */
function paths(): fc.Arbitrary<string> {
  const some = fc
    .tuple(
      weighted([
        [3, ""],
        [2, "/"],
      ]),
      fc.array(weighted(NAMES), { minLength: 1, maxLength: 3, size: "max" }),
      weighted([
        [9, ""],
        [1, "/"],
      ]),
    )
    .map(([from, names, end]) => from + names.join("/") + end);
  const odd = fc.constantFrom("", "/", "//", "LONG", "a/LONG", "LONG/", "DEEP");
  return fc.oneof({ weight: 60, arbitrary: some }, { weight: 1, arbitrary: odd });
}

const FLAGS: readonly [number, number][] = [
  [4, O_CREAT],
  [2, O_EXCL],
  [2, O_TRUNC],
  [2, O_APPEND],
  [1, O_DIRECTORY],
  [1, O_NOFOLLOW],
];

/** Every other time a plain O_CREAT, which fills the tree. */
function flags(): fc.Arbitrary<number> {
  const access = fc.constantFrom(O_RDONLY, O_WRONLY, O_RDWR, O_RDWR);
  const bits = fc.tuple(
    ...FLAGS.map(([weight, bit]) =>
      weighted([
        [weight, bit],
        [6, 0],
      ]),
    ),
  );
  const any = fc.tuple(access, bits).map(([one, more]) => more.reduce((a, b) => a | b, one));
  return fc.oneof(any, fc.constant(O_RDWR | O_CREAT));
}

const MODES = [0o777, 0o777, 0o755, 0o750, 0o711, 0o700, 0o644, 0o640, 0o444, 0o007, 0] as const;
const SIZES = [0, 1, 10, 100, 4000, 4096, 5000, 8000] as const;
const OFFSETS = [0, 0, 1, 5, 100, 4095, 4096, 9000, 20000, 30000, 60000, -1, -100] as const;

/** Any command; now and then those after which a process is in a directory that is gone, and what is above it. */
export function fileCommands(): fc.Arbitrary<readonly FileCommand[]> {
  const names = fc.tuple(fc.constantFrom("a", "b"), fc.constantFrom("c", "d"));
  const gone = fc.tuple(fileCommand(), names).map(([command, [above, below]]) => {
    const paths = [`/${above}`, `/${above}/${below}`] as const;
    const made = (call: keyof FileCalls, path: string): FileCommand => {
      return { ...command, call, path, aims: [0, 0] };
    };
    const before = paths.map((path) => made("mkdir", path));
    return [...before, made("chdir", paths[1]), made("rmdir", paths[1]), made("rmdir", paths[0])];
  });
  const one = fileCommand().map((command) => [command]);
  return fc.oneof({ weight: 40, arbitrary: one }, { weight: 1, arbitrary: gone });
}

function fileCommand(): fc.Arbitrary<FileCommand> {
  return fc.record({
    call: weighted(CALLS),
    process: fc.nat({ max: 1 }),
    path: paths(),
    other: paths(),
    aims: fc.tuple(choice, choice),
    fd: choice,
    flags: flags(),
    mode: fc.constantFrom(...MODES),
    count: fc.constantFrom(...SIZES),
    offset: fc.constantFrom(...OFFSETS),
    whence: fc.constantFrom(SEEK_SET, SEEK_CUR, SEEK_END),
    extra: choice,
  });
}
