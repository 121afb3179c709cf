/** A program for machine-page.ts: what it does is its first argument. */
import type { Machine, Syscalls } from "../../runtime/index.ts";

const V = (sem_num: number, sem_op: number) => [{ sem_num, sem_op, sem_flg: 0 }];

export async function main(sys: Syscalls, argv: string[], machine: Machine): Promise<number> {
  const [, action, semid] = argv;
  const set = Number(semid);
  switch (action) {
    case "answer":
      // Sleeps until asked, answers, and says who it is.
      sys.semop(set, V(0, -1));
      sys.semop(set, V(1, 1));
      return sys.getpid();
    case "spin":
      sys.semop(set, V(1, 1));
      for (;;) if (performance.now() < 0) return 1;
    case "sleep":
      sys.semop(set, V(0, -1));
      return 0;
    case "throw":
      throw new Error("thrown on purpose");
    case "parent": {
      const child = await machine.spawn(argv[0]!, ["answer", String(set)]);
      return ((await child.wait()).code ?? -1) === child.pid ? 42 : 1;
    }
    default:
      return 0;
  }
}
