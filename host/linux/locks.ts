/** Record locks, open file description locks and flock(2) of the running kernel. */
import { F_GETLK, F_OFD_GETLK } from "../../assembly/abi/fcntl.ts";
import { FLOCK_LEN, FLOCK_PID, FLOCK_SIZE, FLOCK_START } from "../../assembly/abi/flock.ts";
import { abortSignal, int } from "../arguments.ts";
import { flockOf, lockCommand } from "../arguments-files.ts";
import type { AsyncLockCalls, Flock, FlockCalls } from "../contract-locks.ts";
import { Struct } from "./layout.ts";
import type { Libc } from "./libc.ts";
import type { CallPool } from "./pool.ts";
import { checked } from "./table.ts";

/** A checked fcntl() with a lock, as the C library takes it. */
export interface LockRequest {
  fd: number;
  cmd: number;
  lock: Uint8Array<ArrayBuffer>;
}

/** A checked flock(). */
export interface FlockRequest {
  fd: number;
  operation: number;
}

function flockStruct(value: unknown): Struct {
  const { l_type, l_whence, l_start, l_len, l_pid } = flockOf(value, "fcntl");
  const s = new Struct(FLOCK_SIZE);
  s.setU32(0, (l_type & 0xffff) | (l_whence << 16));
  s.setLong(FLOCK_START, l_start);
  s.setLong(FLOCK_LEN, l_len);
  s.setU32(FLOCK_PID, l_pid);
  return s;
}

function flockFrom(s: Struct): Required<Flock> {
  const words = s.u32(0);
  return {
    l_type: (words << 16) >> 16,
    l_whence: words >> 16,
    l_start: s.long(FLOCK_START),
    l_len: s.long(FLOCK_LEN),
    l_pid: s.i32(FLOCK_PID),
  };
}

/** @returns 0, or a negated errno. */
export function makeLock(libc: Libc, { fd, cmd, lock }: LockRequest): number {
  return libc.fcntlAt(fd, cmd, lock);
}

/** @returns 0, or a negated errno. */
export function makeFlock(libc: Libc, { fd, operation }: FlockRequest): number {
  return libc.flock(fd, operation);
}

/** fcntl() with one of the commands that take a lock. */
export function lockCall(libc: Libc, fd: number, cmd: number, value: unknown): number | Flock {
  const s = flockStruct(value);
  const result = checked(makeLock(libc, { fd, cmd, lock: s.bytes }), "fcntl");
  return cmd === F_GETLK || cmd === F_OFD_GETLK ? flockFrom(s) : result;
}

function flockRequest(fd: unknown, operation: unknown): FlockRequest {
  return { fd: int(fd, "flock", "fd"), operation: int(operation, "flock", "operation") };
}

export function flockCalls(libc: Libc): FlockCalls {
  return {
    flock: (fd, operation) => checked(makeFlock(libc, flockRequest(fd, operation)), "flock") as 0,
  };
}

/** The twins, on the workers of pool.ts. */
export function asyncLockCalls(pool: CallPool): AsyncLockCalls {
  return {
    async fcntl(fd, cmd, lock, options) {
      const id = int(fd, "fcntl", "fd");
      const args = { fd: id, cmd: lockCommand(cmd, "fcntl"), lock: flockStruct(lock).bytes };
      await pool.call({ call: "fcntl", args }, abortSignal(options, "fcntl"));
      return 0;
    },
    async flock(fd, operation, options) {
      const args = flockRequest(fd, operation);
      await pool.call({ call: "flock", args }, abortSignal(options, "flock"));
      return 0;
    },
  };
}
