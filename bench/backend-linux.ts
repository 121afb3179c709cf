/** The running kernel's own calls from JavaScript, through host/linux and koffi. */
import { linux } from "../host/linux/index.ts";
import { fileParties } from "./files.ts";
import type { Backend } from "./party.ts";
import { pipeParties } from "./pipes.ts";
import { systemVParties } from "./system-v.ts";

export async function openLinux(): Promise<Backend> {
  const sys = await linux();
  const files = fileParties(sys, `/dev/shm/wasm-ipc-bench-${process.pid}`);
  const parties = { ...systemVParties(sys), ...pipeParties(sys), ...files };
  return { parties, close: async () => {} };
}
