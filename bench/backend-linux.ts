/** The running kernel's own calls from JavaScript, through host/linux and koffi. */
import type { Syscalls } from "../host/contract.ts";
import type { Backend } from "./party.ts";
import { systemVParties } from "./system-v.ts";

export async function openLinux(): Promise<Backend> {
  const url = new URL("../host/linux/index.js", import.meta.url).href;
  const library = (await import(url)) as { linux(): Syscalls };
  return { parties: systemVParties(library.linux()), close: async () => {} };
}
