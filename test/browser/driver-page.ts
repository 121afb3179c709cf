/** Page entries of driver.test.ts: what a page needs of its browser before anything else can work. */
import type { Page } from "../support/browser-page.ts";

export async function run(page: Page) {
  await page.progress("half way");
  const word = new Int32Array(new SharedArrayBuffer(4));
  const wait = Atomics.waitAsync(word, 0, 0);
  const worker = new Worker("/notifier.js", { type: "module" });
  worker.postMessage(word);
  const woken = await wait.value;
  worker.terminate();
  return {
    crossOriginIsolated,
    sharedMemory: new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer
      .constructor.name,
    waitAsync: woken,
  };
}
