/**
 * fcntl(2), "Open file description locks", and what record locks and flock(2) do on a file that can
 * be opened more than once.
 */
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
  LOCK_EX,
  LOCK_NB,
  LOCK_SH,
  LOCK_UN,
  O_RDONLY,
  O_WRONLY,
} from "../../../assembly/abi/fcntl.ts";
import { SIGKILL, SIGUSR1 } from "../../../assembly/abi/signal.ts";
import { SEEK_CUR, SEEK_END, SEEK_SET } from "../../../assembly/abi/unistd.ts";
import type { Flock } from "../../../host/contract-locks.ts";
import { equal, fails, ok } from "../check.ts";
import { family } from "../objects-files.ts";
import { FREE, fileLockers, Locker, openFile } from "../objects-locks.ts";
import { HANDLER, type Proc, type Row, row, type World } from "../row.ts";

type Two = [Locker, Locker];

/** A process that has opened one new file `count` times. */
async function opened({ proc, folder }: World, count: number) {
  const p = await proc();
  const path = `${await folder()}/file`;
  const fds: number[] = [];
  for (let i = 0; i < count; i++) fds.push(await openFile(p, path));
  return { p, path, fds: fds as [number, number, number] };
}

function ofd(p: Proc, fd: number, type: number, start = 0, len = 0, cmd: number = F_OFD_SETLK) {
  return p.do("fcntl", fd, cmd, { l_type: type, l_start: start, l_len: len });
}

async function seen(p: Proc, fd: number, type: number, cmd: number = F_OFD_GETLK) {
  const got: Required<Flock> = await p.do("fcntl", fd, cmd, { l_type: type });
  return [got.l_type, got.l_start, got.l_len, got.l_pid];
}

/** On a pipe, whose two ends are two descriptions. */
export const locksOfd: readonly Row[] = [
  row("fcntl() returns EAGAIN with F_OFD_SETLK for what another description has", async (v) => {
    const { parent: p, pipe } = await family(v.proc, 0);
    const [r, w] = pipe;
    equal(await ofd(p, w, F_WRLCK, 0, 10), 0);
    await fails("EAGAIN", ofd(p, r, F_RDLCK, 5, 1));
    await fails("EAGAIN", p.do("fcntl", r, F_SETLK, { l_type: F_RDLCK }));
    equal(await ofd(p, r, F_RDLCK, 10, 1), 0);
    await fails("EAGAIN", ofd(p, w, F_WRLCK, 0, 11));
    equal(await ofd(p, w, F_UNLCK), 0);
    equal(await ofd(p, r, F_RDLCK), 0);
  }),
  row("fcntl() with F_OFD commands shows -1 for a process that there is none of", async (world) => {
    const { parent: p, pipe, kids } = await family(world.proc, 1);
    const [r, w] = pipe;
    const [kid] = kids as [Proc];
    await ofd(p, w, F_WRLCK, 3, 4);
    equal(await seen(p, r, F_RDLCK), [F_WRLCK, 3, 4, -1]);
    equal(await seen(p, r, F_RDLCK, F_GETLK), [F_WRLCK, 3, 4, -1]);
    equal(await seen(kid, r, F_RDLCK, F_GETLK), [F_WRLCK, 3, 4, -1]);
    equal(await seen(kid, w, F_WRLCK), [F_UNLCK, 0, 0, 0], "the description's own");
    equal(await seen(kid, w, F_WRLCK, F_GETLK), [F_WRLCK, 3, 4, -1]);
    await ofd(p, w, F_UNLCK);
    await p.do("fcntl", w, F_SETLK, { l_type: F_WRLCK });
    equal(await seen(p, w, F_WRLCK), [F_WRLCK, 0, 0, p.pid], "the process's own, to a description");
  }),
  row("fcntl() with F_OFD_GETLK of F_UNLCK tells of the description's own locks", async (world) => {
    const { parent: p, pipe } = await family(world.proc, 0);
    const [r, w] = pipe;
    equal(await seen(p, w, F_UNLCK), [F_UNLCK, 0, 0, 0]);
    await ofd(p, w, F_WRLCK, 5, 5);
    equal(await seen(p, w, F_UNLCK), [F_WRLCK, 5, 5, -1]);
    equal(await seen(p, r, F_UNLCK), [F_UNLCK, 0, 0, 0], "another description");
  }),
  row("fcntl() locks of a description are shared by dup() and by children", async ({ proc }) => {
    const { parent: p, pipe, kids } = await family(proc, 1);
    const [r, w] = pipe;
    const [kid] = kids as [Proc];
    await ofd(p, w, F_WRLCK, 0, 10);
    equal(await ofd(kid, w, F_WRLCK, 5, 10), 0, "its own");
    equal(await seen(p, r, F_RDLCK), [F_WRLCK, 0, 15, -1], "merged");
    const copy: number = await p.do("dup", w);
    await p.do("close", w);
    await kid.do("close", w);
    equal(await seen(kid, r, F_RDLCK), [F_WRLCK, 0, 15, -1], "a descriptor is left");
    const waiting = kid.start("fcntl", r, F_OFD_SETLKW, { l_type: F_RDLCK });
    await kid.asleep();
    await p.do("close", copy);
    equal(await waiting, 0);
  }),
  row("fcntl() with F_OFD_SETLKW waits, and reports no deadlock", async ({ proc }) => {
    const { parent: p, pipe, kids } = await family(proc, 1);
    const [r, w] = pipe;
    const [kid] = kids as [Proc];
    await ofd(p, w, F_WRLCK, 0, 1);
    await ofd(kid, r, F_RDLCK, 1, 1);
    const first = p.start("fcntl", w, F_OFD_SETLKW, { l_type: F_WRLCK, l_start: 1, l_len: 1 });
    await p.asleep();
    await kid.do("sigaction", SIGUSR1, HANDLER);
    const second = kid.start("fcntl", r, F_OFD_SETLKW, { l_type: F_RDLCK, l_len: 1 });
    await kid.asleep();
    await kid.kill(SIGUSR1);
    await fails("EINTR", second);
    await ofd(kid, r, F_UNLCK);
    equal(await first, 0);
  }),
  row("fcntl() locks of a description end with its last process, killed", async ({ proc }) => {
    const { parent: p, pipe, kids } = await family(proc, 1);
    const [r, w] = pipe;
    const [kid] = kids as [Proc];
    await p.do("close", w);
    await ofd(kid, w, F_WRLCK);
    const waiting = p.start("fcntl", r, F_SETLKW, { l_type: F_RDLCK });
    await p.asleep();
    await kid.kill(SIGKILL);
    await kid.ended();
    equal(await waiting, 0);
  }),
  row("fcntl() locks of a description outlive the process that took them", async ({ proc }) => {
    const { parent: p, pipe, kids } = await family(proc, 1);
    const [r, w] = pipe;
    const [kid] = kids as [Proc];
    await ofd(kid, w, F_WRLCK);
    await kid.exit();
    await fails("EAGAIN", p.do("fcntl", r, F_SETLK, { l_type: F_RDLCK }));
    equal(await ofd(p, w, F_UNLCK), 0);
    equal(await p.do("fcntl", r, F_SETLK, { l_type: F_RDLCK }), 0);
  }),
];

/** On a file, which can be opened again. */
export const locksFile: readonly Row[] = [
  row("fcntl() counts l_start from the offset or the end of the file", async (world) => {
    const { lockers } = await fileLockers(world, 2);
    const [a, b] = lockers as Two;
    await a.p.do("writeText", a.w, "0123456789");
    await a.p.do("lseek", a.w, 4, SEEK_SET);
    for (const [l_whence, l_start, l_len, start, len] of [
      [SEEK_CUR, 0, 2, 4, 2],
      [SEEK_CUR, -4, 1, 0, 1],
      [SEEK_CUR, 2, -3, 3, 3],
      [SEEK_END, 0, 0, 10, 0],
      [SEEK_END, -3, 3, 7, 3],
      [SEEK_END, 5, 1, 15, 1],
    ] as const) {
      const lock = { l_type: F_WRLCK, l_whence, l_start, l_len };
      equal(await a.p.do("fcntl", a.w, F_SETLK, lock), 0);
      equal(await b.held(), [[F_WRLCK, start, len, a.p.pid]]);
      await a.unlock();
    }
    for (const [l_whence, l_start] of [
      [SEEK_CUR, -5],
      [SEEK_END, -11],
    ]) {
      await fails("EINVAL", a.p.do("fcntl", a.w, F_SETLK, { l_type: F_WRLCK, l_whence, l_start }));
    }
  }),
  row("fcntl() returns EBADF for a lock that open() was not asked for", async (world) => {
    const { p, path } = await opened(world, 1);
    const r = await openFile(p, path, O_RDONLY);
    const w = await openFile(p, path, O_WRONLY);
    for (const cmd of [F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW]) {
      await fails("EBADF", p.do("fcntl", r, cmd, { l_type: F_WRLCK }));
      await fails("EBADF", p.do("fcntl", w, cmd, { l_type: F_RDLCK }));
    }
  }),
  row("fcntl() locks are of the file, whatever its descriptors", async (world) => {
    const { lockers, path } = await fileLockers(world, 2);
    const [a, b] = lockers as Two;
    await a.write(0, 10);
    const again = await openFile(a.p, path);
    const other = new Locker(a.p, [again, again]);
    equal(await other.get(F_WRLCK), FREE, "its own");
    equal(await other.unlock(0, 5), 0);
    equal(await b.held(), [[F_WRLCK, 5, 5, a.p.pid]]);
    await a.p.do("close", again);
    equal(await b.held(), [], "closed: all are released");
  }),
  row("fcntl() locks survive unlink() and rename(), and are of no new file", async (world) => {
    const { lockers, path } = await fileLockers(world, 2);
    const [a, b] = lockers as Two;
    await a.write();
    await a.p.do("rename", path, `${path}2`);
    await fails("EAGAIN", b.write());
    await a.p.do("unlink", `${path}2`);
    await fails("EAGAIN", b.write());
    const fresh = await openFile(b.p, path);
    equal(await new Locker(b.p, [fresh, fresh]).write(), 0);
  }),
  row("fcntl() locks of descriptions of one process exclude each other", async (world) => {
    const { p, fds } = await opened(world, 3);
    const [one, two, three] = fds;
    equal(await ofd(p, one, F_RDLCK, 0, 10), 0);
    equal(await ofd(p, two, F_RDLCK, 0, 10), 0);
    await fails("EAGAIN", ofd(p, three, F_WRLCK, 0, 10));
    await fails("EAGAIN", ofd(p, one, F_WRLCK, 0, 10));
    await p.do("close", two);
    equal(await ofd(p, one, F_WRLCK, 0, 10), 0, "the other description is closed");
    await fails("EAGAIN", p.do("fcntl", one, F_SETLK, { l_type: F_WRLCK }));
    await p.do("close", three);
    await fails("EAGAIN", p.do("fcntl", one, F_SETLK, { l_type: F_WRLCK }));
  }),
  row("flock() locks of descriptions of one process exclude each other", async (world) => {
    const { p, fds } = await opened(world, 3);
    const [one, two, three] = fds;
    equal(await p.do("flock", one, LOCK_SH), 0);
    equal(await p.do("flock", two, LOCK_SH), 0);
    await fails("EAGAIN", p.do("flock", three, LOCK_EX | LOCK_NB));
    await p.do("close", one);
    await fails("EAGAIN", p.do("flock", three, LOCK_EX | LOCK_NB));
    await p.do("flock", two, LOCK_UN);
    equal(await p.do("flock", three, LOCK_EX | LOCK_NB), 0);
    await fails("EAGAIN", p.do("flock", two, LOCK_SH | LOCK_NB));
  }),
  row("flock() locks directories and files of any access", async (world) => {
    const p = await world.proc();
    const folder = await world.folder();
    const one: number = await p.do("open", folder, O_RDONLY);
    const two: number = await p.do("open", folder, O_RDONLY);
    equal(await p.do("flock", one, LOCK_EX), 0);
    await fails("EAGAIN", p.do("flock", two, LOCK_SH | LOCK_NB));
    await p.do("close", one);
    const waiting = await p.do("flock", two, LOCK_EX);
    ok(waiting === 0, "the directory is free");
  }),
];
