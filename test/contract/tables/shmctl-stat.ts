/** shmctl(2): the commands that only look. */
import { IPC_INFO, IPC_RMID, IPC_STAT } from "../../../assembly/abi/ipc.ts";
import { SHM_INFO, SHM_STAT, SHM_STAT_ANY } from "../../../assembly/abi/shm.ts";
import type { ShmInfo, ShmidDs, Shminfo } from "../../../host/contract.ts";
import { equal, fails, matches, ok } from "../check.ts";
import { attach, KEY, segment, shmStat } from "../objects.ts";
import { ALICE, BOB, type Proc, type Row, row } from "../row.ts";

/** The slot in the kernel's table: the first whose SHM_STAT_ANY gives the id. */
async function slotOf(p: Proc, id: number): Promise<number> {
  const { index } = await p.do<{ index: number }>("shmctl", 0, SHM_INFO);
  for (let slot = 0; slot <= index; slot++) {
    const found = await p.do<{ id: number }>("shmctl", slot, SHM_STAT_ANY).catch(() => undefined);
    if (found?.id === id) return slot;
  }
  throw new Error(`no slot up to ${index} holds segment ${id}`);
}

export const shmctlStat: readonly Row[] = [
  row("shmctl() with IPC_STAT tells size, mode, pids and attachments", async ({ proc }) => {
    const [p, q] = [await proc(ALICE), await proc()];
    const id = await segment(p, 12345, 0o640, KEY);
    await attach(q, id);
    const ds = await shmStat(p, id);
    matches(ds, { shm_segsz: 12345, shm_nattch: 1, shm_cpid: p.pid, shm_lpid: q.pid });
    matches(ds.shm_perm, { key: KEY, uid: 1001, cuid: 1001, gid: 1001, cgid: 1001, mode: 0o640 });
  }),
  row("shmctl() with SHM_STAT and SHM_STAT_ANY takes a slot and returns the id", async (w) => {
    const p = await w.proc();
    await segment(p);
    const id = await segment(p, 777, 0o600, KEY);
    const slot = await slotOf(p, id);
    for (const cmd of [SHM_STAT, SHM_STAT_ANY]) {
      const ds = await p.do<ShmidDs & { id: number }>("shmctl", slot, cmd);
      matches(ds, { id, shm_segsz: 777 });
      equal(ds.shm_perm.key, KEY, "key");
    }
  }),
  row("shmctl() with SHM_STAT_ANY asks for no permission", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    const id = await segment(owner, 4096, 0);
    const slot = await slotOf(other, id);
    await fails("EACCES", other.do("shmctl", slot, SHM_STAT));
    equal((await other.do<{ id: number }>("shmctl", slot, SHM_STAT_ANY)).id, id);
  }),
  row("shmctl() returns EINVAL with SHM_STAT for a slot that is empty", async ({ proc }) => {
    const p = await proc();
    const id = await segment(p);
    const slot = await slotOf(p, id);
    await p.do("shmctl", id, IPC_RMID);
    await fails("EINVAL", p.do("shmctl", slot, SHM_STAT));
    await fails("EINVAL", p.do("shmctl", slot, SHM_STAT_ANY));
    await fails("EINVAL", p.do("shmctl", slot + 1, SHM_STAT_ANY));
  }),
  row(
    "shmctl() with IPC_INFO tells the limits and the highest slot in use",
    async ({ proc }) => {
      const [p, other] = [await proc(), await proc(BOB)];
      await segment(p);
      const id = await segment(p);
      const info = await other.do<Shminfo & { index: number }>("shmctl", 0, IPC_INFO);
      matches(info, { shmmax: 65536, shmmni: 7, shmall: 32, shmmin: 1 });
      equal(info.index, await slotOf(p, id), "index");
    },
    { limits: { SHMMAX: 65536, SHMMNI: 7, SHMALL: 32 } },
  ),
  row("shmctl() with IPC_INFO needs no object and no id that exists", async ({ proc }) => {
    const p = await proc(BOB);
    equal((await p.do<Shminfo & { index: number }>("shmctl", 4711, IPC_INFO)).index, 0);
    equal((await p.do<ShmInfo & { index: number }>("shmctl", 4711, SHM_INFO)).index, 0);
  }),
  row("shmctl() with SHM_INFO counts segments, pages and swap", async ({ proc }) => {
    const p = await proc(BOB);
    await segment(p, 4097);
    const id = await segment(p, 3 * 4096);
    const info = await p.do<ShmInfo & { index: number }>("shmctl", 0, SHM_INFO);
    matches(info, { used_ids: 2, shm_tot: 5, shm_swp: 0, swap_attempts: 0, swap_successes: 0 });
    equal(info.index, await slotOf(p, id), "index");
  }),
  row("shmctl() with SHM_INFO counts in shm_rss the pages that were touched", async ({ proc }) => {
    const p = await proc();
    const addr = await attach(p, await segment(p, 3 * 4096));
    await p.do("poke", addr, 0, 1);
    await p.do("poke", addr, 8192, 1);
    const { shm_rss, shm_tot } = await p.do<ShmInfo>("shmctl", 0, SHM_INFO);
    ok(shm_rss >= 2 && shm_rss <= shm_tot, `shm_rss ${shm_rss} is 2 to ${shm_tot}`);
  }),
  row("shmctl() counts a marked segment until its last detach", async ({ proc }) => {
    const p = await proc();
    const id = await segment(p, 2 * 4096);
    const addr = await attach(p, id);
    await p.do("shmctl", id, IPC_RMID);
    const used = async () => (await p.do<ShmInfo>("shmctl", 0, SHM_INFO)).shm_tot;
    equal(await used(), 2, "pages while it is attached");
    await p.do("shmdt", addr);
    equal(await used(), 0, "pages");
    await fails("EINVAL", p.do("shmctl", id, IPC_STAT));
  }),
];
