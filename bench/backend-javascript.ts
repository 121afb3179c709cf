/** What one thread has without us: an Atomics semaphore, async-mutex, new Worker. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { Semaphore } from "async-mutex";
import { atomicsPair } from "./atomics.ts";
import { type Backend, nowNs } from "./party.ts";

async function asyncMutexPair(n: number): Promise<number> {
  const semaphore = new Semaphore(1);
  const start = nowNs();
  for (let i = 0; i < n; i++) {
    const [, release] = await semaphore.acquire();
    release();
  }
  const ns = nowNs() - start;
  if (semaphore.getValue() !== 1) throw new Error("the semaphore lost count");
  return ns;
}

/** From `new Worker` to the first instruction of a module that imports one built-in module. */
async function newWorkerFirst(n: number): Promise<number> {
  let ns = 0;
  for (let i = 0; i < n; i++) {
    const start = process.hrtime.bigint();
    const worker = new Worker(new URL("./worker-first.js", import.meta.url));
    const exit = once(worker, "exit");
    const [first] = (await once(worker, "message")) as [bigint];
    ns += Number(first - start);
    await exit;
  }
  return ns;
}

async function newWorkerWait(n: number): Promise<number> {
  const start = nowNs();
  for (let i = 0; i < n; i++) {
    await once(new Worker(new URL("./worker-first.js", import.meta.url)), "exit");
  }
  return nowNs() - start;
}

export async function openJavascript(): Promise<Backend> {
  return {
    parties: {
      "atomics-pair": atomicsPair,
      "async-mutex-pair": asyncMutexPair,
      "new-worker-first": newWorkerFirst,
      "new-worker-wait": newWorkerWait,
    },
    close: async () => {},
  };
}
