/**
 * sysvipc(7), permissions: who is owner, group or other, for all three kinds. An object is created by
 * ALICE and given to BOB; each class of users must get what its own three bits grant, no more.
 */
import { IPC_NOWAIT, IPC_SET } from "../../../assembly/abi/ipc.ts";
import { GETVAL, SETVAL } from "../../../assembly/abi/sem.ts";
import { SHM_RDONLY } from "../../../assembly/abi/shm.ts";
import { fails } from "../check.ts";
import { queue, segment, semSet } from "../objects.ts";
import { ALICE, BOB, CAROL, DAVE, type Proc, type ProcOptions, type Row, row } from "../row.ts";

interface Kind {
  read: string;
  alter: string;
  make(p: Proc, mode: number): Promise<number>;
  give(p: Proc, id: number): Promise<unknown>;
  tryRead(p: Proc, id: number): Promise<unknown>;
  tryAlter(p: Proc, id: number): Promise<unknown>;
}

const KINDS: readonly Kind[] = [
  {
    read: "shmat",
    alter: "shmat",
    make: (p, mode) => segment(p, 4096, mode),
    give: (p, id) => p.do("shmctl", id, IPC_SET, { shm_perm: BOB }),
    tryRead: (p, id) => p.do("shmat", id, null, SHM_RDONLY),
    tryAlter: (p, id) => p.do("shmat", id),
  },
  {
    read: "semctl",
    alter: "semctl",
    make: (p, mode) => semSet(p, [0], mode),
    give: (p, id) => p.do("semctl", id, 0, IPC_SET, { sem_perm: BOB }),
    tryRead: (p, id) => p.do("semctl", id, 0, GETVAL),
    tryAlter: (p, id) => p.do("semctl", id, 0, SETVAL, 0),
  },
  {
    read: "msgrcv",
    alter: "msgsnd",
    make: (p, mode) => queue(p, mode),
    give: (p, id) => p.do("msgctl", id, IPC_SET, { msg_perm: BOB }),
    tryRead: async (p, id) => {
      // ENOMSG comes after the permission check.
      await p.do("receive", id, 0, 0, IPC_NOWAIT).catch((error) => {
        if (error.code !== "ENOMSG") throw error;
      });
    },
    tryAlter: (p, id) => p.do("send", id, 1, "", IPC_NOWAIT),
  },
];

const CREATOR = ALICE;
const OWNER = BOB;
const IN_CREATORS_GROUP = CAROL;
const IN_CREATORS_GROUP_TOO = DAVE;
const IN_OWNERS_GROUP = { uid: 1005, gid: 1002 };
const STRANGER = { uid: 1006, gid: 1006 };
const ROOT = {};

const GROUP = [IN_CREATORS_GROUP, IN_CREATORS_GROUP_TOO, IN_OWNERS_GROUP];

interface Class {
  who: string;
  /** Position of the class's bits in the mode. */
  shift: number;
  members: readonly ProcOptions[];
  others: readonly ProcOptions[];
}

const CLASSES: readonly Class[] = [
  { who: "owner and creator", shift: 6, members: [OWNER, CREATOR], others: [...GROUP, STRANGER] },
  {
    who: "both groups, by supplementary groups too",
    shift: 3,
    members: GROUP,
    others: [OWNER, CREATOR, STRANGER],
  },
  { who: "everybody else", shift: 0, members: [STRANGER], others: [OWNER, CREATOR, ...GROUP] },
];

/** shmat() for writing needs both bits. */
const alterBits = (kind: Kind) => (kind.alter === "shmat" ? 6 : 2);

function classRows(kind: Kind, { who, shift, members, others }: Class): Row[] {
  const object =
    kind.alter === "shmat" ? "a segment" : kind.read === "semctl" ? "a set" : "a queue";
  const grants = (call: string, what: string) =>
    `${call}() may ${what} ${object} by the bits of ${who}, and returns EACCES to the rest`;
  const make = async (proc: (options: ProcOptions) => Promise<Proc>, bits: number) => {
    const creator = await proc(CREATOR);
    const id = await kind.make(creator, bits << shift);
    await kind.give(creator, id);
    return { id, creator };
  };
  const check = async (
    proc: (options: ProcOptions) => Promise<Proc>,
    bits: number,
    attempt: (p: Proc, id: number) => Promise<unknown>,
  ) => {
    const { id, creator } = await make(proc, bits);
    const who = async (user: ProcOptions) => (user === CREATOR ? creator : proc(user));
    for (const user of members) await attempt(await who(user), id);
    for (const user of others) await fails("EACCES", attempt(await who(user), id));
    await attempt(await proc(ROOT), id);
  };
  return [
    { ...row(grants(kind.read, "read"), ({ proc }) => check(proc, 4, kind.tryRead)) },
    {
      ...row(grants(kind.alter, "alter"), ({ proc }) =>
        check(proc, alterBits(kind), kind.tryAlter),
      ),
    },
  ].map((each) => ({ ...each, errno: "EACCES" }));
}

/** The bits of the other kind of access do not help. */
function wrongBitsRow(kind: Kind): Row {
  const name = `${kind.alter}() returns EACCES for altering by read bits and for reading by write bits`;
  return row(name, async ({ proc }) => {
    const p = await proc(CREATOR);
    await fails("EACCES", kind.tryAlter(p, await kind.make(p, 0o444)));
    await fails("EACCES", kind.tryRead(p, await kind.make(p, 0o222)));
  });
}

export const permission: readonly Row[] = KINDS.flatMap((kind) => [
  ...CLASSES.flatMap((each) => classRows(kind, each)),
  wrongBitsRow(kind),
]);
