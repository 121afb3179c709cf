/** proc_sysvipc(5): the System V objects as lines of text. */
import {
  O_CREAT,
  O_EXCL,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from "../../../assembly/abi/fcntl.ts";
import { IPC_PRIVATE, IPC_RMID, IPC_STAT } from "../../../assembly/abi/ipc.ts";
import { S_IFMT, S_IFREG } from "../../../assembly/abi/stat.ts";
import {
  SEEK_CUR,
  SEEK_DATA,
  SEEK_END,
  SEEK_HOLE,
  SEEK_SET,
} from "../../../assembly/abi/unistd.ts";
import type { IpcPerm, MsqidDs, SemidDs, ShmidDs } from "../../../host/contract.ts";
import type { Stat } from "../../../host/contract-files.ts";
import { equal, fails, ok } from "../check.ts";
import { ALICE, BOB, type Proc, type Row, row } from "../row.ts";

const FOLDER = "/proc/sysvipc";
const FILES = ["shm", "sem", "msg"];
const ROOM = 60_000;
/** A key that no other row uses, and one that takes more than its column. */
const KEYS = [0x5e55_0001, -0x7fff_ffff];

type Fields = Record<string, number>;

async function text(p: Proc, kind: string): Promise<string> {
  const fd: number = await p.do("open", `${FOLDER}/${kind}`, O_RDONLY);
  const all = await p.do<string>("readText", fd, ROOM);
  await p.do("close", fd);
  return all;
}

/** The line of the object with this id, by the names above it. Permissions are octal. */
async function line(p: Proc, kind: string, id: number): Promise<Fields | undefined> {
  const [names = [], ...lines] = (await text(p, kind))
    .trimEnd()
    .split("\n")
    .map((each) => each.trim().split(/ +/));
  const found = lines.find((fields) => fields[1] === String(id));
  if (found === undefined) return undefined;
  equal(found.length, names.length, "fields");
  return Object.fromEntries(
    names.map((name, at) => [name, Number.parseInt(found[at]!, name === "perms" ? 8 : 10)]),
  );
}

/** Compares columns, in whatever order they are. */
function same(seen: Fields | undefined, wanted: Fields): void {
  const sorted = (fields: Fields) => Object.entries(fields).sort();
  equal(sorted(seen ?? {}), sorted(wanted));
}

/** The columns that every kind has. */
const common = ({ key, mode, uid, gid, cuid, cgid }: IpcPerm): Fields => ({
  key,
  perms: mode,
  uid,
  gid,
  cuid,
  cgid,
});

async function remove(p: Proc, ids: Readonly<Record<string, number>>): Promise<void> {
  await p.do("shmctl", ids.shm, IPC_RMID);
  await p.do("semctl", ids.sem, 0, IPC_RMID);
  await p.do("msgctl", ids.msg, IPC_RMID);
}

async function create(p: Proc, key: number, mode: number): Promise<Record<string, number>> {
  return {
    shm: await p.do<number>("shmget", key, 5000, mode | 0o1000),
    sem: await p.do<number>("semget", key, 3, mode | 0o1000),
    msg: await p.do<number>("msgget", key, mode | 0o1000),
  };
}

const NAMES: Readonly<Record<string, string>> = {
  shm:
    "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid" +
    "      atime      dtime      ctime                   rss                  swap",
  sem: "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime",
  msg:
    "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid" +
    "      stime      rtime      ctime",
};

export const sysvipc: readonly Row[] = [
  row("read() of /proc/sysvipc tells names first, and each object in a line", async ({ proc }) => {
    const p = await proc(ALICE);
    for (const kind of FILES) equal((await text(p, kind)).split("\n")[0], NAMES[kind], kind);
    for (const key of KEYS) {
      const ids = await create(p, key, 0o640);
      for (const kind of FILES) {
        const all = await text(p, kind);
        const found = all.split("\n").find((each) => each.includes(` ${ids[kind]}   640 `));
        const start = `${String(key).padStart(10)} ${String(ids[kind]).padStart(10)}   640 `;
        ok(found?.startsWith(start), `${kind}: ${found}`);
        ok(all.endsWith("\n"), "the last line has an end");
      }
      await remove(p, ids);
    }
  }),
  row("read() of /proc/sysvipc/shm tells what shmctl() tells", async ({ proc }) => {
    const p = await proc(ALICE);
    const ids = await create(p, KEYS[0]!, 0o604);
    const { addr } = await p.do<{ addr: number }>("shmat", ids.shm);
    const s = await p.do<ShmidDs>("shmctl", ids.shm, IPC_STAT);
    const { rss: _rss, swap, ...seen } = (await line(await proc(BOB), "shm", ids.shm!))!;
    same(seen, {
      ...common(s.shm_perm),
      shmid: ids.shm!,
      size: 5000,
      cpid: p.pid,
      lpid: p.pid,
      nattch: 1,
      atime: s.shm_atime,
      dtime: 0,
      ctime: s.shm_ctime,
    });
    equal(swap, 0);
    await p.do("shmdt", addr);
    equal((await line(p, "shm", ids.shm!))!.nattch, 0);
    await remove(p, ids);
    equal(await line(p, "shm", ids.shm!), undefined);
  }),
  row("read() of /proc/sysvipc/sem tells what semctl() tells", async ({ proc }) => {
    const p = await proc(ALICE);
    const ids = await create(p, IPC_PRIVATE, 0o600);
    await p.do("semop", ids.sem, [{ sem_num: 0, sem_op: 1 }]);
    const s = await p.do<SemidDs>("semctl", ids.sem, 0, IPC_STAT);
    same(await line(p, "sem", ids.sem!), {
      ...common(s.sem_perm),
      semid: ids.sem!,
      nsems: 3,
      otime: s.sem_otime,
      ctime: s.sem_ctime,
    });
    await remove(p, ids);
    equal(await line(p, "sem", ids.sem!), undefined);
  }),
  row("read() of /proc/sysvipc/msg tells what msgctl() tells", async ({ proc }) => {
    const p = await proc(ALICE);
    const ids = await create(p, IPC_PRIVATE, 0o600);
    await p.do("msgsnd", ids.msg, { mtype: 1, mtext: new Uint8Array(10) }, 10);
    const s = await p.do<MsqidDs>("msgctl", ids.msg, IPC_STAT);
    same(await line(p, "msg", ids.msg!), {
      ...common(s.msg_perm),
      msqid: ids.msg!,
      cbytes: 10,
      qnum: 1,
      lspid: p.pid,
      lrpid: 0,
      stime: s.msg_stime,
      rtime: 0,
      ctime: s.msg_ctime,
    });
    await remove(p, ids);
  }),
  row("read() of /proc/sysvipc goes on where it was, and pread() anywhere", async ({ proc }) => {
    const p = await proc();
    const ids = await create(p, IPC_PRIVATE, 0o600);
    const all = await text(p, "sem");
    const fd: number = await p.do("open", `${FOLDER}/sem`, O_RDONLY);
    let parts = "";
    for (let part = "-"; part !== ""; parts += part) part = await p.do("readText", fd, 7);
    equal(parts, all);
    equal(await p.do("lseek", fd, 0, SEEK_CUR), all.length);
    equal(await p.do<string>("preadText", fd, 20, 11), all.slice(11, 31));
    equal(await p.do("lseek", fd, 100, SEEK_SET), 100);
    equal(await p.do<string>("readText", fd, ROOM), all.slice(100));
    equal(await p.do("lseek", fd, 1_000_000, SEEK_SET), 1_000_000);
    equal(await p.do<string>("readText", fd, 1), "");
    await remove(p, ids);
  }),
  row("lseek() returns EINVAL for where /proc/sysvipc has no end and no holes", async (world) => {
    const p = await world.proc();
    const fd: number = await p.do("open", `${FOLDER}/msg`, O_RDONLY);
    await fails("EINVAL", p.do("lseek", fd, -1, SEEK_SET));
    for (const whence of [SEEK_END, SEEK_DATA, SEEK_HOLE]) {
      await fails("EINVAL", p.do("lseek", fd, 0, whence));
    }
  }),
  row("open() lets only root write /proc/sysvipc, where write() returns EIO", async (world) => {
    const [root, alice] = [await world.proc(), await world.proc(ALICE)];
    for (const flags of [O_WRONLY, O_RDWR]) {
      await fails("EACCES", alice.do("open", `${FOLDER}/shm`, flags));
      const fd: number = await root.do("open", `${FOLDER}/shm`, flags | O_TRUNC);
      await fails("EIO", root.do("writeText", fd, "x"));
      await fails("ESPIPE", root.do("pwriteText", fd, "x", 0));
      equal(await root.do("ftruncate", fd, 10), 0);
      await fails("EINVAL", root.do("fsync", fd));
    }
    equal(await root.do("truncate", `${FOLDER}/sem`, 0), 0);
  }),
  row("stat() tells empty regular files in /proc/sysvipc", async ({ proc }) => {
    const p = await proc(ALICE);
    for (const kind of FILES) {
      const { st_mode, st_size, st_nlink, st_rdev } = await p.do<Stat>("stat", `${FOLDER}/${kind}`);
      equal([st_mode & S_IFMT, st_size, st_nlink, st_rdev], [S_IFREG, 0, 1, 0]);
    }
    const fd: number = await p.do("open", FOLDER, O_RDONLY);
    const names = (await p.do<{ d_name: string }[]>("getdents", fd)).map(({ d_name }) => d_name);
    equal(names.sort(), [".", "..", ...FILES].sort());
  }),
  row(
    "mkdir() and its like return ENOENT in /proc/sysvipc, or EEXIST for what is there",
    async (world) => {
      for (const p of [await world.proc(), await world.proc(ALICE)]) {
        const path = `${FOLDER}/new`;
        await fails("ENOENT", p.do("open", path, O_CREAT | O_WRONLY, 0o600));
        await fails("ENOENT", p.do("mkdir", path, 0o700));
        await fails("ENOENT", p.do("mkfifo", path, 0o600));
        await fails("ENOENT", p.do("symlink", "target", path));
        await fails("ENOENT", p.do("link", `${FOLDER}/shm`, path));
        await fails("ENOENT", p.do("rename", `${FOLDER}/shm`, path));
        await fails("EEXIST", p.do("mkdir", FOLDER, 0o700));
        await fails("EEXIST", p.do("open", `${FOLDER}/shm`, O_CREAT | O_EXCL, 0o600));
      }
    },
  ),
  row(
    "unlink() and its like return EPERM in /proc/sysvipc, and EACCES to others than root",
    async (world) => {
      const [root, alice] = [await world.proc(), await world.proc(ALICE)];
      await fails("EPERM", root.do("unlink", `${FOLDER}/shm`));
      await fails("EPERM", root.do("rename", `${FOLDER}/shm`, `${FOLDER}/sem`));
      await fails("EPERM", root.do("rmdir", FOLDER));
      await fails("EBUSY", root.do("rmdir", "/proc"));
      await fails("EACCES", alice.do("unlink", `${FOLDER}/shm`));
      await fails("ENOENT", root.do("unlink", `${FOLDER}/nothing`));
    },
  ),
];
