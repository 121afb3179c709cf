/** Calls on signals and the timer that sends one, to be cut off. */
import {
  SA_NOCLDWAIT,
  SIG_DFL,
  SIG_HANDLER,
  SIG_IGN,
  SIGALRM,
  SIGCHLD,
  SIGKILL,
  SIGPIPE,
  SIGTERM,
  SIGUSR1,
} from "../../assembly/abi/signal.ts";
import type { TestKernel, TestTask } from "../support/machine.ts";
import { made, receive, type Scenario, SHARED } from "./scenario.ts";
import type { Scene } from "./scene.ts";

const as = (task: TestTask, entry: (kernel: TestKernel) => number): number => task.call(entry);
const kill = (task: TestTask, pid: number, sig: number): number =>
  as(task, (kernel) => kernel.sys_kill(pid, sig));
const action = (task: TestTask, sig: number, disposition: number, flags = 0): number =>
  as(task, (kernel) => kernel.sys_sigaction(sig, disposition, flags));
const block = (task: TestTask, ...signals: number[]): number =>
  as(task, (kernel) => kernel.signal_mask_set(signals.reduce((mask, sig) => mask | (1 << sig), 0)));
/** SIGALRM in so many milliseconds, and then every `every`, when it is 1000 ms of the clock. */
const timer = (task: TestTask, value: number, every = 0): number =>
  as(task, (kernel) => kernel.sys_setitimer(value, every, 1000));

/** Asleep for a message that never comes. */
function sleeps(s: Scene, task: TestTask): void {
  s.id = made(as(s.b, (kernel) => kernel.sys_msgget(3, SHARED)));
  receive(task, s.id, 10, 77);
}

const SIGNALS: readonly Scenario[] = [
  {
    name: "kill() with a handler, the target asleep",
    prepare(s) {
      action(s.b, SIGUSR1, SIG_HANDLER);
      sleeps(s, s.b);
    },
    call: (s) => kill(s.a, s.pids.b, SIGUSR1),
  },
  {
    name: "kill() that is ignored",
    prepare: (s) => void action(s.b, SIGUSR1, SIG_IGN),
    call: (s) => kill(s.a, s.pids.b, SIGUSR1),
  },
  {
    name: "kill() that ends its target",
    prepare: (s) => sleeps(s, s.c),
    call: (s) => kill(s.a, s.pids.c, SIGTERM),
  },
  {
    name: "kill() of a process that another signal has ended",
    prepare: (s) => void kill(s.b, s.pids.c, SIGTERM),
    call: (s) => kill(s.a, s.pids.c, SIGKILL),
  },
  {
    name: "kill() of the caller",
    prepare: () => undefined,
    call: (s) => kill(s.a, 0, SIGTERM),
  },
  {
    name: "kill() of everybody",
    prepare(s) {
      action(s.b, SIGUSR1, SIG_HANDLER);
      action(s.c, SIGUSR1, SIG_IGN);
      action(s.observer, SIGUSR1, SIG_IGN);
      sleeps(s, s.b);
    },
    call: (s) => kill(s.a, -1, SIGUSR1),
    steps: [
      (s) => kill(s.a, s.pids.b, SIGUSR1),
      (s) => kill(s.a, s.pids.b, SIGUSR1) + kill(s.a, s.pids.d, SIGUSR1),
    ],
  },
  {
    name: "sigaction() with a handler",
    prepare: () => undefined,
    call: (s) => action(s.a, SIGUSR1, SIG_HANDLER),
  },
  {
    name: "sigaction() that discards a pending signal",
    prepare(s) {
      action(s.a, SIGUSR1, SIG_HANDLER);
      kill(s.b, s.pids.a, SIGUSR1);
    },
    call: (s) => action(s.a, SIGUSR1, SIG_IGN),
  },
  {
    name: "sigaction() back to the default",
    prepare: (s) => void action(s.a, SIGUSR1, SIG_HANDLER),
    call: (s) => action(s.a, SIGUSR1, SIG_DFL),
  },
  {
    name: "sigaction() of SIGPIPE",
    prepare: () => undefined,
    call: (s) => action(s.a, SIGPIPE, SIG_DFL),
  },
  {
    name: "signal_take()",
    prepare(s) {
      action(s.a, SIGUSR1, SIG_HANDLER);
      kill(s.b, s.pids.a, SIGUSR1);
    },
    call: (s) => as(s.a, (kernel) => kernel.signal_take()),
  },
  {
    name: "sigaction() with SA_NOCLDWAIT",
    prepare: () => undefined,
    call: (s) => action(s.a, SIGCHLD, SIG_HANDLER, SA_NOCLDWAIT),
  },
  {
    name: "sigaction() that ignores a signal which has come while it was blocked",
    prepare(s) {
      block(s.a, SIGUSR1);
      kill(s.b, s.pids.a, SIGUSR1);
    },
    call: (s) => action(s.a, SIGUSR1, SIG_IGN),
  },
  {
    name: "sigaction() to the default of a signal that ends the process",
    prepare(s) {
      action(s.a, SIGUSR1, SIG_HANDLER);
      kill(s.b, s.pids.a, SIGUSR1);
    },
    call: (s) => action(s.a, SIGUSR1, SIG_DFL),
  },
  {
    name: "kill() with a signal that is blocked",
    prepare(s) {
      block(s.b, SIGTERM);
      sleeps(s, s.b);
    },
    call: (s) => kill(s.a, s.pids.b, SIGTERM),
  },
  {
    name: "signal_mask_set() that blocks a pending signal",
    prepare(s) {
      action(s.a, SIGUSR1, SIG_HANDLER);
      kill(s.b, s.pids.a, SIGUSR1);
    },
    call: (s) => block(s.a, SIGUSR1),
  },
  {
    name: "signal_mask_set() that delivers a signal to a handler, and one that is ignored",
    prepare(s) {
      action(s.a, SIGUSR1, SIG_HANDLER);
      block(s.a, SIGUSR1, SIGCHLD);
      kill(s.b, s.pids.a, SIGUSR1);
      kill(s.b, s.pids.a, SIGCHLD);
    },
    call: (s) => block(s.a),
  },
  {
    name: "signal_mask_set() that delivers a signal which ends the process",
    prepare(s) {
      block(s.a, SIGTERM);
      kill(s.b, s.pids.a, SIGTERM);
    },
    call: (s) => block(s.a),
  },
];

const TIMERS: readonly Scenario[] = [
  {
    name: "sys_setitimer() of a timer",
    prepare: () => undefined,
    call: (s) => timer(s.a, 50, 10),
  },
  {
    name: "sys_setitimer() that takes a timer back",
    prepare: (s) => void timer(s.a, 50),
    call: (s) => timer(s.a, 0),
  },
  {
    name: "sys_getitimer() of a timer",
    prepare: (s) => void timer(s.a, 50),
    call: (s) => as(s.a, (kernel) => kernel.sys_getitimer(1020)),
  },
  {
    name: "alarm_fire() to a handler that sleeps, and to a process that it ends",
    prepare(s) {
      action(s.b, SIGALRM, SIG_HANDLER);
      sleeps(s, s.b);
      timer(s.b, 50, 20);
      timer(s.c, 50);
      timer(s.d, 500);
    },
    call: (s) => as(s.a, (kernel) => kernel.alarm_fire(1100)),
    steps: [(s) => kill(s.a, s.pids.b, SIGALRM)],
  },
];

export const SIGNAL_SCENARIOS: readonly Scenario[] = [...SIGNALS, ...TIMERS];
