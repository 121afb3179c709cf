/**
 * A user's page, as text: it starts two processes that count under a semaphore. Each bundler is
 * given it in the way that its users write it.
 */

import type { BuildOptions } from "esbuild";

/** The program that runs in the workers; it needs the package itself, so it is bundled too. */
export const PROGRAM = `
import { Semaphore, SharedMemory } from "wasm-ipc";

export async function main(sys, [, memoryId, mutexId]) {
  const cell = SharedMemory.open(sys, { id: Number(memoryId) }).view(Int32Array);
  const mutex = Semaphore.open(sys, { id: Number(mutexId) });
  for (let n = 0; n < 500; n += 1) {
    mutex.acquire();
    cell[0] += 1;
    mutex.release();
  }
}
`;

/** The same without an import: what it needs, it is given. A bundler may copy it as it is. */
export const PLAIN_PROGRAM = `
export function main(sys, [, memoryId, mutexId]) {
  const { bytes } = sys.shmat(Number(memoryId));
  const cell = new Int32Array(bytes.buffer, bytes.byteOffset, 1);
  for (let n = 0; n < 500; n += 1) {
    sys.semop(Number(mutexId), [{ sem_num: 0, sem_op: -1 }]);
    cell[0] += 1;
    sys.semop(Number(mutexId), [{ sem_num: 0, sem_op: 1 }]);
  }
}
`;

/** @param programs - an expression: a list of addresses. */
const page = (programs: string) => `
import { boot, ipcs, Semaphore, SharedMemory } from "wasm-ipc";

try {
  const machine = await boot();
  const memory = SharedMemory.create(machine.sys, { size: 4096 });
  const mutex = Semaphore.create(machine.sys);
  const args = [String(memory.id), String(mutex.id)];
  const programs = ${programs};
  const children = await Promise.all(programs.map((program) => machine.spawn(program, args)));
  const codes = await Promise.all(children.map(async (child) => (await child.wait()).code));
  const total = memory.view(Int32Array)[0];
  memory[Symbol.dispose]();
  mutex[Symbol.dispose]();
  const left = ipcs(machine.sys, { kinds: ["shm"], format: "summary" });
  await machine.shutdown();
  document.body.dataset.result = JSON.stringify({ codes, total, left });
} catch (error) {
  document.body.dataset.result = JSON.stringify(String(error));
}
`;

export const HTML = (script: string) =>
  `<!doctype html><title>App</title><link rel="icon" href="data:,"><body><script type="module" src="${script}"></script>`;

/** For esbuild a program is an entry of its own. */
export const ESBUILD_OPTIONS: BuildOptions = {
  entryPoints: ["src/page.js", "src/program.js", "src/plain.js"],
  outdir: "site/esbuild",
  bundle: true,
  format: "esm",
  splitting: true,
  minify: true,
  target: "es2022",
};
export const ESBUILD_PAGE = page(
  `["program.js", "plain.js"].map((name) => new URL(name, import.meta.url))`,
);

/**
 * For Vite too, with a name that does not change, beside the page's own chunk; and Vite has to be
 * told to leave an entry's exports in, which it never does for a worker. It copies a program without
 * imports as an asset.
 */
export const VITE_CONFIG = `
export default {
  base: "./",
  root: "vite",
  logLevel: "warn",
  build: {
    outDir: "../site/vite",
    emptyOutDir: true,
    target: "es2022",
    rolldownOptions: {
      input: ["vite/index.html", "vite/program.js"],
      preserveEntrySignatures: "strict",
      output: { entryFileNames: "assets/[name].js" },
    },
  },
};
`;
export const VITE_PAGE = page(`[
    new URL(/* @vite-ignore */ "./program.js", import.meta.url),
    new URL("./plain.js", import.meta.url),
  ]`);
