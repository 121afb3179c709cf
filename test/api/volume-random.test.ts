/**
 * Random changes of names and contents, and now and then a sync(): the disk then has the machine's tree,
 * and every file that was never opened has kept its contents. SEED=n replays one run.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { Volume as Memfs } from "memfs";
import { expect, it } from "vitest";
import { boot, directory, type Syscalls, SystemError, type VolumeFs } from "../../runtime/index.ts";
import { hostFolder, namesIn, readText, writeText } from "./volume-support.ts";
import { treeOf } from "./volume-tree.ts";

const NAMES = ["a", "b", "c"];
const ROUNDS = Number(process.env.ROUNDS ?? 25);
const seed = process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) };

type Change = [call: string, from: string, to: string];

const path = fc
  .array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 })
  .map((names) => `/v/${names.join("/")}`);
const call = fc.constantFrom(
  ...["rename", "rename", "rename", "mkdir", "mkdir", "write", "write"],
  ...["unlink", "rmdir", "link", "symlink", "chmod", "sync"],
);
const changes = fc.array(fc.tuple(call, path, path), { minLength: 5, maxLength: 60 });

function change(sys: Syscalls, [call, from, to]: Change, index: number): void {
  const calls: Record<string, () => unknown> = {
    rename: () => sys.rename(from, to),
    mkdir: () => sys.mkdir(from, 0o755),
    write: () => writeText(sys, from, `${index}`),
    unlink: () => sys.unlink(from),
    rmdir: () => sys.rmdir(from),
    link: () => sys.link(from, to),
    symlink: () => sys.symlink("a", from),
    chmod: () => sys.chmod(from, index % 2 === 0 ? 0o755 : 0o700),
  };
  try {
    calls[call]?.();
  } catch (error) {
    // A random call may well be refused: then nothing has changed.
    if (!(error instanceof SystemError) || error.errno === 5) throw error;
  }
}

/** What the machine has below a path, as treeOf() says it of a disk. */
function machineTree(sys: Syscalls, path: string, below = ""): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const name of namesIn(sys, path)) {
    const [at, key] = [`${path}/${name}`, `${below}/${name}`];
    const { st_mode } = sys.lstat(at);
    const mode = (st_mode & 0o7777).toString(8);
    const type = st_mode & 0o170000;
    if (type === 0o120000) tree[key] = `link ${sys.readlink(at)}`;
    else if (type === 0o100000) tree[key] = `${mode} ${readText(sys, at)}`;
    else Object.assign(tree, { [key]: "directory" }, machineTree(sys, at, key));
  }
  return tree;
}

it("a directory() has the machine's tree after sync(), whatever happened before", async () => {
  await fc.assert(
    fc.asyncProperty(changes, async (list) => {
      using folder = hostFolder();
      mkdirSync(join(folder.path, "a/b"), { recursive: true });
      for (const name of ["a/a", "a/b/a", "b"])
        writeFileSync(join(folder.path, name), `disk ${name}`);
      await using machine = await boot({ pool: 0, volumes: { "/v": directory(folder.path) } });
      const { sys } = machine;
      for (const [index, each] of list.entries()) {
        if (each[0] === "sync") sys.sync();
        else change(sys, each, index);
      }
      sys.sync();
      const disk = treeOf(folder.path);
      expect(disk).toEqual(machineTree(sys, "/v"));
    }),
    { numRuns: ROUNDS, ...seed },
  );
});

it("a volume of memfs has the machine's tree after sync(), too", async () => {
  await fc.assert(
    fc.asyncProperty(changes, async (list) => {
      const memfs = Memfs.fromJSON({ "/a/a": "1", "/a/b/a": "2", "/b": "3" });
      await using machine = await boot({
        pool: 0,
        volumes: { "/v": memfs as unknown as VolumeFs },
      });
      const { sys } = machine;
      for (const [index, each] of list.entries()) {
        if (each[0] === "sync") await machine.sync();
        else change(sys, each, index);
      }
      await machine.sync();
      expect(treeOf("/", memfs as unknown as VolumeFs)).toEqual(machineTree(sys, "/v"));
    }),
    { numRuns: ROUNDS, ...seed },
  );
});
