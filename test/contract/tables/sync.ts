/** sync(2), syncfs(2), and the twins of calls that may wait for a disk. */
import { F_GETFD, O_CREAT, O_RDONLY, O_RDWR } from "../../../assembly/abi/fcntl.ts";
import { equal, fails } from "../check.ts";
import { closeAll, NOT_OPEN, pipeOf } from "../objects-files.ts";
import { type Row, row } from "../row.ts";

export const sync: readonly Row[] = [
  row("sync() returns 0 and keeps what is in files", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    const fd: number = await p.do("open", `${dir}/file`, O_RDWR | O_CREAT, 0o644);
    await p.do("writeText", fd, "abc");
    for (const call of ["sync", "async.sync"]) equal(await p.do(call), 0);
    equal(await p.do<string>("contents", `${dir}/file`), "abc");
    await closeAll(p, fd);
  }),
  row("syncfs() returns EBADF for what is not open", async ({ proc }) => {
    const p = await proc();
    for (const call of ["syncfs", "async.syncfs"]) {
      for (const fd of NOT_OPEN) {
        equal((await fails("EBADF", p.do(call, fd))).syscall, "syncfs");
      }
    }
  }),
  row("syncfs() takes any descriptor", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    const open: number = await p.do("open", dir, O_RDONLY);
    const file: number = await p.do("open", `${dir}/file`, O_RDONLY | O_CREAT, 0);
    const ends = await pipeOf(p);
    for (const fd of [open, file, ...ends]) {
      for (const call of ["syncfs", "async.syncfs"]) equal(await p.do(call, fd), 0);
    }
    await closeAll(p, open, file, ...ends);
  }),
  row("fsync() takes a directory, and a file that is open to be read", async (world) => {
    const [p, dir] = [await world.proc(), await world.folder()];
    const open: number = await p.do("open", dir, O_RDONLY);
    const file: number = await p.do("open", `${dir}/file`, O_RDONLY | O_CREAT, 0);
    for (const fd of [open, file]) {
      for (const call of ["fsync", "fdatasync"]) equal(await p.do(call, fd), 0);
    }
    await closeAll(p, open, file);
  }),
  row("fdatasync() returns EINVAL for both ends of a pipe", async ({ proc }) => {
    const p = await proc();
    const ends = await pipeOf(p);
    for (const fd of ends) await fails("EINVAL", p.do("fdatasync", fd));
    await closeAll(p, ...ends);
  }),
  row("fdatasync() returns EBADF for what is not open", async ({ proc }) => {
    const p = await proc();
    for (const fd of NOT_OPEN) await fails("EBADF", p.do("fdatasync", fd));
  }),
  row("fsync() of a file without a name keeps it", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    const fd: number = await p.do("open", `${dir}/file`, O_RDWR | O_CREAT, 0o644);
    await p.do("writeText", fd, "abc");
    await p.do("unlink", `${dir}/file`);
    equal(await p.do("fsync", fd), 0);
    await p.do("lseek", fd, 0, 0);
    equal(await p.do<string>("readText", fd, 10), "abc");
    await closeAll(p, fd);
  }),
  row("close() has an asynchronous twin", async ({ proc, folder }) => {
    const [p, dir] = [await proc(), await folder()];
    const fd: number = await p.do("open", `${dir}/file`, O_RDWR | O_CREAT, 0o644);
    await p.do("writeText", fd, "abc");
    equal(await p.do("async.close", fd), 0);
    await fails("EBADF", p.do("fcntl", fd, F_GETFD));
    for (const none of [...NOT_OPEN, fd]) {
      equal((await fails("EBADF", p.do("async.close", none))).syscall, "close");
    }
    equal(await p.do<string>("contents", `${dir}/file`), "abc");
  }),
];
