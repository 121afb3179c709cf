/** Scenarios on files that are open: two threads that open, close, read, write and cut one. */
import {
  O_APPEND,
  O_CREAT,
  O_EXCL,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from "../../assembly/abi/fcntl.ts";
import { makeFile, one, open, write } from "../crash/files.ts";
import type { TestTask } from "../support/machine.ts";
import type { Scenario, Step } from "./interleave.ts";
import {
  closes,
  creates,
  lists,
  make,
  opened,
  opens,
  reads,
  renames,
  scenario,
  TOP,
  truncates,
  unlinks,
  writes,
} from "./interleave-file-steps.ts";

const OPENS: readonly Scenario[] = [
  scenario("two open(O_CREAT | O_EXCL) of one name", () => {
    const step = opens("a", O_RDWR | O_CREAT | O_EXCL);
    return { a: [step], b: [step] };
  }),
  scenario("two open(O_CREAT) of one name, and writes", ({ a, b }) => ({
    a: [creates("a"), writes(a.main, 1, 10)],
    b: [creates("a"), writes(b.main, 2, 20)],
  })),
  scenario("open() and unlink()", (scene) => {
    make(scene, "a");
    return { a: [opens("a", O_RDONLY), reads(scene.a.main, 20)], b: [unlinks("a")] };
  }),
  scenario("close() of the last descriptor, and open()", (scene) => {
    make(scene, "a");
    opened([scene.a.main], "a", O_RDONLY);
    return { a: [closes], b: [opens("a", O_RDONLY)] };
  }),
  scenario("close() of the last descriptor, and unlink() of the last name", (scene) => {
    make(scene, "a");
    opened([scene.a.main], "a", O_RDONLY);
    return { a: [closes], b: [unlinks("a"), creates("b")] };
  }),
  scenario("two close() of a file without a name", (scene) => {
    make(scene, "a");
    opened([scene.a.main, scene.b.main], "a", O_RDWR);
    one(scene.machine.root, "sys_unlink", `${TOP}/a`);
    return { a: [closes], b: [closes] };
  }),
  scenario(
    "two close() of one description of a file without a name",
    (scene) => {
      make(scene, "a");
      opened([scene.a.main], "a", O_RDWR);
      one(scene.machine.root, "sys_unlink", `${TOP}/a`);
      return { a: [closes], b: [closes] };
    },
    true,
  ),
  scenario("open(O_TRUNC) and a read", (scene) => {
    make(scene, "a");
    opened([scene.b.main], "a", O_RDONLY);
    return { a: [opens("a", O_WRONLY | O_TRUNC)], b: [reads(scene.b.main, 20)] };
  }),
  scenario("getdents(), and open(O_CREAT)", (scene) => {
    make(scene, "a", "b");
    opened([scene.a.main], "", O_RDONLY);
    return { a: [lists(scene.a.main)], b: [creates("c"), unlinks("a")] };
  }),
  scenario("getdents() twice, and rename()", (scene) => {
    make(scene, "a", "b");
    opened([scene.a.main], "", O_RDONLY);
    return { a: [lists(scene.a.main), lists(scene.a.main)], b: [renames("a", "c")] };
  }),
];

/** Two threads that have one file open, each with a description of its own. */
function onFile(
  name: string,
  size: number,
  flags: number,
  steps: (a: TestTask, b: TestTask) => readonly [readonly Step[], readonly Step[]],
  shared = false,
): Scenario {
  return scenario(name, (scene) => {
    const { root } = scene.machine;
    makeFile(root, `${TOP}/a`, 9, size);
    opened(shared ? [scene.a.main] : [scene.a.main, scene.b.main], "a", flags);
    if (shared) scene.share();
    const [a, b] = steps(scene.a.main, scene.b.main);
    return { a, b };
  });
}

const BYTES: readonly Scenario[] = [
  onFile("two writes with O_APPEND", 5, O_WRONLY | O_APPEND, (a, b) => [
    [writes(a, 1, 10), writes(a, 2, 10)],
    [writes(b, 3, 20)],
  ]),
  onFile("two writes with O_APPEND that grow the file", 3000, O_WRONLY | O_APPEND, (a, b) => [
    [writes(a, 1, 3000)],
    [writes(b, 2, 3000)],
  ]),
  onFile("two writes to an empty file", 0, O_WRONLY, (a, b) => [
    [writes(a, 1, 10)],
    [writes(b, 2, 20)],
  ]),
  onFile(
    "two writes at one offset",
    0,
    O_WRONLY,
    (a, b) => [[writes(a, 1, 10)], [writes(b, 2, 20)]],
    true,
  ),
  onFile("a write and a read", 10, O_RDWR, (a, b) => [
    [writes(a, 1, 10)],
    [reads(b, 20), reads(b, 20)],
  ]),
  onFile("a write and truncate() to nothing", 10, O_RDWR, (a) => [
    [writes(a, 1, 20)],
    [truncates("a", 0)],
  ]),
  onFile(
    "a write with O_APPEND, and truncate() that makes it longer",
    10,
    O_RDWR | O_APPEND,
    (a) => [[writes(a, 1, 20)], [truncates("a", 5000)]],
  ),
  onFile("truncate() to less, and a read", 5000, O_RDWR, (_, b) => [
    [truncates("a", 100)],
    [reads(b, 200), reads(b, 200)],
  ]),
  onFile("a write, and unlink() with close()", 10, O_RDWR, (a) => [
    [writes(a, 1, 5000)],
    [unlinks("a"), closes],
  ]),
];

/** Leaves so many page frames for files. */
function fillFrames(root: TestTask, left: number): void {
  const fd = open(root, `${TOP}/full`, O_RDWR | O_CREAT);
  let size = 0;
  for (let count = 1; count > 0; size += Math.max(count, 0)) count = write(root, fd, 7, 4096);
  root.call((kernel) => kernel.sys_ftruncate(fd, size - left * 4096));
  root.call((kernel) => kernel.sys_close(fd));
}

/** Not for who dies: growth is a transaction of its own, so the file may have the frame and not the bytes. */
export const FULL_SCENARIOS: readonly Scenario[] = [
  scenario("two writes with one frame left", (scene) => {
    const { root } = scene.machine;
    for (const [index, { main }] of [scene.a, scene.b].entries()) {
      makeFile(root, `${TOP}/${index}`);
      opened([main], `${index}`, O_WRONLY);
    }
    fillFrames(root, 1);
    return { a: [writes(scene.a.main, 1, 10)], b: [writes(scene.b.main, 2, 10)] };
  }),
];

export const FILE_SCENARIOS: readonly Scenario[] = [...OPENS, ...BYTES];
