/** mkdir(2), rmdir(2), unlink(2), link(2), symlink(2), readlink(2), getdents(2). */
import { DT_DIR, DT_FIFO, DT_LNK, DT_REG } from "../../../assembly/abi/dirent.ts";
import { O_CREAT, O_DIRECTORY, O_RDONLY, O_RDWR } from "../../../assembly/abi/fcntl.ts";
import { S_IFDIR, S_IFLNK, S_IFMT } from "../../../assembly/abi/stat.ts";
import { SEEK_SET } from "../../../assembly/abi/unistd.ts";
import type { Stat } from "../../../host/contract-files.ts";
import type { Dirent } from "../../../host/contract-fs.ts";
import { equal, fails, ok } from "../check.ts";
import { NOT_OPEN, pipeOf } from "../objects-files.ts";
import { ALICE, BOB, type Proc, type Row, row } from "../row.ts";

const stat = (p: Proc, path: string) => p.do<Stat>("lstat", path);

async function absent(p: Proc, path: string): Promise<void> {
  await fails("ENOENT", p.do("lstat", path));
}

/** Names in a directory, sorted, without "." and "..". */
export async function names(p: Proc, path: string): Promise<string[]> {
  const fd: number = await p.do("open", path, O_RDONLY | O_DIRECTORY);
  const list = await p.do<Dirent[]>("getdents", fd);
  await p.do("close", fd);
  return list
    .map(({ d_name }) => d_name)
    .filter((name) => name !== "." && name !== "..")
    .sort();
}

export const mkdir: readonly Row[] = [
  row("mkdir() returns EACCES where nothing may be made", async ({ proc, folder }) => {
    const [root, p, dir] = [await proc(), await proc(ALICE), await folder()];
    await root.do("mkdir", `${dir}/theirs`, 0o755);
    await fails("EACCES", p.do("mkdir", `${dir}/theirs/sub`, 0o755));
  }),
  row("mkdir() returns EEXIST for whatever has the name", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    await p.do("mkdir", `${dir}/sub`, 0o755);
    await p.do("symlink", "none", `${dir}/dangling`);
    for (const name of ["file", "sub", "sub/", "dangling", ".", "..", "sub/.."]) {
      equal((await fails("EEXIST", p.do("mkdir", `${dir}/${name}`, 0o755))).syscall, "mkdir");
    }
    await fails("EEXIST", p.do("mkdir", "/", 0o755));
  }),
  row("mkdir() makes an empty directory, without the bits of the umask", async (world) => {
    const [p, dir] = [await world.proc(ALICE), await world.folder()];
    await p.do("umask", 0o027);
    await p.do("mkdir", `${dir}/sub`, 0o777);
    const { st_mode, st_uid, st_gid, st_nlink } = await stat(p, `${dir}/sub`);
    equal([st_mode, st_uid, st_gid, st_nlink], [S_IFDIR | 0o750, ALICE.uid, ALICE.gid, 2]);
    equal(await names(p, `${dir}/sub`), []);
    await p.do("mkdir", `${dir}/slash/`, 0o700);
    equal((await stat(p, `${dir}/slash`)).st_mode & S_IFMT, S_IFDIR);
  }),
  row("mkdir() keeps S_ISVTX, and not S_ISUID", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("umask", 0);
    await p.do("mkdir", `${dir}/sub`, 0o5777);
    equal((await stat(p, `${dir}/sub`)).st_mode & 0o7777, 0o1777);
  }),
  row("mkdir() gives the parent one more link, for ..", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    equal((await stat(p, dir)).st_nlink, 2);
    for (let i = 0; i < 3; i++) await p.do("mkdir", `${dir}/${i}`, 0o755);
    equal((await stat(p, dir)).st_nlink, 5);
    await p.do("rmdir", `${dir}/1`);
    equal((await stat(p, dir)).st_nlink, 4);
    equal((await stat(p, `${dir}/0/..`)).st_ino, (await stat(p, dir)).st_ino);
  }),
];

export const rmdir: readonly Row[] = [
  row("rmdir() returns EACCES where nothing may be removed", async ({ proc, folder }) => {
    const [root, p, dir] = [await proc(), await proc(ALICE), await folder()];
    await root.do("mkdir", `${dir}/theirs`, 0o755);
    await root.do("mkdir", `${dir}/theirs/sub`, 0o777);
    await fails("EACCES", p.do("rmdir", `${dir}/theirs/sub`));
  }),
  row("rmdir() returns EBUSY for the root", async ({ proc }) => {
    const p = await proc();
    await fails("EBUSY", p.do("rmdir", "/"));
  }),
  row("rmdir() returns EINVAL for a dot at the end", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkdir", `${dir}/sub`, 0o755);
    await fails("EINVAL", p.do("rmdir", `${dir}/sub/.`));
    await p.do("chdir", `${dir}/sub`);
    await fails("EINVAL", p.do("rmdir", "."));
  }),
  row("rmdir() returns ENOTDIR for what is none", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    await p.do("mkdir", `${dir}/sub`, 0o755);
    await p.do("symlink", "sub", `${dir}/link`);
    for (const name of ["file", "link", "link/"]) {
      await fails("ENOTDIR", p.do("rmdir", `${dir}/${name}`));
    }
  }),
  row("rmdir() returns ENOTEMPTY for a directory with entries, and two dots", async (world) => {
    const [p, dir] = [await world.proc(), await world.folder()];
    await p.do("mkdir", `${dir}/sub`, 0o755);
    await p.do("mkdir", `${dir}/sub/below`, 0o755);
    for (const path of [`${dir}/sub`, dir, `${dir}/sub/..`, `${dir}/sub/below/..`]) {
      await fails("ENOTEMPTY", p.do("rmdir", path));
    }
  }),
  row("rmdir() returns EPERM for another's directory below S_ISVTX", async (world) => {
    const [root, alice, bob] = [await world.proc(), await world.proc(ALICE), await world.proc(BOB)];
    const dir = await world.folder();
    await root.do("chmod", dir, 0o1777);
    await alice.do("mkdir", `${dir}/alice`, 0o777);
    await fails("EPERM", bob.do("rmdir", `${dir}/alice`));
    equal(await alice.do("rmdir", `${dir}/alice`), 0);
  }),
  row("rmdir() takes an empty directory away, by its own name", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkdir", `${dir}/sub`, 0o755);
    equal(await p.do("rmdir", `${dir}/sub/`), 0);
    await absent(p, `${dir}/sub`);
  }),
  row("rmdir() of a directory in use leaves nothing to be made in it", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkdir", `${dir}/sub`, 0o755);
    const fd: number = await p.do("open", `${dir}/sub`, O_RDONLY | O_DIRECTORY);
    await p.do("chdir", `${dir}/sub`);
    await p.do("rmdir", `${dir}/sub`);
    await fails("ENOENT", p.do("getdents", fd));
    await fails("ENOENT", p.do("getcwd"));
    await fails("ENOENT", p.do("open", "file", O_RDWR | O_CREAT, 0o600));
    await fails("ENOENT", p.do("mkdir", "sub", 0o755));
    equal((await p.do<Stat>("fstat", fd)).st_nlink, 0);
    equal((await stat(p, ".")).st_nlink, 0, "the current directory is still one");
  }),
];

export const unlink: readonly Row[] = [
  row("unlink() returns EACCES where nothing may be removed", async ({ proc, folder }) => {
    const [root, p, dir] = [await proc(), await proc(ALICE), await folder()];
    await root.do("mkdir", `${dir}/theirs`, 0o755);
    await root.do("makeFile", `${dir}/theirs/file`, "", 0o666);
    await fails("EACCES", p.do("unlink", `${dir}/theirs/file`));
  }),
  row("unlink() returns EISDIR for a directory", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkdir", `${dir}/sub`, 0o755);
    for (const path of [`${dir}/sub`, `${dir}/sub/`, `${dir}/.`, `${dir}/..`, "/"]) {
      await fails("EISDIR", p.do("unlink", path));
    }
  }),
  row("unlink() returns ENOTDIR for a file with a slash after it", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    await fails("ENOTDIR", p.do("unlink", `${dir}/file/`));
  }),
  row("unlink() returns EPERM for another's file below S_ISVTX", async (world) => {
    const [root, alice, bob] = [await world.proc(), await world.proc(ALICE), await world.proc(BOB)];
    const dir = await world.folder();
    await root.do("chmod", dir, 0o1777);
    for (const name of ["a", "b", "c"]) await alice.do("makeFile", `${dir}/${name}`, "");
    await fails("EPERM", bob.do("unlink", `${dir}/a`));
    equal(await alice.do("unlink", `${dir}/a`), 0, "its owner may");
    equal(await root.do("unlink", `${dir}/b`), 0, "root may");
    await root.do("chown", dir, BOB.uid, -1);
    equal(await bob.do("unlink", `${dir}/c`), 0, "the directory's owner may");
  }),
  row("unlink() needs no permission for the file itself", async ({ proc, folder }) => {
    const [root, p, dir] = [await proc(), await proc(ALICE), await folder()];
    await root.do("makeFile", `${dir}/file`, "", 0o600);
    equal(await p.do("unlink", `${dir}/file`), 0);
  }),
  row("unlink() takes the link away, and not what it names", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "text");
    await p.do("symlink", "file", `${dir}/link`);
    await p.do("unlink", `${dir}/link`);
    equal(await names(p, dir), ["file"]);
  }),
];

export const link: readonly Row[] = [
  row("link() returns EACCES where nothing may be made", async ({ proc, folder }) => {
    const [root, p, dir] = [await proc(), await proc(ALICE), await folder()];
    await root.do("mkdir", `${dir}/theirs`, 0o755);
    await p.do("makeFile", `${dir}/file`, "");
    await fails("EACCES", p.do("link", `${dir}/file`, `${dir}/theirs/file`));
  }),
  row("link() returns EEXIST for whatever has the new name", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    for (const name of ["a", "b"]) await p.do("makeFile", `${dir}/${name}`, "");
    await p.do("symlink", "none", `${dir}/dangling`);
    for (const name of ["b", "a", "dangling", "."]) {
      await fails("EEXIST", p.do("link", `${dir}/a`, `${dir}/${name}`));
    }
  }),
  row("link() returns EPERM for a directory", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkdir", `${dir}/sub`, 0o755);
    await fails("EPERM", p.do("link", `${dir}/sub`, `${dir}/other`));
  }),
  row("link() returns EXDEV for a name in another mount", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    await fails("EXDEV", p.do("link", `${dir}/file`, "/dev/linked"));
    await fails("EXDEV", p.do("rename", `${dir}/file`, "/dev/renamed"));
  }),
  row("link() gives one file two names", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/a`, "text");
    await p.do("link", `${dir}/a`, `${dir}/b`);
    const [a, b] = [await stat(p, `${dir}/a`), await stat(p, `${dir}/b`)];
    equal([b.st_ino, a.st_nlink, b.st_nlink], [a.st_ino, 2, 2]);
    await p.do("chmod", `${dir}/a`, 0o640);
    equal((await stat(p, `${dir}/b`)).st_mode & 0o777, 0o640);
    await p.do("unlink", `${dir}/a`);
    equal(await p.do<string>("contents", `${dir}/b`), "text");
    equal((await stat(p, `${dir}/b`)).st_nlink, 1);
  }),
  row("link() of a symbolic link is another one, not its target's", async (world) => {
    const [p, dir] = [await world.proc(), await world.folder()];
    await p.do("symlink", "none", `${dir}/link`);
    await p.do("link", `${dir}/link`, `${dir}/linked`);
    equal((await stat(p, `${dir}/linked`)).st_mode & S_IFMT, S_IFLNK);
    equal(await p.do<string>("readlink", `${dir}/linked`), "none");
  }),
];

export const symlink: readonly Row[] = [
  row("symlink() returns EACCES where nothing may be made", async ({ proc, folder }) => {
    const [root, p, dir] = [await proc(), await proc(ALICE), await folder()];
    await root.do("mkdir", `${dir}/theirs`, 0o755);
    await fails("EACCES", p.do("symlink", "x", `${dir}/theirs/link`));
  }),
  row("symlink() returns EEXIST for whatever has the name", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    await p.do("symlink", "none", `${dir}/dangling`);
    for (const name of ["file", "dangling", "."]) {
      await fails("EEXIST", p.do("symlink", "x", `${dir}/${name}`));
    }
  }),
  row("symlink() returns ENOENT for an empty target", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await fails("ENOENT", p.do("symlink", "", `${dir}/link`));
  }),
  row("symlink() returns ENAMETOOLONG for a target past PATH_MAX", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await fails("ENAMETOOLONG", p.do("symlink", "x".repeat(4096), `${dir}/link`));
    const longest = "x".repeat(4095);
    equal(await p.do("symlink", longest, `${dir}/link`), 0);
    equal(await p.do<string>("readlink", `${dir}/link`), longest);
  }),
  row("symlink() keeps any text, and readlink() gives it back", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    for (const [index, target] of ["none", "../..", "/", "a//b/", "täxt €", "."].entries()) {
      await p.do("symlink", target, `${dir}/${index}`);
      equal(await p.do<string>("readlink", `${dir}/${index}`), target);
      const { st_mode, st_size } = await stat(p, `${dir}/${index}`);
      equal([st_mode, st_size], [S_IFLNK | 0o777, new TextEncoder().encode(target).length]);
    }
  }),
  row("readlink() returns EINVAL for what is no symbolic link", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    await p.do("symlink", ".", `${dir}/link`);
    for (const path of [`${dir}/file`, dir, `${dir}/link/`, `${dir}/link/.`]) {
      await fails("EINVAL", p.do("readlink", path));
    }
  }),
];

export const getdents: readonly Row[] = [
  row("getdents() returns EBADF for what is not open", async ({ proc }) => {
    const p = await proc();
    for (const fd of NOT_OPEN) await fails("EBADF", p.do("getdents", fd));
  }),
  row("getdents() returns EINVAL when not even one entry has room", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    const fd: number = await p.do("open", dir, O_RDONLY | O_DIRECTORY);
    for (const count of [0, 1, 19]) await fails("EINVAL", p.do("getdents", fd, count));
    equal((await p.do<Dirent[]>("getdents", fd, 24)).length, 1, "room for one dot");
  }),
  row("getdents() returns ENOENT for a directory that was removed", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkdir", `${dir}/sub`, 0o755);
    const fd: number = await p.do("open", `${dir}/sub`, O_RDONLY | O_DIRECTORY);
    await p.do("rmdir", `${dir}/sub`);
    await fails("ENOENT", p.do("getdents", fd));
  }),
  row("getdents() returns ENOTDIR for what is no directory", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    const fd: number = await p.do("open", `${dir}/file`, O_RDONLY);
    for (const each of [fd, ...(await pipeOf(p))]) await fails("ENOTDIR", p.do("getdents", each));
  }),
  row("getdents() gives every entry with its type and inode, once", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    await p.do("mkdir", `${dir}/sub`, 0o755);
    await p.do("symlink", "x", `${dir}/link`);
    await p.do("mkfifo", `${dir}/fifo`, 0o600);
    const fd: number = await p.do("open", dir, O_RDONLY | O_DIRECTORY);
    const entries = await p.do<Dirent[]>("getdents", fd);
    equal(await p.do<Dirent[]>("getdents", fd), [], "the end");
    const types = entries.map(({ d_name, d_type }) => [d_name, d_type] as const).sort();
    equal(types, [
      [".", DT_DIR],
      ["..", DT_DIR],
      ["fifo", DT_FIFO],
      ["file", DT_REG],
      ["link", DT_LNK],
      ["sub", DT_DIR],
    ]);
    for (const { d_name, d_ino } of entries) {
      equal(d_ino, (await stat(p, `${dir}/${d_name}`)).st_ino, d_name);
    }
  }),
  row("getdents() goes on where it stopped, and from the start after lseek()", async (world) => {
    const [p, dir] = [await world.proc(), await world.folder()];
    for (let i = 0; i < 50; i++) await p.do("makeFile", `${dir}/name-${i}`, "");
    const fd: number = await p.do("open", dir, O_RDONLY | O_DIRECTORY);
    const all: Dirent[] = [];
    for (;;) {
      const some = await p.do<Dirent[]>("getdents", fd, 200);
      if (some.length === 0) break;
      ok(some.length <= 8, "no more than the room");
      all.push(...some);
    }
    equal(new Set(all.map(({ d_name }) => d_name)).size, 52);
    equal(all.length, 52);
    await p.do("lseek", fd, all[20]!.d_off, SEEK_SET);
    const rest = await p.do<Dirent[]>("getdents", fd);
    equal(rest[0]?.d_name, all[21]!.d_name, "after the entry whose d_off it is");
    await p.do("lseek", fd, 0, SEEK_SET);
    equal((await p.do<Dirent[]>("getdents", fd)).length, 52);
  }),
  row(
    "getdents() neither loses nor doubles what stays, while others come and go",
    async (world) => {
      const [p, dir] = [await world.proc(), await world.folder()];
      for (let i = 0; i < 40; i++) await p.do("makeFile", `${dir}/stays-${i}`, "");
      for (let i = 0; i < 40; i++) await p.do("makeFile", `${dir}/goes-${i}`, "");
      const fd: number = await p.do("open", dir, O_RDONLY | O_DIRECTORY);
      const seen: string[] = [];
      for (let i = 0; ; i++) {
        const some = await p.do<Dirent[]>("getdents", fd, 200);
        if (some.length === 0) break;
        seen.push(...some.map(({ d_name }) => d_name));
        if (i < 40) await p.do("unlink", `${dir}/goes-${i}`);
      }
      const stayed = seen.filter((name) => name.startsWith("stays"));
      equal([stayed.length, new Set(stayed).size], [40, 40]);
      equal(new Set(seen).size, seen.length, "no name twice");
    },
  ),
];

/** Makes names "prefix0", "prefix1" and so on, until there is no room. */
function fullRow(call: string, args: (path: string, dir: string) => unknown[]): Row {
  return row(
    `${call}() returns ENOSPC when the machine has no more inodes and entries`,
    async ({ proc, folder }) => {
      const [p, dir] = [await proc(), await folder()];
      await p.do("makeFile", `${dir}/first`, "");
      const made: number[] = [];
      const endless = async () => {
        for (;;) made.push(await p.do(call, ...args(`${dir}/${made.length}`, dir)));
      };
      equal((await fails("ENOSPC", endless())).syscall, call);
      ok(made.length > 0 && made.length <= 64, `${made.length} were made`);
      await p.do(call === "mkdir" ? "rmdir" : "unlink", `${dir}/0`);
      if (call === "open") await p.do("close", made[0]);
      await p.do(call, ...args(`${dir}/again`, dir));
    },
    { limits: { INODES: 64 } },
  );
}

export const fullMachine: readonly Row[] = [
  fullRow("open", (path) => [path, O_RDWR | O_CREAT, 0o600]),
  fullRow("mkdir", (path) => [path, 0o755]),
  fullRow("mkfifo", (path) => [path, 0o600]),
  fullRow("symlink", (path) => ["target", path]),
  fullRow("link", (path, dir) => [`${dir}/first`, path]),
  row(
    "link() returns EPERM for a directory also when there is no room",
    async ({ proc, folder }) => {
      const [p, dir] = [await proc(), await folder()];
      const fill = async () => {
        for (let i = 0; ; i++) await p.do("mkdir", `${dir}/${i}`, 0o755);
      };
      await fails("ENOSPC", fill());
      await fails("EPERM", p.do("link", `${dir}/0`, `${dir}/new`));
    },
    { limits: { INODES: 64 } },
  ),
];
