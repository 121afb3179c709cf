/**
 * What every Syscalls implementation demands of its JavaScript arguments, before any kernel is asked:
 *
 * - A value of the wrong type, or a number that its C type cannot hold, is a TypeError. int, key_t,
 *   pid_t and flags take -2^31 to 2^32-1 (0xffffffff is -1, as in C); unsigned short 0 to 65535;
 *   short -32768 to 32767 (sem_flg to 65535); size_t, long, time_t and addresses any safe integer.
 * - A number of the right type that makes no sense is the kernel's to refuse with its errno: a
 *   negative size_t is a huge one (EINVAL), a semaphore's value of -1 is ERANGE.
 * - A buffer shorter than the call was told is EFAULT: in C the rest would not be accessible.
 *   A longer one is fine.
 */
import { EFAULT, EINVAL } from "../assembly/abi/errno.ts";
import { ROBUST_MUTEX_ALIGN, ROBUST_MUTEX_SIZE } from "../assembly/abi/mutex.ts";
import type {
  Attachment,
  CallOptions,
  IpcPermUpdate,
  Msgbuf,
  RobustMutex,
  Sembuf,
  Timespec,
} from "./contract.ts";
import { SystemError } from "./errno.ts";

const INT_MIN = -0x8000_0000;
const UINT_MAX = 0xffff_ffff;

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  return Array.isArray(value) ? "an array" : "an object";
}

/** @throws {TypeError} that says what was given and what was wanted. */
export function refuse(call: string, name: string, value: unknown, wanted: string): never {
  throw new TypeError(`${call}: ${name} is ${shown(value)}, wanted ${wanted}`);
}

function integer(value: unknown, low: number, high: number, call: string, name: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= low && value <= high) {
    return value;
  }
  return refuse(call, name, value, `an integer from ${low} to ${high}`);
}

/** int, key_t, pid_t, uid_t, flags: a number as the 32-bit integer that C would pass. */
export function int(value: unknown, call: string, name: string): number {
  if (typeof value === "number" && (value | 0) === value) return value;
  return integer(value, INT_MIN, UINT_MAX, call, name) | 0;
}

/** An int that may be left out: `undefined` is 0. */
export function intOr0(value: unknown, call: string, name: string): number {
  return value === undefined ? 0 : int(value, call, name);
}

/** size_t, long and time_t: negative values are the kernel's to refuse. */
export function long(value: unknown, call: string, name: string): number {
  return integer(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, call, name);
}

/**
 * A pointer: null and undefined are 0; an Attachment is its address.
 * @throws {SystemError} EINVAL for a negative number, where no process has anything.
 */
export function address(value: unknown, call: string, name: string): number {
  if (value === undefined || value === null) return 0;
  const at =
    typeof value === "object" && "addr" in value ? (value as { addr: unknown }).addr : value;
  const number = long(at, call, name);
  if (number < 0) throw new SystemError(EINVAL, call, `${name} is ${number}`);
  return number;
}

function unsignedShort(value: unknown, call: string, name: string): number {
  return integer(value, 0, 0xffff, call, name);
}

/** sem_op, l_type, l_whence. */
export function short(value: unknown, call: string, name: string): number {
  return integer(value, -0x8000, 0x7fff, call, name);
}

/** sem_flg: a short, also when written as an unsigned one; `undefined` is 0. */
function shortFlags(value: unknown, call: string, name: string): number {
  return value === undefined ? 0 : integer(value, -0x8000, 0xffff, call, name);
}

/** An array of sembufs as semop() takes it; each element is checked by sembuf(). */
export function sembufs(value: unknown, call: string): readonly Sembuf[] {
  return Array.isArray(value) ? value : refuse(call, "sops", value, "an array of sembufs");
}

/** Checks one sembuf. @returns the same object. */
export function sembuf(value: unknown, call: string): Sembuf {
  if (typeof value !== "object" || value === null) {
    return refuse(call, "a sembuf", value, "an object with sem_num, sem_op and sem_flg");
  }
  const { sem_num, sem_op, sem_flg } = value as Sembuf;
  unsignedShort(sem_num, call, "sem_num");
  short(sem_op, call, "sem_op");
  shortFlags(sem_flg, call, "sem_flg");
  return value as Sembuf;
}

/** semtimedop()'s timeout, or undefined; EINVAL for a bad tv_nsec is the kernel's. */
export function timespec(value: unknown, call: string): Timespec | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object") {
    return refuse(call, "timeout", value, "an object with tv_sec and tv_nsec");
  }
  const { tv_sec, tv_nsec } = value as Timespec;
  return { tv_sec: long(tv_sec, call, "tv_sec"), tv_nsec: long(tv_nsec, call, "tv_nsec") };
}

/** pthread_mutex_timedlock()'s time of day; EINVAL for a bad tv_nsec is for who must wait. */
export function abstime(value: unknown, call: string): Timespec {
  return timespec(value, call) ?? refuse(call, "abstime", value, "an object, see struct timespec");
}

/**
 * Checks where a mutex lies. @returns its offset in the attachment.
 * @throws {SystemError} EINVAL: not aligned, not inside the segment, or that is detached.
 */
export function mutexOffset(value: unknown, call: string): number {
  if (typeof value !== "object" || value === null) {
    return refuse(call, "mutex", value, "an object with attachment and offset");
  }
  const { attachment, offset } = value as RobustMutex;
  if (typeof attachment !== "object" || attachment === null || !("bytes" in attachment)) {
    return refuse(call, "attachment", attachment, "what shmat() returned");
  }
  const at = long(offset, call, "offset");
  const inside = at >= 0 && at <= attachment.size - ROBUST_MUTEX_SIZE;
  if (!inside || at % ROBUST_MUTEX_ALIGN !== 0) {
    const wanted = `a multiple of ${ROBUST_MUTEX_ALIGN}, ${ROBUST_MUTEX_SIZE} bytes inside`;
    throw new SystemError(EINVAL, call, `offset ${at} of ${attachment.size} is not ${wanted}`);
  }
  return at;
}

/** The bytes of a mutex's segment. @throws {SystemError} EINVAL when it is detached. */
export function mutexSegment(attachment: Attachment, call: string): Uint8Array<SharedArrayBuffer> {
  try {
    return attachment.bytes;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    throw new SystemError(error.errno, call, "the segment is detached");
  }
}

/** SETALL's array: values past SEMVMX are the kernel's to refuse with ERANGE. */
export function semValues(value: unknown): Uint16Array {
  if (value instanceof Uint16Array) return value;
  const list = value as ArrayLike<unknown> | null | undefined;
  if (typeof list !== "object" || list === null || typeof list.length !== "number") {
    return refuse("semctl", "array", value, "an array of semaphore values");
  }
  return Uint16Array.from(list, (item) => unsignedShort(item, "semctl", "a semaphore value"));
}

/** SETALL reads `nsems` values. @throws {SystemError} EFAULT when the array holds fewer. */
export function requireValues(count: number, nsems: number): void {
  if (count < nsems) {
    throw new SystemError(EFAULT, "semctl", `array has ${count} values, the set has ${nsems}`);
  }
}

/** msgsnd()'s message and size. @throws {SystemError} EFAULT when mtext is shorter than msgsz. */
export function message(value: unknown, msgsz: unknown, call: string): Msgbuf {
  const { mtype, mtext } = buffer(value, msgsz, call);
  return { mtype: long(mtype, call, "mtype"), mtext };
}

/** msgrcv()'s buffer and its size; the same object, whose mtype may be anything yet. */
export function buffer(value: unknown, msgsz: unknown, call: string): Msgbuf {
  if (typeof value !== "object" || value === null) {
    return refuse(call, "msgp", value, "an object with mtype and mtext");
  }
  const { mtext } = value as Msgbuf;
  if (!(mtext instanceof Uint8Array)) return refuse(call, "mtext", mtext, "a Uint8Array");
  const size = long(msgsz, call, "msgsz");
  if (size > mtext.length) {
    throw new SystemError(EFAULT, call, `mtext has ${mtext.length} bytes, msgsz is ${size}`);
  }
  return value as Msgbuf;
}

/** IPC_SET's structure, such as `{ shm_perm: { mode: 0o600 } }`: the fields that it changes. */
export interface SetUpdate extends IpcPermUpdate {
  /** msg_qbytes, for message queues. */
  qbytes?: number;
}

/** Checks IPC_SET's structure. `field` is "shm_perm", "sem_perm" or "msg_perm". */
export function setUpdate(value: unknown, field: string, call: string): SetUpdate {
  if (typeof value !== "object" || value === null) {
    return refuse(call, "buf", value, `an object with ${field}`);
  }
  const { [field]: perm, msg_qbytes } = value as Record<string, unknown>;
  const update: SetUpdate = {};
  if (field === "msg_perm" && msg_qbytes !== undefined) {
    update.qbytes = long(msg_qbytes, call, "msg_qbytes");
  }
  if (perm === undefined) {
    if (update.qbytes === undefined) refuse(call, field, perm, "an object with uid, gid and mode");
    return update;
  }
  if (typeof perm !== "object" || perm === null) {
    return refuse(call, field, perm, "an object with uid, gid and mode");
  }
  for (const name of ["uid", "gid", "mode"] as const) {
    const given = (perm as IpcPermUpdate)[name];
    if (given !== undefined) update[name] = int(given, call, name);
  }
  return update;
}

/** An asynchronous call's options. @returns the AbortSignal, if there is one. */
export function abortSignal(options: unknown, call: string): AbortSignal | undefined {
  if (options === undefined) return undefined;
  if (typeof options !== "object" || options === null) {
    return refuse(call, "options", options, "an object");
  }
  const { signal } = options as CallOptions;
  if (signal === undefined) return undefined;
  if (!(signal instanceof AbortSignal)) return refuse(call, "signal", signal, "an AbortSignal");
  return signal;
}

/** A path, as ftok() takes it. */
export function path(value: unknown, call: string): string {
  return typeof value === "string" ? value : refuse(call, "path", value, "a string");
}
