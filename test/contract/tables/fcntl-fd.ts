/** fcntl(2) on descriptors and pipes; record locks are not here. */
import {
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_GETFD,
  F_GETFL,
  F_GETPIPE_SZ,
  F_SETFD,
  F_SETFL,
  F_SETPIPE_SZ,
  FD_CLOEXEC,
  O_ACCMODE,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from "../../../assembly/abi/fcntl.ts";
import { equal, fails } from "../check.ts";
import { CAPACITY, closeAll, HIGH, highPipe, NOT_OPEN, PAGE, pipeOf } from "../objects-files.ts";
import { ALICE, type Row, row } from "../row.ts";

const COMMANDS = [F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL];
const OPEN_MAX = 64;
const limits = { OPEN_MAX };
const PIPE_SIZE_MAX = 1048576;

export const fcntlFd: readonly Row[] = [
  row("fcntl() returns EBADF for a descriptor that is not open", async ({ proc }) => {
    const p = await proc();
    for (const cmd of [...COMMANDS, F_SETPIPE_SZ, F_GETPIPE_SZ, 9999]) {
      for (const fd of NOT_OPEN) {
        equal((await fails("EBADF", p.do("fcntl", fd, cmd, 0))).syscall, "fcntl");
      }
    }
  }),
  row("fcntl() returns EBADF with F_SETPIPE_SZ and F_GETPIPE_SZ for what is no pipe", async (v) => {
    const p = await v.proc();
    const epfd: number = await p.do("epoll_create1");
    await fails("EBADF", p.do("fcntl", epfd, F_GETPIPE_SZ));
    await fails("EBADF", p.do("fcntl", epfd, F_SETPIPE_SZ, PAGE));
  }),
  row("fcntl() returns EBUSY with F_SETPIPE_SZ when more than that is in the pipe", async (v) => {
    const p = await v.proc();
    const [r, w] = await pipeOf(p);
    for (let i = 0; i < 3; i++) await p.do("writeRun", w, i, PAGE);
    for (const size of [1, PAGE, 2 * PAGE])
      await fails("EBUSY", p.do("fcntl", w, F_SETPIPE_SZ, size));
    equal(await p.do("fcntl", w, F_GETPIPE_SZ), CAPACITY);
    equal(await p.do("fcntl", w, F_SETPIPE_SZ, 4 * PAGE), 4 * PAGE);
    await p.do("readRuns", r, PAGE);
    equal(await p.do("fcntl", r, F_SETPIPE_SZ, 2 * PAGE), 2 * PAGE);
    equal(await p.do("readRuns", r, CAPACITY), [
      [1, PAGE],
      [2, PAGE],
    ]);
  }),
  row("fcntl() returns EINVAL for a command that does not exist", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    for (const cmd of [-1, 100, 9999, 0x7fff_ffff]) await fails("EINVAL", p.do("fcntl", r, cmd, 0));
  }),
  row("fcntl() returns EINVAL with F_DUPFD for a number that none can have", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    for (const cmd of [F_DUPFD, F_DUPFD_CLOEXEC]) {
      for (const arg of [-1, -0x8000_0000, 0x7fff_ffff]) {
        await fails("EINVAL", p.do("fcntl", r, cmd, arg));
      }
    }
  }),
  row(
    "fcntl() returns EINVAL with F_DUPFD from OPEN_MAX on",
    async ({ proc }) => {
      const p = await proc({ fresh: true });
      const [r] = await pipeOf(p);
      await fails("EINVAL", p.do("fcntl", r, F_DUPFD, OPEN_MAX));
      equal(await p.do("fcntl", r, F_DUPFD, OPEN_MAX - 1), OPEN_MAX - 1);
    },
    { limits },
  ),
  row("fcntl() returns EINVAL with F_SETPIPE_SZ for more than 2^31 bytes", async (world) => {
    const p = await world.proc();
    const [r] = await pipeOf(p);
    for (const size of [-1, 0x8000_0001, 0xffff_f000])
      await fails("EINVAL", p.do("fcntl", r, F_SETPIPE_SZ, size));
    equal(await p.do("fcntl", r, F_GETPIPE_SZ), CAPACITY);
  }),
  row(
    "fcntl() returns EMFILE with F_DUPFD when no number from there on is free",
    async ({ proc }) => {
      const p = await proc({ fresh: true });
      const [r] = await pipeOf(p);
      for (let fd = OPEN_MAX - 3; fd < OPEN_MAX; fd++) {
        equal(await p.do("fcntl", r, F_DUPFD, OPEN_MAX - 3), fd);
      }
      for (const cmd of [F_DUPFD, F_DUPFD_CLOEXEC]) {
        await fails("EMFILE", p.do("fcntl", r, cmd, OPEN_MAX - 3));
      }
      await p.do("close", OPEN_MAX - 2);
      equal(await p.do("fcntl", r, F_DUPFD, OPEN_MAX - 3), OPEN_MAX - 2);
    },
    { limits },
  ),
  row("fcntl() returns EPERM with F_SETPIPE_SZ past PIPE_SIZE_MAX for all but root", async (v) => {
    const p = await v.proc(ALICE);
    const [r] = await pipeOf(p);
    await fails("EPERM", p.do("fcntl", r, F_SETPIPE_SZ, PIPE_SIZE_MAX + 1));
    equal(await p.do("fcntl", r, F_SETPIPE_SZ, PIPE_SIZE_MAX), PIPE_SIZE_MAX);
  }),
  row("fcntl() with F_DUPFD gives the lowest free number from there on", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    equal(await p.do("fcntl", r, F_DUPFD, HIGH), HIGH);
    equal(await p.do("fcntl", w, F_DUPFD, HIGH), HIGH + 1);
    equal(await p.do("fcntl", w, F_DUPFD, HIGH + 1), HIGH + 2);
    await closeAll(p, HIGH);
    equal(await p.do("fcntl", w, F_DUPFD_CLOEXEC, HIGH), HIGH);
    equal(await p.do("fcntl", HIGH, F_GETFD), FD_CLOEXEC, "F_DUPFD_CLOEXEC");
    equal(await p.do("fcntl", HIGH + 1, F_GETFD), 0, "F_DUPFD");
    await p.do("writeText", HIGH, "x");
    equal(await p.do<string>("readText", r, 1), "x");
  }),
  row("fcntl() with F_SETFD keeps FD_CLOEXEC and no other bit", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    for (const [arg, flags] of [
      [FD_CLOEXEC, FD_CLOEXEC],
      [0, 0],
      [-1, FD_CLOEXEC],
      [2, 0],
      [O_CLOEXEC | 1, FD_CLOEXEC],
    ]) {
      equal(await p.do("fcntl", r, F_SETFD, arg), 0);
      equal(await p.do("fcntl", r, F_GETFD), flags);
    }
    equal(await p.do("fcntl", w, F_GETFD), 0, "the other end");
  }),
  row(
    "fcntl() with F_SETFL changes O_APPEND and O_NONBLOCK, and not what was opened",
    async (v) => {
      const p = await v.proc();
      const [r, w] = await pipeOf(p);
      const all = O_APPEND | O_NONBLOCK;
      for (const [fd, mode] of [
        [r, O_RDONLY],
        [w, O_WRONLY],
      ] as const) {
        equal(await p.do("fcntl", fd, F_SETFL, all | O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC), 0);
        equal(await p.do("fcntl", fd, F_GETFL), mode | all);
        await p.do("fcntl", fd, F_SETFL, O_APPEND);
        equal(await p.do("fcntl", fd, F_GETFL), mode | O_APPEND);
        await p.do("fcntl", fd, F_SETFL, 0);
        equal(await p.do("fcntl", fd, F_GETFL), mode);
        equal(await p.do("fcntl", fd, F_GETFD), 0, "O_CLOEXEC is no status flag");
      }
    },
  ),
  row("fcntl() with F_SETFL concerns one end, in every process that has it", async ({ proc }) => {
    const parent = await proc({ fresh: true });
    const [r, w] = await highPipe(parent);
    const kid = await proc({ parent });
    await kid.do("fcntl", r, F_SETFL, O_NONBLOCK);
    equal(await parent.do("fcntl", r, F_GETFL), O_RDONLY | O_NONBLOCK);
    await fails("EAGAIN", parent.do("readText", r, 1));
    const status: number = await parent.do("fcntl", w, F_GETFL);
    equal(status & ~O_ACCMODE, 0, "the other end");
    await kid.do("fcntl", r, F_SETFD, FD_CLOEXEC);
    equal(await parent.do("fcntl", r, F_GETFD), 0, "FD_CLOEXEC is the process's own");
  }),
  row("fcntl() with F_SETFL leaves a read that sleeps", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    const call = p.start<string>("readTextTwin", r, 5);
    await p.asleep();
    await p.do("fcntl", r, F_SETFL, O_NONBLOCK);
    await p.asleep();
    await p.do("writeText", w, "later");
    equal(await call, "later");
  }),
  row("fcntl() with F_SETPIPE_SZ rounds up to a power of two of pages", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    for (const [asked, given] of [
      [0, PAGE],
      [1, PAGE],
      [PAGE, PAGE],
      [PAGE + 1, 2 * PAGE],
      [2 * PAGE + 1, 4 * PAGE],
      [CAPACITY - 1, CAPACITY],
      [CAPACITY + 1, 2 * CAPACITY],
      [PIPE_SIZE_MAX, PIPE_SIZE_MAX],
    ]) {
      equal(await p.do("fcntl", w, F_SETPIPE_SZ, asked), given);
      for (const fd of [r, w]) equal(await p.do("fcntl", fd, F_GETPIPE_SZ), given);
    }
  }),
  row("fcntl() with F_SETPIPE_SZ changes how much goes in, and keeps what is in", async (world) => {
    const p = await world.proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    await p.do("fcntl", w, F_SETPIPE_SZ, PAGE);
    equal(await p.do("fill", w, PAGE, 1), PAGE, "a page");
    equal(await p.do("fcntl", w, F_SETPIPE_SZ, 2 * CAPACITY), 2 * CAPACITY);
    equal(await p.do("fill", w, PAGE, 2), 2 * CAPACITY - PAGE, "the rest");
    equal(await p.do("readRuns", r, 3 * CAPACITY), [
      [1, PAGE],
      [2, 2 * CAPACITY - PAGE],
    ]);
  }),
  row("fcntl() with F_SETPIPE_SZ wakes a writer for whom there is room now", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    for (let i = 0; i < 16; i++) await p.do("writeRun", w, 0, PAGE);
    const call = p.start("writeRunTwin", w, 1, PAGE);
    await p.asleep();
    await p.do("fcntl", r, F_SETPIPE_SZ, 2 * CAPACITY);
    equal(await call, PAGE);
  }),
];
