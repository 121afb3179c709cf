/** Attaches itself again and again, until it is terminated, wherever it is. */
import { workerData } from "node:worker_threads";
import { attach, type MachineHandle, SEM_UNDO } from "../../runtime/index.ts";
import { op } from "./runtime-support.ts";

const { handle, set, word } = workerData as {
  handle: MachineHandle;
  set: number;
  word: Int32Array;
};
for (;;) {
  Atomics.add(word, 0, 1);
  Atomics.notify(word, 0);
  const machine = await attach(handle);
  machine.sys.semop(set, op(0, 1, SEM_UNDO));
  await machine.shutdown();
}
