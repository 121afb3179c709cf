/** shmctl(2): IPC_RMID, IPC_SET, SHM_LOCK and the errors of every command. */
import { IPC_CREAT, IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT } from "../../../assembly/abi/ipc.ts";
import {
  SHM_DEST,
  SHM_INFO,
  SHM_LOCK,
  SHM_LOCKED,
  SHM_STAT,
  SHM_UNLOCK,
} from "../../../assembly/abi/shm.ts";
import { equal, fails, isNow, matches, ok } from "../check.ts";
import { attach, KEY, queue, segment, shmStat } from "../objects.ts";
import { ALICE, BOB, type Row, row } from "../row.ts";

const MODE_700 = { shm_perm: { mode: 0o700 } };

export const shmctl: readonly Row[] = [
  row("shmctl() returns EACCES for IPC_STAT and SHM_STAT without read permission", async (w) => {
    const [owner, other] = [await w.proc(ALICE), await w.proc(BOB)];
    const id = await segment(owner, 4096, 0o622);
    await fails("EACCES", other.do("shmctl", id, IPC_STAT));
    const { index } = await owner.do<{ index: number }>("shmctl", 0, SHM_INFO);
    await fails("EACCES", other.do("shmctl", index, SHM_STAT));
  }),
  row("shmctl() returns EINVAL for an id that never existed or is stale", async ({ proc }) => {
    const p = await proc();
    const stale = await segment(p);
    await p.do("shmctl", stale, IPC_RMID);
    await segment(p);
    for (const id of [stale, 99999, -1]) {
      for (const cmd of [IPC_STAT, IPC_RMID, SHM_LOCK]) {
        await fails("EINVAL", p.do("shmctl", id, cmd));
      }
      await fails("EINVAL", p.do("shmctl", id, IPC_SET, MODE_700));
    }
  }),
  row("shmctl() returns EINVAL for the id of another kind of object", async ({ proc }) => {
    const p = await proc();
    await fails("EINVAL", p.do("shmctl", await queue(p), IPC_STAT));
  }),
  row("shmctl() returns EINVAL for a command that does not exist", async ({ proc }) => {
    const p = await proc();
    const id = await segment(p);
    for (const cmd of [-1, 4, 10, 16, 99]) await fails("EINVAL", p.do("shmctl", id, cmd));
  }),
  row("shmctl() returns EINVAL for a negative id, whatever the command", async ({ proc }) => {
    const p = await proc();
    for (const cmd of [IPC_INFO, SHM_INFO, SHM_STAT])
      await fails("EINVAL", p.do("shmctl", -1, cmd));
  }),
  row("shmctl() returns EINVAL for IPC_SET with an owner of -1", async ({ proc }) => {
    const p = await proc();
    const id = await segment(p);
    await fails("EINVAL", p.do("shmctl", id, IPC_SET, { shm_perm: { uid: -1 } }));
    await fails("EINVAL", p.do("shmctl", id, IPC_SET, { shm_perm: { gid: -1 } }));
  }),
  row("shmctl() returns EPERM for IPC_SET and IPC_RMID by another user", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    const id = await segment(owner, 4096, 0o666);
    await fails("EPERM", other.do("shmctl", id, IPC_SET, MODE_700));
    await fails("EPERM", other.do("shmctl", id, IPC_RMID));
  }),
  row("shmctl() returns EPERM for SHM_LOCK and SHM_UNLOCK by another user", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    const id = await segment(owner, 4096, 0o666);
    await fails("EPERM", other.do("shmctl", id, SHM_LOCK));
    await fails("EPERM", other.do("shmctl", id, SHM_UNLOCK));
  }),
  row("shmctl() with IPC_RMID destroys at once what nobody has attached", async ({ proc }) => {
    const p = await proc();
    const id = await segment(p, 4096, 0o600, KEY);
    equal(await p.do("shmctl", id, IPC_RMID), 0);
    await fails("EINVAL", p.do("shmctl", id, IPC_STAT));
    await fails("ENOENT", p.do("shmget", KEY, 0, 0));
    ok((await segment(p, 4096, 0o600, KEY)) !== id, "the key's next segment has another id");
  }),
  row("shmctl() with IPC_RMID marks what is attached, and frees the key", async ({ proc }) => {
    const p = await proc();
    const id = await segment(p, 4096, 0o640, KEY);
    const addr = await attach(p, id);
    await p.do("poke", addr, 0, 5);
    equal(await p.do("shmctl", id, IPC_RMID), 0);
    const { shm_perm, shm_nattch } = await shmStat(p, id);
    matches(shm_perm, { mode: SHM_DEST | 0o640, key: 0 });
    equal(shm_nattch, 1, "shm_nattch");
    equal(await p.do<number[]>("peek", addr, 0), [5], "the bytes are still there");
    await fails("ENOENT", p.do("shmget", KEY, 0, 0));
    const next = await segment(p, 4096, 0o600, KEY);
    ok(next !== id, "another segment has the key");
    equal(await p.do("shmctl", id, IPC_RMID), 0, "again");
    equal(await p.do("shmget", KEY, 0, 0), next);
  }),
  row("shmctl() with IPC_RMID is allowed to owner, creator and root", async ({ proc }) => {
    const [root, creator, owner] = [await proc(), await proc(ALICE), await proc(BOB)];
    for (const p of [root, creator, owner]) {
      const id = await segment(creator, 4096, 0);
      await creator.do("shmctl", id, IPC_SET, { shm_perm: BOB });
      equal(await p.do("shmctl", id, IPC_RMID), 0);
    }
  }),
  row("shmctl() with IPC_SET changes owner, group, mode bits and ctime only", async ({ proc }) => {
    const p = await proc(ALICE);
    const id = await p.do("shmget", KEY, 100, IPC_CREAT | 0o600);
    const set = { shm_perm: { uid: 1002, gid: 1003, mode: 0o7123 } };
    equal(await p.do("shmctl", id, IPC_SET, set), 0);
    const root = await proc();
    const { shm_perm, shm_ctime, shm_segsz } = await shmStat(root, id);
    matches(shm_perm, { key: KEY, uid: 1002, gid: 1003, cuid: 1001, cgid: 1001, mode: 0o123 });
    equal(shm_segsz, 100, "shm_segsz");
    isNow(shm_ctime, "shm_ctime");
  }),
  row("shmctl() with IPC_SET keeps the fields that are left out", async ({ proc }) => {
    const p = await proc(ALICE);
    const id = await segment(p, 4096, 0);
    await p.do("shmctl", id, IPC_SET, { shm_perm: { gid: 1002 } });
    await p.do("shmctl", id, IPC_SET, { shm_perm: { mode: 0o440 } });
    matches((await shmStat(p, id)).shm_perm, { uid: 1001, gid: 1002, mode: 0o440 });
  }),
  row("shmctl() with IPC_SET is allowed to the new owner and still to the creator", async (w) => {
    const [creator, owner] = [await w.proc(ALICE), await w.proc(BOB)];
    const id = await segment(creator);
    await creator.do("shmctl", id, IPC_SET, { shm_perm: BOB });
    equal(await owner.do("shmctl", id, IPC_SET, { shm_perm: { mode: 0o660 } }), 0);
    equal(await creator.do("shmctl", id, IPC_SET, { shm_perm: { mode: 0o644 } }), 0);
  }),
  row("shmctl() with SHM_LOCK sets a mode bit and SHM_UNLOCK clears it", async ({ proc }) => {
    for (const p of [await proc(), await proc(ALICE)]) {
      const id = await segment(p, 4096, 0o600);
      equal(await p.do("shmctl", id, SHM_LOCK), 0);
      equal((await shmStat(p, id)).shm_perm.mode, SHM_LOCKED | 0o600);
      equal(await p.do("shmctl", id, SHM_LOCK), 0, "again");
      equal(await p.do("shmctl", id, SHM_UNLOCK), 0);
      equal((await shmStat(p, id)).shm_perm.mode, 0o600);
      equal(await p.do("shmctl", id, SHM_UNLOCK), 0, "again");
    }
  }),
  row("shmctl() with IPC_SET is allowed to root, who owns nothing of it", async ({ proc }) => {
    const [root, owner] = [await proc(), await proc(ALICE)];
    const id = await segment(owner, 4096, 0);
    equal(await root.do("shmctl", id, IPC_SET, { shm_perm: { mode: 0o640 } }), 0);
    matches((await shmStat(root, id)).shm_perm, { uid: 1001, gid: 1001, mode: 0o640 });
  }),
];
