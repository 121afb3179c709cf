/** Waits that are given up: with a dump of who waits for what, because somebody was forgotten. */
import { LIMIT_TASK_MAX, SB_LIMITS } from "../../assembly/abi/layout.ts";
import {
  GETALL,
  GETNCNT,
  GETPID,
  GETZCNT,
  IPC_STAT,
  type Machine,
  type Syscalls,
} from "../../runtime/index.ts";
import type { TestKernel } from "../support/machine.ts";
import {
  LOCK_MSG,
  LOCK_PAGE,
  LOCK_PROC,
  LOCK_SEM,
  LOCK_SHM,
  semLock,
} from "../support/machine-locks.ts";
import { type Arena, ASKING, DOING, FIRST, PID, RECEIVING, SIGNALS, STEPS } from "./kill-arena.ts";
import { STEP_NAMES } from "./kill-life.ts";

/** Longer than anything takes that will ever come to its end, on a machine that others use too. */
export const WATCH_MS = 30_000;

/** Thrown when a wait was given up. */
export class Hang extends Error {
  override readonly name = "Hang";
}

/** The promise; a Hang with `describe()` when it has not settled in WATCH_MS. */
export async function watch<T>(
  promise: Promise<T>,
  what: string,
  describe: () => string,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Hang(`${what}: nothing in ${WATCH_MS / 1000} s\n${describe()}`));
    }, WATCH_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export const delay = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** Looks every few milliseconds until `holds()`, or gives up after `ms`. @returns whether it held. */
export async function until(holds: () => boolean, ms: number): Promise<boolean> {
  const stop = performance.now() + ms;
  while (!holds()) {
    if (performance.now() >= stop) return false;
    await delay(2);
  }
  return true;
}

function describeSet(sys: Syscalls, set: number): string[] {
  const values = sys.semctl(set, 0, GETALL);
  return FIRST.map((_, num) => {
    const [more, zero] = [sys.semctl(set, num, GETNCNT), sys.semctl(set, num, GETZCNT)];
    const pid = sys.semctl(set, num, GETPID);
    return `  semaphore ${num}: ${values[num]}, ${more} wait for more, ${zero} for zero, last ${pid}`;
  });
}

function describeProcesses(sys: Syscalls, arena: Arena, count: number): string[] {
  const lines: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const pid = arena.get(number, PID);
    if (pid === 0 || !lives(sys, pid)) continue;
    const step = STEP_NAMES[arena.get(number, DOING)];
    const flags = [RECEIVING, ASKING, SIGNALS].map((field) => arena.get(number, field));
    lines.push(
      `  process ${number}, pid ${pid}: ${step} after ${arena.get(number, STEPS)} steps; ` +
        `receiving, asking, signals: ${flags}`,
    );
  }
  return lines;
}

/** Whether there is such a process. A page that may not block is told EAGAIN now and then: look again. */
export function lives(sys: Syscalls, pid: number): boolean {
  try {
    sys.kill(pid, 0);
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== "ESRCH" && code !== "EAGAIN") throw error;
    return code === "EAGAIN";
  }
}

const LOCKS = { LOCK_SHM, LOCK_SEM, LOCK_MSG, LOCK_PAGE, LOCK_PROC };

/** The first words of every task that is not free: see assembly/task.ts for their names. */
export function describeTasks(machine: Machine, kernel: TestKernel): string[] {
  const words = new Int32Array(machine.handle.memory.buffer);
  const count = words[(SB_LIMITS >> 2) + LIMIT_TASK_MAX]!;
  const lines: string[] = [];
  for (let task = 1; task <= count; task += 1) {
    const at = (kernel.task_park_at(task) - 64) >> 2;
    if (words[at] === 0) continue;
    lines.push(`  task ${task}: ${words.slice(at, at + 32).join(" ")}`);
  }
  return lines;
}

function lockWords({ handle }: Machine, set: number): Record<string, number> {
  const words = new Int32Array(handle.memory.buffer);
  const all = { ...LOCKS, set: semLock({ i32: words }, set) };
  return Object.fromEntries(Object.entries(all).map(([name, at]) => [name, words[at >> 2]!]));
}

/** The pipes, and who has what open. */
function describeOpen(machine: Machine): string[] {
  const { pipes, processes } = machine.snapshot();
  return [
    ...pipes.map((pipe) => `pipe: ${JSON.stringify(pipe)}`),
    ...processes.map((process) => `process: ${JSON.stringify(process)}`),
  ];
}

/** Who waits for what. Without a call while a lock is held: it may be held for ever. */
export function describe(
  machine: Machine,
  kernel: TestKernel,
  arena: Arena,
  count: number,
): string {
  const { sys } = machine;
  const { set, queue } = arena.ids;
  const locks = lockWords(machine, set);
  const lines = [
    `locks, by the task that holds them: ${JSON.stringify(locks)}`,
    "tasks:",
    ...describeTasks(machine, kernel),
  ];
  if (Object.values(locks).some((owner) => owner !== 0)) return lines.join("\n");
  return [
    ...lines,
    `queue: ${JSON.stringify(sys.msgctl(queue, IPC_STAT))}`,
    ...describeSet(sys, set),
    "living processes:",
    ...describeProcesses(sys, arena, count),
    ...describeOpen(machine),
  ].join("\n");
}
