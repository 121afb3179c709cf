/** Numbers of every kind in every argument of every system call: an answer, never a trap. */
import fc from "fast-check";
import { describe, it } from "vitest";
import type { Build, TestKernel } from "../support/machine.ts";
import { replay, sequences } from "./replay.ts";
import { Stage } from "./stage.ts";

const MINUTES = 5 * 60_000;

/** Each system call with how many arguments it has; those that need a pooled worker are left out. */
const CALLS: readonly (readonly [keyof TestKernel & `sys_${string}`, number])[] = [
  ["sys_getpid", 0],
  ["sys_getppid", 0],
  ["sys_getuid", 0],
  ["sys_getgroups", 0],
  ["sys_kill", 2],
  ["sys_sigaction", 2],
  ["sys_waitpid", 2],
  ["sys_shmget", 3],
  ["sys_shmat", 3],
  ["sys_shmdt", 1],
  ["sys_shmctl", 2],
  ["sys_semget", 3],
  ["sys_semop", 2],
  ["sys_semop1", 4],
  ["sys_semctl", 4],
  ["sys_msgget", 2],
  ["sys_msgsnd", 3],
  ["sys_msgrcv", 4],
  ["sys_msgctl", 2],
];

const number = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -2, max: 20 }) },
  { weight: 2, arbitrary: fc.constantFrom(4096, 8192, 32767, 32768, 65535, 65536, 0o1666, 0o4000) },
  { weight: 2, arbitrary: fc.integer() },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      Number.NaN,
      1 / 0,
      -1 / 0,
      0.5,
      2 ** 31,
      2 ** 32,
      2 ** 53,
      -(2 ** 31),
    ),
  },
);

const command = fc.record({
  call: fc.constantFrom(...CALLS),
  task: fc.nat({ max: 1023 }),
  args: fc.tuple(number, number, number, number),
  bytes: fc.uint8Array({ maxLength: 48 }),
});
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

/** Answers are at most addresses; failures are errnos or the three internal codes. */
function plausible(answer: number): boolean {
  return Number.isInteger(answer) && answer >= -4099;
}

function run(build: Build, commands: readonly Command[]): void {
  const stage = new Stage(build, { SEMMSL: 16, SHMMAX: 1 << 18 });
  const { machine } = stage;
  for (const { call, task, args, bytes } of commands) {
    const slot = stage.idle(task);
    if (slot === undefined) return;
    const [name, count] = call;
    machine.u8.set(bytes, slot.task.transfer);
    const answer = slot.task.call((kernel) =>
      (kernel[name] as (...args: number[]) => number)(...args.slice(0, count)),
    );
    if (!plausible(answer)) throw new Error(`${name}(${args.slice(0, count)}) is ${answer}`);
    if (answer === -4097) slot.state = "asleep";
    const broken = machine.check();
    if (broken !== 0) throw new Error(`${name}(${args.slice(0, count)}): rule ${broken}`);
  }
}

describe("any numbers whatever", () => {
  it.each(["debug", "release"] as const)(
    "are answered, %s build",
    { timeout: MINUTES },
    (build) => {
      replay(`fuzz, ${build}`, sequences(command, 40), 1500, (commands) => run(build, commands));
    },
  );
});
