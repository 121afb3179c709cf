/** A worker of an inner page of pages-page.ts: takes the semaphore, and keeps it. */
import { attach, type MachineHandle, SEM_UNDO } from "../../runtime/index.ts";

addEventListener("message", async (event: MessageEvent<{ handle: MachineHandle; set: number }>) => {
  const { handle, set } = event.data;
  const { sys, pid } = await attach(handle);
  sys.semop(set, [{ sem_num: 0, sem_op: -1, sem_flg: SEM_UNDO }]);
  postMessage(pid);
});
