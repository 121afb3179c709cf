/** open(2) of regular files and directories. FIFOs are in fifo.ts, paths in paths.ts. */
import {
  F_GETFD,
  F_GETFL,
  FD_CLOEXEC,
  O_ACCMODE,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from "../../../assembly/abi/fcntl.ts";
import { S_IFMT, S_IFREG } from "../../../assembly/abi/stat.ts";
import { SEEK_CUR } from "../../../assembly/abi/unistd.ts";
import type { Stat } from "../../../host/contract-files.ts";
import { equal, fails, isNow, ok } from "../check.ts";
import { closeAll, NOT_OPEN, pipeOf } from "../objects-files.ts";
import { ALICE, BOB, CAROL, DAVE, type Proc, type Row, row } from "../row.ts";

const NEW = O_RDWR | O_CREAT;

async function endless(p: Proc, path: string): Promise<never> {
  for (;;) await p.do("open", path, O_RDONLY);
}

export const openErrors: readonly Row[] = [
  row("open() returns EACCES when the file's mode forbids it", async ({ proc, folder }) => {
    const [root, p, dir] = [await proc(), await proc(ALICE), await folder()];
    for (const [mode, allowed] of [
      [0o600, []],
      [0o604, [O_RDONLY]],
      [0o602, [O_WRONLY]],
      [0o606, [O_RDONLY, O_WRONLY, O_RDWR]],
    ] as const) {
      const path = `${dir}/${mode}`;
      await root.do("makeFile", path, "");
      await root.do("chmod", path, mode);
      for (const flags of [O_RDONLY, O_WRONLY, O_RDWR]) {
        if ((allowed as readonly number[]).includes(flags)) await p.do("open", path, flags);
        else await fails("EACCES", p.do("open", path, flags));
      }
    }
  }),
  row("open() returns EACCES by the owner's, the group's or the others' bits", async (world) => {
    const [dir, root] = [await world.folder(), await world.proc()];
    await root.do("makeFile", `${dir}/file`, "");
    await root.do("chown", `${dir}/file`, ALICE.uid, ALICE.gid);
    const users = [ALICE, CAROL, DAVE, BOB];
    const procs = await Promise.all(users.map((user) => world.proc(user)));
    for (const [mode, readers] of [
      [0o400, [0]],
      [0o040, [1, 2]],
      [0o004, [3]],
      [0o044, [1, 2, 3]],
    ] as const) {
      await root.do("chmod", `${dir}/file`, mode);
      for (const [index, p] of procs.entries()) {
        const call = p.do("open", `${dir}/file`, O_RDONLY);
        if ((readers as readonly number[]).includes(index)) await call;
        else await fails("EACCES", call);
      }
    }
    ok((await root.do("open", `${dir}/file`, O_RDWR)) > 0, "root may, whatever the mode");
  }),
  row("open() returns EACCES for a new file where nothing may be made", async (world) => {
    const [root, p, dir] = [await world.proc(), await world.proc(ALICE), await world.folder()];
    await root.do("mkdir", `${dir}/theirs`, 0o755);
    await fails("EACCES", p.do("open", `${dir}/theirs/new`, NEW, 0o600));
    await fails("ENOENT", p.do("open", `${dir}/theirs/new`, O_RDWR));
  }),
  row("open() returns EEXIST with O_EXCL for whatever has the name", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    await p.do("mkdir", `${dir}/dir`, 0o755);
    await p.do("symlink", "none", `${dir}/dangling`);
    await p.do("symlink", "file", `${dir}/link`);
    for (const name of ["file", "dir", "dangling", "link"]) {
      await fails("EEXIST", p.do("open", `${dir}/${name}`, NEW | O_EXCL, 0o600));
    }
    await fails("ENOENT", p.do("stat", `${dir}/none`));
  }),
  row("open() returns EINVAL for O_CREAT and O_DIRECTORY together", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    for (const path of [dir, `${dir}/new`]) {
      await fails("EINVAL", p.do("open", path, O_RDONLY | O_CREAT | O_DIRECTORY, 0o700));
    }
  }),
  row("open() returns EISDIR to write a directory, or to make one", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    for (const flags of [O_WRONLY, O_RDWR, O_RDONLY | O_CREAT, O_RDONLY | O_TRUNC]) {
      await fails("EISDIR", p.do("open", dir, flags, 0o600));
    }
    await fails("EISDIR", p.do("open", `${dir}/new/`, NEW, 0o600));
    await p.do("open", dir, O_RDONLY);
    await p.do("open", dir, O_RDONLY | O_DIRECTORY);
  }),
  row("open() returns EISDIR for a slash after a name to be made, unlooked at", async (world) => {
    const [p, dir] = [await world.proc(), await world.folder()];
    await p.do("symlink", "loop", `${dir}/loop`);
    for (const name of ["loop", "n".repeat(256)]) {
      await fails("EISDIR", p.do("open", `${dir}/${name}/`, NEW, 0o600));
    }
    await fails("ELOOP", p.do("open", `${dir}/loop/`, O_RDWR));
  }),
  row("open() returns ELOOP with O_NOFOLLOW for a symbolic link at the end", async (world) => {
    const [p, dir] = [await world.proc(), await world.folder()];
    await p.do("makeFile", `${dir}/file`, "");
    await p.do("symlink", "file", `${dir}/link`);
    await p.do("symlink", ".", `${dir}/here`);
    for (const name of ["link", "here"]) {
      await fails("ELOOP", p.do("open", `${dir}/${name}`, O_RDONLY | O_NOFOLLOW));
    }
    await p.do("open", `${dir}/here/file`, O_RDONLY | O_NOFOLLOW);
    await fails("ENOTDIR", p.do("open", `${dir}/here`, O_RDONLY | O_NOFOLLOW | O_DIRECTORY));
  }),
  row(
    "open() returns EMFILE when no number is free",
    async ({ proc }) => {
      const p = await proc({ fresh: true });
      await fails("EMFILE", endless(p, "/"));
      await fails("ENOENT", p.do("open", "", O_RDONLY));
      await fails("ENAMETOOLONG", p.do("open", "a/".repeat(2048), O_RDONLY));
      await fails("EMFILE", p.do("open", "/missing", O_RDONLY));
    },
    { limits: { OPEN_MAX: 64 } },
  ),
  row(
    "open() returns ENFILE when the machine has no more open file descriptions",
    async ({ proc }) => {
      const p = await proc(ALICE);
      await fails("ENFILE", endless(p, "/"));
    },
    { limits: { FILE_MAX: 64 } },
  ),
  row("open() returns ENOTDIR with O_DIRECTORY for what is none", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    await fails("ENOTDIR", p.do("open", `${dir}/file`, O_RDONLY | O_DIRECTORY));
    await fails("ENOTDIR", p.do("open", `${dir}/file/`, O_RDONLY));
  }),
  row("open() returns EPERM with O_NOATIME for another's file", async ({ proc, folder }) => {
    const [alice, bob, dir] = [await proc(ALICE), await proc(BOB), await folder()];
    await alice.do("makeFile", `${dir}/file`, "");
    await fails("EPERM", bob.do("open", `${dir}/file`, O_RDONLY | 0o1000000));
    await alice.do("open", `${dir}/file`, O_RDONLY | 0o1000000);
  }),
  row("openat() returns EBADF for a directory that is not open", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    for (const fd of NOT_OPEN.filter((each) => each !== -100)) {
      equal((await fails("EBADF", p.do("openat", fd, "x", O_RDONLY))).syscall, "openat");
    }
    await p.do("openat", 999, dir, O_RDONLY);
  }),
  row("openat() returns ENOTDIR when the descriptor is no directory", async ({ proc }) => {
    const p = await proc();
    for (const fd of await pipeOf(p)) await fails("ENOTDIR", p.do("openat", fd, "x", O_RDONLY));
  }),
];

export const open: readonly Row[] = [
  row("open() with O_CREAT makes an empty file of the caller", async ({ proc, folder }) => {
    const [p, dir] = [await proc(ALICE), await folder()];
    const fd: number = await p.do("open", `${dir}/new`, NEW, 0o666);
    const { st_mode, st_uid, st_gid, st_size, st_nlink, st_mtime } = await p.do<Stat>("fstat", fd);
    equal(st_mode, S_IFREG | 0o644, "the umask takes 022 away");
    equal([st_uid, st_gid, st_size, st_nlink], [ALICE.uid, ALICE.gid, 0, 1]);
    isNow(st_mtime, "st_mtime");
    equal((await p.do<Stat>("stat", `${dir}/new`)).st_ino, (await p.do<Stat>("fstat", fd)).st_ino);
  }),
  row("open() with O_CREAT of what exists keeps owner, mode and contents", async (world) => {
    const [root, p, dir] = [await world.proc(), await world.proc(ALICE), await world.folder()];
    await root.do("makeFile", `${dir}/file`, "kept");
    await root.do("chmod", `${dir}/file`, 0o646);
    const fd: number = await p.do("open", `${dir}/file`, NEW, 0o600);
    const { st_mode, st_uid } = await p.do<Stat>("fstat", fd);
    equal([st_mode & ~S_IFMT, st_uid], [0o646, 0]);
    equal(await p.do<string>("readText", fd, 10), "kept");
  }),
  row("open() with O_CREAT gives the new descriptor more than the mode allows", async (world) => {
    const [p, dir] = [await world.proc(ALICE), await world.folder()];
    const fd: number = await p.do("open", `${dir}/new`, NEW, 0o400);
    equal(await p.do("writeText", fd, "once"), 4);
    await fails("EACCES", p.do("open", `${dir}/new`, O_RDWR));
    const none: number = await p.do("open", `${dir}/none`, NEW);
    equal((await p.do<Stat>("fstat", none)).st_mode & ~S_IFMT, 0, "without a mode");
  }),
  row("open() with O_CREAT makes what a symbolic link names", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("symlink", "target", `${dir}/link`);
    const fd: number = await p.do("open", `${dir}/link`, NEW, 0o600);
    await p.do("writeText", fd, "there");
    equal(await p.do<string>("contents", `${dir}/target`), "there");
    await fails("ELOOP", p.do("open", `${dir}/link`, NEW | O_NOFOLLOW, 0o600));
  }),
  row("open() with O_CREAT in a directory with S_ISGID takes its group", async (world) => {
    const [root, p, dir] = [await world.proc(), await world.proc(ALICE), await world.folder()];
    await root.do("mkdir", `${dir}/team`, 0o777);
    await root.do("chown", `${dir}/team`, -1, 5000);
    await root.do("chmod", `${dir}/team`, 0o2777);
    const fd: number = await p.do("open", `${dir}/team/file`, NEW, 0o600);
    const { st_uid, st_gid } = await p.do<Stat>("fstat", fd);
    equal([st_uid, st_gid], [ALICE.uid, 5000]);
    await p.do("mkdir", `${dir}/team/sub`, 0o755);
    const sub = await p.do<Stat>("stat", `${dir}/team/sub`);
    equal([sub.st_gid, sub.st_mode & 0o7777], [5000, 0o2755], "a directory hands it on");
  }),
  row("open() with O_TRUNC empties the file, and keeps it", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "some text");
    const old: number = await p.do("open", `${dir}/file`, O_RDONLY);
    const fd: number = await p.do("open", `${dir}/file`, O_WRONLY | O_TRUNC);
    equal((await p.do<Stat>("fstat", old)).st_size, 0);
    equal(await p.do<string>("readText", old, 10), "");
    await p.do("writeText", fd, "new");
    equal(await p.do<string>("readText", old, 10), "new");
  }),
  row("open() gives the lowest free number, and an offset of its own", async (world) => {
    const [p, dir] = [await world.proc({ fresh: true }), await world.folder()];
    await p.do("makeFile", `${dir}/file`, "abcdef");
    const [a, b]: number[] = [
      await p.do("open", `${dir}/file`, O_RDONLY),
      await p.do("open", `${dir}/file`, O_RDONLY),
    ];
    ok(a! < b!, "they ascend");
    equal(await p.do<string>("readText", a, 3), "abc");
    equal(await p.do<string>("readText", b, 2), "ab");
    await closeAll(p, a!);
    equal(await p.do("open", `${dir}/file`, O_RDONLY), a, "again");
    equal(await p.do("lseek", a, 0, SEEK_CUR), 0);
  }),
  row("open() keeps access mode and status flags, and nothing else", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    for (const mode of [O_RDONLY, O_WRONLY, O_RDWR]) {
      const kept = mode | O_APPEND | O_NONBLOCK;
      const fd: number = await p.do("open", `${dir}/file`, kept | O_CREAT | O_CLOEXEC, 0o600);
      const flags: number = await p.do("fcntl", fd, F_GETFL);
      equal(flags & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_CREAT | O_TRUNC), kept);
      equal(await p.do("fcntl", fd, F_GETFD), FD_CLOEXEC);
    }
    const fd: number = await p.do("open", `${dir}/file`, O_RDONLY);
    equal(await p.do("fcntl", fd, F_GETFD), 0);
  }),
  row("open() takes no notice of flags that do not exist", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    const fd: number = await p.do("open", `${dir}/file`, NEW | (1 << 30), 0o600);
    equal(await p.do("writeText", fd, "x"), 1);
  }),
  row("openat() takes a path from its directory, wherever that goes", async (world) => {
    const [p, dir] = [await world.proc(), await world.folder()];
    await p.do("mkdir", `${dir}/sub`, 0o755);
    await p.do("makeFile", `${dir}/sub/file`, "here");
    const fd: number = await p.do("open", `${dir}/sub`, O_RDONLY | O_DIRECTORY);
    await p.do("rename", `${dir}/sub`, `${dir}/moved`);
    const file: number = await p.do("openat", fd, "file", O_RDONLY);
    equal(await p.do<string>("readText", file, 10), "here");
    await p.do("openat", fd, "../moved/file", O_RDONLY);
  }),
];
