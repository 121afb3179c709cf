/** What a child has otherwise than its parent, from the options of spawn() to the kernel's structure. */
import { E2BIG, EPERM } from "../../assembly/abi/errno.ts";
import { NGROUPS_MAX, PATH_MAX } from "../../assembly/abi/limits.ts";
import * as abi from "../../assembly/abi/spawn.ts";
import { int } from "../../host/arguments.ts";
import { pathname } from "../../host/arguments-files.ts";
import { signalSet } from "../../host/arguments-signal.ts";
import type { Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import { putSecondPath } from "../paths.ts";
import { signalMask } from "../syscalls/signal.ts";
import type { Thread } from "../thread.ts";

/** Options of spawn() that the kernel itself knows; what is left out is the parent's. */
export interface AttributeOptions {
  uid?: number;
  gid?: number;
  /** Supplementary groups, 32 at most; only root may set them. */
  groups?: readonly number[];
  /** The directory that it begins in, relative to that of this process. */
  cwd?: string;
  /** Bits that are taken from the modes of the files that it makes, 0 to 0o777. */
  umask?: number;
  /** Its process group: one of this session, or 0 for a new one of its own pid. */
  pgroup?: number;
  /** Whether it leads a new session, and in it a new process group. */
  session?: boolean;
  /** The signals that it begins with blocked. */
  sigmask?: readonly number[];
  /** Signals that it does not ignore, even when this process does. */
  sigdefault?: readonly number[];
}

/** Checked attributes: the fields of the structure, and what stands behind it. */
export class Attributes {
  readonly #fields = new Map<number, number>();
  readonly #groups: readonly number[];
  readonly #pairs: readonly number[];
  readonly #cwd: string | undefined;
  #flags = 0;

  /**
   * @param pairs the child's descriptor and the parent's, or -1, by turns
   * @throws {TypeError, RangeError} an option of another type or out of its range
   * @throws {SystemError} EPERM groups, and not root; E2BIG no room; EINVAL no such signal
   */
  constructor(thread: Thread, sys: Syscalls, options: AttributeOptions, pairs: readonly number[]) {
    const { uid, gid, groups, cwd, umask, pgroup, session, sigmask, sigdefault } = options;
    this.#groups = groups?.map((group) => int(group, "spawn", "a group")) ?? [];
    this.#pairs = pairs;
    this.#cwd = cwd === undefined ? undefined : pathname(cwd, "spawn");
    if (this.#groups.length > NGROUPS_MAX) {
      throw new RangeError(`spawn: ${this.#groups.length} groups, ${NGROUPS_MAX} is the most`);
    }
    if (groups !== undefined && sys.geteuid() !== 0) throw new SystemError(EPERM, "spawn");
    const number = (name: string, value: number) => int(value, "spawn", name);
    const signals = (name: string, set: readonly number[]) =>
      signalMask(signalSet(set, "spawn", name), "spawn");
    if (uid !== undefined) this.#set(abi.SPAWN_SETUID, abi.SPAWN_UID, number("uid", uid));
    if (gid !== undefined) this.#set(abi.SPAWN_SETGID, abi.SPAWN_GID, number("gid", gid));
    if (groups !== undefined) this.#set(abi.SPAWN_SETGROUPS, abi.SPAWN_GROUPS, groups.length);
    if (pairs.length > 0) this.#set(abi.SPAWN_SETFDS, abi.SPAWN_FDS, pairs.length / 2);
    if (umask !== undefined) this.#set(abi.SPAWN_SETUMASK, abi.SPAWN_UMASK, umaskOf(umask));
    if (pgroup !== undefined) {
      this.#set(abi.SPAWN_SETPGROUP, abi.SPAWN_PGROUP, number("pgroup", pgroup));
    }
    if (session === true) this.#flags |= abi.SPAWN_SETSID;
    if (sigmask !== undefined) {
      this.#set(abi.SPAWN_SETSIGMASK, abi.SPAWN_SIGMASK, signals("sigmask", sigmask));
    }
    if (sigdefault !== undefined) {
      this.#set(abi.SPAWN_SETSIGDEF, abi.SPAWN_SIGDEF, signals("sigdefault", sigdefault));
    }
    // A path stands behind the words.
    const room = cwd === undefined ? thread.transferSize : PATH_MAX;
    const words = this.#groups.length + pairs.length;
    if (abi.SPAWN_SIZE + words * 4 > room) throw new SystemError(E2BIG, "spawn", "stdio");
  }

  #set(flag: number, field: number, value: number): void {
    this.#flags |= flag;
    this.#fields.set(field, value);
  }

  /** Writes it where sys_spawn() finds it. @returns its flags */
  write(thread: Thread): number {
    const at = thread.transfer >> 2;
    for (const [field, value] of this.#fields) thread.i32[at + (field >> 2)] = value;
    thread.i32.set([...this.#groups, ...this.#pairs], at + (abi.SPAWN_SIZE >> 2));
    if (this.#cwd === undefined) return this.#flags;
    thread.i32[at + (abi.SPAWN_CWD >> 2)] = putSecondPath(thread, this.#cwd);
    return this.#flags | abi.SPAWN_SETCWD;
  }
}

function umaskOf(value: unknown): number {
  const mask = int(value, "spawn", "umask");
  if (mask >= 0 && mask <= 0o777) return mask;
  throw new RangeError(`spawn: the umask is ${mask}, it must be from 0 to 0o777`);
}
