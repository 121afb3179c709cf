/** SystemError: how every Syscalls implementation reports a failure; errno names and texts. */
import * as errno from "../assembly/abi/errno.ts";

/** errno number to its name, "EAGAIN", made from the one list in assembly/abi/errno.ts. */
const NAMES = new Map<number, string>(Object.entries(errno).map(([name, value]) => [value, name]));

/** The texts of strerror(3) for the errors that this package can report. */
const TEXTS: Readonly<Record<string, string>> = {
  EPERM: "Operation not permitted",
  ENOENT: "No such file or directory",
  ESRCH: "No such process",
  EINTR: "Interrupted system call",
  EIO: "Input/output error",
  ENXIO: "No such device or address",
  E2BIG: "Argument list too long",
  ENOEXEC: "Exec format error",
  EBADF: "Bad file descriptor",
  ECHILD: "No child processes",
  EAGAIN: "Resource temporarily unavailable",
  ENOMEM: "Cannot allocate memory",
  EACCES: "Permission denied",
  EFAULT: "Bad address",
  EBUSY: "Device or resource busy",
  EEXIST: "File exists",
  EXDEV: "Invalid cross-device link",
  ENODEV: "No such device",
  ENOTDIR: "Not a directory",
  EISDIR: "Is a directory",
  EINVAL: "Invalid argument",
  ENFILE: "Too many open files in system",
  EMFILE: "Too many open files",
  ENOTTY: "Inappropriate ioctl for device",
  ETXTBSY: "Text file busy",
  EFBIG: "File too large",
  ENOSPC: "No space left on device",
  ESPIPE: "Illegal seek",
  EROFS: "Read-only file system",
  EMLINK: "Too many links",
  EPIPE: "Broken pipe",
  ERANGE: "Numerical result out of range",
  EDEADLK: "Resource deadlock avoided",
  ENAMETOOLONG: "File name too long",
  ENOLCK: "No locks available",
  ENOSYS: "Function not implemented",
  ENOTEMPTY: "Directory not empty",
  ELOOP: "Too many levels of symbolic links",
  ENOMSG: "No message of desired type",
  EIDRM: "Identifier removed",
  EOVERFLOW: "Value too large for defined data type",
  EOPNOTSUPP: "Operation not supported",
  ETIMEDOUT: "Connection timed out",
  ECANCELED: "Operation canceled",
  EOWNERDEAD: "Owner died",
  ENOTRECOVERABLE: "State not recoverable",
};

/** The name of an errno: `errnoName(11)` is "EAGAIN"; an unknown number is "E" and the number. */
export function errnoName(number: number): string {
  return NAMES.get(number) ?? `E${number}`;
}

/** The text of strerror(3): `errnoText(11)` is "Resource temporarily unavailable". */
export function errnoText(number: number): string {
  return TEXTS[errnoName(number)] ?? "Unknown error";
}

/** Marks a SystemError of any copy of this module: a program's own, and that of its worker's code. */
const BRAND = Symbol.for("wasm-ipc.SystemError");

/**
 * A failed system call; `instanceof` knows it whichever copy of the package threw it. Where a call was told not to wait, EAGAIN and ENOMSG are answers rather than
 * accidents, and a loop asks often: those have no stack trace (0.6 us instead of 3 on Node).
 */
export class SystemError extends Error {
  static override [Symbol.hasInstance](value: unknown): value is SystemError {
    return typeof value === "object" && value !== null && BRAND in value;
  }

  override readonly name = "SystemError";
  /** The positive Linux errno. */
  readonly errno: number;
  /** Its name, such as "EIDRM". */
  readonly code: string;
  /** The call that failed, such as "semop". */
  readonly syscall: string;

  constructor(number: number, syscall: string, detail?: string) {
    const code = errnoName(number);
    const text = `${syscall}: ${errnoText(number)} (${code})`;
    const limit = Error.stackTraceLimit;
    const answer = (number === errno.EAGAIN || number === errno.ENOMSG) && detail === undefined;
    if (answer && limit !== undefined) Error.stackTraceLimit = 0;
    super(detail === undefined ? text : `${text}: ${detail}`);
    if (answer && limit !== undefined) Error.stackTraceLimit = limit;
    this.errno = number;
    this.code = code;
    this.syscall = syscall;
  }
}

Object.defineProperty(SystemError.prototype, BRAND, { value: true });

/** The errno of what a file system has thrown, by its `code`; EIO for what has none of ours. */
export function errnoOf(error: unknown): number {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : "";
  const number = (errno as Record<string, number>)[String(code)];
  return number === undefined || number >= errno.EHOST ? errno.EIO : number;
}
