/** setpgid(2), getpgid(2), setsid(2), getsid(2), and what kill(2) and waitpid(2) do with groups. */
import { SIGKILL, SIGTERM, SIGUSR1, SIGUSR2 } from "../../../assembly/abi/signal.ts";
import { WNOHANG } from "../../../assembly/abi/wait.ts";
import { equal, fails } from "../check.ts";
import { ALICE, BOB, HANDLER, type Proc, type Row, row } from "../row.ts";

type Waited = { pid: number; status: number };
type ProcOf = (options?: {
  fresh?: boolean;
  parent?: Proc;
  uid?: number;
  gid?: number;
}) => Promise<Proc>;

const NO_SUCH_PID = 0x3fff_ffff;

/** The leader of a new group, and `count` children in it. */
async function group(proc: ProcOf, count: number): Promise<{ leader: Proc; kids: Proc[] }> {
  const leader = await proc({ fresh: true });
  equal(await leader.do("setpgid", 0, 0), 0);
  const kids: Proc[] = [];
  for (let index = 0; index < count; index++) kids.push(await proc({ parent: leader }));
  return { leader, kids };
}

/** Waits for a signal that is on its way, of which there is a handler. */
async function caught(p: Proc): Promise<number[]> {
  let seen: number[] = [];
  while (seen.length === 0) seen = await p.do<number[]>("signals");
  return seen;
}

const groups: readonly Row[] = [
  row("setpgid() makes a group of one's own, which children inherit", async ({ proc }) => {
    const { leader, kids } = await group(proc, 1);
    const [kid] = kids as [Proc];
    equal(await leader.do("getpgrp"), leader.pid);
    equal(await leader.do("getpgid", 0), leader.pid);
    equal(await kid.do("getpgrp"), leader.pid);
    equal(await leader.do("getpgid", kid.pid), leader.pid);
    equal(await kid.do("getsid", 0), await leader.do("getsid", 0), "one session");
    equal(await kid.do("setpgid", kid.pid, kid.pid), 0);
    equal(await leader.do("getpgid", kid.pid), kid.pid);
    equal(await kid.do("setpgid", 0, leader.pid), 0, "back again");
    equal(await kid.do("getpgrp"), leader.pid);
    equal(await kid.do("setpgid", 0, leader.pid), 0, "where it is");
  }),
  row("setpgid() returns EACCES for a child that has started its program", async ({ proc }) => {
    const { leader, kids } = await group(proc, 1);
    await fails("EACCES", leader.do("setpgid", kids[0]!.pid, 0));
    await fails("EACCES", leader.do("setpgid", kids[0]!.pid, NO_SUCH_PID));
  }),
  row("setpgid() returns EINVAL for a negative group", async ({ proc }) => {
    const p = await proc();
    await fails("EINVAL", p.do("setpgid", 0, -1));
    await fails("EINVAL", p.do("setpgid", NO_SUCH_PID, -2));
    await fails("EINVAL", p.do("setpgid", -1, 0));
  }),
  row("setpgid() returns EPERM for a group that is not of the session", async ({ proc }) => {
    const { kids } = await group(proc, 2);
    const [p, q] = kids as [Proc, Proc];
    await fails("EPERM", p.do("setpgid", 0, NO_SUCH_PID));
    await fails("EPERM", p.do("setpgid", 0, NO_SUCH_PID - 1));
    await q.do("setsid");
    await fails("EPERM", p.do("setpgid", 0, q.pid));
  }),
  row("setpgid() returns EPERM for the leader of a session", async ({ proc }) => {
    const { leader, kids } = await group(proc, 1);
    const [p] = kids as [Proc];
    await p.do("setsid");
    await fails("EPERM", p.do("setpgid", 0, 0));
    await fails("EPERM", p.do("setpgid", 0, leader.pid));
    await fails("EPERM", leader.do("setpgid", p.pid, 0));
  }),
  row("setpgid() returns ESRCH for who is neither the caller nor a child", async ({ proc }) => {
    const { leader, kids } = await group(proc, 2);
    const [p, q] = kids as [Proc, Proc];
    for (const pid of [NO_SUCH_PID, q.pid, leader.pid]) {
      await fails("ESRCH", p.do("setpgid", pid, 0));
    }
  }),
  row("getpgid() returns ESRCH for a process that does not exist", async ({ proc }) => {
    const p = await proc();
    for (const pid of [NO_SUCH_PID, -1]) await fails("ESRCH", p.do("getpgid", pid));
  }),
  row("getsid() returns ESRCH for a process that does not exist", async ({ proc }) => {
    const p = await proc();
    for (const pid of [NO_SUCH_PID, -1]) await fails("ESRCH", p.do("getsid", pid));
  }),
  row("setsid() makes a session and a group of one process", async ({ proc }) => {
    const { leader, kids } = await group(proc, 1);
    const [p] = kids as [Proc];
    equal(await p.do("setsid"), p.pid);
    equal([await p.do("getsid", 0), await p.do("getpgrp")], [p.pid, p.pid]);
    equal(await leader.do("getsid", p.pid), p.pid, "another's session may be asked for");
    const child = await proc({ parent: p });
    equal([await child.do("getsid", 0), await child.do("getpgrp")], [p.pid, p.pid]);
  }),
  row("setsid() returns EPERM for the leader of a group", async ({ proc }) => {
    const { leader, kids } = await group(proc, 1);
    await fails("EPERM", leader.do("setsid"));
    const [p] = kids as [Proc];
    await p.do("setsid");
    await fails("EPERM", p.do("setsid"));
  }),
  row(
    "setsid() returns EPERM while others are in a group of the caller's number",
    async (world) => {
      const { leader, kids } = await group(world.proc, 2);
      const [p, q] = kids as [Proc, Proc];
      await p.do("setpgid", 0, 0);
      await q.do("setpgid", 0, p.pid);
      await p.do("setpgid", 0, leader.pid);
      await fails("EPERM", p.do("setsid"));
      await q.exit();
      await leader.do("waitpid", q.pid, 0);
      equal(await p.do("setsid"), p.pid);
    },
  ),
];

const signals: readonly Row[] = [
  row("kill() with 0 signals the caller's own group", async ({ proc }) => {
    const { leader, kids } = await group(proc, 3);
    const [p, q, other] = kids as [Proc, Proc, Proc];
    await other.do("setpgid", 0, 0);
    for (const each of [leader, ...kids]) await each.do("sigaction", SIGUSR1, HANDLER);
    equal(await p.do("kill", 0, SIGUSR1), 0);
    for (const each of [leader, p, q]) equal(await caught(each), [SIGUSR1]);
    equal(await other.do<number[]>("signals"), []);
  }),
  row("kill() with a negative number signals that group", async ({ proc }) => {
    const { leader, kids } = await group(proc, 2);
    const [p, q] = kids as [Proc, Proc];
    const outside = await proc({ fresh: true });
    await q.do("setpgid", 0, 0);
    for (const each of [leader, ...kids]) await each.do("sigaction", SIGUSR2, HANDLER);
    equal(await outside.do("kill", -leader.pid, 0), 0);
    equal(await outside.do("kill", -leader.pid, SIGUSR2), 0);
    for (const each of [leader, p]) equal(await caught(each), [SIGUSR2]);
    equal(await q.do<number[]>("signals"), []);
    await outside.do("kill", -q.pid, SIGUSR2);
    equal(await caught(q), [SIGUSR2]);
  }),
  row("kill() ends a whole group by default", async ({ proc }) => {
    const { leader, kids } = await group(proc, 2);
    const [p, q] = kids as [Proc, Proc];
    await p.do("setpgid", 0, 0);
    await q.do("setpgid", 0, p.pid);
    equal(await leader.do("kill", -p.pid, SIGTERM), 0);
    for (const each of [p, q]) {
      equal(await leader.do<Waited>("waitpid", each.pid), { pid: each.pid, status: SIGTERM });
    }
    await fails("ESRCH", leader.do("kill", -p.pid, 0));
  }),
  row("kill() returns ESRCH for a group that does not exist", async ({ proc }) => {
    const { leader, kids } = await group(proc, 1);
    await fails("ESRCH", leader.do("kill", -NO_SUCH_PID, 0));
    await fails("ESRCH", leader.do("kill", -kids[0]!.pid, SIGKILL));
  }),
  row("kill() returns EPERM for a group of others' processes only", async ({ proc }) => {
    const [alice, bob, root] = [
      await proc({ ...ALICE, fresh: true }),
      await proc(BOB),
      await proc(),
    ];
    await alice.do("setpgid", 0, 0);
    await fails("EPERM", bob.do("kill", -alice.pid, SIGTERM));
    await fails("EPERM", bob.do("kill", -alice.pid, 0));
    equal(await root.do("kill", -alice.pid, 0), 0);
    equal(await alice.do("kill", -alice.pid, 0), 0);
  }),
  row("kill() of a group succeeds when one of it may be signalled", async ({ proc }) => {
    const { leader } = await group(proc, 0);
    const alice = await proc({ ...ALICE, parent: leader });
    const bob = await proc({ ...BOB, parent: leader });
    for (const each of [alice, bob, leader]) await each.do("sigaction", SIGUSR1, HANDLER);
    equal(await alice.do("kill", 0, SIGUSR1), 0);
    equal(await caught(alice), [SIGUSR1]);
    equal(await bob.do<number[]>("signals"), []);
    equal(await leader.do<number[]>("signals"), []);
  }),
  row("kill() finds a group of which only a zombie is left", async ({ proc }) => {
    const { leader, kids } = await group(proc, 1);
    const [p] = kids as [Proc];
    await p.do("setpgid", 0, 0);
    await p.exit(4);
    equal(await leader.do("kill", -p.pid, 0), 0);
    equal(await leader.do<Waited>("waitpid", -p.pid), { pid: p.pid, status: 4 << 8 });
    await fails("ESRCH", leader.do("kill", -p.pid, 0));
  }),
];

const waits: readonly Row[] = [
  row("waitpid() with 0 waits for children in the caller's group", async ({ proc }) => {
    const { leader, kids } = await group(proc, 2);
    const [inside, outside] = kids as [Proc, Proc];
    await outside.do("setpgid", 0, 0);
    await outside.exit(1);
    equal((await leader.do<Waited>("waitpid", 0, WNOHANG)).pid, 0);
    await inside.exit(2);
    equal(await leader.do<Waited>("waitpid", 0, 0), { pid: inside.pid, status: 2 << 8 });
    await fails("ECHILD", leader.do("waitpid", 0, 0));
    equal(await leader.do<Waited>("waitpid", -1, 0), { pid: outside.pid, status: 1 << 8 });
  }),
  row("waitpid() with a negative number waits for children in that group", async ({ proc }) => {
    const { leader, kids } = await group(proc, 3);
    const [p, q, r] = kids as [Proc, Proc, Proc];
    await p.do("setpgid", 0, 0);
    await q.do("setpgid", 0, p.pid);
    await r.exit(1);
    const call = leader.start<Waited>("waitpid", -p.pid, 0);
    await leader.asleep();
    await q.exit(2);
    equal(await call, { pid: q.pid, status: 2 << 8 });
    await p.exit(3);
    equal(await leader.do<Waited>("waitpid", -p.pid, 0), { pid: p.pid, status: 3 << 8 });
    await fails("ECHILD", leader.do("waitpid", -p.pid, 0));
    equal((await leader.do<Waited>("waitpid", r.pid, 0)).status, 1 << 8);
  }),
];

export const processGroupRows: readonly Row[] = [...groups, ...signals, ...waits];
