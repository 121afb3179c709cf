/** Two processes, of which one waits for the other: what `run --strace` shows of them. */
import { IPC_PRIVATE, type Machine, SEM_UNDO, type Syscalls } from "../../../runtime/index.ts";

export async function main(sys: Syscalls, argv: string[], machine: Machine): Promise<number> {
  if (argv[1] !== undefined) {
    sys.write(Number(argv[1]), new TextEncoder().encode("late"));
    return 3;
  }
  const semid = sys.semget(IPC_PRIVATE, 1, 0o600);
  sys.semop(semid, [{ sem_num: 0, sem_op: 1, sem_flg: SEM_UNDO }]);
  const [r, w] = sys.pipe();
  await machine.spawn(import.meta.url, [String(w)]);
  sys.read(r, new Uint8Array(9));
  sys.waitpid(-1);
  return 0;
}
