/** The running kernel's own calls from JavaScript, through host/linux and koffi. */
import { linux } from "../host/linux/index.ts";
import type { Backend } from "./party.ts";
import { pipeParties } from "./pipes.ts";
import { systemVParties } from "./system-v.ts";

export async function openLinux(): Promise<Backend> {
  const sys = await linux();
  return { parties: { ...systemVParties(sys), ...pipeParties(sys) }, close: async () => {} };
}
