/** Scenarios on locks on files: two threads lock, wait, unlock and close what they share. */
import { EINTR, EWAIT } from "../../assembly/abi/errno.ts";
import {
  F_GETLK,
  F_OFD_SETLK,
  F_RDLCK,
  F_SETLK,
  F_SETLKW,
  F_UNLCK,
  F_WRLCK,
  LOCK_EX,
  LOCK_NB,
  LOCK_SH,
  LOCK_UN,
} from "../../assembly/abi/fcntl.ts";
import { FLOCK_LEN, FLOCK_SIZE, FLOCK_START, FLOCK_TYPE } from "../../assembly/abi/flock.ts";
import type { TestTask } from "../support/machine.ts";
import type { Scenario, Scene, Step } from "./interleave.ts";

/** An epoll instance, which is a file that all processes have, open for reading and writing. */
const FILE = 3;
const SEEN_BYTES = 6;

type Lock = readonly [cmd: number, type: number, start: number, len: number];

function write(task: TestTask, [, type, start, len]: Lock): void {
  const { u8, view } = task.machine;
  u8.fill(0, task.transfer, task.transfer + FLOCK_SIZE);
  view.setInt16(task.transfer + FLOCK_TYPE, type, true);
  view.setBigInt64(task.transfer + FLOCK_START, BigInt(start), true);
  view.setBigInt64(task.transfer + FLOCK_LEN, BigInt(len), true);
}

function fcntl(cmd: number, type: number, start: number, len: number): Step {
  const lock: Lock = [cmd, type, start, len];
  return {
    prepare: (task) => write(task, lock),
    call: (kernel) => kernel.sys_fcntl_lock(FILE, cmd),
  };
}

const writes = (start = 0, len = 0): Step => fcntl(F_SETLK, F_WRLCK, start, len);
const waits = (start = 0, len = 0): Step => fcntl(F_SETLKW, F_WRLCK, start, len);
const unlocks = (start = 0, len = 0): Step => fcntl(F_SETLK, F_UNLCK, start, len);
const flocks = (operation: number): Step => ({
  call: (kernel) => kernel.sys_flock(FILE, operation),
});
const close: Step = { call: (kernel) => kernel.sys_close(FILE) };
/** For a task that sleeps when the threads begin. */
const goOn: Step = { call: (kernel) => kernel.wait_result() };
const giveUp: Step = { call: (kernel) => kernel.wait_cancel(EINTR) };

/** A call before the threads begin. */
function before(scene: Scene, task: TestTask, step: Step, wanted = 0): void {
  step.prepare?.(task);
  scene.do(task, step.call, wanted);
}

/** What root finds locked, byte for byte. */
function seen({ root, view }: Scene["machine"]): unknown {
  return Array.from({ length: SEEN_BYTES }, (_, byte) => {
    write(root, [F_GETLK, F_WRLCK, byte, 1]);
    root.call((kernel) => kernel.sys_fcntl_lock(FILE, F_GETLK));
    const free = root.call((kernel) => kernel.sys_flock(FILE, LOCK_SH | LOCK_NB));
    if (free === 0) root.call((kernel) => kernel.sys_flock(FILE, LOCK_UN));
    return [view.getInt16(root.transfer, true), view.getInt32(root.transfer + 24, true), free];
  });
}

interface Parts {
  readonly a: readonly Step[];
  readonly b: readonly Step[];
  readonly sleepers?: readonly TestTask[];
}

/** Everybody has opened the file; `shared`: B is a child of A, with its description. */
function scenario(name: string, parts: (scene: Scene) => Parts, shared = false): Scenario {
  return {
    name,
    prepare: (scene) => {
      const { machine, a, c } = scene;
      const open = (task: TestTask) =>
        scene.do(task, (kernel) => kernel.sys_epoll_create1(0), FILE);
      for (const task of [a.main, c.main]) open(task);
      // Process 1 has no descriptors of its own.
      scene.do(machine.root, (kernel) => {
        for (let fd = 0; fd < FILE; fd++) kernel.sys_epoll_create1(0);
        return kernel.sys_epoll_create1(0);
      });
      if (shared) scene.share();
      else open(scene.b.main);
      return { ...parts(scene), also: () => seen(machine) };
    },
  };
}

export const LOCK_SCENARIOS: readonly Scenario[] = [
  scenario("two who lock and unlock", () => ({
    a: [writes(0, 4), unlocks()],
    b: [writes(2, 4), unlocks()],
  })),
  scenario("two who wait for each other's end", () => ({
    a: [waits(), unlocks()],
    b: [waits(), unlocks()],
  })),
  scenario("two who would wait in a ring", (scene) => {
    before(scene, scene.a.main, writes(0, 1));
    before(scene, scene.b.main, writes(1, 1));
    return { a: [waits(1, 1), unlocks()], b: [waits(0, 1), unlocks()] };
  }),
  scenario("one who unlocks the middle, and one who locks it", (scene) => {
    before(scene, scene.a.main, writes(0, 6));
    return { a: [unlocks(2, 2), fcntl(F_SETLK, F_RDLCK, 0, 2)], b: [writes(2, 2), writes(0, 1)] };
  }),
  scenario("unlock and a sleeper that gives up", (scene) => {
    before(scene, scene.a.main, writes());
    before(scene, scene.b.main, waits(), -EWAIT);
    before(scene, scene.c.main, waits(), -EWAIT);
    return { a: [unlocks()], b: [giveUp, unlocks()], sleepers: [scene.c.main] };
  }),
  scenario("unlock with two sleepers", (scene) => {
    before(scene, scene.a.main, writes(0, 4));
    before(scene, scene.b.main, waits(0, 2), -EWAIT);
    before(scene, scene.c.main, waits(1, 2), -EWAIT);
    return { a: [unlocks()], b: [goOn, unlocks()], sleepers: [scene.c.main] };
  }),
  scenario("close with a sleeper, and one who locks", (scene) => {
    before(scene, scene.a.main, writes(0, 4));
    before(scene, scene.c.main, waits(0, 2), -EWAIT);
    return { a: [close], b: [writes(0, 1), writes(3, 1)], sleepers: [scene.c.main] };
  }),
  scenario("two who change their flock()", (scene) => {
    for (const { main } of [scene.a, scene.b]) before(scene, main, flocks(LOCK_SH));
    return { a: [flocks(LOCK_EX | LOCK_NB)], b: [flocks(LOCK_EX | LOCK_NB)] };
  }),
  scenario("flock() and unlock", (scene) => {
    before(scene, scene.a.main, flocks(LOCK_EX));
    return { a: [flocks(LOCK_UN)], b: [flocks(LOCK_EX), flocks(LOCK_UN)] };
  }),
  scenario(
    "two who close the last descriptors of a description with locks",
    (scene) => {
      before(scene, scene.a.main, fcntl(F_OFD_SETLK, F_WRLCK, 0, 4));
      before(scene, scene.a.main, flocks(LOCK_EX));
      before(scene, scene.c.main, waits(0, 1), -EWAIT);
      return { a: [close], b: [close], sleepers: [scene.c.main] };
    },
    true,
  ),
  scenario(
    "one who closes and one who locks through the same description",
    (scene) => {
      before(scene, scene.a.main, flocks(LOCK_EX));
      before(scene, scene.c.main, flocks(LOCK_SH), -EWAIT);
      return {
        a: [close],
        b: [fcntl(F_OFD_SETLK, F_WRLCK, 0, 2), flocks(LOCK_UN)],
        sleepers: [scene.c.main],
      };
    },
    true,
  ),
];
