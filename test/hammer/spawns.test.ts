import { expect, it } from "vitest";
import { boot, type Machine } from "../../runtime/index.ts";
import { codeOfAsync } from "../unit/runtime-support.ts";
import { roomFor } from "./kill-verify.ts";

const SPAWNS = 10_000;
const LANES = 4;
const PROC_MAX = 24;

/** Runs `true` and `false` by turns, some with pipes and an environment that fill more than a record. */
async function lane(machine: Machine, rounds: number): Promise<number> {
  let failed = 0;
  for (let round = 0; round < rounds; round += 1) {
    const program = round % 2 === 0 ? "true" : "false";
    const options = round % 100 === 0 ? { env: { LONG: "x".repeat(20_000) } } : {};
    const child = await machine.spawn(program, [], { ...options, stdio: [0, "pipe", 2] });
    if ((await child.stdout!.readAllAsync()).length !== 0) failed += 1;
    child.stdout!.close();
    const { code } = await child.wait();
    if (code !== round % 2) failed += 1;
  }
  return failed;
}

/** Processes that stay, until there is room for none. */
async function fill(machine: Machine): Promise<number> {
  const pids: number[] = [];
  for (;;) {
    const error = await codeOfAsync(
      machine.spawn("sleep", ["1000"]).then(({ pid }) => pids.push(pid)),
    );
    if (error === "none") continue;
    expect(error).toBe("EAGAIN");
    for (const pid of pids) machine.sys.kill(pid, 9);
    for (const pid of pids) await machine.sys.async.waitpid(pid);
    return pids.length;
  }
}

it(`${SPAWNS} spawns leave the tables empty and the memory free`, async () => {
  await using machine = await boot({ pool: 4, PROC_MAX });
  // Each of the workers has evaluated the programs, and the record's pipe has had its frames.
  await lane(machine, 4);
  const room = roomFor(machine);
  const failed = await Promise.all(
    Array.from({ length: LANES }, () => lane(machine, SPAWNS / LANES)),
  );
  expect(failed).toEqual([0, 0, 0, 0]);
  expect(() => machine.sys.waitpid(-1)).toThrow("ECHILD");
  expect(roomFor(machine)).toBe(room);
  const fd = machine.sys.open("/dev/null", 0);
  expect(fd).toBe(3);
  machine.sys.close(fd);
  // Every slot of the process table but those of process 1 and of this one can be had.
  expect(await fill(machine)).toBe(PROC_MAX - 2);
  expect(roomFor(machine)).toBe(room);
}, 120_000);
