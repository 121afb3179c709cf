/** A worker that tells when it ran its first instruction, then ends. */
import { parentPort } from "node:worker_threads";

parentPort?.postMessage(process.hrtime.bigint());
