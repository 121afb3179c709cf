/** pipe(2) and pipe2(2): two descriptors, how much is between them, and what pipe(7) says. */
import {
  F_GETFD,
  F_GETFL,
  F_GETPIPE_SZ,
  FD_CLOEXEC,
  O_ACCMODE,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_NONBLOCK,
  O_RDONLY,
  O_WRONLY,
} from "../../../assembly/abi/fcntl.ts";
import { equal, fails, ok } from "../check.ts";
import { CAPACITY, closeAll, PAGE, type Pipe, pipeOf } from "../objects-files.ts";
import { ALICE, type Row, row } from "../row.ts";

export const pipe: readonly Row[] = [
  row("pipe() returns EMFILE when no two numbers are free", openMaxRow, {
    limits: { OPEN_MAX: 64 },
  }),
  row(
    "pipe() returns ENFILE when the machine has no more open file descriptions",
    async ({ proc }) => {
      const p = await proc(ALICE);
      await fails("ENFILE", pipesWithoutEnd(p, "pipe"));
    },
    { limits: { FILE_MAX: 64 } },
  ),
  row("pipe2() returns EINVAL for flags that it does not know", async ({ proc }) => {
    const p = await proc();
    for (const flags of [O_APPEND, O_CREAT, O_WRONLY, 0o2, 1 << 30, -1, O_CLOEXEC | 1]) {
      await fails("EINVAL", p.do("pipe2", flags));
    }
  }),
  row(
    "pipe2() returns EMFILE when no two numbers are free, and leaves none behind",
    async ({ proc }) => {
      const p = await proc({ fresh: true });
      const [r] = await pipeOf(p);
      const { count } = await p.do<{ count: number }>("openAll", r);
      for (let left = count; left > 1; left--) await p.do("dup", r);
      await fails("EMFILE", p.do("pipe2", O_CLOEXEC | O_NONBLOCK));
      await p.do("dup", r);
      await fails("EMFILE", p.do("dup", r));
    },
    { limits: { OPEN_MAX: 64 } },
  ),
  row(
    "pipe2() returns ENFILE when the machine has no more open file descriptions",
    async ({ proc }) => {
      const p = await proc(ALICE);
      await fails("ENFILE", pipesWithoutEnd(p, "pipe2", O_CLOEXEC));
    },
    { limits: { FILE_MAX: 64 } },
  ),
  row("pipe() gives the lowest two free numbers, first the one to read from", async (w) => {
    const p = await w.proc({ fresh: true });
    const first = await p.do<Pipe>("pipe");
    const second = await p.do<Pipe>("pipe");
    ok(first[0] < first[1] && first[1] < second[0] && second[0] < second[1], "they ascend");
    await closeAll(p, first[0], second[0]);
    equal(await p.do<Pipe>("pipe"), [first[0], second[0]]);
    await closeAll(p, first[1], first[0]);
    equal(await p.do<Pipe>("pipe"), [first[0], first[1]]);
  }),
  row("pipe() carries what is written to what is read, in order", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await p.do<Pipe>("pipe");
    equal(await p.do("writeText", w, "one "), 4);
    equal(await p.do("writeText", w, "two"), 3);
    equal(await p.do<string>("readText", r, 2), "on");
    equal(await p.do<string>("readText", r, 100), "e two");
  }),
  row("pipe() makes blocking ends that spawn inherits", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await p.do<Pipe>("pipe");
    for (const fd of [r, w]) equal(await p.do("fcntl", fd, F_GETFD), 0, "descriptor flags");
    equal(await p.do("fcntl", r, F_GETFL), O_RDONLY, "flags of the end to read from");
    equal(await p.do("fcntl", w, F_GETFL), O_WRONLY, "flags of the end to write to");
  }),
  row("pipe2() sets what it is asked for at both ends", async ({ proc }) => {
    const p = await proc();
    for (const flags of [0, O_CLOEXEC, O_NONBLOCK, O_CLOEXEC | O_NONBLOCK]) {
      const [r, w] = await pipeOf(p, flags);
      for (const fd of [r, w]) {
        const status: number = await p.do("fcntl", fd, F_GETFL);
        equal(status & ~O_ACCMODE, flags & O_NONBLOCK, "status flags");
        const cloexec = flags & O_CLOEXEC ? FD_CLOEXEC : 0;
        equal(await p.do("fcntl", fd, F_GETFD), cloexec, "descriptor flags");
      }
    }
  }),
  row("pipe() holds 65,536 bytes, written one by one", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    equal(await p.do("fcntl", r, F_GETPIPE_SZ), CAPACITY);
    equal(await p.do("fill", w, 1), CAPACITY);
    await fails("EAGAIN", p.do("writeRun", w, 1, 1));
    equal(await p.do("readRuns", r, 2 * CAPACITY), [[0, CAPACITY]]);
  }),
  row("pipe() holds 65,536 bytes, written by the page", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    equal(await p.do("fill", w, PAGE), CAPACITY);
    await fails("EAGAIN", p.do("writeRun", w, 1, 1));
    equal(await p.do("readRuns", r, PAGE), [[0, PAGE]]);
    equal(await p.do("fill", w, PAGE, 1), PAGE, "room for one page");
    equal(await p.do("readRuns", r, CAPACITY), [
      [0, CAPACITY - PAGE],
      [1, PAGE],
    ]);
  }),
  row("pipe() has room again after each read, however often", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p, O_NONBLOCK);
    for (let round = 0; round < 40; round++) {
      const size = 1 + ((round * 977) % (2 * PAGE));
      equal(await p.do("writeRun", w, round, size), size);
      equal(await p.do("readRuns", r, CAPACITY), [[round, size]]);
    }
    await fails("EAGAIN", p.do("readText", r, 1));
  }),
];

async function openMaxRow({ proc }: Parameters<Row["run"]>[0]): Promise<void> {
  const p = await proc({ fresh: true });
  const pipes: Pipe[] = [];
  const error = await fails(
    "EMFILE",
    (async () => {
      for (;;) pipes.push(await p.do<Pipe>("pipe"));
    })(),
  );
  equal(error.syscall, "pipe");
  ok(
    pipes.flat().every((fd) => fd < 64),
    "all numbers are below OPEN_MAX",
  );
  await closeAll(p, ...pipes[0]!);
  equal(await p.do<Pipe>("pipe"), pipes[0]!, "two are free again");
}

async function pipesWithoutEnd(p: Parameters<typeof pipeOf>[0], ...call: [string, ...unknown[]]) {
  for (;;) await p.do(...call);
}
