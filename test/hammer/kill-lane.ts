/**
 * Lanes of the kill hammer: each starts one process after another and sees it die. A pooled one is
 * killed by this process, by another, or by itself; an attached one also by its worker's owner.
 */
import { type ChildStatus, type Machine, SIGKILL, SIGTERM, SIGUSR1 } from "../../runtime/index.ts";
import { type Arena, PID, STEPS } from "./kill-arena.ts";
import { CODE_EXIT, CODE_WRONG, type Death, encodeOrders } from "./kill-life.ts";
import { succeeds } from "./kill-steps.ts";
import { delay, lives, until, WATCH_MS } from "./kill-watch.ts";
import type { Random } from "./random.ts";

/** A worker of the user's own that has been told to attach itself. */
export interface AttachedWorker {
  /** Resolves when it is known to have ended; in a page nothing tells. */
  readonly ended: Promise<void>;
  terminate(): void;
}

export interface LaneContext {
  readonly machine: Machine;
  readonly program: string;
  readonly arena: Arena;
  readonly next: Random;
  /** A process's number, or -1 when enough have been killed. */
  readonly take: () => number;
  readonly died: () => void;
  readonly wrong: (text: string) => void;
  readonly watch: <T>(promise: Promise<T>, what: string) => Promise<T>;
  readonly startAttached: (args: string[]) => AttachedWorker;
}

/** A process that means to end itself may be waiting for another: then it is helped. */
const PATIENCE_MS = 3000;

/** Deaths by one's own hand, and none: then the process returns. Printed ones are seldom. */
const OWN: Death[] = [
  ...(Array(6).fill("exit") as Death[]),
  ...(Array(6).fill("self") as Death[]),
  ...(Array(2).fill("none") as Death[]),
];
const PRINTED: Death[] = ["throw", "trap"];

function ownDeath(next: Random): Death {
  const choices = next(40) === 0 ? PRINTED : OWN;
  return choices[next(choices.length)]!;
}

/** A moment at which to kill: while it starts, or soon after it began its work. */
async function moment({ arena, next }: LaneContext, number: number): Promise<void> {
  if (next(5) > 0) await until(() => arena.get(number, STEPS) > 0, PATIENCE_MS);
  await delay(next(10));
}

export async function pooledLane(context: LaneContext, lane: number): Promise<void> {
  const { machine, program, arena, next, take, watch } = context;
  for (let number = take(); number >= 0; number = take()) {
    const own = next(10) < 3 ? ownDeath(next) : undefined;
    const steps = own === undefined ? 0 : 1 + next(20);
    const orders = { seed: next(2 ** 31), number, steps, death: own ?? "none" };
    const args = ["mortal", ...encodeOrders(arena, orders)];
    const child = await watch(machine.spawn(program, args), `the start of process ${number}`);
    arena.setPid(lane, child.pid);
    const signal = next(6) === 0 ? SIGTERM : SIGKILL;
    const ending = child.wait();
    // Another may have been faster. A page is told EAGAIN while the end of a lock's owner is not heard.
    const tried = () => {
      let busy = false;
      succeeds(["ESRCH"], () => {
        busy = !succeeds(["EAGAIN"], () => child.kill(signal));
      });
      return !busy;
    };
    const kill = () => until(tried, WATCH_MS);
    if (own === undefined) {
      await moment(context, number);
      await kill();
    } else {
      let over = false;
      void ending.then(() => {
        over = true;
      });
      if (!(await until(() => over, PATIENCE_MS))) await kill();
    }
    const end = await watch(ending, `the end of process ${number}`);
    arena.setPid(lane, 0);
    judge(context, number, own, end, signal);
  }
}

function judge(
  { died, wrong }: LaneContext,
  number: number,
  own: Death | undefined,
  end: ChildStatus,
  signal: number,
): void {
  // A process that is to be killed may not end by itself; one that failed has reported why.
  const codes: Record<Death, number[]> = {
    none: [0],
    // In a browser close() is no end yet, and what follows it is an error.
    exit: [CODE_EXIT, 1],
    throw: [1],
    trap: [1],
    self: [],
  };
  // Another may have killed it first, also by SIGUSR1 before it had a handler.
  const killed = [signal, SIGKILL, SIGUSR1].includes(end.signal ?? 0);
  const expected = killed || (own !== undefined && codes[own].includes(end.code ?? -1));
  if (!expected && end.code !== CODE_WRONG) {
    wrong(`process ${number}, to die by ${own ?? signal}: ${JSON.stringify(end)}`);
  }
  if (own !== "none" || end.signal !== null) died();
}

export async function attachedLane(context: LaneContext, lane: number): Promise<void> {
  const { machine, arena, next, take, watch, died, wrong } = context;
  for (let number = take(); number >= 0; number = take()) {
    const own = next(4) === 0 ? OWN[next(OWN.length)] : undefined;
    const steps = own === undefined ? 0 : 1 + next(20);
    const orders = { seed: next(2 ** 31), number, steps, death: own ?? "none" };
    const worker = context.startAttached(encodeOrders(arena, orders));
    await until(() => arena.get(number, PID) > 0, next(5) === 0 ? next(40) : PATIENCE_MS);
    arena.setPid(lane, arena.get(number, PID));
    if (own === undefined) {
      await moment(context, number);
    } else {
      let over = false;
      void worker.ended.then(() => {
        over = true;
      });
      const gone = () => over || !lives(machine.sys, arena.get(number, PID));
      await until(gone, PATIENCE_MS);
    }
    worker.terminate();
    await watch(worker.ended, `the end of worker ${number}`);
    const pid = arena.get(number, PID);
    const buried = await until(() => pid === 0 || !lives(machine.sys, pid), WATCH_MS);
    arena.setPid(lane, 0);
    if (!buried) wrong(`the death of process ${number}, pid ${pid}, attached, is not heard of`);
    died();
  }
}
