/** pthread_mutex_init(3p), _lock, _trylock, _timedlock, _unlock, _consistent(3), _destroy. */
import { EOWNERDEAD } from "../../../assembly/abi/errno.ts";
import { ROBUST_MUTEX_ALIGN, ROBUST_MUTEX_SIZE } from "../../../assembly/abi/mutex.ts";
import { SIGKILL, SIGTERM, SIGUSR1 } from "../../../assembly/abi/signal.ts";
import { equal, fails, ok } from "../check.ts";
import { attach, segment } from "../objects.ts";
import { HANDLER, type Proc, type Row, row, type World } from "../row.ts";

const FRESH = { fresh: true };
const LOCKS = ["pthread_mutex_lock", "pthread_mutex_trylock", "pthread_mutex_timedlock"];
const OTHERS = ["pthread_mutex_unlock", "pthread_mutex_consistent"];
const CALLS = ["pthread_mutex_init", ...LOCKS, ...OTHERS, "pthread_mutex_destroy"];

/** A mutex as one process sees it. */
class Mutex {
  readonly p: Proc;
  readonly addr: number;
  readonly offset: number;

  constructor(p: Proc, addr: number, offset: number) {
    this.p = p;
    this.addr = addr;
    this.offset = offset;
  }

  do(call: string, ...args: unknown[]): Promise<number> {
    return this.p.do(`pthread_mutex_${call}`, this.addr, this.offset, ...args);
  }

  /** A call that will sleep. */
  async sleep(call: string, ...args: unknown[]): Promise<{ result: Promise<number> }> {
    const result = this.p.start(`pthread_mutex_${call}`, this.addr, this.offset, ...args);
    await this.p.asleep();
    return { result };
  }
}

/** A mutex in a new segment, and how each process sees it; the first one makes it. */
async function mutexOf(procs: readonly Proc[], offset = 0): Promise<Mutex[]> {
  const id = await segment(procs[0]!);
  const mutexes: Mutex[] = [];
  for (const p of procs) mutexes.push(new Mutex(p, await attach(p, id), offset));
  await mutexes[0]!.do("init");
  return mutexes;
}

/** Processes of a row that may be killed, or end while they hold a mutex, after the first. */
async function fresh(world: World, count: number): Promise<Proc[]> {
  const procs = [await world.proc()];
  while (procs.length < count) procs.push(await world.proc(FRESH));
  return procs;
}

async function kill(p: Proc, signal = SIGKILL): Promise<void> {
  await p.kill(signal);
  await p.ended();
}

/** A time of day. */
function inMs(ms: number) {
  const at = Date.now() + ms;
  const tv_sec = Math.floor(at / 1000);
  return { tv_sec, tv_nsec: (at - tv_sec * 1000) * 1_000_000 };
}

/** Whether the call took the mutex: it is given back. */
async function works(mutex: Mutex): Promise<void> {
  equal(await mutex.do("lock"), 0);
  equal(await mutex.do("unlock"), 0);
}

const ends: readonly Row[] = [
  row("pthread_mutex_lock() returns EOWNERDEAD when the owner has exited", async (world) => {
    const [p, q] = (await fresh(world, 2)) as [Proc, Proc];
    const [m, n] = (await mutexOf([p, q])) as [Mutex, Mutex];
    equal(await n.do("lock"), 0);
    await q.exit();
    equal(await m.do("lock"), EOWNERDEAD);
    equal(await m.do("consistent"), 0);
    equal(await m.do("unlock"), 0);
    await works(m);
  }),
  row("pthread_mutex_lock() returns EOWNERDEAD when the owner was killed", async (world) => {
    const [p, q, r] = (await fresh(world, 3)) as [Proc, Proc, Proc];
    const [m, n, o] = (await mutexOf([p, q, r])) as [Mutex, Mutex, Mutex];
    for (const [owner, signal] of [[n, SIGKILL] as const, [o, SIGTERM] as const]) {
      equal(await owner.do("lock"), 0);
      await kill(owner.p, signal);
      equal(await m.do("lock"), EOWNERDEAD);
      equal(await m.do("consistent"), 0);
      equal(await m.do("unlock"), 0);
    }
    await works(m);
  }),
  row(
    "pthread_mutex_lock() returns EOWNERDEAD to who sleeps when the owner dies",
    async (world) => {
      for (const end of [(p: Proc) => kill(p), (p: Proc) => p.exit()]) {
        const [p, q] = (await fresh(world, 2)) as [Proc, Proc];
        const [m, n] = (await mutexOf([p, q])) as [Mutex, Mutex];
        equal(await n.do("lock"), 0);
        const { result } = await m.sleep("lock");
        await end(q);
        equal(await result, EOWNERDEAD);
        equal(await m.do("consistent"), 0);
        equal(await m.do("unlock"), 0);
      }
    },
  ),
  row("pthread_mutex_lock() returns EOWNERDEAD to one of several sleepers", async (world) => {
    const [p, q, r] = (await fresh(world, 3)) as [Proc, Proc, Proc];
    const [m, n, o] = (await mutexOf([p, q, r])) as [Mutex, Mutex, Mutex];
    equal(await o.do("lock"), 0);
    const [one, two] = [await m.sleep("lock"), await n.sleep("lock")];
    await kill(r);
    const first = await Promise.race([
      one.result.then((result) => ({ result, winner: m, other: two })),
      two.result.then((result) => ({ result, winner: n, other: one })),
    ]);
    equal(first.result, EOWNERDEAD);
    equal(await first.winner.do("consistent"), 0);
    equal(await first.winner.do("unlock"), 0);
    equal(await first.other.result, 0, "the other one");
  }),
  row("pthread_mutex_lock() returns EOWNERDEAD again when that owner dies too", async (world) => {
    const [p, q, r] = (await fresh(world, 3)) as [Proc, Proc, Proc];
    const [m, n, o] = (await mutexOf([p, q, r])) as [Mutex, Mutex, Mutex];
    equal(await n.do("lock"), 0);
    await kill(q);
    equal(await o.do("lock"), EOWNERDEAD);
    await kill(r);
    equal(await m.do("lock"), EOWNERDEAD);
    equal(await m.do("consistent"), 0);
    equal(await m.do("unlock"), 0);
  }),
  row(
    "pthread_mutex_lock() returns EOWNERDEAD for each mutex that the owner held",
    async (world) => {
      const [p, q] = (await fresh(world, 2)) as [Proc, Proc];
      const [m, n] = (await mutexOf([p, q])) as [Mutex, Mutex];
      const free = new Mutex(p, m.addr, 3 * ROBUST_MUTEX_SIZE);
      equal(await free.do("init"), 0);
      for (const index of [1, 2]) {
        const offset = index * ROBUST_MUTEX_SIZE;
        equal(await new Mutex(p, m.addr, offset).do("init"), 0);
        equal(await new Mutex(q, n.addr, offset).do("lock"), 0);
      }
      await kill(q);
      for (const index of [1, 2]) {
        const each = new Mutex(p, m.addr, index * ROBUST_MUTEX_SIZE);
        equal(await each.do("lock"), EOWNERDEAD);
        equal(await each.do("unlock"), 0);
      }
      await works(free);
      await works(m);
    },
  ),
  row("pthread_mutex_lock() wakes up when a sleeper before it was killed", async (world) => {
    const [p, q, r] = (await fresh(world, 3)) as [Proc, Proc, Proc];
    const [m, n, o] = (await mutexOf([p, q, r])) as [Mutex, Mutex, Mutex];
    equal(await m.do("lock"), 0);
    await n.sleep("lock");
    const { result } = await o.sleep("lock");
    await kill(q);
    equal(await m.do("unlock"), 0);
    equal(await result, 0);
    equal(await o.do("unlock"), 0);
  }),
  row("pthread_mutex_trylock() returns EOWNERDEAD when the owner has died", async (world) => {
    const [p, q] = (await fresh(world, 2)) as [Proc, Proc];
    const [m, n] = (await mutexOf([p, q])) as [Mutex, Mutex];
    equal(await n.do("trylock"), 0);
    await kill(q);
    equal(await m.do("trylock"), EOWNERDEAD);
    equal(await m.do("consistent"), 0);
    equal(await m.do("unlock"), 0);
  }),
  row("pthread_mutex_timedlock() returns EOWNERDEAD when the owner has died", async (world) => {
    const [p, q] = (await fresh(world, 2)) as [Proc, Proc];
    const [m, n] = (await mutexOf([p, q])) as [Mutex, Mutex];
    equal(await n.do("timedlock", inMs(600_000)), 0);
    const { result } = await m.sleep("timedlock", inMs(600_000));
    await kill(q);
    equal(await result, EOWNERDEAD);
    equal(await m.do("consistent"), 0);
    equal(await m.do("unlock"), 0);
  }),
  row("pthread_mutex_unlock() after EOWNERDEAD leaves it not recoverable", async (world) => {
    const [p, q] = (await fresh(world, 2)) as [Proc, Proc];
    const [m, n] = (await mutexOf([p, q])) as [Mutex, Mutex];
    equal(await n.do("lock"), 0);
    await kill(q);
    equal(await m.do("lock"), EOWNERDEAD);
    equal(await m.do("unlock"), 0);
    await fails("ENOTRECOVERABLE", m.do("lock"));
    await fails("EPERM", m.do("unlock"));
    await fails("EINVAL", m.do("consistent"));
    equal(await m.do("destroy"), 0);
  }),
  row("pthread_mutex_lock() returns ENOTRECOVERABLE to later callers", async (world) => {
    const [p, q] = (await fresh(world, 2)) as [Proc, Proc];
    const [m, n] = (await mutexOf([p, q])) as [Mutex, Mutex];
    equal(await n.do("lock"), 0);
    await kill(q);
    equal(await m.do("lock"), EOWNERDEAD);
    equal(await m.do("unlock"), 0);
    equal((await fails("ENOTRECOVERABLE", m.do("lock"))).syscall, "pthread_mutex_lock");
    await fails("ENOTRECOVERABLE", m.do("lock"));
  }),
  row("pthread_mutex_trylock() returns ENOTRECOVERABLE to later callers", async (world) => {
    const [p, q] = (await fresh(world, 2)) as [Proc, Proc];
    const [m, n] = (await mutexOf([p, q])) as [Mutex, Mutex];
    equal(await n.do("lock"), 0);
    await kill(q);
    equal(await m.do("trylock"), EOWNERDEAD);
    equal(await m.do("unlock"), 0);
    await fails("ENOTRECOVERABLE", m.do("trylock"));
  }),
  row("pthread_mutex_timedlock() returns ENOTRECOVERABLE to later callers", async (world) => {
    const [p, q] = (await fresh(world, 2)) as [Proc, Proc];
    const [m, n] = (await mutexOf([p, q])) as [Mutex, Mutex];
    equal(await n.do("lock"), 0);
    await kill(q);
    equal(await m.do("timedlock", inMs(0)), EOWNERDEAD);
    equal(await m.do("unlock"), 0);
    await fails("ENOTRECOVERABLE", m.do("timedlock", inMs(600_000)));
  }),
  row("pthread_mutex_lock() returns ENOTRECOVERABLE to who sleeps", async (world) => {
    const [p, q, r] = (await fresh(world, 3)) as [Proc, Proc, Proc];
    const [m, n, o] = (await mutexOf([p, q, r])) as [Mutex, Mutex, Mutex];
    equal(await n.do("lock"), 0);
    await kill(q);
    equal(await m.do("lock"), EOWNERDEAD);
    const { result } = await o.sleep("lock");
    equal(await m.do("unlock"), 0);
    await fails("ENOTRECOVERABLE", result);
  }),
  row(
    "pthread_mutex_lock() returns ENOTRECOVERABLE to everybody who sleeps",
    async (world) => {
      const [p, q, r, s] = (await fresh(world, 4)) as [Proc, Proc, Proc, Proc];
      const [m, n, o, t] = (await mutexOf([p, q, r, s])) as [Mutex, Mutex, Mutex, Mutex];
      equal(await n.do("lock"), 0);
      await kill(q);
      equal(await m.do("lock"), EOWNERDEAD);
      const sleepers = [await o.sleep("lock"), await t.sleep("timedlock", inMs(600_000))];
      equal(await m.do("unlock"), 0);
      for (const { result } of sleepers) await fails("ENOTRECOVERABLE", result);
    },
    { linux: "glibc (2.36) wakes one, who wakes nobody: the others sleep for ever, in C as well" },
  ),
  row("pthread_mutex_init() makes one that was not recoverable a free one", async (world) => {
    const [p, q] = (await fresh(world, 2)) as [Proc, Proc];
    const [m, n] = (await mutexOf([p, q])) as [Mutex, Mutex];
    equal(await n.do("lock"), 0);
    await kill(q);
    equal(await m.do("lock"), EOWNERDEAD);
    equal(await m.do("unlock"), 0);
    equal(await m.do("init"), 0);
    await works(m);
  }),
  row("pthread_mutex_consistent() lets others lock it as ever", async (world) => {
    const [p, q, r] = (await fresh(world, 3)) as [Proc, Proc, Proc];
    const [m, n, o] = (await mutexOf([p, q, r])) as [Mutex, Mutex, Mutex];
    equal(await n.do("lock"), 0);
    await kill(q);
    equal(await m.do("lock"), EOWNERDEAD);
    const { result } = await o.sleep("lock");
    equal(await m.do("consistent"), 0);
    await fails("EINVAL", m.do("consistent"));
    equal(await m.do("unlock"), 0);
    equal(await result, 0);
    equal(await o.do("unlock"), 0);
  }),
];

const lives: readonly Row[] = [
  row("pthread_mutex_lock() excludes every other process until it is unlocked", async (w) => {
    const [p, q] = [await w.proc(), await w.proc()];
    const [m, n] = (await mutexOf([p, q], 4096 - ROBUST_MUTEX_SIZE)) as [Mutex, Mutex];
    equal(await m.do("lock"), 0);
    const { result } = await n.sleep("lock");
    equal(await m.do("unlock"), 0);
    equal(await result, 0);
    await fails("EBUSY", m.do("trylock"));
    equal(await n.do("unlock"), 0);
    await works(m);
  }),
  row("pthread_mutex_unlock() wakes one after another", async (w) => {
    const procs = [await w.proc(), await w.proc(), await w.proc(), await w.proc()];
    const [m, ...others] = (await mutexOf(procs)) as [Mutex, ...Mutex[]];
    equal(await m.do("lock"), 0);
    const calls: Promise<void>[] = [];
    for (const each of others) {
      const { result } = await each.sleep("lock");
      const done = async () => {
        equal(await result, 0);
        equal(await each.do("unlock"), 0);
      };
      calls.push(done());
    }
    equal(await m.do("unlock"), 0);
    await Promise.all(calls);
    await works(m);
  }),
  row("pthread_mutex_unlock() of one mutex leaves the sleepers of another", async (w) => {
    const [p, q] = [await w.proc(), await w.proc()];
    const [m, n] = (await mutexOf([p, q])) as [Mutex, Mutex];
    const other = new Mutex(p, m.addr, ROBUST_MUTEX_SIZE);
    equal(await other.do("init"), 0);
    equal(await other.do("lock"), 0);
    equal(await m.do("lock"), 0);
    const { result } = await n.sleep("lock");
    equal(await other.do("unlock"), 0);
    await q.asleep();
    equal(await m.do("unlock"), 0);
    equal(await result, 0);
    equal(await n.do("unlock"), 0);
  }),
  row("pthread_mutex_lock() returns EDEADLK to the thread that holds it", async ({ proc }) => {
    const [m] = (await mutexOf([await proc()])) as [Mutex];
    equal(await m.do("lock"), 0);
    equal((await fails("EDEADLK", m.do("lock"))).syscall, "pthread_mutex_lock");
    equal(await m.do("unlock"), 0);
  }),
  row("pthread_mutex_trylock() returns EDEADLK to the thread that holds it", async ({ proc }) => {
    const [m] = (await mutexOf([await proc()])) as [Mutex];
    equal(await m.do("lock"), 0);
    await fails("EDEADLK", m.do("trylock"));
    equal(await m.do("unlock"), 0);
  }),
  row("pthread_mutex_timedlock() returns EDEADLK to the thread that holds it", async (w) => {
    const [m] = (await mutexOf([await w.proc()])) as [Mutex];
    equal(await m.do("lock"), 0);
    await fails("EDEADLK", m.do("timedlock", inMs(600_000)));
    await fails("EDEADLK", m.do("timedlock", { tv_sec: 0, tv_nsec: -1 }));
    equal(await m.do("unlock"), 0);
  }),
  row("pthread_mutex_trylock() returns EBUSY while another process holds it", async ({ proc }) => {
    const [m, n] = (await mutexOf([await proc(), await proc()])) as [Mutex, Mutex];
    equal(await m.do("trylock"), 0);
    equal((await fails("EBUSY", n.do("trylock"))).syscall, "pthread_mutex_trylock");
    equal(await m.do("unlock"), 0);
    equal(await n.do("trylock"), 0);
    equal(await n.do("unlock"), 0);
  }),
  row("pthread_mutex_timedlock() returns ETIMEDOUT when the time has come", async ({ proc }) => {
    const [m, n] = (await mutexOf([await proc(), await proc()])) as [Mutex, Mutex];
    equal(await m.do("lock"), 0);
    const start = Date.now();
    const { result } = await n.sleep("timedlock", inMs(120));
    equal((await fails("ETIMEDOUT", result)).syscall, "pthread_mutex_timedlock");
    ok(Date.now() - start >= 115, "the time has passed");
    for (const past of [
      inMs(0),
      inMs(-60_000),
      { tv_sec: 0, tv_nsec: 0 },
      { tv_sec: -1, tv_nsec: 0 },
    ]) {
      await fails("ETIMEDOUT", n.do("timedlock", past));
    }
    equal(await m.do("unlock"), 0);
    await works(n);
  }),
  row("pthread_mutex_timedlock() returns EINVAL for a bad tv_nsec when it must wait", async (w) => {
    const [m, n] = (await mutexOf([await w.proc(), await w.proc()])) as [Mutex, Mutex];
    for (const tv_nsec of [-1, 1_000_000_000]) {
      const bad = { tv_sec: 2 ** 33, tv_nsec };
      equal(await n.do("timedlock", bad), 0, "without a wait");
      await fails("EINVAL", m.do("timedlock", bad));
      equal(await n.do("unlock"), 0);
    }
  }),
  row("pthread_mutex_timedlock() takes a mutex that is unlocked in time", async ({ proc }) => {
    const [m, n] = (await mutexOf([await proc(), await proc()])) as [Mutex, Mutex];
    equal(await m.do("lock"), 0);
    const { result } = await n.sleep("timedlock", inMs(600_000));
    equal(await m.do("unlock"), 0);
    equal(await result, 0);
    equal(await n.do("unlock"), 0);
  }),
  row("pthread_mutex_unlock() returns EPERM to who does not hold it", async ({ proc }) => {
    const [m, n] = (await mutexOf([await proc(), await proc()])) as [Mutex, Mutex];
    await fails("EPERM", m.do("unlock"));
    equal(await m.do("lock"), 0);
    equal((await fails("EPERM", n.do("unlock"))).syscall, "pthread_mutex_unlock");
    equal(await m.do("unlock"), 0);
    await fails("EPERM", m.do("unlock"));
  }),
  row("pthread_mutex_consistent() returns EINVAL unless the last owner died", async ({ proc }) => {
    const [m] = (await mutexOf([await proc()])) as [Mutex];
    await fails("EINVAL", m.do("consistent"));
    equal(await m.do("lock"), 0);
    await fails("EINVAL", m.do("consistent"));
    equal(await m.do("unlock"), 0);
  }),
  row("pthread_mutex_lock() sleeps on after a signal's handler", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    const [m, n] = (await mutexOf([p, q])) as [Mutex, Mutex];
    await q.do("sigaction", SIGUSR1, HANDLER);
    for (const args of [["lock"], ["timedlock", inMs(600_000)]] as [string, ...unknown[]][]) {
      equal(await m.do("lock"), 0);
      const { result } = await n.sleep(...args);
      await q.kill(SIGUSR1);
      await q.asleep();
      equal(await m.do("unlock"), 0);
      equal(await result, 0);
      let seen: number[] = [];
      while (seen.length === 0) seen = await q.do<number[]>("signals");
      equal(seen, [SIGUSR1]);
      equal(await n.do("unlock"), 0);
    }
  }),
  row("pthread_mutex_destroy() lets nobody lock it until it is made again", async ({ proc }) => {
    const [m, n] = (await mutexOf([await proc(), await proc()])) as [Mutex, Mutex];
    equal(await m.do("destroy"), 0);
    for (const each of [m, n]) {
      await fails("EINVAL", each.do("lock"));
      await fails("EINVAL", each.do("trylock"));
      await fails("EINVAL", each.do("timedlock", inMs(600_000)));
      await fails("EINVAL", each.do("unlock"));
      await fails("EINVAL", each.do("consistent"));
    }
    equal(await n.do("init"), 0);
    await works(m);
  }),
  row(
    "pthread_mutex_destroy() returns EBUSY while somebody holds it",
    async ({ proc }) => {
      const [m, n] = (await mutexOf([await proc(), await proc()])) as [Mutex, Mutex];
      equal(await m.do("lock"), 0);
      await fails("EBUSY", n.do("destroy"));
      await fails("EBUSY", m.do("destroy"));
      equal(await m.do("unlock"), 0);
      equal(await n.do("destroy"), 0);
    },
    { linux: "POSIX leaves it open, and glibc does not look at robust mutexes" },
  ),
];

/** What every call says of a mutex that is not where one can be. */
const places = CALLS.map((call) =>
  row(`${call}() returns EINVAL outside of the segment, unaligned and detached`, async (w) => {
    const p = await w.proc();
    const addr = await attach(p, await segment(p));
    const bad = [-8, 1, 4, ROBUST_MUTEX_ALIGN + 2, 4096 - ROBUST_MUTEX_SIZE + 8, 4096, 2 ** 52];
    const more = call === "pthread_mutex_timedlock" ? [inMs(0)] : [];
    for (const offset of bad) await fails("EINVAL", p.do(call, addr, offset, ...more));
    await p.do("shmdt", addr);
    equal((await fails("EINVAL", p.do(call, addr, 0, ...more))).syscall, call);
  }),
);

const types = CALLS.map((call) =>
  row(`${call}() throws TypeError for what is no mutex`, async ({ proc }) => {
    const p = await proc();
    const addr = await attach(p, await segment(p));
    const more = call === "pthread_mutex_timedlock" ? [inMs(0)] : [];
    for (const bad of [undefined, null, "x", true, {}, { attachment: 1, offset: 0 }]) {
      await fails("TypeError", p.do(call, bad, 0, ...more));
    }
    for (const bad of [undefined, null, "0", 0.5, 1n, 2 ** 53]) {
      await fails("TypeError", p.do(call, addr, bad, ...more));
    }
  }),
);

const times = row("pthread_mutex_timedlock() throws TypeError for what is no time", async (w) => {
  const [m] = (await mutexOf([await w.proc()])) as [Mutex];
  for (const bad of [undefined, null, 5, "x", {}, { tv_sec: 0.5, tv_nsec: 0 }, { tv_sec: 0 }]) {
    await fails("TypeError", m.do("timedlock", bad));
  }
  await works(m);
});

/** Twins sleep on Linux in no system call, so these rows ask nobody whether he sleeps. */
const twins: readonly Row[] = [
  row("pthread_mutex_lock() as a twin waits while its process makes other calls", async (w) => {
    const [p, q] = [await w.proc(), await w.proc()];
    const [m, n] = (await mutexOf([p, q])) as [Mutex, Mutex];
    equal(await n.do("lock"), 0);
    const call = p.start("async.pthread_mutex_lock", m.addr, 0);
    equal(await p.do("getpid"), p.pid);
    await fails("EBUSY", m.do("trylock"));
    equal(await n.do("unlock"), 0);
    equal(await call, 0);
    await fails("EDEADLK", m.do("lock"));
    equal(await m.do("unlock"), 0);
  }),
  row("pthread_mutex_lock() as a twin returns EDEADLK to the thread that holds it", async (w) => {
    const p = await w.proc();
    const [m] = (await mutexOf([p])) as [Mutex];
    equal(await p.do("async.pthread_mutex_lock", m.addr, 0), 0);
    await fails("EDEADLK", p.do("async.pthread_mutex_lock", m.addr, 0));
    equal(await m.do("unlock"), 0);
  }),
  row("pthread_mutex_lock() as a twin returns EOWNERDEAD when the owner dies", async (world) => {
    const [p, q] = (await fresh(world, 2)) as [Proc, Proc];
    const [m, n] = (await mutexOf([p, q])) as [Mutex, Mutex];
    equal(await n.do("lock"), 0);
    const call = p.start("async.pthread_mutex_lock", m.addr, 0);
    equal(await p.do("getpid"), p.pid);
    await kill(q);
    equal(await call, EOWNERDEAD);
    equal(await m.do("consistent"), 0);
    equal(await m.do("unlock"), 0);
  }),
  row("pthread_mutex_lock() as a twin rejects with its signal's reason", async ({ proc }) => {
    const [p, q, r] = [await proc(), await proc(), await proc()];
    const [m, n, o] = (await mutexOf([p, q, r])) as [Mutex, Mutex, Mutex];
    equal(await n.do("lock"), 0);
    const call = p.start("async.pthread_mutex_lock", m.addr, 0, { abort: "here" });
    const { result } = await o.sleep("lock");
    await p.do("abort", "here", "stop it");
    const error = await call.then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    equal(error?.message, "stop it", "the reason");
    equal(await n.do("unlock"), 0);
    equal(await result, 0);
    equal(await o.do("unlock"), 0);
    await works(m);
  }),
  row("pthread_mutex_timedlock() as a twin returns ETIMEDOUT when the time has come", async (w) => {
    const [p, q] = [await w.proc(), await w.proc()];
    const [m, n] = (await mutexOf([p, q])) as [Mutex, Mutex];
    equal(await n.do("lock"), 0);
    const start = Date.now();
    await fails("ETIMEDOUT", p.do("async.pthread_mutex_timedlock", m.addr, 0, inMs(60)));
    ok(Date.now() - start >= 55, "the time has passed");
    const bad = { tv_sec: 0, tv_nsec: -1 };
    await fails("EINVAL", p.do("async.pthread_mutex_timedlock", m.addr, 0, bad));
    equal(await n.do("unlock"), 0);
    equal(await p.do("async.pthread_mutex_timedlock", m.addr, 0, bad), 0, "without a wait");
    equal(await m.do("unlock"), 0);
  }),
  row("pthread_mutex_lock() as a twin fails as the call does", async ({ proc }) => {
    const p = await proc();
    const [m] = (await mutexOf([p])) as [Mutex];
    const lock = (...args: unknown[]) => p.do("async.pthread_mutex_lock", ...args);
    await fails("EINVAL", lock(m.addr, 1));
    await fails("TypeError", lock({}, 0));
    await fails("TypeError", lock(m.addr, 0, 5));
    await fails("TypeError", p.do("async.pthread_mutex_timedlock", m.addr, 0));
    await works(m);
  }),
];

export const pthreadMutex: readonly Row[] = [
  ...lives,
  ...ends,
  ...places,
  ...types,
  times,
  ...twins,
];
