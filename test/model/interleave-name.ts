/** Scenarios on names: two threads that make, move and remove what has the same names. */
import { O_RDONLY } from "../../assembly/abi/fcntl.ts";
import { mkdir, one, two } from "../crash/files.ts";
import type { Scenario, Scene } from "./interleave.ts";
import {
  chdirs,
  creates,
  getcwds,
  links,
  make,
  mkdirs,
  opens,
  renames,
  rmdirs,
  scenario,
  symlinks,
  TOP,
  unlinks,
  ups,
} from "./interleave-file-steps.ts";

export const NAME_SCENARIOS: readonly Scenario[] = [
  scenario("two renames, each over the other's", (scene) => {
    make(scene, "a", "b");
    return { a: [renames("a", "b")], b: [renames("b", "a")] };
  }),
  scenario("two renames of directories, each below the other's", (scene) => {
    make(scene, "a/", "b/");
    return { a: [renames("a", "b/a")], b: [renames("b", "a/b")] };
  }),
  scenario("two renames over one name", (scene) => {
    make(scene, "a", "b", "c");
    return { a: [renames("a", "c")], b: [renames("b", "c"), unlinks("a")] };
  }),
  scenario("rename() and unlink() of its old name", (scene) => {
    make(scene, "a");
    return { a: [renames("a", "b")], b: [unlinks("a")] };
  }),
  scenario("rename() and unlink() of its new name", (scene) => {
    make(scene, "a", "b");
    return { a: [renames("a", "b")], b: [unlinks("b")] };
  }),
  scenario("rename() into a directory, and rmdir() of it", (scene) => {
    make(scene, "a", "d/");
    return { a: [renames("a", "d/a")], b: [rmdirs("d")] };
  }),
  scenario("rename() over a directory, and mkdir() in it", (scene) => {
    make(scene, "d/", "e/");
    return { a: [renames("d", "e")], b: [mkdirs("e/f")] };
  }),
  scenario("rename() and a path through the name", (scene) => {
    make(scene, "d/", "d/f", "e/");
    return { a: [renames("d", "e/d")], b: [opens("d/f", O_RDONLY), unlinks("e/d/f")] };
  }),
  scenario("link(), and unlink() of the last name", (scene) => {
    make(scene, "a");
    return { a: [links("a", "b")], b: [unlinks("a")] };
  }),
  scenario("link() and unlink() of both names", (scene) => {
    make(scene, "a");
    two(scene.machine.root, "sys_link", `${TOP}/a`, `${TOP}/b`);
    return { a: [unlinks("a"), links("b", "c")], b: [unlinks("b")] };
  }),
  scenario("open(O_CREAT) in a directory, and rmdir() of it", (scene) => {
    make(scene, "d/");
    return { a: [creates("d/f")], b: [rmdirs("d")] };
  }),
  scenario("mkdir() in a directory, and rmdir() of it", (scene) => {
    make(scene, "d/");
    return { a: [mkdirs("d/e"), rmdirs("d/e")], b: [rmdirs("d")] };
  }),
  scenario("symlink(), and mkdir() through it", (scene) => {
    make(scene, "d/");
    return { a: [symlinks("d", "l")], b: [mkdirs("l/e")] };
  }),
  scenario("chdir(), and rmdir() of the directory", (scene) => {
    make(scene, "d/");
    return { a: [chdirs("d"), getcwds], b: [rmdirs("d")] };
  }),
  scenario("chdir() away from a directory that was removed, and mkdir() of its name", (scene) => {
    make(scene, "d/");
    one(scene.a.main, "sys_chdir", `${TOP}/d`);
    one(scene.machine.root, "sys_rmdir", `${TOP}/d`);
    return { a: [chdirs(".")], b: [mkdirs("d")] };
  }),
  scenario("chdir() up and away from directories that were removed", (scene) => {
    make(scene, "d/", "d/e/");
    for (const { main } of [scene.a, scene.b]) one(main, "sys_chdir", `${TOP}/d/e`);
    for (const path of ["d/e", "d"]) one(scene.machine.root, "sys_rmdir", `${TOP}/${path}`);
    return { a: [ups, ups, getcwds], b: [chdirs("."), creates("f")] };
  }),
  scenario("chdir() away from directories that were removed, and a frame for another", (scene) => {
    make(scene, "d/", "d/e/", "d/e/f/", "g/");
    one(scene.a.main, "sys_chdir", `${TOP}/d/e/f`);
    for (const path of ["d/e/f", "d/e", "d"])
      one(scene.machine.root, "sys_rmdir", `${TOP}/${path}`);
    return { a: [chdirs(".")], b: [mkdirs("g/h")] };
  }),
  scenario("rmdir() of a directory, and chdir() up from what was removed in it", (scene) => {
    make(scene, "d/", "d/e/");
    one(scene.a.main, "sys_chdir", `${TOP}/d/e`);
    one(scene.machine.root, "sys_rmdir", `${TOP}/d/e`);
    return { a: [ups, getcwds], b: [rmdirs("d")] };
  }),
  scenario("two mkdir() in a directory that must grow", (scene) => {
    make(scene, "d/");
    const long = "n".repeat(250);
    for (let index = 0; index < 15; index += 1)
      mkdir(scene.machine.root, `${TOP}/d/${long}${index}`);
    return { a: [mkdirs(`d/${long}a`)], b: [mkdirs(`d/${long}b`)] };
  }),
  scenario("two mkdir() with one inode left", (scene) => {
    fillInodes(scene, 1);
    return { a: [mkdirs("a")], b: [mkdirs("b"), rmdirs("b")] };
  }),
];

/** Leaves so many inodes. */
function fillInodes(scene: Scene, left: number): void {
  const { root } = scene.machine;
  make(scene, "full/");
  let count = 0;
  while (mkdir(root, `${TOP}/full/${count}`) === 0) count += 1;
  for (let index = 0; index < left; index += 1) one(root, "sys_rmdir", `${TOP}/full/${index}`);
}
