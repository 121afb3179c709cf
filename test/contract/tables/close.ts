/** close(2), and what is left open by it; fstat(2) of a pipe. */
import { F_GETFD, O_CLOEXEC, O_NONBLOCK } from "../../../assembly/abi/fcntl.ts";
import { S_IFIFO, S_IFMT, S_IRUSR, S_IWUSR } from "../../../assembly/abi/stat.ts";
import type { Stat } from "../../../host/contract-files.ts";
import { equal, fails, isNow, ok } from "../check.ts";
import { CAPACITY, closeAll, highPipe, isClosed, NOT_OPEN, pipeOf } from "../objects-files.ts";
import { ALICE, type Row, row } from "../row.ts";

const stat = (p: { do<T>(step: string, fd: number): Promise<T> }, fd: number) =>
  p.do<Stat>("fstat", fd);

export const close: readonly Row[] = [
  row("close() returns EBADF for a descriptor that is not open", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await highPipe(p);
    equal(await p.do("close", r), 0);
    for (const fd of [...NOT_OPEN, r]) {
      equal((await fails("EBADF", p.do("close", fd))).syscall, "close");
    }
    await closeAll(p, w);
  }),
  row("close() leaves the other descriptors of the same description", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    const other: number = await p.do("dup", w);
    await closeAll(p, w);
    await p.do("writeText", other, "still");
    equal(await p.do<string>("readText", r, 10), "still");
  }),
  row("close() of one process leaves the descriptors of another", async ({ proc }) => {
    const parent = await proc({ fresh: true });
    const [r, w] = await highPipe(parent);
    const kid = await proc({ parent });
    await closeAll(parent, w);
    await isClosed(parent, w);
    await kid.do("writeText", w, "mine");
    equal(await parent.do<string>("readText", r, 10), "mine");
    await closeAll(kid, w);
    equal(await parent.do<string>("readText", r, 10), "", "the last writer is gone");
  }),
  row("close() lets the data in a pipe outlive its writer", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    await p.do("writeRun", w, 3, CAPACITY);
    await closeAll(p, w);
    equal(await p.do("readToEnd", r), [[3, CAPACITY]]);
  }),
  row("close() of the descriptor leaves a read that sleeps on it", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    const call = p.start<string>("readTextTwin", r, 10);
    await p.asleep();
    await closeAll(p, r);
    await p.asleep();
    await p.do("writeText", w, "late");
    equal(await call, "late");
  }),
  row("close() is done for a process that exits, or is killed", async ({ proc }) => {
    const parent = await proc({ fresh: true });
    for (const end of ["exit", "kill"] as const) {
      const [r, w] = await highPipe(parent);
      const kid = await proc({ parent });
      await closeAll(parent, w);
      const call = parent.start<string>("readTextTwin", r, 10);
      await parent.asleep();
      await (end === "exit" ? kid.exit() : kid.kill(9));
      equal(await call, "", end);
      await closeAll(parent, r);
    }
  }),
  row("fstat() returns EBADF for a descriptor that is not open", async ({ proc }) => {
    const p = await proc();
    for (const fd of NOT_OPEN) {
      equal((await fails("EBADF", p.do("fstat", fd))).syscall, "fstat");
    }
  }),
  row("fstat() tells that a pipe is a FIFO of its maker, readable and writable", async (world) => {
    const p = await world.proc(ALICE);
    const [r, w] = await pipeOf(p);
    for (const fd of [r, w]) {
      const { st_mode, st_uid, st_gid, st_size, st_nlink, st_rdev } = await stat(p, fd);
      equal(st_mode & S_IFMT, S_IFIFO, "type");
      equal(st_mode & ~S_IFMT, S_IRUSR | S_IWUSR, "permissions");
      equal([st_uid, st_gid], [ALICE.uid, ALICE.gid], "owner");
      equal([st_size, st_nlink, st_rdev], [0, 1, 0], "st_size, st_nlink and st_rdev");
    }
  }),
  row("fstat() tells the size of a pipe as 0, whatever is in it", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    await p.do("writeRun", w, 1, 5000);
    const { st_size, st_blocks, st_blksize } = await stat(p, r);
    equal([st_size, st_blocks, st_blksize], [0, 0, 4096]);
  }),
  row("fstat() tells both ends by one inode, and two pipes by two", async ({ proc }) => {
    const p = await proc();
    const [a, b] = [await pipeOf(p), await pipeOf(p, O_NONBLOCK | O_CLOEXEC)];
    const inodes: string[] = [];
    for (const fd of [...a, ...b, await p.do("dup", a[0])]) {
      const { st_dev, st_ino } = await stat(p, fd);
      inodes.push(`${st_dev}:${st_ino}`);
    }
    ok(inodes[0] === inodes[1] && inodes[1] === inodes[4], "the first pipe is one inode");
    ok(inodes[2] === inodes[3] && inodes[2] !== inodes[0], "the second is another");
  }),
  row("fstat() tells when a pipe was made", async ({ proc }) => {
    const p = await proc();
    const { st_atime, st_mtime, st_ctime } = await stat(p, (await pipeOf(p))[0]);
    for (const time of [st_atime, st_mtime, st_ctime]) isNow(time, "a time of the pipe");
  }),
  row("fstat() works on what is open for neither reading nor writing by the caller", async (v) => {
    const parent = await v.proc({ fresh: true });
    const [r, w] = await highPipe(parent);
    const kid = await v.proc({ parent, ...ALICE });
    equal((await stat(kid, r)).st_uid, 0, "the pipe is root's");
    equal(await kid.do("writeText", w, "but open"), 8);
    equal(await kid.do("fcntl", r, F_GETFD), 0);
  }),
];
