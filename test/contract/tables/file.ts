/** read(2), write(2), lseek(2), pread(2), truncate(2) and the like on regular files. */
import { EPOLL_CTL_ADD, EPOLLIN } from "../../../assembly/abi/epoll.ts";
import {
  F_DUPFD,
  F_SETFL,
  O_APPEND,
  O_CREAT,
  O_DIRECTORY,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
} from "../../../assembly/abi/fcntl.ts";
import { POLLIN, POLLOUT } from "../../../assembly/abi/poll.ts";
import {
  SEEK_CUR,
  SEEK_DATA,
  SEEK_END,
  SEEK_HOLE,
  SEEK_SET,
} from "../../../assembly/abi/unistd.ts";
import type { Stat } from "../../../host/contract-files.ts";
import { equal, fails, ok } from "../check.ts";
import { closeAll, HIGH, PAGE, ready } from "../objects-files.ts";
import { ALICE, type Proc, type Row, row, type World } from "../row.ts";
import type { Run } from "../steps-files.ts";

/** A process and a file that it has open to read and write. */
async function file({ proc, folder }: World, text = "", flags = 0) {
  const [p, dir] = [await proc(), await folder()];
  const path = `${dir}/file`;
  await p.do("makeFile", path, text);
  const fd: number = await p.do("open", path, O_RDWR | flags);
  return { p, dir, path, fd };
}

const size = async (p: Proc, fd: number) => (await p.do<Stat>("fstat", fd)).st_size;

export const fileIo: readonly Row[] = [
  row("read() returns EISDIR for a directory", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    const fd: number = await p.do("open", dir, O_RDONLY | O_DIRECTORY);
    await fails("EISDIR", p.do("readText", fd, 10));
    await fails("EISDIR", p.do("pread", fd, new Uint8Array(4), 4, 0));
    await fails("EBADF", p.do("writeText", fd, "x"));
  }),
  row("read() returns EBADF for a file that is open to write only", async (world) => {
    const { p, path } = await file(world, "text");
    const fd: number = await p.do("open", path, O_WRONLY);
    await fails("EBADF", p.do("readText", fd, 1));
    await fails("EBADF", p.do("pread", fd, new Uint8Array(1), 1, 0));
    const r: number = await p.do("open", path, O_RDONLY);
    await fails("EBADF", p.do("writeText", r, "x"));
    await fails("EBADF", p.do("pwriteText", r, "x", 0));
  }),
  row("read() and write() move one offset", async (world) => {
    const { p, path, fd } = await file(world, "abcdef");
    equal(await p.do<string>("readText", fd, 2), "ab");
    equal(await p.do("writeText", fd, "XY"), 2);
    equal(await p.do<string>("readText", fd, 10), "ef");
    equal(await p.do<string>("readText", fd, 10), "", "the end");
    equal(await p.do<string>("contents", path), "abXYef");
  }),
  row("read() into shared memory and from it works on files too", async (world) => {
    const { p, fd } = await file(world);
    await p.do("writeShared", fd, "shared");
    await p.do("lseek", fd, 0, SEEK_SET);
    const seen = await p.do<unknown>("readShared", fd, 20);
    equal(seen, { text: "shared", around: [0xee, 0xee] });
  }),
  row("read() never waits for a regular file, whatever O_NONBLOCK says", async (world) => {
    for (const flags of [0, O_NONBLOCK]) {
      const { p, fd } = await file(world, "", flags);
      equal(await p.do<string>("readText", fd, 10), "");
    }
  }),
  row("readv() and writev() move the offset by what they did", async (world) => {
    const { p, fd, path } = await file(world, "0123456789");
    equal(await p.do("readVector", fd, 1, 2), { n: 3, texts: ["0", "12"] } as never);
    equal(await p.do("writeVector", fd, "ab", "c"), 3);
    equal(await p.do("lseek", fd, 0, SEEK_CUR), 6);
    equal(await p.do<string>("contents", path), "012abc6789");
  }),
  row("pread() and pwrite() leave the offset", async (world) => {
    const { p, fd, path } = await file(world, "abcdef");
    await p.do("readText", fd, 1);
    equal(await p.do<string>("preadText", fd, 3, 2), "cde");
    equal(await p.do<string>("preadText", fd, 10, 5), "f");
    equal(await p.do<string>("preadText", fd, 10, 6), "", "at the end");
    equal(await p.do<string>("preadText", fd, 10, 1000), "", "past it");
    equal(await p.do("pwriteText", fd, "ZZ", 4), 2);
    equal(await p.do<string>("readText", fd, 2), "bc");
    equal(await p.do<string>("contents", path), "abcdZZ");
  }),
  row("pread() returns EINVAL for a negative offset of a file", async (world) => {
    const { p, fd } = await file(world, "abc");
    await fails("EINVAL", p.do("pread", fd, new Uint8Array(1), 1, -1));
    await fails("EINVAL", p.do("pwriteText", fd, "x", -1));
  }),
  row("write() past the end leaves zeros between", async (world) => {
    const { p, fd } = await file(world, "ab");
    await p.do("lseek", fd, 3 * PAGE, SEEK_SET);
    equal(await size(p, fd), 2, "lseek() alone does nothing");
    await p.do("writeText", fd, "z");
    equal(await size(p, fd), 3 * PAGE + 1);
    await p.do("lseek", fd, 2, SEEK_SET);
    const runs = await p.do<Run[]>("readRuns", fd, 4 * PAGE);
    equal(runs, [
      [0, 3 * PAGE - 2],
      ["z".charCodeAt(0), 1],
    ]);
  }),
  row("write() of no bytes changes nothing", async (world) => {
    const { p, fd } = await file(world, "ab");
    await p.do("lseek", fd, 100, SEEK_SET);
    equal(await p.do("writeText", fd, ""), 0);
    equal(await size(p, fd), 2);
  }),
  row("write() across many pages is read as it was", async (world) => {
    const { p, fd } = await file(world);
    const pieces: Run[] = [
      [1, 10],
      [2, PAGE],
      [3, 5 * PAGE + 1],
      [4, 3],
    ];
    for (const [byte, length] of pieces) equal(await p.do("writeRun", fd, byte, length), length);
    await p.do("lseek", fd, 0, SEEK_SET);
    equal(await p.do<Run[]>("readToEnd", fd, 1000), pieces);
  }),
  row("write() with O_APPEND goes to the end, wherever the offset is", async (world) => {
    const { p, fd, path } = await file(world, "one", O_APPEND);
    equal(await p.do<string>("readText", fd, 1), "o");
    await p.do("writeText", fd, " two");
    equal(await p.do("lseek", fd, 0, SEEK_CUR), 7, "the offset follows");
    await p.do("lseek", fd, 0, SEEK_SET);
    await p.do("writeText", fd, " three");
    equal(await p.do<string>("contents", path), "one two three");
    await p.do("fcntl", fd, F_SETFL, 0);
    await p.do("pwriteText", fd, "ONE", 0);
    equal(await p.do<string>("contents", path), "ONE two three", "without the flag");
  }),
  row("pwrite() with O_APPEND appends, as Linux does", async (world) => {
    const { p, fd, path } = await file(world, "abc", O_APPEND);
    equal(await p.do("pwriteText", fd, "d", 0), 1);
    equal(await p.do<string>("contents", path), "abcd");
  }),
  row("write() with O_APPEND by several processes loses nothing", async (world) => {
    const { p, path, fd } = await file(world);
    await p.do("chmod", path, 0o666);
    const procs = await Promise.all([1, 2, 3].map(() => world.proc(ALICE)));
    const fds = await Promise.all(procs.map((each) => each.do("open", path, O_WRONLY | O_APPEND)));
    const calls = procs.map((each, i) => each.do("writeRecords", fds[i]!, i, 100, 200));
    await Promise.all(calls);
    const runs = await p.do<Run[]>("readToEnd", fd);
    ok(
      runs.every(([, length]) => length % 100 === 0),
      "no record is torn",
    );
    equal(await size(p, fd), 3 * 100 * 200);
  }),
  row("write() is seen at once by whoever has the file open", async (world) => {
    const { p, path, fd } = await file(world, "before");
    const other = await world.proc(ALICE);
    const r: number = await other.do("open", path, O_RDONLY);
    await p.do("pwriteText", fd, "behind", 0);
    equal(await other.do<string>("readText", r, 10), "behind");
  }),
  row("dup() and spawn share the offset", async (world) => {
    const [parent, dir] = [await world.proc({ fresh: true }), await world.folder()];
    await parent.do("makeFile", `${dir}/file`, "abcdefgh");
    const low: number = await parent.do("open", `${dir}/file`, O_RDWR);
    const fd: number = await parent.do("fcntl", low, F_DUPFD, HIGH);
    const kid = await world.proc({ parent });
    equal(await parent.do<string>("readText", low, 2), "ab");
    equal(await kid.do<string>("readText", fd, 2), "cd");
    equal(await parent.do("lseek", fd, 0, SEEK_CUR), 4);
    await kid.do("lseek", fd, 6, SEEK_SET);
    equal(await parent.do<string>("readText", low, 5), "gh");
  }),
  row("unlink() leaves the file to those who have it open", async (world) => {
    const { p, path, fd } = await file(world, "still");
    await p.do("unlink", path);
    await fails("ENOENT", p.do("stat", path));
    equal((await p.do<Stat>("fstat", fd)).st_nlink, 0);
    equal(await p.do<string>("readText", fd, 10), "still");
    await p.do("writeText", fd, " here");
    equal(await p.do<string>("preadText", fd, 20, 0), "still here");
  }),
  row("poll() finds a regular file ready, always", async (world) => {
    const { p, fd } = await file(world);
    equal(await ready(p, fd, POLLIN | POLLOUT), POLLIN | POLLOUT);
    const now = { tv_sec: 0, tv_usec: 0 };
    equal((await p.do<{ result: number }>("select", 1024, [fd], [fd], null, now)).result, 2);
  }),
  row("epoll_ctl() returns EPERM for a regular file and a directory", async (world) => {
    const { p, dir, fd } = await file(world);
    const epfd: number = await p.do("epoll_create1", 0);
    const d: number = await p.do("open", dir, O_RDONLY | O_DIRECTORY);
    for (const each of [fd, d]) {
      await fails("EPERM", p.do("epoll_ctl", epfd, EPOLL_CTL_ADD, each, { events: EPOLLIN }));
    }
  }),
  row(
    "write() returns ENOSPC when the machine is full, after what it could",
    async (world) => {
      const { p, path, fd } = await file(world);
      let total = 0;
      await fails(
        "ENOSPC",
        (async () => {
          for (;;) total += await p.do("writeRun", fd, 1, 10 * PAGE);
        })(),
      );
      ok(total > 0 && total <= 64 * PAGE, `${total} bytes`);
      equal(await size(p, fd), total);
      await p.do("truncate", path, 0);
      await p.do("lseek", fd, 0, SEEK_SET);
      equal(await p.do("writeRun", fd, 1, 1), 1, "room again");
    },
    { limits: { FILE_PAGES: 64 } },
  ),
  row(
    "write() past the end needs room for its own bytes, and not for the zeros before",
    async (world) => {
      const { p, fd } = await file(world);
      await p.do("lseek", fd, 100 * PAGE, SEEK_SET);
      equal(await p.do("writeRun", fd, 1, 1), 1);
      equal(await size(p, fd), 100 * PAGE + 1);
    },
    {
      limits: { FILE_PAGES: 64 },
      kernel: "a file is one extent of page frames, so its holes take frames as well",
    },
  ),
];

export const fileSeek: readonly Row[] = [
  row("lseek() returns EINVAL for an offset below 0, and for a wrong whence", async (world) => {
    const { p, fd } = await file(world, "abc");
    await fails("EINVAL", p.do("lseek", fd, -1, SEEK_SET));
    await fails("EINVAL", p.do("lseek", fd, -1, SEEK_CUR));
    await fails("EINVAL", p.do("lseek", fd, -4, SEEK_END));
    for (const whence of [-1, 5, 100]) await fails("EINVAL", p.do("lseek", fd, 0, whence));
    equal(await p.do("lseek", fd, 0, SEEK_CUR), 0, "it stays");
  }),
  row("lseek() returns ENXIO for data or a hole at or past the end", async (world) => {
    const { p, fd } = await file(world, "abc");
    for (const whence of [SEEK_DATA, SEEK_HOLE]) {
      for (const offset of [3, 100, -1]) await fails("ENXIO", p.do("lseek", fd, offset, whence));
    }
  }),
  row("lseek() moves from the beginning, from here, from the end", async (world) => {
    const { p, fd } = await file(world, "abcdef");
    equal(await p.do("lseek", fd, 4, SEEK_SET), 4);
    equal(await p.do("lseek", fd, -1, SEEK_CUR), 3);
    equal(await p.do<string>("readText", fd, 1), "d");
    equal(await p.do("lseek", fd, -2, SEEK_END), 4);
    equal(await p.do("lseek", fd, 10, SEEK_END), 16);
    equal(await p.do<string>("readText", fd, 1), "");
    equal(await p.do("lseek", fd, 2 ** 40, SEEK_SET), 2 ** 40, "far past the end");
  }),
  row("lseek() finds data and holes by the page", async (world) => {
    const { p, fd } = await file(world);
    await p.do("pwriteText", fd, "x", 2 * PAGE);
    await p.do("ftruncate", fd, 5 * PAGE);
    equal(await p.do("lseek", fd, 0, SEEK_DATA), 2 * PAGE);
    equal(await p.do("lseek", fd, 0, SEEK_HOLE), 0);
    equal(await p.do("lseek", fd, 2 * PAGE, SEEK_HOLE), 3 * PAGE);
    await fails("ENXIO", p.do("lseek", fd, 3 * PAGE, SEEK_DATA));
    const full: number = await p.do("dup", fd);
    equal(await p.do("lseek", full, 4 * PAGE, SEEK_HOLE), 4 * PAGE);
  }),
  row("lseek() finds the end as a hole", async (world) => {
    const { p, fd } = await file(world, "abc");
    equal(await p.do("lseek", fd, 0, SEEK_HOLE), 3);
    equal(await p.do("lseek", fd, 1, SEEK_DATA), 1);
  }),
];

export const truncate: readonly Row[] = [
  row("truncate() returns EACCES without write permission", async ({ proc, folder }) => {
    const [root, p, dir] = [await proc(), await proc(ALICE), await folder()];
    await root.do("makeFile", `${dir}/file`, "text");
    await fails("EACCES", p.do("truncate", `${dir}/file`, 0));
  }),
  row("truncate() returns EINVAL for a negative length", async (world) => {
    const { p, path, fd } = await file(world, "abc");
    equal((await fails("EINVAL", p.do("truncate", path, -1))).syscall, "truncate");
    await fails("EINVAL", p.do("ftruncate", fd, -1));
    equal(await size(p, fd), 3);
  }),
  row("truncate() returns EISDIR for a directory", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    await fails("EISDIR", p.do("truncate", dir, 0));
  }),
  row("truncate() cuts off, and adds zeros", async (world) => {
    const { p, path, fd } = await file(world, "abcdef");
    await p.do("truncate", path, 2);
    equal(await p.do<string>("contents", path), "ab");
    await p.do("truncate", path, 4);
    equal(await p.do<string>("contents", path), "ab\0\0", "what was cut off is gone");
    await p.do("truncate", path, 3 * PAGE);
    await p.do("lseek", fd, 2, SEEK_SET);
    equal(await p.do<Run[]>("readToEnd", fd), [[0, 3 * PAGE - 2]]);
  }),
  row("ftruncate() returns EBADF for what is not open", async ({ proc }) => {
    const p = await proc();
    for (const fd of [-1, 999]) await fails("EBADF", p.do("ftruncate", fd, 0));
  }),
  row("ftruncate() returns EINVAL for what is not open to write, and a pipe", async (world) => {
    const { p, dir, path } = await file(world, "abc");
    const r: number = await p.do("open", path, O_RDONLY);
    const d: number = await p.do("open", dir, O_RDONLY | O_DIRECTORY);
    const [, w] = await p.do<number[]>("pipe");
    for (const fd of [r, d, w]) await fails("EINVAL", p.do("ftruncate", fd, 0));
  }),
  row("ftruncate() leaves the offset", async (world) => {
    const { p, path, fd } = await file(world, "abcdef");
    await p.do("lseek", fd, 4, SEEK_SET);
    await p.do("ftruncate", fd, 1);
    await p.do("writeText", fd, "z");
    equal(await p.do<string>("contents", path), "a\0\0\0z");
  }),
  row("ftruncate() needs no permission but the open descriptor", async ({ proc, folder }) => {
    const [p, dir] = [await proc(ALICE), await folder()];
    const fd: number = await p.do("open", `${dir}/new`, O_RDWR | O_CREAT, 0);
    equal(await p.do("ftruncate", fd, 10), 0);
    equal(await size(p, fd), 10);
  }),
  row("fsync() returns EBADF for what is not open", async ({ proc }) => {
    const p = await proc();
    for (const call of ["fsync", "fdatasync", "async.fsync", "async.fdatasync"]) {
      for (const fd of [-1, 999]) await fails("EBADF", p.do(call, fd));
    }
  }),
  row("fsync() returns EINVAL for a pipe", async ({ proc }) => {
    const p = await proc();
    for (const fd of await p.do<number[]>("pipe")) {
      for (const call of ["fsync", "async.fdatasync"]) await fails("EINVAL", p.do(call, fd));
    }
  }),
  row("fsync() keeps what is in the file", async (world) => {
    const { p, path, fd } = await file(world, "abc");
    for (const call of ["fsync", "fdatasync", "async.fsync", "async.fdatasync"]) {
      await p.do("writeText", fd, "x");
      equal(await p.do(call, fd), 0);
    }
    equal(await p.do<string>("contents", path), "xxxx");
    await closeAll(p, fd);
  }),
];
