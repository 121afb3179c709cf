/**
 * What the three kinds of System V objects have in common here: the result of a call, and the
 * structure as it is before IPC_SET changes some of its fields.
 */
import { EACCES } from "../../assembly/abi/errno.ts";
import { IPC_STAT } from "../../assembly/abi/ipc.ts";
import { SystemError } from "../errno.ts";
import { Struct } from "./layout.ts";

/** Slots of the kernel's tables: 2^15, or 2^24 when booted with ipcmni_extend; see ipc/util.h. */
const TABLE_SIZES = [1 << 15, 1 << 24];

/** @returns the result. @throws {SystemError} when it is a negated errno. */
export function checked(result: number, syscall: string): number {
  if (result < 0) throw new SystemError(-result, syscall);
  return result;
}

/**
 * The object's structure, also when its owner may not read it: *_STAT_ANY asks for no permission,
 * but takes the slot's number, which is the id's low part.
 * @param stat the kind's *ctl() with this id or slot, command and structure
 */
export function statAny(
  id: number,
  syscall: string,
  commandAny: number,
  stat: (idOrIndex: number, cmd: number, s: Struct) => number,
): Struct {
  const s = new Struct();
  const result = stat(id, IPC_STAT, s);
  if (result >= 0) return s;
  if (result === -EACCES) {
    for (const size of TABLE_SIZES) {
      if (stat(id % size, commandAny, s) === id) return s;
    }
  }
  throw new SystemError(-result, syscall);
}
