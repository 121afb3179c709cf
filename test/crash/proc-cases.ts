/** Calls on processes, signals, tasks and the pool to be cut off. */
import { EINTR, ERETRY } from "../../assembly/abi/errno.ts";
import { IPC_PRIVATE, IPC_RMID } from "../../assembly/abi/ipc.ts";
import { SEM_UNDO, SETVAL } from "../../assembly/abi/sem.ts";
import {
  SIG_HANDLER,
  SIG_IGN,
  SIGCHLD,
  SIGKILL,
  SIGPIPE,
  SIGTERM,
} from "../../assembly/abi/signal.ts";
import { WNOHANG } from "../../assembly/abi/wait.ts";
import type { TestKernel, TestTask } from "../support/machine.ts";
import { type KernelAttributes, writeAttributes } from "../support/spawn-attributes.ts";
import { LAYOUT } from "./crash-memory.ts";
import type { MortalTask } from "./mortal.ts";
import { made, receive, type Scenario, SHARED, voidOf } from "./scenario.ts";
import type { Scene } from "./scene.ts";

const as = (task: TestTask, entry: (kernel: TestKernel) => number): number => task.call(entry);
const exit = (task: TestTask): number => as(task, (kernel) => kernel.sys_exit(0x900));
const waitpid = (task: TestTask, pid: number, options = 0): number =>
  as(task, (kernel) => kernel.sys_waitpid(pid, options));
const kill = (task: TestTask, pid: number, sig: number): number =>
  as(task, (kernel) => kernel.sys_kill(pid, sig));
const action = (task: TestTask, sig: number, disposition: number): number =>
  as(task, (kernel) => kernel.sys_sigaction(sig, disposition, 0));

/** What A's child has of its own. @returns the flags for sys_spawn() */
const attributes = (s: Scene, given: KernelAttributes): number =>
  writeAttributes(s.machine.i32, s.a.transfer, given);

/** Asleep for a message that never comes. */
function sleeps(s: Scene, task: TestTask): void {
  s.id = made(as(s.b, (kernel) => kernel.sys_msgget(3, SHARED)));
  receive(task, s.id, 10, 77);
}

/** A child of A that has ended, and one that lives. */
function family(s: Scene): void {
  const first = s.child(s.pids.a);
  const second = s.child(s.pids.a);
  s.id = first.pid;
  s.other = second.pid;
  exit(first.task);
  s.machine.root.call((kernel) => kernel.thread_dead(first.task.serial));
}

/** A's other calls sleep on a semaphore, a queue and its children. */
function pendingCalls(s: Scene): void {
  family(s);
  const set = made(as(s.b, (kernel) => kernel.sys_semget(7, 2, SHARED)));
  const [first, second, third, fourth] = [s.call(), s.call(), s.call(), s.call()];
  as(first, (kernel) => kernel.sys_semop1(set, 0, -1, SEM_UNDO));
  sleeps(s, second);
  waitpid(third, s.other);
  as(fourth, (kernel) => kernel.sys_semop1(set, 1, -1, 0));
  as(s.b, (kernel) => kernel.sys_semctl(set, 1, SETVAL, 1));
}

const processOf = (s: Scene): MortalTask => s.more[0]!;

/** Processes until the table has `free` slots left. */
function processes(s: Scene, free: number): void {
  const { PROC_MAX } = s.machine.limits;
  // Six are there: process 1 and those of the scene.
  for (let left = PROC_MAX - 6; left > free; left -= 1) {
    made(as(s.observer, (kernel) => kernel.proc_create(1, 0, 0, 0)));
  }
}

/** Tasks until the table has `free` slots left. */
function tasks(s: Scene, free: number): void {
  const used: number[] = [];
  for (let id = 0; id >= 0; ) {
    id = s.machine.root.kernel.task_create(s.pids.c, 0);
    if (id >= 0) used.push(id);
  }
  for (const id of used.slice(0, free)) as(s.c, (kernel) => kernel.task_free(id));
}

const WAIT: readonly Scenario[] = [
  {
    name: "waitpid() of a child that has ended",
    prepare: family,
    call: (s) => waitpid(s.a, -1),
  },
  {
    name: "waitpid() that waits",
    prepare: (s) => void s.child(s.pids.a),
    call: (s) => waitpid(s.a, -1),
  },
  {
    name: "waitpid(WNOHANG) with children that live",
    prepare: (s) => void s.child(s.pids.a),
    call: (s) => waitpid(s.a, -1, WNOHANG),
  },
  {
    name: "waitpid() of nobody",
    prepare: family,
    call: (s) => waitpid(s.a, s.pids.c),
  },
  {
    name: "waitpid() that was woken takes its result and calls again",
    prepare(s) {
      const { task } = s.child(s.pids.a);
      waitpid(s.a, -1);
      exit(task);
    },
    call: (s) => (s.a.waitResult() === -ERETRY ? waitpid(s.a, -1) : 0),
  },
  {
    name: "waitpid() that is interrupted",
    prepare(s) {
      s.child(s.pids.a);
      waitpid(s.a, -1);
    },
    call: (s) => s.a.waitCancel(EINTR),
  },
];

const END: readonly Scenario[] = [
  { name: "_exit()", prepare: () => undefined, call: (s) => exit(s.a) },
  {
    name: "_exit() of a child that its parent waits for",
    prepare: (s) => void waitpid(s.b, s.pids.a),
    call: (s) => exit(s.a),
  },
  {
    name: "_exit() of a child whose parent has a handler for SIGCHLD",
    prepare(s) {
      action(s.b, SIGCHLD, SIG_HANDLER);
      sleeps(s, s.b);
    },
    call: (s) => exit(s.a),
  },
  {
    name: "_exit() of a child whose parent ignores SIGCHLD",
    prepare(s) {
      action(s.b, SIGCHLD, SIG_IGN);
      waitpid(s.b, s.pids.a);
    },
    call: (s) => exit(s.a),
  },
  {
    name: "_exit() with children, one of which has ended",
    prepare: family,
    call: (s) => exit(s.a),
  },
  {
    name: "_exit() with asynchronous calls that sleep and one that was completed",
    prepare: pendingCalls,
    call: (s) => exit(s.a),
  },
  {
    name: "_exit() of a process that a signal has ended",
    prepare: (s) => void kill(s.b, s.pids.a, SIGTERM),
    call: (s) => exit(s.a),
  },
  {
    name: "proc_exit() by the supervisor of a process asleep, with adjustments and children",
    caller: (s) => s.supervisor,
    dead: (s) => [s.supervisor, s.a],
    prepare(s) {
      pendingCalls(s);
      const set = made(as(s.b, (kernel) => kernel.sys_semget(8, 1, SHARED)));
      as(s.a, (kernel) => kernel.sys_semop1(set, 0, 3, SEM_UNDO));
      sleeps(s, s.a);
      kill(s.b, s.pids.a, SIGKILL);
    },
    call: (s) => as(s.supervisor, (kernel) => kernel.proc_exit(s.pids.a, SIGKILL)),
  },
  {
    name: "proc_refuse() by the supervisor of a process asleep",
    caller: (s) => s.supervisor,
    dead: (s) => [s.supervisor, s.a],
    prepare(s) {
      pendingCalls(s);
      sleeps(s, s.a);
      kill(s.b, s.pids.a, SIGKILL);
    },
    call: (s) => as(s.supervisor, (kernel) => kernel.proc_refuse(s.pids.a, SIGKILL)),
  },
  {
    name: "thread_dead() by the supervisor of a process asleep",
    caller: (s) => s.supervisor,
    dead: (s) => [s.supervisor, s.a],
    prepare: pendingCalls,
    call: (s) => as(s.supervisor, (kernel) => kernel.thread_dead(s.a.serial)),
  },
  {
    name: "thread_dead() by the supervisor of one that died with locks that others slept on",
    caller: (s) => s.supervisor,
    dead: (s) => [s.supervisor, processOf(s)],
    prepare(s) {
      const { task } = s.child(1);
      s.id = made(as(s.b, (kernel) => kernel.sys_semget(7, 2, SHARED)));
      as(s.b, (kernel) => kernel.sys_semop1(s.id, 0, -1, 0));
      const removed = () => as(task, (kernel) => kernel.sys_semctl(s.id, 0, IPC_RMID, 0));
      task.dies({ store: 30 }, removed);
      // The table's, the set's own, and that of the page frames.
      if (s.sleepOnLocks().length !== 3) throw new Error("it died with other locks");
    },
    call: (s) => as(s.supervisor, (kernel) => kernel.thread_dead(processOf(s).serial)),
  },
  {
    name: "thread_dead() by the supervisor of a parked worker",
    caller: (s) => s.supervisor,
    dead: (s) => [s.supervisor, { serial: s.other }],
    prepare(s) {
      s.other = s.a.kernel.task_serial(s.workers[1]!.id);
    },
    call: (s) => as(s.supervisor, (kernel) => kernel.thread_dead(s.other)),
  },
  {
    name: "thread_dead() by the supervisor of a claimed worker",
    caller: (s) => s.supervisor,
    dead: (s) => [s.supervisor, { serial: s.other }, s.a],
    prepare(s) {
      const id = as(s.a, (kernel) => kernel.pool_claim());
      s.other = s.a.kernel.task_serial(id);
    },
    call: (s) => as(s.supervisor, (kernel) => kernel.thread_dead(s.other)),
  },
];

/** A is in the group and the session of its parent, as one that was spawned. */
function joinsParent({ machine, a, pids }: Scene): void {
  const tasks = LAYOUT.region(machine, "TASK");
  const slot = tasks + (a.id - 1) * LAYOUT.region(machine, "TASK_STRIDE");
  const proc = machine.i32[(slot + LAYOUT.field("task/Task#get:proc")) >> 2]!;
  for (const word of ["pgid", "sid"]) {
    machine.i32[(proc + LAYOUT.field(`proc/Proc#get:${word}`)) >> 2] = pids.b;
  }
}

/** A's process has claimed a worker. */
function claimed(s: Scene): void {
  s.id = made(as(s.a, (kernel) => kernel.pool_claim()));
}

const POOL: readonly Scenario[] = [
  {
    name: "pool_claim()",
    prepare: () => undefined,
    call: (s) => as(s.a, (kernel) => kernel.pool_claim()),
  },
  {
    name: "pool_claim() of the last worker",
    prepare: (s) => void as(s.c, (kernel) => kernel.pool_claim()),
    call: (s) => as(s.a, (kernel) => kernel.pool_claim()),
  },
  {
    name: "pool_unclaim()",
    prepare: claimed,
    call: (s) => as(s.a, (kernel) => kernel.pool_unclaim(s.id)),
  },
  {
    name: "pool_join()",
    caller: (s) => s.supervisor,
    dead: (s) => [{ serial: s.other }],
    prepare(s) {
      s.other = s.supervisor.kernel.thread_new();
    },
    call(s) {
      const id = s.supervisor.kernel.pool_join(s.other);
      s.supervisor.drain();
      return id;
    },
  },
  {
    name: "spawn of a process",
    prepare: claimed,
    call: (s) => as(s.a, (kernel) => kernel.sys_spawn(s.id, 0)),
  },
  {
    name: "spawn of a process for another user",
    prepare(s) {
      claimed(s);
      s.other = attributes(s, { uid: 7, gid: 8 });
    },
    call: (s) => as(s.a, (kernel) => kernel.sys_spawn(s.id, s.other)),
  },
  {
    name: "spawn of a process with groups of its own",
    prepare(s) {
      claimed(s);
      s.other = attributes(s, { groups: [11, 12, 13, 14] });
    },
    call: (s) => as(s.a, (kernel) => kernel.sys_spawn(s.id, s.other)),
  },
  {
    name: "spawn of a process in a session of its own, with signals blocked",
    prepare: claimed,
    call(s) {
      const flags = attributes(s, {
        session: true,
        sigmask: 1 << SIGTERM,
        sigdefault: 1 << SIGPIPE,
      });
      return as(s.a, (kernel) => kernel.sys_spawn(s.id, flags));
    },
  },
  {
    name: "spawn of a process in a group that there is",
    prepare: claimed,
    call(s) {
      const flags = attributes(s, { pgroup: s.pids.a });
      return as(s.a, (kernel) => kernel.sys_spawn(s.id, flags));
    },
  },
  {
    name: "spawn of a process in a group of its own",
    prepare: claimed,
    call(s) {
      const flags = attributes(s, { pgroup: 0 });
      return as(s.a, (kernel) => kernel.sys_spawn(s.id, flags));
    },
  },
  {
    name: "spawn of a process in a group that there is none of",
    prepare: claimed,
    call(s) {
      const flags = attributes(s, { pgroup: 999 });
      return as(s.a, (kernel) => kernel.sys_spawn(s.id, flags));
    },
  },
  {
    name: "setpgid() into a new group",
    prepare: (s) => joinsParent(s),
    call: (s) => as(s.a, (kernel) => kernel.sys_setpgid(0, 0)),
  },
  {
    name: "setsid()",
    prepare: (s) => joinsParent(s),
    call: (s) => as(s.a, (kernel) => kernel.sys_setsid()),
  },
  {
    name: "spawn of the last process",
    prepare(s) {
      claimed(s);
      processes(s, 1);
    },
    call: (s) => as(s.a, (kernel) => kernel.sys_spawn(s.id, 0)),
  },
  {
    name: "spawn with every process in use",
    prepare(s) {
      claimed(s);
      processes(s, 0);
    },
    call: (s) => as(s.a, (kernel) => kernel.sys_spawn(s.id, 0)),
  },
];

const THREADS: readonly Scenario[] = [
  {
    name: "thread_new()",
    prepare: () => undefined,
    call: (s) => as(s.a, (kernel) => kernel.thread_new()),
  },
  {
    name: "task_create() for an asynchronous call",
    prepare: () => undefined,
    call: (s) => as(s.a, (kernel) => kernel.task_create(s.pids.a, 0)),
  },
  {
    name: "task_create() of the last task",
    prepare: (s) => tasks(s, 1),
    call: (s) => as(s.a, (kernel) => kernel.task_create(s.pids.a, 0)),
  },
  {
    name: "task_create() with every task in use",
    prepare: (s) => tasks(s, 0),
    call: (s) => as(s.a, (kernel) => kernel.task_create(s.pids.a, 0)),
  },
  {
    name: "task_create() of a thread that comes with its process",
    caller: (s) => s.supervisor,
    prepare(s) {
      s.id = made(as(s.supervisor, (kernel) => kernel.proc_create(1, 0, 0, 0)));
    },
    call: (s) => as(s.supervisor, (kernel) => kernel.task_create(s.id, s.supervisor.serial)),
  },
  {
    name: "task_free() of a finished asynchronous call",
    prepare: (s) => void s.call(),
    call: (s) => as(s.a, (kernel) => kernel.task_free(processOf(s).id)),
  },
  {
    name: "task_free() by a thread that leaves",
    prepare: (s) => void exit(s.a),
    call: (s) => as(s.a, (kernel) => kernel.task_free(s.a.id)),
  },
  {
    name: "proc_create()",
    caller: (s) => s.supervisor,
    prepare: () => undefined,
    call: (s) => as(s.supervisor, (kernel) => kernel.proc_create(1, 7, 8, 0)),
  },
  {
    name: "proc_create() with groups",
    caller: (s) => s.supervisor,
    prepare: (s) => s.machine.i32.set([11, 12, 13, 14], s.supervisor.transfer >> 2),
    call: (s) => as(s.supervisor, (kernel) => kernel.proc_create(1, 7, 8, 4)),
  },
  {
    name: "proc_create() of the last process",
    caller: (s) => s.supervisor,
    prepare: (s) => processes(s, 1),
    call: (s) => as(s.supervisor, (kernel) => kernel.proc_create(1, 7, 8, 0)),
  },
  {
    name: "proc_create() with every process in use",
    caller: (s) => s.supervisor,
    prepare: (s) => processes(s, 0),
    call: (s) => as(s.supervisor, (kernel) => kernel.proc_create(1, 7, 8, 0)),
  },
  {
    name: "thread_next_new() and thread_next_asked()",
    caller: (s) => s.supervisor,
    prepare(s) {
      const word = LAYOUT.word("region/LOCK_MSG") >> 2;
      s.machine.i32[word] = s.c.id;
      as(s.b, (kernel) => kernel.sys_msgget(5, SHARED));
      as(
        s.b,
        voidOf((kernel) => kernel.lock_ask()),
      );
      s.machine.i32[word] = 0;
    },
    call: (s) =>
      as(s.supervisor, (kernel) => kernel.thread_next_new() + kernel.thread_next_asked()),
  },
  {
    name: "machine_set_time()",
    caller: (s) => s.supervisor,
    prepare: (s) => void as(s.b, (kernel) => kernel.sys_semget(IPC_PRIVATE, 1, SHARED)),
    call: (s) =>
      as(
        s.supervisor,
        voidOf((kernel) => kernel.machine_set_time(3000)),
      ),
  },
];

/** They change nothing but the caller's transfer area. */
const QUESTIONS: readonly Scenario[] = [
  {
    name: "getgroups()",
    caller: (s) => processOf(s),
    prepare: (s) => void s.child(s.pids.b, { uid: 7, gid: 7, groups: [1, 2, 3] }),
    call: (s) => as(processOf(s), (kernel) => kernel.sys_getgroups()),
  },
];

export const PROC_SCENARIOS: readonly Scenario[] = [
  ...WAIT,
  ...END,
  ...POOL,
  ...THREADS,
  ...QUESTIONS,
];
