/** rename(2). */
import { O_RDONLY } from "../../../assembly/abi/fcntl.ts";
import type { Stat } from "../../../host/contract-files.ts";
import { equal, fails } from "../check.ts";
import { ALICE, BOB, type Proc, type Row, row } from "../row.ts";
import { names } from "./directory.ts";

const inode = async (p: Proc, path: string) => (await p.do<Stat>("lstat", path)).st_ino;

export const rename: readonly Row[] = [
  row("rename() returns EACCES where nothing may be made or removed", async (world) => {
    const [root, p, dir] = [await world.proc(), await world.proc(ALICE), await world.folder()];
    await root.do("mkdir", `${dir}/theirs`, 0o755);
    await root.do("makeFile", `${dir}/theirs/file`, "", 0o666);
    await p.do("makeFile", `${dir}/mine`, "");
    await fails("EACCES", p.do("rename", `${dir}/theirs/file`, `${dir}/file`));
    await fails("EACCES", p.do("rename", `${dir}/mine`, `${dir}/theirs/mine`));
  }),
  row("rename() returns EACCES for another's directory that would get a new parent", async (v) => {
    const [root, p, dir] = [await v.proc(), await v.proc(ALICE), await v.folder()];
    await root.do("mkdir", `${dir}/theirs`, 0o755);
    await p.do("mkdir", `${dir}/mine`, 0o755);
    await fails("EACCES", p.do("rename", `${dir}/theirs`, `${dir}/mine/theirs`));
    equal(await p.do("rename", `${dir}/theirs`, `${dir}/other`), 0, "the same parent");
  }),
  row("rename() returns EBUSY for a dot or two at an end", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkdir", `${dir}/sub`, 0o755);
    for (const name of ["sub/.", "sub/.."]) {
      await fails("EBUSY", p.do("rename", `${dir}/${name}`, `${dir}/new`));
      await fails("EBUSY", p.do("rename", `${dir}/sub`, `${dir}/${name}`));
    }
    await fails("EBUSY", p.do("rename", "/", "/new"));
  }),
  row("rename() returns EINVAL for a directory below itself", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkdir", `${dir}/a`, 0o755);
    await p.do("mkdir", `${dir}/a/b`, 0o755);
    await fails("EINVAL", p.do("rename", `${dir}/a`, `${dir}/a/new`));
    await fails("EINVAL", p.do("rename", `${dir}/a`, `${dir}/a/b/new`));
    await fails("EINVAL", p.do("rename", `${dir}/a`, `${dir}/a/b`));
  }),
  row("rename() returns EISDIR for a file over a directory", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    await p.do("mkdir", `${dir}/sub`, 0o755);
    await fails("EISDIR", p.do("rename", `${dir}/file`, `${dir}/sub`));
  }),
  row("rename() returns ENOTDIR for a directory over a file", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    await p.do("mkdir", `${dir}/sub`, 0o755);
    await fails("ENOTDIR", p.do("rename", `${dir}/sub`, `${dir}/file`));
    await fails("ENOTDIR", p.do("rename", `${dir}/file/`, `${dir}/new`));
    await fails("ENOTDIR", p.do("rename", `${dir}/file`, `${dir}/new/`));
    equal(await names(p, dir), ["file", "sub"]);
  }),
  row("rename() returns ENOTEMPTY over a directory with entries, or above its own", async (v) => {
    const [p, dir] = [await v.proc(), await v.folder()];
    for (const path of ["a", "b", "b/c"]) await p.do("mkdir", `${dir}/${path}`, 0o755);
    await fails("ENOTEMPTY", p.do("rename", `${dir}/a`, `${dir}/b`));
    await fails("ENOTEMPTY", p.do("rename", `${dir}/b/c`, `${dir}/b`));
  }),
  row("rename() returns EPERM for another's file below S_ISVTX, at either end", async (world) => {
    const [root, alice, bob] = [await world.proc(), await world.proc(ALICE), await world.proc(BOB)];
    const dir = await world.folder();
    await root.do("chmod", dir, 0o1777);
    await alice.do("makeFile", `${dir}/alice`, "");
    await bob.do("makeFile", `${dir}/bob`, "");
    await fails("EPERM", bob.do("rename", `${dir}/alice`, `${dir}/new`));
    await fails("EPERM", bob.do("rename", `${dir}/bob`, `${dir}/alice`));
    equal(await bob.do("rename", `${dir}/bob`, `${dir}/new`), 0);
  }),
  row("rename() returns ENOENT before it looks at a new name", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    const long = "n".repeat(256);
    await p.do("makeFile", `${dir}/file`, "");
    await fails("ENOENT", p.do("rename", `${dir}/missing`, `${dir}/${long}`));
    await fails("EBUSY", p.do("rename", `${dir}/.`, `${dir}/${long}`));
    for (const slash of ["", "/"]) {
      await fails("ENAMETOOLONG", p.do("rename", `${dir}/file`, `${dir}/${long}${slash}`));
    }
  }),
  row("rename() moves a file, and keeps its inode", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/a`, "text");
    await p.do("mkdir", `${dir}/sub`, 0o755);
    const ino = await inode(p, `${dir}/a`);
    await p.do("rename", `${dir}/a`, `${dir}/sub/b`);
    equal([await names(p, dir), await names(p, `${dir}/sub`)], [["sub"], ["b"]]);
    equal(await inode(p, `${dir}/sub/b`), ino);
  }),
  row("rename() over a file takes that one's name, and leaves it to who has it open", async (v) => {
    const [p, dir] = [await v.proc(), await v.folder()];
    await p.do("makeFile", `${dir}/new`, "new");
    await p.do("makeFile", `${dir}/old`, "old");
    const fd: number = await p.do("open", `${dir}/old`, O_RDONLY);
    await p.do("rename", `${dir}/new`, `${dir}/old`);
    equal(await p.do<string>("contents", `${dir}/old`), "new");
    equal(await p.do<string>("readText", fd, 10), "old");
    equal((await p.do<Stat>("fstat", fd)).st_nlink, 0);
    equal(await names(p, dir), ["old"]);
  }),
  row("rename() over an empty directory takes its place", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    for (const path of ["a", "a/below", "b"]) await p.do("mkdir", `${dir}/${path}`, 0o755);
    await p.do("rename", `${dir}/a`, `${dir}/b`);
    equal([await names(p, dir), await names(p, `${dir}/b`)], [["b"], ["below"]]);
    equal((await p.do<Stat>("stat", dir)).st_nlink, 3);
  }),
  row("rename() gives a directory its new parent", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    for (const path of ["a", "a/sub", "b"]) await p.do("mkdir", `${dir}/${path}`, 0o755);
    await p.do("rename", `${dir}/a/sub`, `${dir}/b/sub`);
    equal(await inode(p, `${dir}/b/sub/..`), await inode(p, `${dir}/b`));
    equal((await p.do<Stat>("stat", `${dir}/a`)).st_nlink, 2);
    equal((await p.do<Stat>("stat", `${dir}/b`)).st_nlink, 3);
  }),
  row("rename() to the same name, or another name of the file, does nothing", async (world) => {
    const [p, dir] = [await world.proc(), await world.folder()];
    await p.do("makeFile", `${dir}/a`, "text");
    await p.do("link", `${dir}/a`, `${dir}/b`);
    equal(await p.do("rename", `${dir}/a`, `${dir}/a`), 0);
    equal(await p.do("rename", `${dir}/a`, `${dir}/b`), 0);
    equal(await names(p, dir), ["a", "b"]);
  }),
  row("rename() moves a symbolic link itself, and replaces one itself", async (world) => {
    const [p, dir] = [await world.proc(), await world.folder()];
    await p.do("makeFile", `${dir}/file`, "text");
    await p.do("symlink", "file", `${dir}/link`);
    await p.do("rename", `${dir}/link`, `${dir}/moved`);
    equal(await p.do<string>("readlink", `${dir}/moved`), "file");
    await p.do("makeFile", `${dir}/other`, "other");
    await p.do("rename", `${dir}/other`, `${dir}/moved`);
    equal(await p.do<string>("contents", `${dir}/file`), "text");
    equal(await p.do<string>("contents", `${dir}/moved`), "other");
  }),
  row("rename() of a directory takes a slash at the end", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkdir", `${dir}/a`, 0o755);
    equal(await p.do("rename", `${dir}/a/`, `${dir}/b/`), 0);
    equal(await names(p, dir), ["b"]);
  }),
];
