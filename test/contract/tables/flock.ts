/** flock(2), on what every kind of file has: here a pipe, whose ends are two open file descriptions. */
import {
  F_RDLCK,
  F_SETLK,
  F_WRLCK,
  LOCK_EX,
  LOCK_NB,
  LOCK_SH,
  LOCK_UN,
} from "../../../assembly/abi/fcntl.ts";
import { SIGKILL, SIGUSR1 } from "../../../assembly/abi/signal.ts";
import { equal, fails, ok } from "../check.ts";
import { family, NOT_OPEN, pipeOf } from "../objects-files.ts";
import { HANDLER, type Proc, type Row, row } from "../row.ts";

/** Whether LOCK_NB has a lock through `fd`, which it does not have yet: it is given back. */
async function isFree(p: Proc, fd: number, operation: number = LOCK_EX): Promise<boolean> {
  try {
    await p.do("flock", fd, operation | LOCK_NB);
  } catch (error) {
    equal((error as { code: string }).code, "EAGAIN", "code");
    return false;
  }
  await p.do("flock", fd, LOCK_UN);
  return true;
}

async function waits(p: Proc, fd: number, operation: number) {
  const result = p.start("flock", fd, operation);
  await p.asleep();
  return { result };
}

const errors: readonly Row[] = [
  row("flock() returns EBADF for a descriptor that is not open", async ({ proc }) => {
    const p = await proc();
    for (const fd of NOT_OPEN) {
      for (const operation of [LOCK_SH, LOCK_EX, LOCK_UN, LOCK_EX | LOCK_NB]) {
        equal((await fails("EBADF", p.do("flock", fd, operation))).syscall, "flock");
      }
    }
  }),
  row("flock() returns EINVAL for an operation that does not exist", async ({ proc }) => {
    const p = await proc();
    const [r] = await pipeOf(p);
    for (const operation of [0, LOCK_NB, LOCK_SH | LOCK_EX, LOCK_SH | LOCK_UN, 7, 16, 1024]) {
      await fails("EINVAL", p.do("flock", r, operation));
      await fails("EINVAL", p.do("flock", -1, operation));
    }
  }),
  row("flock() returns EAGAIN with LOCK_NB for what another description has locked", async (v) => {
    const p = await v.proc();
    const [r, w] = await pipeOf(p);
    await p.do("flock", r, LOCK_EX);
    await fails("EAGAIN", p.do("flock", w, LOCK_EX | LOCK_NB));
    await fails("EAGAIN", p.do("flock", w, LOCK_SH | LOCK_NB));
    await p.do("flock", r, LOCK_SH);
    equal(await p.do("flock", w, LOCK_SH | LOCK_NB), 0);
    await fails("EAGAIN", p.do("flock", w, LOCK_EX | LOCK_NB));
  }),
  row("flock() returns EINTR when a handler has run", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 1);
    const [kid] = kids as [Proc];
    await kid.do("sigaction", SIGUSR1, HANDLER);
    await parent.do("flock", pipe[0], LOCK_EX);
    const { result } = await waits(kid, pipe[1], LOCK_EX);
    await kid.kill(SIGUSR1);
    await fails("EINTR", result);
    equal(await kid.do("signals"), [SIGUSR1]);
    await parent.do("flock", pipe[0], LOCK_UN);
    ok(await isFree(parent, pipe[0]), "nothing is left of its wait");
  }),
];

const rules: readonly Row[] = [
  row("flock() takes any lock through a descriptor of any access", async ({ proc }) => {
    const p = await proc();
    for (const fd of await pipeOf(p)) {
      for (const operation of [LOCK_SH, LOCK_EX]) {
        equal(await p.do("flock", fd, operation), 0);
        equal(await p.do("flock", fd, LOCK_UN), 0);
      }
      equal(await p.do("flock", fd, LOCK_UN), 0, "without a lock");
      equal(await p.do("flock", fd, LOCK_UN | LOCK_NB), 0);
    }
  }),
  row("flock() of a description that has the lock changes its type or nothing", async (world) => {
    const p = await world.proc();
    const [r, w] = await pipeOf(p);
    for (const operation of [LOCK_SH, LOCK_SH, LOCK_EX, LOCK_EX, LOCK_SH]) {
      equal(await p.do("flock", r, operation | LOCK_NB), 0);
      equal(await isFree(p, w, LOCK_SH), operation === LOCK_SH);
      equal(await isFree(p, w), false);
    }
  }),
  row("flock() with LOCK_NB that cannot change a lock loses it", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    await p.do("flock", r, LOCK_SH);
    await p.do("flock", w, LOCK_SH);
    await fails("EAGAIN", p.do("flock", r, LOCK_EX | LOCK_NB));
    equal(await p.do("flock", w, LOCK_EX | LOCK_NB), 0, "the first lock is gone");
    await fails("EAGAIN", p.do("flock", r, LOCK_SH | LOCK_NB));
  }),
  row("flock() belongs to the description: dup() and children share it", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 1);
    const [r, w] = pipe;
    const [kid] = kids as [Proc];
    await parent.do("flock", r, LOCK_EX);
    equal(await kid.do("flock", r, LOCK_EX | LOCK_NB), 0, "it has it already");
    const copy: number = await parent.do("dup", r);
    equal(await isFree(kid, w), false);
    equal(await kid.do("flock", r, LOCK_UN), 0);
    equal(await isFree(kid, w), true, "unlocked for all of them");
    await parent.do("flock", copy, LOCK_EX);
    await parent.do("close", copy);
    equal(await isFree(kid, w), false, "another descriptor is left");
  }),
  row("flock() goes on when the description's last descriptor is closed", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 2);
    const [r, w] = pipe;
    const [kid, other] = kids as [Proc, Proc];
    await kid.do("close", r);
    await parent.do("flock", r, LOCK_EX);
    const { result } = await waits(kid, w, LOCK_EX);
    await parent.do("close", r);
    await kid.asleep();
    await other.do("dup2", w, r);
    equal(await result, 0);
  }),
  row("flock() goes on when the process with the last descriptor is killed", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 1);
    const [r, w] = pipe;
    const [kid] = kids as [Proc];
    await parent.do("close", r);
    await kid.do("flock", r, LOCK_EX);
    const { result } = await waits(parent, w, LOCK_SH);
    await kid.kill(SIGKILL);
    await kid.ended();
    equal(await result, 0);
  }),
  row("flock() serves who waits when the lock is given up or shared", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 2);
    const [r, w] = pipe;
    const [one, two] = kids as [Proc, Proc];
    await parent.do("flock", r, LOCK_EX);
    const first = await waits(one, w, LOCK_SH);
    const second = await waits(two, w, LOCK_SH);
    await parent.do("flock", r, LOCK_SH);
    equal(await first.result, 0);
    equal(await second.result, 0);
    const third = await waits(one, w, LOCK_EX);
    await parent.do("flock", r, LOCK_UN);
    equal(await third.result, 0);
  }),
  row("flock() and record locks take no notice of each other", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 1);
    const [r, w] = pipe;
    const [kid] = kids as [Proc];
    await parent.do("flock", r, LOCK_EX);
    equal(await kid.do("fcntl", w, F_SETLK, { l_type: F_WRLCK }), 0);
    equal(await kid.do("fcntl", w, F_SETLK, { l_type: 2 }), 0);
    equal(await parent.do("fcntl", r, F_SETLK, { l_type: F_RDLCK }), 0);
    equal(await isFree(kid, w), false);
  }),
  row("flock() as a twin waits, and ends with an abort", async ({ proc }) => {
    const p = await proc();
    const [r, w] = await pipeOf(p);
    await p.do("flock", r, LOCK_EX);
    const aborted = p.start("async.flock", w, LOCK_EX, { abort: "one" });
    const served = p.start("async.flock", w, LOCK_SH);
    await p.asleep(2);
    await p.do("abort", "one", "enough");
    const reason = await aborted.then(
      () => "",
      (error: Error) => error.message,
    );
    ok(reason.includes("enough"), "it fails with the reason");
    await p.do("flock", r, LOCK_UN);
    equal(await served, 0);
  }),
];

export const flock: readonly Row[] = [...errors, ...rules];
