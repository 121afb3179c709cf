/** Whether a lock on a file keeps another one from being taken, as the kernel decides it in record.ts. */
import type { FileLock } from "./types.ts";

export function conflicts(wanted: FileLock, held: FileLock): boolean {
  if (wanted.file !== held.file) return false;
  if (wanted.kind === held.kind && wanted.owner === held.owner) return false;
  if ((wanted.kind === "flock") !== (held.kind === "flock")) return false;
  if (wanted.type === "read" && held.type === "read") return false;
  return reaches(wanted, held.start) && reaches(held, wanted.start);
}

/** Whether a lock does not end before a byte. */
function reaches({ end }: FileLock, byte: number): boolean {
  return end === null || end >= byte;
}
