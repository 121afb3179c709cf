/** path_resolution(7): what every call with a path answers to paths that lead nowhere. */
import { AT_FDCWD, O_CREAT, O_RDONLY, O_RDWR } from "../../../assembly/abi/fcntl.ts";
import type { Stat } from "../../../host/contract-files.ts";
import { equal, fails } from "../check.ts";
import { ALICE, type Row, row } from "../row.ts";
import { badPaths } from "./mkfifo.ts";

/** Each call with a path, so that it would succeed or fail by the path alone. */
const CALLS: Readonly<Record<string, (path: string, dir: string) => unknown[]>> = {
  open: (path) => [path, O_RDONLY],
  openat: (path) => [AT_FDCWD, path, O_RDWR | O_CREAT, 0o600],
  truncate: (path) => [path, 0],
  mkdir: (path) => [path, 0o755],
  rmdir: (path) => [path],
  link: (path, dir) => [path, `${dir}/new`],
  symlink: (path, _dir) => ["target", path],
  unlink: (path) => [path],
  rename: (path, dir) => [path, `${dir}/new`],
  readlink: (path) => [path],
  stat: (path) => [path],
  lstat: (path) => [path],
  access: (path) => [path, 0],
  chmod: (path) => [path, 0o600],
  chown: (path) => [path, -1, -1],
  lchown: (path) => [path, -1, -1],
  utimensat: (path) => [AT_FDCWD, path, null],
  chdir: (path) => [path],
};

const SENTENCES: Readonly<Record<string, string>> = {
  ELOOP: "for a path through a loop of symbolic links",
  ENAMETOOLONG: "for a name past NAME_MAX or a path past PATH_MAX",
  ENOENT: "for an empty path, or one through what does not exist",
  ENOTDIR: "for a path through a file",
};

function pathRows(call: string, args: (path: string, dir: string) => unknown[]): Row[] {
  const searched = row(
    `${call}() returns EACCES for a path through a directory that may not be searched`,
    async ({ proc, folder }) => {
      const [root, p, dir] = [await proc(), await proc(ALICE), await folder()];
      await root.do("mkdir", `${dir}/closed`, 0o766);
      await root.do("chmod", `${dir}/closed`, 0o766);
      await root.do("makeFile", `${dir}/closed/file`, "", 0o666);
      for (const path of [`${dir}/closed/file`, `${dir}/closed/none`]) {
        equal((await fails("EACCES", p.do(call, ...args(path, dir)))).syscall, call);
      }
    },
  );
  const bad = Object.entries(SENTENCES).map(([errno, sentence]) =>
    row(`${call}() returns ${errno} ${sentence}`, async ({ proc, folder }) => {
      const [p, dir] = [await proc(), await folder()];
      for (const [path, wanted] of await badPaths(p, dir)) {
        if (wanted === errno) await fails(errno, p.do(call, ...args(path, dir)));
      }
    }),
  );
  return [searched, ...bad];
}

export const paths: readonly Row[] = [
  ...Object.entries(CALLS).flatMap(([call, args]) => pathRows(call, args)),
  row("rename() and link() look at the new path as at the old one", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/file`, "");
    for (const [path, errno] of await badPaths(p, dir)) {
      for (const call of ["rename", "link"]) await fails(errno, p.do(call, `${dir}/file`, path));
    }
  }),
  row("stat() follows 40 symbolic links, and not 41", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("makeFile", `${dir}/0`, "");
    for (let i = 1; i <= 41; i++) await p.do("symlink", `${i - 1}`, `${dir}/${i}`);
    const { st_ino } = await p.do<Stat>("stat", `${dir}/0`);
    equal((await p.do<Stat>("stat", `${dir}/40`)).st_ino, st_ino);
    await fails("ELOOP", p.do("stat", `${dir}/41`));
  }),
  row("stat() counts the links of all directories on the way", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("symlink", ".", `${dir}/here`);
    await p.do("makeFile", `${dir}/file`, "");
    await p.do("stat", `${dir}${"/here".repeat(40)}/file`);
    await fails("ELOOP", p.do("stat", `${dir}${"/here".repeat(41)}/file`));
  }),
  row("stat() takes slashes, dots and double dots as nothing, one and up", async (world) => {
    const [p, dir] = [await world.proc(), await world.folder()];
    await p.do("mkdir", `${dir}/sub`, 0o755);
    await p.do("makeFile", `${dir}/sub/file`, "");
    const { st_ino } = await p.do<Stat>("stat", `${dir}/sub/file`);
    for (const path of ["//sub///file", "/./sub/././file", "/sub/../sub/file"]) {
      equal((await p.do<Stat>("stat", `${dir}${path}`)).st_ino, st_ino, path);
    }
    const root = await p.do<Stat>("stat", "/");
    for (const path of ["/..", "/../..", "//", "/."]) {
      equal((await p.do<Stat>("stat", path)).st_ino, root.st_ino, path);
    }
  }),
  row("stat() resolves a link from the directory that holds it", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkdir", `${dir}/a`, 0o755);
    await p.do("makeFile", `${dir}/file`, "outer");
    await p.do("makeFile", `${dir}/a/file`, "inner");
    await p.do("symlink", "file", `${dir}/a/relative`);
    await p.do("symlink", "../file", `${dir}/a/up`);
    await p.do("symlink", `${dir}/file`, `${dir}/a/absolute`);
    await p.do("symlink", "a", `${dir}/directory`);
    for (const [path, text] of [
      ["a/relative", "inner"],
      ["a/up", "outer"],
      ["a/absolute", "outer"],
      ["directory/relative", "inner"],
      ["directory/../file", "outer"],
    ]) {
      equal(await p.do<string>("contents", `${dir}/${path}`), text, path);
    }
  }),
  row("stat() wants a directory before a slash at the end", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await p.do("mkdir", `${dir}/sub`, 0o755);
    await p.do("makeFile", `${dir}/file`, "");
    await p.do("symlink", "file", `${dir}/to-file`);
    await p.do("symlink", "sub", `${dir}/to-sub`);
    for (const call of ["stat", "lstat"]) {
      for (const name of ["file/", "to-file/", "file/.", "file/.."]) {
        await fails("ENOTDIR", p.do(call, `${dir}/${name}`));
      }
      const { st_ino } = await p.do<Stat>("stat", `${dir}/sub`);
      for (const name of ["sub/", "to-sub/", "sub/."]) {
        equal((await p.do<Stat>(call, `${dir}/${name}`)).st_ino, st_ino, name);
      }
    }
  }),
];
