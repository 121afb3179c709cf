/** A Worker of the test's own that attaches itself to the machine whose handle it is given. */
import { parentPort, workerData } from "node:worker_threads";
import type { MachineHandle } from "../../runtime/index.ts";
import { attach, SEM_UNDO } from "../../runtime/index.ts";

const { handle, set } = workerData as { handle: MachineHandle; set: number };
const machine = await attach(handle);
const { sys } = machine;
sys.semop(set, [{ sem_num: 0, sem_op: 1, sem_flg: SEM_UNDO }]);
parentPort!.postMessage(machine.pid);
sys.semop(set, [{ sem_num: 1, sem_op: -1 }]);
await machine.shutdown();
parentPort!.postMessage("left");
