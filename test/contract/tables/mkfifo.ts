/** mkfifo(3) and mkfifoat(3): a name for a pipe. */
import {
  AT_FDCWD,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_RDONLY,
  O_RDWR,
} from "../../../assembly/abi/fcntl.ts";
import { S_IFIFO, S_IFMT } from "../../../assembly/abi/stat.ts";
import type { Stat } from "../../../host/contract-files.ts";
import type { Dirent } from "../../../host/contract-fs.ts";
import { equal, fails, isNow } from "../check.ts";
import { NOT_OPEN, pipeOf } from "../objects-files.ts";
import { ALICE, BOB, type Proc, type Row, row } from "../row.ts";

async function modeOf(p: Proc, path: string): Promise<string> {
  const { st_mode } = await p.do<Stat>("stat", path);
  equal(st_mode & S_IFMT, S_IFIFO, "type");
  return (st_mode & ~S_IFMT).toString(8);
}

/** Paths that lead nowhere, with the errno that every call answers; made below `dir`. */
export async function badPaths(p: Proc, dir: string): Promise<[path: string, errno: string][]> {
  await p.do("makeFile", `${dir}/plain`, "");
  await p.do("symlink", "loop", `${dir}/loop`);
  return [
    ["", "ENOENT"],
    [`${dir}/none/x`, "ENOENT"],
    [`${dir}/plain/x`, "ENOTDIR"],
    [`${dir}/loop/x`, "ELOOP"],
    [`${dir}/${"n".repeat(256)}`, "ENAMETOOLONG"],
    [`${dir}/${"n/".repeat(2100)}x`, "ENAMETOOLONG"],
  ];
}

export const mkfifo: readonly Row[] = [
  row("mkfifo() returns EACCES in a directory that may not be written", async (world) => {
    const [dir, root, p] = [await world.folder(), await world.proc(), await world.proc(ALICE)];
    await root.do("mkdir", `${dir}/readable`, 0o755);
    await root.do("mkdir", `${dir}/closed`, 0o700);
    await root.do("mkdir", `${dir}/closed/open`, 0o777);
    equal((await fails("EACCES", p.do("mkfifo", `${dir}/readable/f`, 0o600))).syscall, "mkfifo");
    await fails("EACCES", p.do("mkfifo", `${dir}/closed/open/f`, 0o600));
  }),
  row("mkfifo() returns EEXIST for whatever has the name", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkfifo", `${dir}/fifo`, 0o600);
    await p.do("makeFile", `${dir}/file`, "");
    await p.do("mkdir", `${dir}/dir`, 0o755);
    await p.do("symlink", "nothing", `${dir}/link`);
    for (const name of ["fifo", "file", "dir", "link", ".", "dir/", "dir/.."]) {
      await fails("EEXIST", p.do("mkfifo", `${dir}/${name}`, 0o600));
    }
    await fails("EEXIST", p.do("mkfifo", "/", 0o600));
  }),
  row("mkfifo() returns ELOOP for a path in a loop", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    for (const [path, errno] of await badPaths(p, dir)) {
      if (errno === "ELOOP") await fails("ELOOP", p.do("mkfifo", path, 0o600));
    }
  }),
  row("mkfifo() returns ENAMETOOLONG past NAME_MAX or PATH_MAX", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    for (const [path, errno] of await badPaths(p, dir)) {
      if (errno === "ENAMETOOLONG") await fails("ENAMETOOLONG", p.do("mkfifo", path, 0o600));
    }
    equal(await p.do("mkfifo", `${dir}/${"n".repeat(255)}`, 0o600), 0, "NAME_MAX bytes");
    const umlauts = "ü".repeat(127);
    equal(await p.do("mkfifo", `${dir}/${umlauts}n`, 0o600), 0, "bytes, not characters");
    await fails("ENAMETOOLONG", p.do("mkfifo", `${dir}/${umlauts}nn`, 0o600));
    const long = `${dir}${"/.".repeat(2048)}`.slice(0, 4096 - 3);
    equal(await p.do("mkfifo", `${long.replace(/\/?\.?$/, "")}/f`, 0o600), 0, "below PATH_MAX");
  }),
  row("mkfifo() returns ENOENT without the directory, or a path", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    for (const path of ["", `${dir}/none/x`, `${dir}/none/`]) {
      await fails("ENOENT", p.do("mkfifo", path, 0o600));
    }
    await fails("ENOENT", p.do("mkfifo", `${dir}/new/`, 0o600));
  }),
  row("mkfifo() returns ENOTDIR for a path through a file", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkfifo", `${dir}/fifo`, 0o600);
    await p.do("makeFile", `${dir}/file`, "");
    for (const name of ["fifo/x", "file/x"]) {
      await fails("ENOTDIR", p.do("mkfifo", `${dir}/${name}`, 0o600));
    }
  }),
  row(
    "mkfifo() makes an empty FIFO of the caller, without the bits of the umask",
    async (world) => {
      const [p, dir] = [await world.proc(ALICE), await world.folder()];
      await p.do("mkfifo", `${dir}/f`, 0o666);
      equal(await modeOf(p, `${dir}/f`), "644");
      const { st_uid, st_gid, st_size, st_nlink, st_mtime } = await p.do<Stat>("stat", `${dir}/f`);
      equal([st_uid, st_gid, st_size, st_nlink], [ALICE.uid, ALICE.gid, 0, 1]);
      isNow(st_mtime, "st_mtime");
      await p.do("umask", 0);
      await p.do("mkfifo", `${dir}/g`, 0o7777);
      equal(await modeOf(p, `${dir}/g`), "7777");
      await p.do("umask", 0o777);
      await p.do("mkfifo", `${dir}/h`, 0o666);
      equal(await modeOf(p, `${dir}/h`), "0");
    },
  ),
  row("mkfifo() makes what getdents() and lstat() show as a FIFO", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkfifo", `${dir}/f`, 0o600);
    const fd: number = await p.do("open", dir, O_RDONLY | O_DIRECTORY);
    const entries = await p.do<Dirent[]>("getdents", fd);
    const { st_ino } = await p.do<Stat>("lstat", `${dir}/f`);
    const entry = entries.find(({ d_name }) => d_name === "f");
    equal([entry?.d_type, entry?.d_ino], [1, st_ino], "DT_FIFO and the inode");
  }),
  row("mkfifo() takes a path from the current directory", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkdir", `${dir}/sub`, 0o755);
    await p.do("chdir", `${dir}/sub`);
    await p.do("mkfifo", "here", 0o600);
    await p.do("mkfifo", "../above", 0o600);
    equal(await modeOf(p, `${dir}/sub/here`), "600");
    equal(await modeOf(p, `${dir}/above`), "600");
  }),
  row("mkfifoat() returns EBADF for a directory that is not open", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    for (const fd of NOT_OPEN.filter((each) => each !== AT_FDCWD)) {
      equal((await fails("EBADF", p.do("mkfifoat", fd, "f", 0o600))).syscall, "mkfifoat");
    }
    equal(await p.do("mkfifoat", 999, `${dir}/f`, 0o600), 0, "not asked for an absolute path");
  }),
  row("mkfifoat() returns ENOTDIR when the descriptor is no directory", async (world) => {
    const p = await world.proc();
    for (const fd of await pipeOf(p)) await fails("ENOTDIR", p.do("mkfifoat", fd, "f", 0o600));
  }),
  row("mkfifoat() returns EEXIST as mkfifo() does", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    const fd: number = await p.do("open", dir, O_RDONLY | O_DIRECTORY);
    await p.do("mkfifoat", fd, "f", 0o600);
    await fails("EEXIST", p.do("mkfifoat", fd, "f", 0o600));
  }),
  row("mkfifoat() takes a path from its directory, or the current one", async (world) => {
    const [p, dir] = [await world.proc(), await world.folder()];
    await p.do("mkdir", `${dir}/sub`, 0o755);
    const fd: number = await p.do("open", `${dir}/sub`, O_RDONLY | O_DIRECTORY);
    await p.do("mkfifoat", fd, "f", 0o640);
    equal(await modeOf(p, `${dir}/sub/f`), "640");
    await p.do("chdir", dir);
    await p.do("mkfifoat", AT_FDCWD, "g", 0o600);
    equal(await modeOf(p, `${dir}/g`), "600");
    await p.do("rename", `${dir}/sub`, `${dir}/moved`);
    await p.do("mkfifoat", fd, "h", 0o600);
    equal(await modeOf(p, `${dir}/moved/h`), "600", "the directory, not its name");
  }),
];

export const fifoNames: readonly Row[] = [
  row("open() returns EACCES for a FIFO whose mode forbids it", async ({ proc, folder }) => {
    const [alice, bob, dir] = [await proc(ALICE), await proc(BOB), await folder()];
    await alice.do("umask", 0);
    await alice.do("mkfifo", `${dir}/w`, 0o602);
    await alice.do("mkfifo", `${dir}/r`, 0o604);
    await fails("EACCES", bob.do("open", `${dir}/w`, O_RDONLY));
    await fails("EACCES", bob.do("open", `${dir}/w`, O_RDWR));
    await fails("EACCES", bob.do("open", `${dir}/r`, 1));
    await alice.do("chmod", `${dir}/r`, 0);
    await fails("EACCES", alice.do("open", `${dir}/r`, O_RDWR));
  }),
  row("open() returns EEXIST with O_CREAT and O_EXCL for a FIFO", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkfifo", `${dir}/f`, 0o600);
    await fails("EEXIST", p.do("open", `${dir}/f`, O_RDWR | O_CREAT | O_EXCL, 0o600));
  }),
  row("open() returns ENOTDIR with O_DIRECTORY for a FIFO, without waiting", async (world) => {
    const [p, dir] = [await world.proc(), await world.folder()];
    await p.do("mkfifo", `${dir}/f`, 0o600);
    await fails("ENOTDIR", p.do("open", `${dir}/f`, O_RDONLY | O_DIRECTORY));
  }),
  row("truncate() returns EINVAL for a FIFO, open or not", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkfifo", `${dir}/f`, 0o600);
    await fails("EINVAL", p.do("truncate", `${dir}/f`, 0));
    const fd: number = await p.do("open", `${dir}/f`, O_RDWR);
    await fails("EINVAL", p.do("ftruncate", fd, 0));
    await fails("EINVAL", p.do("fsync", fd));
  }),
  row("unlink() of a FIFO that is open leaves the pipe", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkfifo", `${dir}/f`, 0o600);
    const fd: number = await p.do("open", `${dir}/f`, O_RDWR);
    await p.do("writeText", fd, "kept");
    await p.do("unlink", `${dir}/f`);
    await fails("ENOENT", p.do("open", `${dir}/f`, O_RDWR));
    equal((await p.do<Stat>("fstat", fd)).st_nlink, 0);
    await p.do("mkfifo", `${dir}/f`, 0o600);
    const other: number = await p.do("open", `${dir}/f`, O_RDWR);
    await p.do("writeText", other, "another");
    equal(await p.do<string>("readText", fd, 100), "kept");
    equal(await p.do<string>("readText", other, 100), "another");
  }),
  row("link() and rename() give a FIFO more names for one pipe", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkfifo", `${dir}/f`, 0o600);
    const a: number = await p.do("open", `${dir}/f`, O_RDWR);
    await p.do("link", `${dir}/f`, `${dir}/linked`);
    await p.do("rename", `${dir}/f`, `${dir}/renamed`);
    await p.do("symlink", "renamed", `${dir}/symbolic`);
    await p.do("writeText", a, "abc");
    for (const [name, text] of [
      ["linked", "a"],
      ["renamed", "b"],
      ["symbolic", "c"],
    ]) {
      const fd: number = await p.do("open", `${dir}/${name}`, O_RDWR);
      equal(await p.do<string>("readText", fd, 1), text, name);
    }
    equal((await p.do<Stat>("fstat", a)).st_nlink, 2);
  }),
];
