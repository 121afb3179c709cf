/**
 * `node idle.js machine BUILD` or `node idle.js workers`: prints the resident bytes of a process
 * that holds an idle machine with a pool of four, or four bare workers, once it has come to rest.
 */
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { bootFrom } from "./build-under-test.ts";

const POOL = 4;
/** Workers started in the background settle; a measurement, nothing waits for this in the product. */
const REST_MS = 600;
const BARE = `require("node:worker_threads").parentPort.on("message", () => {});`;

const [, , kind, build = ""] = process.argv;
if (kind === "machine") {
  await bootFrom(build, { pool: POOL });
} else {
  const workers = Array.from({ length: POOL }, () => new Worker(BARE, { eval: true }));
  await Promise.all(workers.map((worker) => once(worker, "online")));
}
await delay(REST_MS);
process.stdout.write(`${process.memoryUsage.rss()}\n`, () => process.exit(0));
