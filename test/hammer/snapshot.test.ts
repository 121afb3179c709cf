/** A machine is looked at while its processes lock, wait, pass tokens, come and go: no deadlock may be told. */
import { expect, it } from "vitest";
import {
  boot,
  type Child,
  type Machine,
  type MachineSnapshot,
  SETVAL,
  waitGraph,
} from "../../runtime/index.ts";
import { MUTEX_AT, MUTEXES, ROUNDS, STOP } from "./snapshot-program.ts";

const PROGRAM = new URL("snapshot-program.js", import.meta.url);
const PLAYERS = 4;
const TOKENS = 2;
const LOOKS = 3000;
const SPAWNS = 20;

/** A ring: each player reads its own pipe and writes the next one's. @returns the pipes */
async function play(machine: Machine, shmid: number, set: number) {
  const { sys } = machine;
  const ring = Array.from({ length: PLAYERS }, () => sys.pipe());
  const children: Child[] = [];
  for (const [index, [from]] of ring.entries()) {
    const to = ring[(index + 1) % PLAYERS]![1];
    // The others' ends are not its own.
    const others = ring.flat().filter((fd) => fd !== from && fd !== to);
    const args = [shmid, set, index, from, to].map(String);
    const fileActions = others.map((close) => ({ close }));
    children.push(await machine.spawn(PROGRAM, args, { fileActions }));
  }
  return { ring, children };
}

/** What must be true of every snapshot, whatever it was taken of. */
function check(snapshot: MachineSnapshot): void {
  const { deadlocked, edges } = waitGraph(snapshot);
  if (deadlocked.length > 0) throw new Error(JSON.stringify({ deadlocked, edges, snapshot }));
  for (const { pid, state, waits } of snapshot.processes) {
    expect(state === "sleeping", `${pid}`).toBe(waits.some(({ blocks }) => blocks));
  }
}

it("finds no deadlock among those who go on", { timeout: 120_000 }, async () => {
  await using machine = await boot({ pool: 4 });
  const { sys } = machine;
  const shmid = sys.shmget(0, 4096, 0o600);
  const segment = sys.shmat(shmid);
  const words = new Int32Array(segment.bytes.buffer, segment.bytes.byteOffset, MUTEX_AT / 4);
  for (let at = 0; at < MUTEXES; at += 1) {
    sys.pthread_mutex_init({ attachment: segment, offset: MUTEX_AT + at * 64 });
  }
  const set = sys.semget(0, 1, 0o600);
  sys.semctl(set, 0, SETVAL, 1);
  const { ring, children } = await play(machine, shmid, set);
  for (const [, to] of ring.slice(0, TOKENS)) sys.write(to, new Uint8Array(1));
  // From now on the players alone have the pipes: tokens that are lost would be a deadlock.
  for (const fd of ring.flat()) sys.close(fd);
  let slept = 0;
  let calls = new Set<string>();
  for (let look = 0; look < LOOKS; look += 1) {
    const snapshot = machine.snapshot();
    check(snapshot);
    const waits = snapshot.processes.flatMap((process) => process.waits);
    slept += waits.length;
    calls = new Set([...calls, ...waits.map(({ call }) => call)]);
    if (look % (LOOKS / SPAWNS) === 0) {
      const child = await machine.spawn("true");
      await child.wait();
    }
  }
  Atomics.store(words, STOP, 1);
  for (const child of children) expect((await child.wait()).code).toBe(0);
  expect(slept).toBeGreaterThan(LOOKS / 10);
  expect([...calls]).toEqual(expect.arrayContaining(["read"]));
  process.stdout.write(
    `${LOOKS} snapshots of ${words[ROUNDS]} rounds: ${slept} waits, in ${[...calls].sort()}\n`,
  );
  sys.shmdt(segment);
});
