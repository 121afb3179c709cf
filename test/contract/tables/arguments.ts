/** Wrong types and ranges in every argument: a TypeError or the errno, never anything else. */
import { IPC_PRIVATE, IPC_SET } from "../../../assembly/abi/ipc.ts";
import { SETALL, SETVAL } from "../../../assembly/abi/sem.ts";
import { SIGUSR1 } from "../../../assembly/abi/signal.ts";
import { equal, fails } from "../check.ts";
import { msgStat, op, queue, segment, semSet, semValue } from "../objects.ts";
import { type Proc, type Row, row } from "../row.ts";
import { encode } from "../wire.ts";

/** What no integer argument takes. */
export const NOT_INTS: readonly unknown[] = [
  undefined,
  null,
  "1",
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1n,
  {},
  [],
  true,
  2 ** 32,
  -(2 ** 31) - 1,
];
/** The same for size_t, long and addresses, which are wider. */
export const NOT_LONGS = NOT_INTS.filter(
  (value) => typeof value !== "number" || !Number.isInteger(value),
);
export const NOT_OBJECTS: readonly unknown[] = [undefined, null, 1, "x", true];

export const without = (values: readonly unknown[], ...allowed: unknown[]) =>
  values.filter((value) => !allowed.includes(value));

/** Every bad value must be a TypeError. */
export async function refuses(
  p: Proc,
  values: readonly unknown[],
  args: (bad: unknown) => unknown[],
) {
  for (const bad of values) {
    const [step, ...rest] = args(bad) as [string, ...unknown[]];
    await fails("TypeError", p.do(step, ...rest)).catch((error: Error) => {
      throw new Error(`${step}(${JSON.stringify(encode(rest))}): ${error.message}`);
    });
  }
}

export const argumentRows: readonly Row[] = [
  row("shmget() throws TypeError for arguments that are no integers", async ({ proc }) => {
    const p = await proc();
    await refuses(p, NOT_INTS, (bad) => ["shmget", bad, 4096, 0o600]);
    await refuses(p, NOT_LONGS, (bad) => ["shmget", IPC_PRIVATE, bad, 0o600]);
    await refuses(p, NOT_INTS, (bad) => ["shmget", IPC_PRIVATE, 4096, bad]);
    await refuses(p, [2 ** 53], (bad) => ["shmget", IPC_PRIVATE, bad, 0o600]);
  }),
  row("shmat() throws TypeError for arguments that are no integers", async ({ proc }) => {
    const p = await proc();
    const id = await segment(p);
    await refuses(p, NOT_INTS, (bad) => ["shmat", bad]);
    await refuses(p, without(NOT_LONGS, null, undefined), (bad) => ["shmat", id, bad]);
    await refuses(p, without(NOT_INTS, undefined), (bad) => ["shmat", id, null, bad]);
  }),
  row("shmdt() throws TypeError for what is no address", async ({ proc }) => {
    const p = await proc();
    await refuses(p, without(NOT_LONGS, null, undefined), (bad) => ["shmdt", bad]);
  }),
  row("shmctl() throws TypeError for wrong arguments and structures", async ({ proc }) => {
    const p = await proc();
    const id = await segment(p);
    await refuses(p, NOT_INTS, (bad) => ["shmctl", bad, 2]);
    await refuses(p, NOT_INTS, (bad) => ["shmctl", id, bad]);
    await refuses(p, NOT_OBJECTS, (bad) => ["shmctl", id, IPC_SET, bad]);
    await refuses(p, NOT_OBJECTS, (bad) => ["shmctl", id, IPC_SET, { shm_perm: bad }]);
    const mode = (bad: unknown) => ["shmctl", id, IPC_SET, { shm_perm: { mode: bad } }];
    await refuses(p, without(NOT_INTS, undefined), mode);
  }),
  row("semget() throws TypeError for arguments that are no integers", async ({ proc }) => {
    const p = await proc();
    await refuses(p, NOT_INTS, (bad) => ["semget", bad, 1, 0o600]);
    await refuses(p, NOT_INTS, (bad) => ["semget", IPC_PRIVATE, bad, 0o600]);
    await refuses(p, NOT_INTS, (bad) => ["semget", IPC_PRIVATE, 1, bad]);
  }),
  row("semop() throws TypeError for wrong ids, arrays and sembufs", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [0]);
    await refuses(p, NOT_INTS, (bad) => ["semop", bad, [op(0, 1)]]);
    await refuses(p, [...NOT_OBJECTS, {}, op(0, 1)], (bad) => ["semop", id, bad]);
    await refuses(p, NOT_OBJECTS, (bad) => ["semop", id, [op(0, 1), bad]]);
    await refuses(p, [...NOT_INTS, -1, 65536], (bad) => [
      "semop",
      id,
      [{ ...op(0, 1), sem_num: bad }],
    ]);
    const opOf = (bad: unknown) => ["semop", id, [{ sem_num: 0, sem_op: bad }]];
    await refuses(p, [...NOT_INTS, 32768, -32769], opOf);
    const flags = (bad: unknown) => ["semop", id, [{ sem_num: 0, sem_op: 1, sem_flg: bad }]];
    await refuses(p, [...without(NOT_INTS, undefined), 65536], flags);
    equal(await semValue(p, id), 0);
  }),
  row("semtimedop() throws TypeError for a wrong timeout", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [0]);
    const call = (bad: unknown) => ["semtimedop", id, [op(0, 1)], bad];
    await refuses(p, [1, "x", true], call);
    await refuses(p, NOT_LONGS, (bad) => call({ tv_sec: bad, tv_nsec: 0 }));
    await refuses(p, NOT_LONGS, (bad) => call({ tv_sec: 0, tv_nsec: bad }));
    equal(await semValue(p, id), 0);
  }),
  row("semctl() throws TypeError for wrong arguments, values and structures", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [0]);
    await refuses(p, NOT_INTS, (bad) => ["semctl", bad, 0, 2]);
    await refuses(p, NOT_INTS, (bad) => ["semctl", id, bad, 2]);
    await refuses(p, NOT_INTS, (bad) => ["semctl", id, 0, bad]);
    await refuses(p, NOT_INTS, (bad) => ["semctl", id, 0, SETVAL, bad]);
    await refuses(p, [...NOT_OBJECTS, {}], (bad) => ["semctl", id, 0, SETALL, bad]);
    await refuses(p, [...NOT_INTS, -1, 65536], (bad) => ["semctl", id, 0, SETALL, [bad]]);
    await refuses(p, NOT_OBJECTS, (bad) => ["semctl", id, 0, IPC_SET, bad]);
    await refuses(p, NOT_OBJECTS, (bad) => ["semctl", id, 0, IPC_SET, { sem_perm: bad }]);
    equal(await semValue(p, id), 0);
  }),
  row("msgget() throws TypeError for arguments that are no integers", async ({ proc }) => {
    const p = await proc();
    await refuses(p, NOT_INTS, (bad) => ["msgget", bad, 0o600]);
    await refuses(p, NOT_INTS, (bad) => ["msgget", IPC_PRIVATE, bad]);
  }),
  row("msgsnd() throws TypeError for wrong arguments and messages", async ({ proc }) => {
    const p = await proc();
    const id = await queue(p);
    const good = { mtype: 1, mtext: new Uint8Array(4) };
    await refuses(p, NOT_INTS, (bad) => ["msgsnd", bad, good, 4]);
    await refuses(p, NOT_OBJECTS, (bad) => ["msgsnd", id, bad, 4]);
    await refuses(p, NOT_LONGS, (bad) => ["msgsnd", id, { ...good, mtype: bad }, 4]);
    await refuses(p, NOT_OBJECTS, (bad) => ["msgsnd", id, { ...good, mtext: bad }, 4]);
    await refuses(p, [[1, 2, 3, 4]], (bad) => ["msgsnd", id, { ...good, mtext: bad }, 4]);
    await refuses(p, NOT_LONGS, (bad) => ["msgsnd", id, good, bad]);
    await refuses(p, without(NOT_INTS, undefined), (bad) => ["msgsnd", id, good, 4, bad]);
    equal((await msgStat(p, id)).msg_qnum, 0, "msg_qnum");
  }),
  row("msgrcv() throws TypeError for wrong arguments and buffers", async ({ proc }) => {
    const p = await proc();
    const id = await queue(p);
    await p.do("send", id, 1, "x");
    const good = { mtype: 0, mtext: new Uint8Array(4) };
    await refuses(p, NOT_INTS, (bad) => ["msgrcv", bad, good, 4]);
    await refuses(p, NOT_OBJECTS, (bad) => ["msgrcv", id, bad, 4]);
    await refuses(p, NOT_OBJECTS, (bad) => ["msgrcv", id, { ...good, mtext: bad }, 4]);
    await refuses(p, NOT_LONGS, (bad) => ["msgrcv", id, good, bad]);
    await refuses(p, without(NOT_LONGS, undefined), (bad) => ["msgrcv", id, good, 4, bad]);
    await refuses(p, without(NOT_INTS, undefined), (bad) => ["msgrcv", id, good, 4, 0, bad]);
    equal((await msgStat(p, id)).msg_qnum, 1, "msg_qnum");
  }),
  row("msgctl() throws TypeError for wrong arguments and structures", async ({ proc }) => {
    const p = await proc();
    const id = await queue(p);
    await refuses(p, NOT_INTS, (bad) => ["msgctl", bad, 2]);
    await refuses(p, NOT_INTS, (bad) => ["msgctl", id, bad]);
    await refuses(p, [...NOT_OBJECTS, {}], (bad) => ["msgctl", id, IPC_SET, bad]);
    await refuses(p, without(NOT_LONGS, undefined), (bad) => [
      "msgctl",
      id,
      IPC_SET,
      { msg_qbytes: bad },
    ]);
  }),
  row("kill() throws TypeError for arguments that are no integers", async ({ proc }) => {
    const p = await proc();
    await refuses(p, NOT_INTS, (bad) => ["kill", bad, 0]);
    await refuses(p, NOT_INTS, (bad) => ["kill", p.pid, bad]);
  }),
  row("sigaction() throws TypeError for wrong signals and dispositions", async ({ proc }) => {
    const p = await proc();
    await refuses(p, NOT_INTS, (bad) => ["sigaction", bad, 0]);
    await refuses(p, [undefined, 2, -1, "x", {}, { sa_handler: 2 }], (bad) => [
      "sigaction",
      SIGUSR1,
      bad,
    ]);
  }),
  row("waitpid() throws TypeError for arguments that are no integers", async ({ proc }) => {
    const p = await proc();
    await refuses(p, NOT_INTS, (bad) => ["waitpid", bad, 1]);
    await refuses(p, without(NOT_INTS, undefined), (bad) => ["waitpid", -1, bad]);
  }),
  row(
    "ftok() throws TypeError for a path that is no string and an id that is no int",
    async (w) => {
      const p = await w.proc();
      await refuses(p, [undefined, null, 1, {}], (bad) => ["ftok", bad, 1]);
      await refuses(p, NOT_INTS, (bad) => ["ftok", "/", bad]);
    },
  ),
];
