/** semctl(2): the commands that tell of the set and of the kernel. */
import { IPC_INFO, IPC_RMID } from "../../../assembly/abi/ipc.ts";
import { SEM_INFO, SEM_STAT, SEM_STAT_ANY } from "../../../assembly/abi/sem.ts";
import type { SemidDs, Seminfo } from "../../../host/contract.ts";
import { equal, fails, isNow, matches } from "../check.ts";
import { KEY, op, semSet, semStat } from "../objects.ts";
import { ALICE, BOB, type Proc, type Row, row } from "../row.ts";

type Info = Seminfo & { index: number };

async function slotOf(p: Proc, id: number): Promise<number> {
  const { index } = await p.do<Info>("semctl", 0, 0, SEM_INFO);
  for (let slot = 0; slot <= index; slot++) {
    const call = p.do<{ id: number }>("semctl", slot, 0, SEM_STAT_ANY);
    if ((await call.catch(() => undefined))?.id === id) return slot;
  }
  throw new Error(`no slot up to ${index} holds set ${id}`);
}

export const semctlStat: readonly Row[] = [
  row("semctl() with IPC_STAT tells owner, size and times", async ({ proc }) => {
    const p = await proc(ALICE);
    const id = await semSet(p, [0, 0, 0], 0o600, KEY);
    await p.do("semop", id, [op(1, 1)]);
    const ds = await semStat(p, id);
    matches(ds.sem_perm, { key: KEY, uid: 1001, gid: 1001, cuid: 1001, cgid: 1001, mode: 0o600 });
    equal(ds.sem_nsems, 3, "sem_nsems");
    isNow(ds.sem_otime, "sem_otime");
    isNow(ds.sem_ctime, "sem_ctime");
  }),
  row("semctl() with SEM_STAT and SEM_STAT_ANY takes a slot and returns the id", async (w) => {
    const p = await w.proc();
    await semSet(p, [0]);
    const id = await semSet(p, [0, 0], 0o600, KEY);
    const slot = await slotOf(p, id);
    for (const cmd of [SEM_STAT, SEM_STAT_ANY]) {
      const ds = await p.do<SemidDs & { id: number }>("semctl", slot, 0, cmd);
      matches(ds, { id, sem_nsems: 2 });
      equal(ds.sem_perm.key, KEY, "key");
    }
  }),
  row("semctl() with SEM_STAT_ANY asks for no permission", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    const id = await semSet(owner, [0], 0);
    const slot = await slotOf(other, id);
    await fails("EACCES", other.do("semctl", slot, 0, SEM_STAT));
    equal((await other.do<{ id: number }>("semctl", slot, 0, SEM_STAT_ANY)).id, id);
  }),
  row("semctl() returns EINVAL with SEM_STAT for a slot that is empty", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [0]);
    const slot = await slotOf(p, id);
    await p.do("semctl", id, 0, IPC_RMID);
    for (const cmd of [SEM_STAT, SEM_STAT_ANY]) {
      await fails("EINVAL", p.do("semctl", slot, 0, cmd));
      await fails("EINVAL", p.do("semctl", slot + 1, 0, cmd));
      await fails("EINVAL", p.do("semctl", -1, 0, cmd));
    }
  }),
  row(
    "semctl() with IPC_INFO tells the limits and the highest slot in use",
    async ({ proc }) => {
      const p = await proc(BOB);
      await semSet(p, [0]);
      const id = await semSet(p, [0]);
      const info = await p.do<Info>("semctl", 4711, 0, IPC_INFO);
      matches(info, { semmni: 9, semmns: 50, semmsl: 20, semopm: 8, semvmx: 32767 });
      equal(info.index, await slotOf(p, id), "index");
    },
    { limits: { SEMMNI: 9, SEMMNS: 50, SEMMSL: 20, SEMOPM: 8 } },
  ),
  row("semctl() with SEM_INFO counts sets in semusz and semaphores in semaem", async ({ proc }) => {
    const p = await proc(BOB);
    await semSet(p, [0, 0, 0]);
    const id = await semSet(p, [0, 0]);
    const info = await p.do<Info>("semctl", 0, 0, SEM_INFO);
    matches(info, { semusz: 2, semaem: 5 });
    await p.do("semctl", id, 0, IPC_RMID);
    matches(await p.do<Info>("semctl", 0, 0, SEM_INFO), { semusz: 1, semaem: 3 });
  }),
  row("semctl() with IPC_INFO needs no set, and returns slot 0 then", async ({ proc }) => {
    const p = await proc(BOB);
    for (const cmd of [IPC_INFO, SEM_INFO]) {
      equal((await p.do<Info>("semctl", 0, 0, cmd)).index, 0);
    }
  }),
  row("semctl() returns EINVAL for a negative id, even for IPC_INFO", async ({ proc }) => {
    const p = await proc();
    for (const cmd of [IPC_INFO, SEM_INFO]) await fails("EINVAL", p.do("semctl", -1, 0, cmd));
  }),
];
