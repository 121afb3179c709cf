/** stat(2), access(2), chmod(2), chown(2), utimensat(2), umask(2), chdir(2), getcwd(3). */
import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  O_DIRECTORY,
  O_RDONLY,
  O_RDWR,
} from "../../../assembly/abi/fcntl.ts";
import {
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  UTIME_NOW,
  UTIME_OMIT,
} from "../../../assembly/abi/stat.ts";
import { F_OK, R_OK, W_OK, X_OK } from "../../../assembly/abi/unistd.ts";
import type { Stat } from "../../../host/contract-files.ts";
import { equal, fails, isNow } from "../check.ts";
import { PAGE, pipeOf } from "../objects-files.ts";
import { ALICE, BOB, CAROL, DAVE, type Proc, type Row, row } from "../row.ts";

const stat = (p: Proc, path: string) => p.do<Stat>("stat", path);
const bits = async (p: Proc, path: string) => (await stat(p, path)).st_mode & ~S_IFMT;
const inode = async (p: Proc, path: string) => (await stat(p, path)).st_ino;
const owner = async (p: Proc, path: string) => {
  const { st_uid, st_gid } = await p.do<Stat>("lstat", path);
  return [st_uid, st_gid];
};
const at = (tv_sec: number, tv_nsec = 0) => ({ tv_sec, tv_nsec });

export const statRows: readonly Row[] = [
  row("stat() tells type, owner, size and blocks", async ({ proc, folder }) => {
    const [p, dir] = [await proc(ALICE), await folder()];
    await p.do("makeFile", `${dir}/file`, "12345");
    const file = await stat(p, `${dir}/file`);
    equal([file.st_mode, file.st_size, file.st_nlink], [S_IFREG | 0o644, 5, 1]);
    equal([file.st_uid, file.st_gid, file.st_rdev], [ALICE.uid, ALICE.gid, 0]);
    equal([file.st_blksize, file.st_blocks], [PAGE, 8]);
    equal((await stat(p, dir)).st_mode & S_IFMT, S_IFDIR);
    equal((await stat(p, dir)).st_dev, file.st_dev, "st_dev");
  }),
  row("stat() follows a symbolic link, and lstat() does not", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "12345");
    await p.do("symlink", "file", `${dir}/link`);
    equal((await stat(p, `${dir}/link`)).st_mode & S_IFMT, S_IFREG);
    equal((await p.do<Stat>("lstat", `${dir}/link`)).st_mode & S_IFMT, S_IFLNK);
    await p.do("symlink", "none", `${dir}/dangling`);
    await fails("ENOENT", p.do("stat", `${dir}/dangling`));
    equal((await p.do<Stat>("lstat", `${dir}/dangling`)).st_size, 4);
  }),
  row("stat() needs no permission for the file itself", async ({ proc, folder }) => {
    const [root, p, dir] = [await proc(), await proc(ALICE), await folder()];
    await root.do("makeFile", `${dir}/file`, "x", 0);
    equal((await stat(p, `${dir}/file`)).st_size, 1);
  }),
  row("stat() tells the times of writing and of changes", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "x");
    await p.do("utimensat", AT_FDCWD, `${dir}/file`, [at(1000), at(2000, 500_000_000)]);
    const old = await stat(p, `${dir}/file`);
    equal([old.st_atime, old.st_mtime], [1000, 2000.5]);
    isNow(old.st_ctime, "st_ctime");
    const fd: number = await p.do("open", `${dir}/file`, O_RDWR);
    await p.do("writeText", fd, "y");
    const written = await stat(p, `${dir}/file`);
    isNow(written.st_mtime, "st_mtime after write()");
    equal(written.st_atime, 1000);
    await p.do("readText", fd, 1);
    await p.do("utimensat", AT_FDCWD, `${dir}/file`, [at(1000), at(2000)]);
    await p.do("ftruncate", fd, 9);
    isNow((await stat(p, `${dir}/file`)).st_mtime, "st_mtime after ftruncate()");
    await p.do("utimensat", AT_FDCWD, `${dir}/file`, [at(1000), at(2000)]);
    await p.do("chmod", `${dir}/file`, 0o600);
    equal((await stat(p, `${dir}/file`)).st_mtime, 2000, "chmod() is no writing");
  }),
  row("stat() tells of a directory when its entries last changed", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    const past = () => p.do("utimensat", AT_FDCWD, dir, [at(1000), at(1000)]);
    for (const [call, ...args] of [
      ["makeFile", `${dir}/a`, ""],
      ["link", `${dir}/a`, `${dir}/b`],
      ["rename", `${dir}/b`, `${dir}/c`],
      ["unlink", `${dir}/c`],
      ["mkdir", `${dir}/sub`, 0o755],
      ["rmdir", `${dir}/sub`],
      ["symlink", "x", `${dir}/link`],
      ["mkfifo", `${dir}/fifo`, 0o600],
    ] as [string, ...unknown[]][]) {
      await past();
      await p.do(call, ...args);
      isNow((await stat(p, dir)).st_mtime, `st_mtime after ${call}()`);
    }
    await past();
    const fd: number = await p.do("open", `${dir}/a`, O_RDWR);
    await p.do("writeText", fd, "x");
    equal((await stat(p, dir)).st_mtime, 1000, "a write is no change of the directory");
  }),
];

export const access: readonly Row[] = [
  row("access() returns EACCES for what the mode forbids", async ({ proc, folder }) => {
    const [root, p, dir] = [await proc(), await proc(ALICE), await folder()];
    await root.do("makeFile", `${dir}/file`, "");
    for (let mode = 0; mode < 8; mode++) {
      await root.do("chmod", `${dir}/file`, mode);
      for (let wanted = 1; wanted < 8; wanted++) {
        const call = p.do("access", `${dir}/file`, wanted);
        if ((mode & wanted) === wanted) equal(await call, 0);
        else await fails("EACCES", call);
      }
      equal(await p.do("access", `${dir}/file`, F_OK), 0);
    }
  }),
  row("access() returns EACCES to root to execute what nobody may", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "", 0);
    equal(await p.do("access", `${dir}/file`, R_OK | W_OK), 0);
    await fails("EACCES", p.do("access", `${dir}/file`, X_OK));
    await p.do("chmod", `${dir}/file`, 0o001);
    equal(await p.do("access", `${dir}/file`, X_OK), 0);
    await p.do("mkdir", `${dir}/sub`, 0);
    equal(await p.do("access", `${dir}/sub`, R_OK | W_OK | X_OK), 0, "a directory");
  }),
  row("access() returns EINVAL for another mode", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    for (const mode of [8, -1, 0o100]) await fails("EINVAL", p.do("access", dir, mode));
  }),
];

export const chmod: readonly Row[] = [
  row("chmod() returns EPERM for all but the owner and root", async ({ proc, folder }) => {
    const [alice, bob, root] = [await proc(ALICE), await proc(BOB), await proc()];
    const dir = await folder();
    await alice.do("makeFile", `${dir}/file`, "", 0o666);
    equal((await fails("EPERM", bob.do("chmod", `${dir}/file`, 0o600))).syscall, "chmod");
    equal(await alice.do("chmod", `${dir}/file`, 0o640), 0);
    equal(await root.do("chmod", `${dir}/file`, 0o604), 0);
    equal(await bits(root, `${dir}/file`), 0o604);
  }),
  row("chmod() sets twelve bits, and follows a symbolic link", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    await p.do("symlink", "file", `${dir}/link`);
    await p.do("chmod", `${dir}/link`, 0o177777);
    equal(await bits(p, `${dir}/file`), 0o7777);
    await p.do("chmod", `${dir}/file`, 0);
    equal((await stat(p, `${dir}/file`)).st_mode, S_IFREG);
  }),
  row("chmod() by an owner outside the file's group clears S_ISGID", async (world) => {
    const [root, p, dir] = [await world.proc(), await world.proc(ALICE), await world.folder()];
    await p.do("makeFile", `${dir}/file`, "");
    await root.do("chown", `${dir}/file`, -1, 5000);
    await p.do("chmod", `${dir}/file`, 0o2755);
    equal(await bits(p, `${dir}/file`), 0o755);
    await root.do("chmod", `${dir}/file`, 0o2755);
    equal(await bits(p, `${dir}/file`), 0o2755);
  }),
  row("chmod() leaves what is open", async ({ proc, folder }) => {
    const [p, dir] = [await proc(ALICE), await folder()];
    await p.do("makeFile", `${dir}/file`, "text");
    const fd: number = await p.do("open", `${dir}/file`, O_RDWR);
    await p.do("chmod", `${dir}/file`, 0);
    equal(await p.do<string>("readText", fd, 10), "text");
    await fails("EACCES", p.do("open", `${dir}/file`, O_RDONLY));
  }),
  row("fchmod() returns EBADF for what is not open", async ({ proc }) => {
    const p = await proc();
    for (const fd of [-1, 999]) await fails("EBADF", p.do("fchmod", fd, 0o600));
  }),
  row("fchmod() returns EPERM for another's file", async ({ proc, folder }) => {
    const [alice, bob, dir] = [await proc(ALICE), await proc(BOB), await folder()];
    await alice.do("makeFile", `${dir}/file`, "");
    const fd: number = await bob.do("open", `${dir}/file`, O_RDONLY);
    await fails("EPERM", bob.do("fchmod", fd, 0o666));
    const mine: number = await alice.do("open", `${dir}/file`, O_RDONLY);
    equal(await alice.do("fchmod", mine, 0o400), 0, "open to read is enough");
    equal(await bits(alice, `${dir}/file`), 0o400);
  }),
  row("fchmod() works on a pipe", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    await p.do("fchmod", w, 0o640);
    equal((await p.do<Stat>("fstat", r)).st_mode & ~S_IFMT, 0o640);
  }),
];

export const chown: readonly Row[] = [
  row("chown() returns EPERM to give a file away, or take one", async ({ proc, folder }) => {
    const [alice, bob, dir] = [await proc(ALICE), await proc(BOB), await folder()];
    await alice.do("makeFile", `${dir}/file`, "");
    await fails("EPERM", alice.do("chown", `${dir}/file`, BOB.uid, -1));
    await fails("EPERM", alice.do("chown", `${dir}/file`, -1, BOB.gid));
    await fails("EPERM", bob.do("chown", `${dir}/file`, BOB.uid, BOB.gid));
    await fails("EPERM", bob.do("chown", `${dir}/file`, -1, BOB.gid));
    equal(await owner(alice, `${dir}/file`), [ALICE.uid, ALICE.gid]);
    equal(await alice.do("chown", `${dir}/file`, ALICE.uid, ALICE.gid), 0, "no change");
  }),
  row("chown() lets an owner choose among the own groups", async ({ proc, folder }) => {
    const [p, dir] = [await proc(DAVE), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    await p.do("chown", `${dir}/file`, -1, CAROL.gid);
    equal(await owner(p, `${dir}/file`), [DAVE.uid, CAROL.gid]);
  }),
  row("chown() by root sets what is not -1", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    for (const [uid, gid, result] of [
      [7, 8, [7, 8]],
      [-1, 9, [7, 9]],
      [6, -1, [6, 9]],
      [-1, -1, [6, 9]],
      [0, 0, [0, 0]],
    ] as const) {
      await p.do("chown", `${dir}/file`, uid, gid);
      equal(await owner(p, `${dir}/file`), result);
    }
  }),
  row("chown() clears S_ISUID, and S_ISGID of what the group may execute", async (world) => {
    const [root, p, dir] = [await world.proc(), await world.proc(DAVE), await world.folder()];
    for (const [before, after] of [
      [0o6755, 0o755],
      [0o4644, 0o644],
      [0o1777, 0o1777],
    ] as const) {
      for (const who of [root, p]) {
        const path = `${dir}/${before}-${who.pid}`;
        await who.do("makeFile", path, "");
        await who.do("chmod", path, before);
        await who.do("chown", path, -1, CAROL.gid);
        equal(await bits(root, path), after);
      }
    }
  }),
  row("chown() follows a symbolic link, and lchown() does not", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    await p.do("symlink", "file", `${dir}/link`);
    await p.do("lchown", `${dir}/link`, 5, 6);
    equal([await owner(p, `${dir}/link`), await owner(p, `${dir}/file`)], [
      [5, 6],
      [0, 0],
    ] as never);
    await p.do("chown", `${dir}/link`, 7, 8);
    equal([await owner(p, `${dir}/link`), await owner(p, `${dir}/file`)], [
      [5, 6],
      [7, 8],
    ] as never);
  }),
  row("lchown() returns EPERM for another's link", async ({ proc, folder }) => {
    const [root, p, dir] = [await proc(), await proc(ALICE), await folder()];
    await root.do("symlink", "x", `${dir}/link`);
    await fails("EPERM", p.do("lchown", `${dir}/link`, ALICE.uid, -1));
  }),
  row("fchown() returns EBADF for what is not open", async ({ proc }) => {
    const p = await proc();
    for (const fd of [-1, 999]) await fails("EBADF", p.do("fchown", fd, 1, 1));
  }),
  row("fchown() returns EPERM as chown() does", async ({ proc, folder }) => {
    const [alice, dir, root] = [await proc(ALICE), await folder(), await proc()];
    await alice.do("makeFile", `${dir}/file`, "");
    const fd: number = await alice.do("open", `${dir}/file`, O_RDWR);
    await fails("EPERM", alice.do("fchown", fd, BOB.uid, -1));
    const theirs: number = await root.do("open", `${dir}/file`, O_RDONLY);
    await root.do("fchown", theirs, 3, 4);
    equal(await owner(root, `${dir}/file`), [3, 4]);
  }),
];

export const utimens: readonly Row[] = [
  row("utimensat() returns EACCES for now without write permission", async ({ proc, folder }) => {
    const [alice, bob, dir] = [await proc(ALICE), await proc(BOB), await folder()];
    await alice.do("makeFile", `${dir}/file`, "");
    await fails("EACCES", bob.do("utimensat", AT_FDCWD, `${dir}/file`, null));
    await alice.do("chmod", `${dir}/file`, 0o666);
    equal(await bob.do("utimensat", AT_FDCWD, `${dir}/file`, null), 0);
    const now = [at(0, UTIME_NOW), at(0, UTIME_NOW)];
    equal(await bob.do("utimensat", AT_FDCWD, `${dir}/file`, now), 0);
  }),
  row("utimensat() returns EBADF for a directory that is not open", async ({ proc }) => {
    const p = await proc();
    for (const fd of [-1, 999]) await fails("EBADF", p.do("utimensat", fd, "x", null));
  }),
  row("utimensat() returns EINVAL for wrong nanoseconds and flags", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    for (const nsec of [-1, 1_000_000_000]) {
      const times = [at(0, nsec), at(0)];
      await fails("EINVAL", p.do("utimensat", AT_FDCWD, `${dir}/file`, times));
    }
    await fails("EINVAL", p.do("utimensat", AT_FDCWD, `${dir}/file`, null, 1));
  }),
  row("utimensat() returns EPERM for a time that is not now, to all but the owner", async (v) => {
    const [alice, bob, dir] = [await v.proc(ALICE), await v.proc(BOB), await v.folder()];
    await alice.do("makeFile", `${dir}/file`, "");
    await alice.do("chmod", `${dir}/file`, 0o666);
    for (const times of [
      [at(1), at(1)],
      [at(0, UTIME_NOW), at(0, UTIME_OMIT)],
    ]) {
      await fails("EPERM", bob.do("utimensat", AT_FDCWD, `${dir}/file`, times));
    }
    const nothing = [at(0, UTIME_OMIT), at(0, UTIME_OMIT)];
    equal(await bob.do("utimensat", AT_FDCWD, `${dir}/file`, nothing), 0);
  }),
  row("utimensat() sets both times, one, or none", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    const path = `${dir}/file`;
    await p.do("makeFile", path, "");
    await p.do("utimensat", AT_FDCWD, path, [at(-5, 250_000_000), at(4_000_000_000)]);
    const set = await stat(p, path);
    equal([set.st_atime, set.st_mtime], [-4.75, 4_000_000_000]);
    await p.do("utimensat", AT_FDCWD, path, [at(7), at(9, UTIME_OMIT)]);
    const one = await stat(p, path);
    equal([one.st_atime, one.st_mtime], [7, 4_000_000_000]);
    await p.do("utimensat", AT_FDCWD, path, [at(9, UTIME_OMIT), at(9, UTIME_NOW)]);
    const now = await stat(p, path);
    equal(now.st_atime, 7);
    isNow(now.st_mtime, "st_mtime");
    await p.do("utimensat", AT_FDCWD, path, null);
    isNow((await stat(p, path)).st_atime, "st_atime");
  }),
  row("utimensat() follows a symbolic link unless told not to", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    await p.do("symlink", "file", `${dir}/link`);
    const times = (sec: number) => [at(sec), at(sec)];
    await p.do("utimensat", AT_FDCWD, `${dir}/link`, times(11));
    await p.do("utimensat", AT_FDCWD, `${dir}/link`, times(22), AT_SYMLINK_NOFOLLOW);
    equal((await stat(p, `${dir}/file`)).st_mtime, 11);
    equal((await p.do<Stat>("lstat", `${dir}/link`)).st_mtime, 22);
  }),
  row("futimens() returns EBADF for what is not open", async ({ proc }) => {
    const p = await proc();
    for (const fd of [-1, 999]) await fails("EBADF", p.do("futimens", fd, null));
  }),
  row("futimens() sets the times of what is open", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    const fd: number = await p.do("open", `${dir}/file`, O_RDONLY);
    await p.do("futimens", fd, [at(3), at(4)]);
    const { st_atime, st_mtime } = await stat(p, `${dir}/file`);
    equal([st_atime, st_mtime], [3, 4]);
  }),
];

export const directories: readonly Row[] = [
  row("umask() returns the mask before, and keeps nine bits", async ({ proc }) => {
    const p = await proc();
    equal(await p.do("umask", 0o7027), 0o022);
    equal(await p.do("umask", 0), 0o027);
  }),
  row("umask() is the process's own, and a child begins with its parent's", async (world) => {
    const parent = await world.proc({ fresh: true });
    const dir = await world.folder();
    await parent.do("chdir", dir);
    const kid = await world.proc({ parent });
    equal(await kid.do<string>("getcwd"), dir, "the current directory");
    await kid.do("umask", 0o077);
    await parent.do("makeFile", "file", "", 0o666);
    equal(await bits(parent, "file"), 0o644);
    await kid.do("chdir", "/");
    equal(await parent.do<string>("getcwd"), dir, "the parent stays");
  }),
  row("chdir() returns EACCES for a directory that may not be searched", async (world) => {
    const [root, p, dir] = [await world.proc(), await world.proc(ALICE), await world.folder()];
    await root.do("mkdir", `${dir}/sub`, 0o766);
    await root.do("chmod", `${dir}/sub`, 0o766);
    await fails("EACCES", p.do("chdir", `${dir}/sub`));
    equal(await root.do("chdir", `${dir}/sub`), 0, "root may");
  }),
  row("chdir() goes where relative paths begin", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkdir", `${dir}/sub`, 0o755);
    await p.do("symlink", "sub", `${dir}/link`);
    await p.do("chdir", `${dir}/link`);
    equal(await p.do<string>("getcwd"), `${dir}/sub`, "not the link's name");
    await p.do("makeFile", "file", "here");
    equal(await p.do<string>("contents", `${dir}/sub/file`), "here");
    await p.do("chdir", "..");
    equal(await p.do<string>("getcwd"), dir);
    await p.do("rename", `${dir}/sub`, `${dir}/moved`);
    await p.do("chdir", "moved");
    equal(await p.do<string>("getcwd"), `${dir}/moved`);
    await p.do("chdir", "/");
    equal(await p.do<string>("getcwd"), "/");
  }),
  row("fchdir() returns EBADF for what is not open", async ({ proc }) => {
    const p = await proc();
    for (const fd of [-1, 999]) await fails("EBADF", p.do("fchdir", fd));
  }),
  row("fchdir() returns ENOTDIR for what is no directory", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    const fd: number = await p.do("open", `${dir}/file`, O_RDONLY);
    for (const each of [fd, ...(await pipeOf(p))]) await fails("ENOTDIR", p.do("fchdir", each));
  }),
  row("fchdir() returns EACCES for an open directory that may not be searched", async (world) => {
    const [root, p, dir] = [await world.proc(), await world.proc(ALICE), await world.folder()];
    await root.do("mkdir", `${dir}/sub`, 0o744);
    const fd: number = await p.do("open", `${dir}/sub`, O_RDONLY | O_DIRECTORY);
    await fails("EACCES", p.do("fchdir", fd));
  }),
  row("fchdir() goes to an open directory, whatever it is called now", async (world) => {
    const [p, dir] = [await world.proc(), await world.folder()];
    await p.do("mkdir", `${dir}/sub`, 0o755);
    const fd: number = await p.do("open", `${dir}/sub`, O_RDONLY | O_DIRECTORY);
    await p.do("rename", `${dir}/sub`, `${dir}/moved`);
    equal(await p.do("fchdir", fd), 0);
    equal(await p.do<string>("getcwd"), `${dir}/moved`);
  }),
  row("chdir() goes up from a directory that was removed to what was its parent", async (world) => {
    const [p, dir] = [await world.proc(), await world.folder()];
    for (const path of ["a", "a/gone", "a/new"]) await p.do("mkdir", `${dir}/${path}`, 0o755);
    await p.do("makeFile", `${dir}/a/file`, "text");
    const fd: number = await p.do("open", `${dir}/a/gone`, O_RDONLY);
    await p.do("chdir", `${dir}/a/gone`);
    await p.do("rename", `${dir}/a/new`, `${dir}/a/gone`);
    equal((await p.do<Stat>("stat", ".")).st_nlink, 0);
    equal(await p.do<string>("contents", "../file"), "text");
    const up: number = await p.do("openat", fd, "..", O_RDONLY);
    equal(await inode(p, ".."), (await p.do<Stat>("fstat", up)).st_ino);
    for (const path of ["new", "./new"]) await fails("ENOENT", p.do("mkdir", path, 0o755));
    equal(await p.do("mkdir", "../new", 0o755), 0);
    await p.do("rename", `${dir}/a`, `${dir}/b`);
    await p.do("chdir", "..");
    equal(await p.do<string>("getcwd"), `${dir}/b`);
  }),
  row("chdir() goes up through directories that were removed", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    for (const path of ["a", "a/b", "a/b/c"]) await p.do("mkdir", `${dir}/${path}`, 0o755);
    const [a, b] = [await inode(p, `${dir}/a`), await inode(p, `${dir}/a/b`)];
    await p.do("chdir", `${dir}/a/b/c`);
    for (const path of ["a/b/c", "a/b", "a"]) await p.do("rmdir", `${dir}/${path}`);
    equal([await inode(p, ".."), await inode(p, "../..")], [b, a]);
    equal((await p.do<Stat>("stat", "..")).st_nlink, 0);
    for (const path of ["..", "../.."]) await fails("ENOENT", p.do("mkdir", `${path}/new`, 0o755));
    equal(await inode(p, "../../.."), await inode(p, dir));
    await p.do("chdir", "..");
    await fails("ENOENT", p.do("getcwd"));
    await p.do("chdir", "../..");
    equal(await p.do<string>("getcwd"), dir);
  }),
  row("getcwd() returns ENOENT when the directory was removed", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkdir", `${dir}/sub`, 0o755);
    await p.do("chdir", `${dir}/sub`);
    await p.do("rmdir", `${dir}/sub`);
    await fails("ENOENT", p.do("getcwd"));
    equal(await p.do("chdir", dir), 0, "another one can still be reached");
  }),
];
