/** Scenarios on processes: ends, waits, signals, the pool, and an end under a thread that still runs. */
import { EWAIT } from "../../assembly/abi/errno.ts";
import { SEM_UNDO, SETVAL } from "../../assembly/abi/sem.ts";
import { SIG_HANDLER, SIGUSR1 } from "../../assembly/abi/signal.ts";
import { writeMessage, writeOps } from "../support/machine-structs.ts";
import type { Scenario, Scene, Step } from "./interleave.ts";

const waitpid = (options = 0): Step => ({ call: (kernel) => kernel.sys_waitpid(-1, options) });
const exit = (pid: number): Step => ({ call: (kernel) => kernel.proc_exit(pid, 9) });
/** The burial of the thread that a task runs on, whose serial is known before. */
function dead({ machine }: Scene, task: number): Step {
  const serial = machine.root.kernel.task_serial(task);
  return { call: (kernel) => kernel.thread_dead(serial) };
}

function newSet(scene: Scene, value: number): number {
  const { root } = scene.machine;
  const set = scene.do(root, (kernel) => kernel.sys_semget(0, 2, 0o666));
  scene.do(root, (kernel) => kernel.sys_semctl(set, 0, SETVAL, value));
  scene.do(root, (kernel) => kernel.sys_semop1(set, 1, 1, 0));
  return set;
}

/** A runs these calls while B, as a supervisor, ends A's process. */
function underEnd(name: string, steps: (scene: Scene) => readonly Step[]): Scenario {
  return {
    name: `${name}, and the end of its process`,
    prepare: (scene) => ({ a: steps(scene), b: [exit(scene.a.pid)] }),
  };
}

const undo = (set: number, op: number, flags = SEM_UNDO): Step => ({
  call: (kernel) => kernel.sys_semop1(set, 0, op, flags),
});

export const END_SCENARIOS: readonly Scenario[] = [
  underEnd("V with undo", (scene) => [undo(newSet(scene, 0), 1)]),
  underEnd("two Vs with undo", (scene) => {
    const set = newSet(scene, 0);
    return [undo(set, 1), undo(set, 1)];
  }),
  underEnd("P that sleeps", (scene) => [undo(newSet(scene, 0), -1)]),
  underEnd("an array with undo on both", (scene) => {
    const set = newSet(scene, 0);
    const prepare: NonNullable<Step["prepare"]> = (task) =>
      writeOps(task, [
        { num: 0, op: 1, flg: SEM_UNDO },
        { num: 1, op: 1, flg: SEM_UNDO },
      ]);
    return [{ prepare, call: (kernel) => kernel.sys_semop(set, 2) }];
  }),
  underEnd("shmat", (scene) => {
    const id = scene.do(scene.machine.root, (kernel) => kernel.sys_shmget(0, 4096, 0o666));
    return [{ call: (kernel) => Math.min(1, kernel.sys_shmat(id, 0, 0)) }];
  }),
  underEnd("waitpid", (scene) => {
    scene.machine.process({ uid: 0, gid: 0 }, scene.a.pid);
    return [waitpid()];
  }),
  underEnd("a message to a sleeper", (scene) => {
    const queue = scene.do(scene.machine.root, (kernel) => kernel.sys_msgget(0, 0o666));
    const prepare: NonNullable<Step["prepare"]> = (task) => writeMessage(task, 1, 9, 1);
    return [{ prepare, call: (kernel) => kernel.sys_msgsnd(queue, 9, 0) }];
  }),
];

export const PROC_SCENARIOS: readonly Scenario[] = [
  {
    name: "waitpid and the child's end",
    prepare: (scene) => {
      const child = scene.machine.process({ uid: 0, gid: 0 }, scene.a.pid);
      return { a: [waitpid()], b: [exit(child.pid)] };
    },
  },
  {
    name: "waitpid without waiting and the child's end",
    prepare: (scene) => {
      const child = scene.machine.process({ uid: 0, gid: 0 }, scene.a.pid);
      return { a: [waitpid(1), waitpid(1)], b: [exit(child.pid)] };
    },
  },
  {
    name: "the ends of a parent and of its child",
    prepare: (scene) => {
      const child = scene.machine.process({ uid: 0, gid: 0 }, scene.c.pid);
      const alive = () => scene.machine.root.call((kernel) => kernel.sys_kill(child.pid, 0));
      return { a: [exit(scene.c.pid)], b: [exit(child.pid)], also: alive };
    },
  },
  {
    name: "two ends of one process",
    prepare: (scene) => {
      const set = newSet(scene, 0);
      scene.do(scene.c.main, (kernel) => kernel.sys_semop1(set, 0, 2, SEM_UNDO));
      const { pid } = scene.c;
      return { a: [exit(pid)], b: [dead(scene, scene.c.main.id)] };
    },
  },
  {
    name: "undo at an end and P that waits for it",
    prepare: (scene) => {
      const set = newSet(scene, 1);
      scene.do(scene.c.main, (kernel) => kernel.sys_semop1(set, 0, -1, SEM_UNDO));
      return { a: [undo(set, -1, 0)], b: [exit(scene.c.pid)] };
    },
  },
  {
    name: "undo at an end and a removal",
    prepare: (scene) => {
      const set = newSet(scene, 1);
      scene.do(scene.c.main, (kernel) => kernel.sys_semop1(set, 0, -1, SEM_UNDO));
      const remove: Step = { call: (kernel) => kernel.sys_semctl(set, 0, 0, 0) };
      return { a: [remove], b: [exit(scene.c.pid)] };
    },
  },
  {
    name: "two new processes",
    prepare: () => {
      const create: Step = { call: (kernel) => kernel.proc_create(1, 0, 0, 0) };
      return { a: [create], b: [create] };
    },
  },
  {
    name: "two new tasks",
    prepare: (scene) => ({
      a: [{ call: (kernel) => kernel.task_create(scene.a.pid, 0) }],
      b: [{ call: (kernel) => kernel.task_create(scene.b.pid, 0) }],
    }),
  },
  {
    name: "a new task and the end of its process",
    prepare: (scene) => ({
      a: [{ call: (kernel) => Math.min(1, kernel.task_create(scene.c.pid, 0)) }],
      b: [dead(scene, scene.c.main.id)],
    }),
  },
  {
    name: "two claims of one worker, and spawns",
    prepare: (scene) => {
      const worker = scene.machine.instance().pool_join(0);
      const claim: Step = { call: (kernel) => kernel.pool_claim() };
      const spawn: Step = { call: (kernel) => kernel.sys_spawn(worker, 0) };
      return { a: [claim], b: [claim, spawn] };
    },
  },
  {
    name: "a spawn on a worker that has died",
    prepare: (scene) => {
      const worker = scene.machine.instance().pool_join(0);
      scene.do(scene.a.main, (kernel) => kernel.pool_claim(), worker);
      const spawn: Step = {
        call: (kernel) => Math.min(kernel.sys_spawn(worker, 0), 1),
      };
      return { a: [spawn], b: [dead(scene, worker)] };
    },
  },
  {
    name: "a signal and its disposition",
    prepare: (scene) => ({
      a: [
        { call: (kernel) => kernel.sys_sigaction(SIGUSR1, SIG_HANDLER, 0) },
        { call: (kernel) => kernel.signal_take() },
      ],
      b: [{ call: (kernel) => kernel.sys_kill(scene.a.pid, SIGUSR1) }],
    }),
  },
  {
    name: "a caught signal and P that sleeps",
    prepare: (scene) => {
      const set = newSet(scene, 0);
      scene.do(scene.c.main, (kernel) => kernel.sys_sigaction(SIGUSR1, SIG_HANDLER, 0));
      scene.do(scene.c.main, (kernel) => kernel.sys_semop1(set, 0, -1, 0), -EWAIT);
      return {
        a: [{ call: (kernel) => kernel.sys_kill(scene.c.pid, SIGUSR1) }],
        b: [undo(set, 1, 0)],
        sleepers: [scene.c.main],
      };
    },
  },
];
