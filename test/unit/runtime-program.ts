/** A program for the runtime's tests: what it does is its first argument. */
import {
  type Machine,
  O_CREAT,
  SEM_UNDO,
  SIGCHLD,
  SIGUSR1,
  type Syscalls,
} from "../../runtime/index.ts";

type Action = (sys: Syscalls, args: string[], machine: Machine) => unknown;

const one = (sem_num: number, sem_op: number) => [{ sem_num, sem_op }];

const ACTIONS: Readonly<Record<string, Action>> = {
  return: (_sys, [value]) => Number(value),
  length: (_sys, [text]) => text!.length % 251,
  resolve: async (_sys, [value]) => Number(value),
  nothing: () => undefined,
  throw: () => {
    throw new Error("thrown by main", { cause: new Error("the cause") });
  },
  reject: () => Promise.reject(new Error("rejected by main")),
  "throw-later": () =>
    new Promise(() => {
      setTimeout(() => {
        throw new Error("thrown by a timer");
      });
    }),
  "reject-later": () =>
    new Promise(() => {
      void Promise.reject(new Error("rejected by nobody's promise"));
    }),
  exit: (_sys, [code]) => process.exit(Number(code)),
  "exit-later": (_sys, [code]) => new Promise(() => setTimeout(() => process.exit(Number(code)))),
  print: (_sys, [text, times]) => {
    for (let count = 0; count < Number(times); count += 1) console.log(`${text} ${count}`);
  },
  "print-and-exit": (_sys, [text]) => {
    process.stdout.write(`${text}\n`);
    process.exit(3);
  },
  identity: (sys) =>
    sys.getuid() === 7 && sys.getgid() === 8 && sys.getgroups().join() === "1,2" ? 0 : 1,
  parent: (sys) => sys.getppid(),
  // Says at semaphore 1 that it is there, then sleeps at 0.
  sleep: (sys, [set]) => {
    sys.semop(Number(set), one(1, 1));
    sys.semop(Number(set), one(0, -1));
  },
  spin: (sys, [set]) => {
    sys.semop(Number(set), one(1, 1));
    for (;;);
  },
  // Ends without giving back what SEM_UNDO must.
  "take-and-die": (sys, [set]) => {
    sys.semop(Number(set), [{ sem_num: 0, sem_op: -1, sem_flg: SEM_UNDO }]);
    throw new Error("dies with the semaphore");
  },
  // Counts SIGUSR1 in a handler; the interrupted semop must fail after it ran.
  "catch-signal": (sys, [set]) => {
    let seen = 0;
    sys.sigaction(SIGUSR1, () => {
      seen += 1;
    });
    sys.semop(Number(set), one(1, 1));
    try {
      sys.semop(Number(set), one(0, -1));
    } catch (error) {
      return (error as { code: string }).code === "EINTR" ? seen : 99;
    }
    return 98;
  },
  "child-of-child": async (_sys, [program], machine) => {
    const child = await machine.spawn(program!, ["return", "17"]);
    const { code } = await child.wait();
    return (code ?? 0) + 1;
  },
  // SIGCHLD interrupts waitpid() when the child has ended; its status must still be there.
  "interrupted-parent": async (sys, [program], machine) => {
    const set = sys.semget(0, 2, 0o1600);
    const child = await machine.spawn(program!, ["signal-parent", String(set)]);
    sys.sigaction(SIGUSR1, () => {});
    sys.sigaction(SIGCHLD, () => {});
    sys.semop(set, one(1, 1));
    for (;;) {
      try {
        return sys.waitpid(child.pid).pid === child.pid ? 23 : 1;
      } catch (error) {
        if ((error as { code: string }).code !== "EINTR") throw error;
      }
    }
  },
  "signal-parent": (sys, [set]) => {
    sys.semop(Number(set), one(1, -1));
    sys.kill(sys.getppid(), SIGUSR1);
  },
  argv: (_sys, args) => args.length,
  // Where it is, and the mode of what it makes for all.
  place: (sys) => {
    const name = `/tmp/of ${sys.getpid()}`;
    sys.close(sys.open(name, O_CREAT, 0o666));
    console.log(sys.getcwd(), (sys.stat(name).st_mode & 0o777).toString(8));
    sys.unlink(name);
  },
  wait: (sys) => {
    sys.read(0, new Uint8Array(1));
    try {
      console.log(sys.getcwd());
    } catch (error) {
      console.log((error as { code: string }).code);
    }
  },
  spawn: async (_sys, [program], machine) => {
    try {
      await machine.spawn(program!);
    } catch (error) {
      console.log((error as { code: string }).code);
    }
  },
  "spawn-in": async (_sys, [program, cwd], machine) => {
    try {
      await machine.spawn(program!, ["place"], { cwd: cwd! });
    } catch (error) {
      console.log((error as { code: string }).code);
    }
  },
};

export function main(sys: Syscalls, argv: string[], machine: Machine): unknown {
  const [, action, ...args] = argv;
  return ACTIONS[action!]!(sys, args, machine);
}
