/** dup(2), dup2(2), dup3(2). */
import {
  F_GETFD,
  F_GETFL,
  F_SETFD,
  F_SETFL,
  FD_CLOEXEC,
  O_APPEND,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDONLY,
} from "../../../assembly/abi/fcntl.ts";
import { equal, fails, ok } from "../check.ts";
import {
  closeAll,
  HIGH,
  highPipe,
  isClosed,
  NOT_OPEN,
  type Pipe,
  pipeOf,
} from "../objects-files.ts";
import { type Row, row } from "../row.ts";

const OPEN_MAX = 64;
const limits = { OPEN_MAX };

export const dup: readonly Row[] = [
  row("dup() returns EBADF for a descriptor that is not open", async ({ proc }) => {
    const p = await proc();
    for (const fd of NOT_OPEN) equal((await fails("EBADF", p.do("dup", fd))).syscall, "dup");
  }),
  row(
    "dup() returns EMFILE when all numbers below OPEN_MAX are taken",
    async ({ proc }) => {
      const p = await proc({ fresh: true });
      const [r] = await pipeOf(p);
      const all = await p.do<{ count: number; highest: number }>("openAll", r);
      equal(all.highest, OPEN_MAX - 1);
      for (let left = all.count; left > 0; left--) await p.do("dup", r);
      await fails("EMFILE", p.do("dup", r));
      await fails("EBADF", p.do("dup", OPEN_MAX));
      await p.do("close", OPEN_MAX - 1);
      equal(await p.do("dup", r), OPEN_MAX - 1);
    },
    { limits },
  ),
  row("dup() gives the lowest free number", async ({ proc }) => {
    const p = await proc({ fresh: true });
    const [r, w] = await p.do<Pipe>("pipe");
    const copies = [await p.do("dup", r), await p.do("dup", w), await p.do("dup", r)];
    ok(w < copies[0]! && copies[0]! < copies[1]! && copies[1]! < copies[2]!, "they ascend");
    await closeAll(p, copies[1]!, r);
    equal(await p.do("dup", w), r);
    equal(await p.do("dup", w), copies[1]);
  }),
  row("dup() shares status flags, and not FD_CLOEXEC", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p, O_CLOEXEC);
    const copy: number = await p.do("dup", r);
    equal(await p.do("fcntl", copy, F_GETFD), 0, "the copy's flags");
    equal(await p.do("fcntl", r, F_GETFD), FD_CLOEXEC, "the first one's flags");
    await p.do("fcntl", copy, F_SETFL, O_NONBLOCK);
    equal(await p.do("fcntl", r, F_GETFL), O_RDONLY | O_NONBLOCK);
    await fails("EAGAIN", p.do("readText", r, 1));
  }),
  row("dup() reads from and writes to the same pipe", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    const [r2, w2] = [await p.do("dup", r), await p.do("dup", w)];
    await p.do("writeText", w, "ab");
    await p.do("writeText", w2, "cd");
    equal(await p.do<string>("readText", r2, 3), "abc");
    equal(await p.do<string>("readText", r, 3), "d");
  }),
];

const FREE = HIGH + 10;

export const dup2: readonly Row[] = [
  row("dup2() returns EBADF when the first descriptor is not open", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await highPipe(p);
    await p.do("writeText", w, "x");
    for (const fd of NOT_OPEN) {
      equal((await fails("EBADF", p.do("dup2", fd, r))).syscall, "dup2");
      await fails("EBADF", p.do("dup2", fd, fd));
      await fails("EBADF", p.do("dup2", fd, FREE));
    }
    equal(await p.do<string>("readText", r, 1), "x", "the second was not closed");
  }),
  row("dup2() returns EBADF for a number that no descriptor can have", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    for (const fd of [-1, -0x8000_0000, 0x7fff_ffff]) await fails("EBADF", p.do("dup2", r, fd));
  }),
  row(
    "dup2() returns EBADF for OPEN_MAX, and takes the number below it",
    async ({ proc }) => {
      const p = await proc({ fresh: true });
      const [r] = await pipeOf(p);
      await fails("EBADF", p.do("dup2", r, OPEN_MAX));
      equal(await p.do("dup2", r, OPEN_MAX - 1), OPEN_MAX - 1);
    },
    { limits },
  ),
  row(
    "dup2() needs no free number when it replaces a descriptor",
    async ({ proc }) => {
      const p = await proc({ fresh: true });
      const [r, w] = await pipeOf(p);
      const { count } = await p.do<{ count: number }>("openAll", r);
      for (let left = count; left > 0; left--) await p.do("dup", r);
      equal(await p.do("dup2", w, OPEN_MAX - 1), OPEN_MAX - 1);
      equal(await p.do("writeText", OPEN_MAX - 1, "hi"), 2);
    },
    { limits },
  ),
  row("dup2() makes the number that it is told", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    equal(await p.do("dup2", w, FREE), FREE);
    await p.do("writeText", FREE, "via");
    equal(await p.do<string>("readText", r, 10), "via");
    await closeAll(p, w, FREE);
    equal(await p.do<string>("readText", r, 10), "", "both writers are closed");
  }),
  row("dup2() closes what had the number", async ({ proc }) => {
    const p = await proc();
    const [a, b] = [await highPipe(p), await highPipe(p)];
    equal(await p.do("dup2", a[1], b[1]), b[1]);
    equal(await p.do<string>("readText", b[0], 10), "", "the second pipe has lost its writer");
    await p.do("writeText", b[1], "first");
    equal(await p.do<string>("readText", a[0], 10), "first");
  }),
  row("dup2() of a descriptor to itself does nothing", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_CLOEXEC);
    await p.do("writeText", w, "x");
    equal(await p.do("dup2", r, r), r);
    equal(await p.do("fcntl", r, F_GETFD), FD_CLOEXEC, "FD_CLOEXEC stays");
    equal(await p.do<string>("readText", r, 1), "x");
  }),
  row("dup2() clears FD_CLOEXEC of the number", async ({ proc }) => {
    const p = await proc();
    const [a, b] = [await pipeOf(p, O_CLOEXEC), await pipeOf(p, O_CLOEXEC)];
    await p.do("dup2", a[0], b[0]);
    equal(await p.do("fcntl", b[0], F_GETFD), 0);
    equal(await p.do("fcntl", a[0], F_GETFD), FD_CLOEXEC);
  }),
];

export const dup3: readonly Row[] = [
  row("dup3() returns EBADF as dup2() does", async ({ proc }) => {
    const p = await proc();
    const [r] = await highPipe(p);
    for (const fd of NOT_OPEN) {
      equal((await fails("EBADF", p.do("dup3", fd, FREE, 0))).syscall, "dup3");
    }
    for (const fd of [-1, 0x7fff_ffff]) await fails("EBADF", p.do("dup3", r, fd, O_CLOEXEC));
    await isClosed(p, FREE);
  }),
  row("dup3() returns EINVAL for other flags, before it looks at the descriptors", async (v) => {
    const p = await v.proc();
    const [r] = await pipeOf(p);
    for (const flags of [O_NONBLOCK, O_APPEND, 1, -1, O_CLOEXEC | O_NONBLOCK]) {
      await fails("EINVAL", p.do("dup3", r, FREE, flags));
      await fails("EINVAL", p.do("dup3", -1, FREE, flags));
    }
    await isClosed(p, FREE);
  }),
  row("dup3() returns EINVAL for a descriptor and itself, open or not", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    for (const fd of [r, -1, 999]) {
      for (const flags of [0, O_CLOEXEC]) await fails("EINVAL", p.do("dup3", fd, fd, flags));
    }
  }),
  row("dup3() sets FD_CLOEXEC when it is told so", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    equal(await p.do("dup3", w, FREE, O_CLOEXEC), FREE);
    equal(await p.do("fcntl", FREE, F_GETFD), FD_CLOEXEC);
    equal(await p.do("dup3", w, FREE, 0), FREE, "over it");
    equal(await p.do("fcntl", FREE, F_GETFD), 0);
    await p.do("fcntl", w, F_SETFD, FD_CLOEXEC);
    equal(await p.do("fcntl", FREE, F_GETFD), 0, "a flag of the descriptor");
    await p.do("writeText", FREE, "x");
    equal(await p.do<string>("readText", r, 1), "x");
  }),
];
