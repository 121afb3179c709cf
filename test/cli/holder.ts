/** Makes the objects, waits on two semaphores, says so, and holds it all until stdin ends. */
import { text } from "node:stream/consumers";
import { GETNCNT, GETZCNT } from "../../assembly/abi/sem.ts";
import { linux } from "../../host/linux/index.ts";
import { makeObjects } from "./objects.ts";

/** The first semaphore set of a namespace. */
const SET = 0;

const sys = await linux();
makeObjects(sys);
const controller = new AbortController();
const { signal } = controller;
const waiting = [
  sys.async.semop(SET, [{ sem_num: 0, sem_op: -1 }], { signal }),
  sys.async.semop(SET, [{ sem_num: 1, sem_op: 0 }], { signal }),
];
while (sys.semctl(SET, 0, GETNCNT) !== 1 || sys.semctl(SET, 1, GETZCNT) !== 1) {
  await new Promise((resolve) => setImmediate(resolve));
}
process.stdout.write("ready\n");
await text(process.stdin);
controller.abort();
await Promise.allSettled(waiting);
