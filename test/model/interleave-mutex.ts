/** Scenarios on robust mutexes: two threads compete, sleep, are woken, take over from the dead. */
import { EINTR, EWAIT } from "../../assembly/abi/errno.ts";
import { SHMAT_OFFSET } from "../../assembly/abi/shm.ts";
import type { TestTask } from "../support/machine.ts";
import type { Scenario, Scene, Step } from "./interleave.ts";

/** Who is woken calls again, as the runtime does. */
const lock = (at: number): Step => ({
  call: (kernel) => kernel.sys_mutex_lock(at),
  again: (kernel) => kernel.sys_mutex_lock(at),
});
const trylock = (at: number): Step => ({ call: (kernel) => kernel.sys_mutex_trylock(at) });
const unlock = (at: number): Step => ({ call: (kernel) => kernel.sys_mutex_unlock(at) });
const consistent = (at: number): Step => ({ call: (kernel) => kernel.sys_mutex_consistent(at) });
/** For a task that sleeps when the threads begin. */
const goOn = (at: number): Step => ({
  call: (kernel) => kernel.wait_result(),
  again: (kernel) => kernel.sys_mutex_lock(at),
});
/** Gives a sleep up; if it was woken just then, another sleeper is. */
const giveUp = (at: number): readonly Step[] => [
  { call: (kernel) => kernel.wait_cancel(EINTR) },
  { call: (kernel) => kernel.sys_mutex_pass(at) },
];

/** The address of a free mutex. */
function newMutex(scene: Scene): number {
  const { root, view } = scene.machine;
  const id = scene.do(root, (kernel) => kernel.sys_shmget(0, 4096, 0o666));
  scene.do(root, (kernel) => kernel.sys_shmat(id, 0, 0));
  return view.getUint32(root.transfer + SHMAT_OFFSET, true);
}

type Steps = readonly [readonly Step[], readonly Step[]];
interface Begin {
  /** Who holds it. */
  holds?: (scene: Scene) => TestTask;
  /** Who sleeps on it then, in this order. */
  asleep?: (scene: Scene) => readonly TestTask[];
  /** Whether the holder unlocks it when the others sleep. */
  unlocked?: boolean;
  /** Whether the holder's thread dies. */
  dies?: boolean;
}

function scenario(name: string, begin: Begin, steps: (at: number) => Steps): Scenario {
  return {
    name,
    prepare: (scene) => {
      const at = newMutex(scene);
      const holder = begin.holds?.(scene);
      if (holder !== undefined) scene.do(holder, (kernel) => kernel.sys_mutex_lock(at));
      for (const task of begin.asleep?.(scene) ?? []) {
        scene.do(task, (kernel) => kernel.sys_mutex_lock(at), -EWAIT);
      }
      if (begin.unlocked) scene.do(holder!, (kernel) => kernel.sys_mutex_unlock(at));
      if (begin.dies) {
        const serial = holder!.kernel.task_serial(holder!.id);
        scene.do(scene.machine.root, (kernel) => kernel.thread_dead(serial));
      }
      const [a, b] = steps(at);
      return { a, b };
    },
  };
}

const byA = (scene: Scene) => scene.a.main;
const byB = (scene: Scene) => scene.b.main;
const byC = (scene: Scene) => scene.c.main;
const aAndB = (scene: Scene) => [scene.a.main, scene.b.main];

export const MUTEX_SCENARIOS: readonly Scenario[] = [
  scenario("two who lock and unlock", {}, (at) => [
    [lock(at), unlock(at)],
    [lock(at), unlock(at)],
  ]),
  scenario("two who lock", {}, (at) => [[lock(at)], [lock(at)]]),
  scenario("two who try", {}, (at) => [[trylock(at), unlock(at)], [trylock(at)]]),
  scenario("unlock and lock", { holds: byA }, (at) => [[unlock(at)], [lock(at), unlock(at)]]),
  scenario("unlock, lock again, and lock", { holds: byA }, (at) => [
    [unlock(at), trylock(at)],
    [lock(at)],
  ]),
  scenario("unlock with a sleeper", { holds: byA, asleep: (s) => [byB(s)] }, (at) => [
    [unlock(at)],
    [goOn(at), unlock(at)],
  ]),
  scenario("unlock and a sleeper that gives up", { holds: byB, asleep: (s) => [byA(s)] }, (at) => [
    giveUp(at),
    [unlock(at)],
  ]),
  scenario(
    "one who is woken, and another sleeper",
    { holds: byC, asleep: aAndB, unlocked: true },
    (at) => [
      [goOn(at), unlock(at)],
      [goOn(at), unlock(at)],
    ],
  ),
  scenario("two who find the owner dead", { holds: byC, dies: true }, (at) => [
    [lock(at), consistent(at), unlock(at)],
    [lock(at), consistent(at), unlock(at)],
  ]),
  scenario("two who wait when the owner dies", { holds: byC, asleep: aAndB, dies: true }, (at) => [
    [goOn(at), consistent(at), unlock(at)],
    [goOn(at), consistent(at), unlock(at)],
  ]),
  scenario("one who leaves it not recoverable", { holds: byC, dies: true }, (at) => [
    [lock(at), unlock(at)],
    [lock(at)],
  ]),
];
