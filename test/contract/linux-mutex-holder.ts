/** A worker, or a process, that locks the mutex of linux-mutex.test.ts and says so. */
import { parentPort, workerData } from "node:worker_threads";
import { linux } from "../../host/linux/index.ts";

const shmid = Number(workerData ?? process.argv[2]);
const sys = await linux();
const attachment = sys.shmat(shmid);
const result = sys.pthread_mutex_lock({ attachment, offset: 0 });
if (parentPort === null) {
  // Ends by itself, and still holds it.
  process.stdout.write(`${result}\n`);
} else {
  parentPort.on("message", () => undefined);
  parentPort.postMessage(result);
}
