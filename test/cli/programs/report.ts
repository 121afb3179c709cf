/** A program that does what its first argument says. */
import type { Syscalls } from "../../../host/contract.ts";
import { IPC_INFO, IPC_PRIVATE, SIGINT, SIGTERM } from "../../../runtime/index.ts";

/** Waits for what never comes. */
function waitForEver(sys: Syscalls): never {
  const set = sys.semget(IPC_PRIVATE, 1, 0o600);
  process.stdout.write("ready\n");
  for (;;) sys.semop(set, [{ sem_num: 0, sem_op: -1 }]);
}

const ACTIONS: Readonly<Record<string, (sys: Syscalls, args: string[]) => number | undefined>> = {
  exit: (_sys, [code]) => Number(code),
  nothing: () => undefined,
  argv(_sys, args) {
    process.stdout.write(JSON.stringify(args));
    return 0;
  },
  much(_sys, [size]) {
    process.stdout.write("x".repeat(Number(size)));
    return 0;
  },
  limits(sys) {
    const { msgmax } = sys.msgctl(0, IPC_INFO);
    const { shmall } = sys.shmctl(0, IPC_INFO);
    process.stdout.write(JSON.stringify({ msgmax, shmall }));
    return 0;
  },
  throw() {
    throw new Error("the program failed");
  },
  terminate(sys) {
    sys.kill(sys.getpid(), SIGTERM);
    return 0;
  },
  wait: waitForEver,
  handle(sys) {
    sys.sigaction(SIGINT, () => process.stdout.write("handled\n"));
    try {
      waitForEver(sys);
    } catch (error) {
      return (error as { code: string }).code === "EINTR" ? 7 : 8;
    }
  },
};

export function main(sys: Syscalls, argv: string[]): number | undefined {
  const [, action = "", ...args] = argv;
  return ACTIONS[action]!(sys, args);
}
