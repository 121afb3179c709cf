/** fcntl(2), "Advisory record locking", on what every kind of file has: here a pipe, with two ends. */
import {
  F_GETLK,
  F_OFD_GETLK,
  F_OFD_SETLK,
  F_OFD_SETLKW,
  F_RDLCK,
  F_SETLK,
  F_SETLKW,
  F_UNLCK,
  F_WRLCK,
} from "../../../assembly/abi/fcntl.ts";
import { SEEK_CUR, SEEK_END } from "../../../assembly/abi/unistd.ts";
import { equal, fails } from "../check.ts";
import { NOT_OPEN, pipeOf } from "../objects-files.ts";
import { FREE, type Locker, pipeLockers } from "../objects-locks.ts";
import { type Row, row } from "../row.ts";

type Two = [Locker, Locker];
type Three = [Locker, Locker, Locker];

const GET = [F_GETLK, F_OFD_GETLK];
const SET = [F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW];

const errors: readonly Row[] = [
  row("fcntl() returns EBADF with locks for a descriptor that is not open", async ({ proc }) => {
    const p = await proc();
    for (const cmd of [...GET, ...SET]) {
      for (const fd of NOT_OPEN) await fails("EBADF", p.do("fcntl", fd, cmd, { l_type: F_RDLCK }));
      // A range that makes no sense is not looked at.
      await fails("EBADF", p.do("fcntl", -1, cmd, { l_type: 99, l_whence: 99 }));
    }
  }),
  row("fcntl() returns EBADF for a lock that the descriptor's access is not for", async (v) => {
    const p = await v.proc();
    const [r, w] = await pipeOf(p);
    for (const cmd of SET) {
      await fails("EBADF", p.do("fcntl", r, cmd, { l_type: F_WRLCK }));
      await fails("EBADF", p.do("fcntl", w, cmd, { l_type: F_RDLCK }));
      equal(await p.do("fcntl", r, cmd, { l_type: F_RDLCK }), 0);
      equal(await p.do("fcntl", r, cmd, { l_type: F_UNLCK }), 0);
      equal(await p.do("fcntl", w, cmd, { l_type: F_WRLCK }), 0);
      equal(await p.do("fcntl", w, cmd, { l_type: F_UNLCK }), 0);
    }
    // To ask needs neither.
    equal(
      (await p.do<{ l_type: number }>("fcntl", r, F_GETLK, { l_type: F_WRLCK })).l_type,
      F_UNLCK,
    );
    equal(
      (await p.do<{ l_type: number }>("fcntl", w, F_GETLK, { l_type: F_RDLCK })).l_type,
      F_UNLCK,
    );
  }),
  row("fcntl() returns EINVAL for a type of lock that does not exist", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    for (const cmd of [...GET, ...SET]) {
      for (const l_type of [-1, 3, 4, 99, -0x8000, 0x7fff]) {
        await fails("EINVAL", p.do("fcntl", r, cmd, { l_type }));
      }
    }
    await fails("EINVAL", p.do("fcntl", r, F_GETLK, { l_type: F_UNLCK }));
  }),
  row("fcntl() returns EINVAL for ranges that begin nowhere", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    for (const cmd of [...GET, ...SET]) {
      for (const range of [
        { l_whence: -1 },
        { l_whence: 3 },
        { l_start: -1 },
        { l_start: 5, l_len: -6 },
        { l_len: -1 },
        { l_whence: SEEK_CUR, l_start: -1 },
        { l_whence: SEEK_END, l_start: -1 },
      ]) {
        await fails("EINVAL", p.do("fcntl", r, cmd, { l_type: F_RDLCK, ...range }));
        // The range comes before the access.
        if (cmd !== F_GETLK) {
          await fails("EINVAL", p.do("fcntl", w, cmd, { l_type: F_RDLCK, ...range }));
        }
      }
    }
  }),
  row("fcntl() returns EINVAL with F_OFD commands when l_pid is not 0", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    for (const cmd of [F_OFD_SETLK, F_OFD_SETLKW, F_OFD_GETLK]) {
      await fails("EINVAL", p.do("fcntl", r, cmd, { l_type: F_RDLCK, l_pid: 1 }));
    }
    // The access comes before it.
    await fails("EBADF", p.do("fcntl", w, F_OFD_SETLK, { l_type: F_RDLCK, l_pid: 1 }));
    equal(await p.do("fcntl", r, F_SETLK, { l_type: F_RDLCK, l_pid: 1 }), 0);
  }),
  row("fcntl() returns EAGAIN with F_SETLK for what somebody else has locked", async ({ proc }) => {
    const [a, b] = (await pipeLockers(proc, 1)) as Two;
    equal(await a.write(10, 10), 0);
    for (const [start, len] of [
      [10, 10],
      [0, 0],
      [0, 11],
      [19, 1],
      [19, 0],
      [12, 3],
      [20, -1],
    ]) {
      await fails("EAGAIN", b.write(start, len));
      await fails("EAGAIN", b.read(start, len));
    }
    equal(await b.write(0, 10), 0, "before it");
    equal(await b.write(20, 0), 0, "after it");
    await a.unlock(10, 10);
    equal(await b.write(), 0);
    await fails("EAGAIN", a.read());
  }),
];

const conflicts: readonly Row[] = [
  row("fcntl() lets many read-lock a range, and one write-lock it", async ({ proc }) => {
    const [a, b, c] = (await pipeLockers(proc, 2)) as Three;
    equal(await a.read(0, 10), 0);
    equal(await b.read(0, 10), 0);
    equal(await c.read(0, 10), 0);
    await fails("EAGAIN", c.write(0, 10));
    await a.unlock();
    await fails("EAGAIN", c.write(0, 10));
    await b.unlock();
    equal(await c.write(0, 10), 0, "its own read lock is not in the way");
    await fails("EAGAIN", a.read(0, 10));
  }),
  row("fcntl() keeps the old lock when a new one cannot be had", async ({ proc }) => {
    const [a, b, c] = (await pipeLockers(proc, 2)) as Three;
    await a.read(0, 10);
    await b.read(0, 10);
    await fails("EAGAIN", a.write(0, 10));
    equal(await c.get(F_WRLCK, 0, 10), [F_RDLCK, 0, 10, a.p.pid]);
    await b.unlock();
    await fails("EAGAIN", c.write(0, 10));
  }),
  row("fcntl() turns a write lock into a read lock and back, in one step", async ({ proc }) => {
    const [a, b] = (await pipeLockers(proc, 1)) as Two;
    await a.write(0, 10);
    await a.read(0, 10);
    equal(await b.held(), [[F_RDLCK, 0, 10, a.p.pid]]);
    equal(await b.read(5, 1), 0);
    await fails("EAGAIN", a.write(0, 10));
    await b.unlock();
    await a.write(0, 10);
    equal(await b.held(), [[F_WRLCK, 0, 10, a.p.pid]]);
  }),
  row("fcntl() unlocks what was never locked", async ({ proc }) => {
    const [a, b] = (await pipeLockers(proc, 1)) as Two;
    equal(await a.unlock(5, 5), 0);
    await b.write(0, 10);
    equal(await a.unlock(0, 0), 0, "another's lock stays");
    equal(await a.held(), [[F_WRLCK, 0, 10, b.p.pid]]);
  }),
  row("fcntl() locks to the end of the file when l_len is 0", async ({ proc }) => {
    const [a, b] = (await pipeLockers(proc, 1)) as Two;
    await a.write(100, 0);
    equal(await b.get(F_WRLCK), [F_WRLCK, 100, 0, a.p.pid]);
    await fails("EAGAIN", b.write(Number.MAX_SAFE_INTEGER, 1));
    equal(await b.write(0, 100), 0);
  }),
  row("fcntl() locks the bytes before l_start when l_len is negative", async ({ proc }) => {
    const [a, b] = (await pipeLockers(proc, 1)) as Two;
    await a.write(20, -5);
    equal(await b.held(), [[F_WRLCK, 15, 5, a.p.pid]]);
    await a.unlock(17, -17);
    equal(await b.held(), [[F_WRLCK, 17, 3, a.p.pid]]);
  }),
  row("fcntl() counts SEEK_CUR and SEEK_END of a pipe from byte 0", async ({ proc }) => {
    const [a, b] = (await pipeLockers(proc, 1)) as Two;
    await a.p.do("writeText", a.w, "twelve bytes");
    for (const l_whence of [SEEK_CUR, SEEK_END]) {
      const lock = { l_type: F_WRLCK, l_whence, l_start: 3, l_len: 4 };
      equal(await a.p.do("fcntl", a.w, F_SETLK, lock), 0);
      equal(await b.held(), [[F_WRLCK, 3, 4, a.p.pid]]);
      await a.unlock();
    }
  }),
  row("fcntl() with F_GETLK tells type, range and process of a lock in the way", async (world) => {
    const [a, b] = (await pipeLockers(world.proc, 1)) as Two;
    await a.read(10, 5);
    equal(await b.get(F_WRLCK), [F_RDLCK, 10, 5, a.p.pid]);
    equal(await b.get(F_RDLCK), FREE, "a read lock is in no reader's way");
    equal(await b.get(F_WRLCK, 15, 0), FREE);
    equal(await b.get(F_WRLCK, 0, 10), FREE);
    equal(await a.get(F_WRLCK), FREE, "nobody is in his own way");
    await a.write(12, 1);
    equal(await b.get(F_RDLCK), [F_WRLCK, 12, 1, a.p.pid]);
    equal(await b.write(0, 10), 0, "to ask locks nothing");
  }),
];

const ranges: readonly Row[] = [
  row("fcntl() splits a lock that is unlocked in its middle", async ({ proc }) => {
    const [a, b] = (await pipeLockers(proc, 1)) as Two;
    await a.write(0, 100);
    await a.unlock(40, 20);
    equal(await b.held(), [
      [F_WRLCK, 0, 40, a.p.pid],
      [F_WRLCK, 60, 40, a.p.pid],
    ]);
    equal(await b.write(40, 20), 0);
  }),
  row("fcntl() splits a lock whose middle gets another type", async ({ proc }) => {
    const [a, b] = (await pipeLockers(proc, 1)) as Two;
    await a.write(0, 100);
    await a.read(40, 20);
    equal(await b.held(), [
      [F_WRLCK, 0, 40, a.p.pid],
      [F_RDLCK, 40, 20, a.p.pid],
      [F_WRLCK, 60, 40, a.p.pid],
    ]);
    equal(await b.read(45, 5), 0);
    await fails("EAGAIN", a.write(0, 100));
    await b.unlock();
    await a.write(0, 100);
    equal(await b.held(), [[F_WRLCK, 0, 100, a.p.pid]], "merged");
  }),
  row("fcntl() cuts a lock at either end", async ({ proc }) => {
    const [a, b] = (await pipeLockers(proc, 1)) as Two;
    await a.write(10, 20);
    await a.unlock(0, 15);
    equal(await b.held(), [[F_WRLCK, 15, 15, a.p.pid]]);
    await a.unlock(25, 0);
    equal(await b.held(), [[F_WRLCK, 15, 10, a.p.pid]]);
    await a.read(20, 100);
    equal(await b.held(), [
      [F_WRLCK, 15, 5, a.p.pid],
      [F_RDLCK, 20, 100, a.p.pid],
    ]);
  }),
  row("fcntl() merges neighbours and overlapping locks of one type", async ({ proc }) => {
    const [a, b] = (await pipeLockers(proc, 1)) as Two;
    await a.write(0, 10);
    await a.write(20, 10);
    equal((await b.held()).length, 2);
    await a.write(10, 10);
    equal(await b.held(), [[F_WRLCK, 0, 30, a.p.pid]], "the gap is closed");
    await a.write(25, 25);
    equal(await b.held(), [[F_WRLCK, 0, 50, a.p.pid]]);
    await a.write(50, 0);
    equal(await b.held(), [[F_WRLCK, 0, 0, a.p.pid]]);
    await a.write(5, 5);
    equal(await b.held(), [[F_WRLCK, 0, 0, a.p.pid]], "inside it");
  }),
  row("fcntl() does not merge neighbours of different types or owners", async ({ proc }) => {
    const [a, b, c] = (await pipeLockers(proc, 2)) as Three;
    await a.write(0, 10);
    await a.read(10, 10);
    await b.write(20, 10);
    equal(await c.held(), [
      [F_WRLCK, 0, 10, a.p.pid],
      [F_RDLCK, 10, 10, a.p.pid],
      [F_WRLCK, 20, 10, b.p.pid],
    ]);
  }),
  row("fcntl() replaces several locks by one that covers them", async ({ proc }) => {
    const [a, b] = (await pipeLockers(proc, 1)) as Two;
    for (let i = 0; i < 6; i++) await (i % 2 === 0 ? a.write(i * 10, 5) : a.read(i * 10, 5));
    equal((await b.held()).length, 6);
    await a.read(2, 50);
    equal(await b.held(), [
      [F_WRLCK, 0, 2, a.p.pid],
      [F_RDLCK, 2, 53, a.p.pid],
    ]);
    await a.unlock();
    equal(await b.held(), []);
  }),
];

export const locks: readonly Row[] = [...errors, ...conflicts, ...ranges];
