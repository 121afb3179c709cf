/** The program record: what a spawner leaves in a claimed worker's transfer area. */
import { E2BIG } from "../../assembly/abi/errno.ts";
import { SystemError } from "../../host/errno.ts";
import type { ProgramRecord } from "./protocol.ts";

/** The text follows its length. */
const LENGTH_BYTES = 4;

export function encodeRecord(record: ProgramRecord): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(record));
}

/** @throws {SystemError} E2BIG when the transfer area has no room, as execve(2) says it. */
export function checkRecord(bytes: Uint8Array, transferSize: number): void {
  const room = transferSize - LENGTH_BYTES;
  if (bytes.length <= room) return;
  throw new SystemError(
    E2BIG,
    "spawn",
    `the program's address and arguments take ${bytes.length} bytes, ${room} is the most`,
  );
}

export function writeRecord(buffer: SharedArrayBuffer, at: number, bytes: Uint8Array): void {
  new Int32Array(buffer, at, 1)[0] = bytes.length;
  new Uint8Array(buffer, at + LENGTH_BYTES, bytes.length).set(bytes);
}

export function readRecord(buffer: SharedArrayBuffer, at: number): ProgramRecord {
  const length = new Int32Array(buffer, at, 1)[0]!;
  // A copy: TextDecoder takes no shared memory in a page.
  const bytes = new Uint8Array(buffer, at + LENGTH_BYTES, length).slice();
  return JSON.parse(new TextDecoder().decode(bytes)) as ProgramRecord;
}
