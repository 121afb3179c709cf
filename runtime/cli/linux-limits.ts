/**
 * The limits of the running Linux kernel as `ipcs -l` wants them: SHMMAX and SHMALL are near 2^64
 * by default, which the numbers of `Syscalls` can only round (proc_sys_kernel(5)).
 */
import { readFileSync } from "node:fs";
import { endianness } from "node:os";
import type { ExactLimits } from "../ipcs/section.ts";

function readLimit(name: string): bigint {
  return BigInt(readFileSync(`/proc/sys/kernel/${name}`, "utf8").trim());
}

export function linuxLimits(): ExactLimits {
  return { shmmax: readLimit("shmmax"), shmall: readLimit("shmall") };
}

/** The entry of the auxiliary vector with the page size, getauxval(3). */
const AT_PAGESZ = 6n;

/** What getpagesize(2) tells: /proc/self/auxv is pairs of 64-bit words. */
export function linuxPageSize(): number {
  const words = readFileSync("/proc/self/auxv");
  const read = (at: number) =>
    endianness() === "LE" ? words.readBigUInt64LE(at) : words.readBigUInt64BE(at);
  for (let at = 0; at + 16 <= words.length; at += 16) {
    if (read(at) === AT_PAGESZ) return Number(read(at + 8));
  }
  throw new Error("/proc/self/auxv: no AT_PAGESZ");
}
