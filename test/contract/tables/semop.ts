/** semop(2): its errors, and what one call does. */
import { IPC_NOWAIT, IPC_PRIVATE } from "../../../assembly/abi/ipc.ts";
import { GETALL } from "../../../assembly/abi/sem.ts";
import { equal, fails } from "../check.ts";
import type { Row } from "../row.ts";

export const semop: readonly Row[] = [
  {
    call: "semop",
    errno: "EAGAIN",
    name: "semop() returns EAGAIN with IPC_NOWAIT when the value is too small",
    async run({ proc }) {
      const p = await proc();
      const id = await p.do("semget", IPC_PRIVATE, 1, 0o600);
      await fails("EAGAIN", p.do("semop", id, [{ sem_num: 0, sem_op: -1, sem_flg: IPC_NOWAIT }]));
      equal(await p.do("semctl", id, 0, GETALL), [0]);
    },
  },
];
