/**
 * What a contract case is, and what it is given. A row knows nothing of its backend: it asks for
 * processes and has them make calls. No test runner and no Node here: rows also run in a page.
 */

export type Backend = "linux" | "node" | "chromium" | "firefox";
export const BACKENDS: readonly Backend[] = ["linux", "node", "chromium", "firefox"];

/**
 * Limits that a row may lower: on our kernel options of boot(), on Linux those of /proc/sys/kernel;
 * FILE_MAX makes the table of open files full there for all but root; OPEN_MAX is the RLIMIT_NOFILE of
 * processes that the row asks for as fresh ones; FILE_PAGES and INODES are the rows' own tmpfs's.
 */
export type LimitName =
  | "SHMMNI"
  | "SHMMAX"
  | "SHMALL"
  | "SEMMNI"
  | "SEMMSL"
  | "SEMMNS"
  | "SEMOPM"
  | "MSGMNI"
  | "MSGMAX"
  | "MSGMNB"
  | "OPEN_MAX"
  | "FILE_MAX"
  | "FILE_PAGES"
  | "INODES";
/** Limits that Linux does not have, for rows that are kernel-only. */
export type KernelLimitName = "SHMSEG" | "SEMMNU" | "MSGSEG" | "PROC_MAX" | "TASK_MAX" | "LOCK_MAX";
export type Limits = Partial<Record<LimitName | KernelLimitName, number>>;

export interface ProcOptions {
  /** 0 when left out. */
  uid?: number;
  gid?: number;
  groups?: readonly number[];
  /** The process that starts it, so that it can wait for it. */
  parent?: Proc;
  /** A process that has done nothing yet, and that no other row gets. */
  fresh?: boolean;
}

/** A process: on Linux a child process, on our kernel a worker. */
export interface Proc {
  readonly pid: number;
  /**
   * Makes a step (steps.ts), mostly a system call by its name.
   * @returns its result. @throws {StepError} what it threw there
   */
  do<T = number>(step: string, ...args: unknown[]): Promise<T>;
  /** The same, for a call that will sleep. Its rejection need not be handled. */
  start<T = number>(step: string, ...args: unknown[]): Promise<T>;
  /**
   * Resolves when `count` of its started calls sleep in the kernel.
   * @throws {Error} when one has returned instead
   */
  asleep(count?: number): Promise<void>;
  /** Ends it with an exit code; resolves when it has ended. */
  exit(code?: number): Promise<void>;
  /** Sends it a signal, as root. */
  kill(signal: number): Promise<void>;
  /** Resolves when it has ended, however. */
  ended(): Promise<void>;
}

export interface World {
  readonly backend: Backend;
  readonly proc: (options?: ProcOptions) => Promise<Proc>;
  /** The path of a new directory that everybody may write to; it goes with the row. */
  readonly folder: () => Promise<string>;
}

export interface Row {
  /** The call that is tested, such as "semop". */
  call: string;
  /** The errno that it shows, when it shows one. */
  errno?: string;
  /** A sentence that begins with the call. */
  name: string;
  /** Why Linux cannot run this row: it is kernel-only. */
  linux?: string;
  /** Why our kernel cannot run this row. */
  kernel?: string;
  /** Why a page cannot run this row. */
  page?: string;
  /** Limits of the machine that the row runs on. */
  limits?: Limits;
  run(world: World): Promise<void>;
}

/** A call's errors in the manual; documented.ts. */
export interface DocumentedCall {
  call: string;
  /** Each must have a row. */
  errnos: readonly string[];
  /** Documented, but out of reach. */
  unreachable?: Readonly<Record<string, string>>;
}

/** As sigaction()'s disposition: a handler that notes the signal for the step "signals". */
export const HANDLER = (): void => undefined;

/** Users of the permission rows; DAVE is in ALICE's group by a supplementary group only. */
export const ALICE = { uid: 1001, gid: 1001 };
export const BOB = { uid: 1002, gid: 1002 };
export const CAROL = { uid: 1003, gid: 1001 };
export const DAVE = { uid: 1004, gid: 1004, groups: [1001] };

type Extra = Pick<Row, "linux" | "kernel" | "page" | "limits">;

/** A row whose sentence says the call and, after "returns", the errno. */
export function row(name: string, run: Row["run"], extra: Extra = {}): Row {
  const [, call, errno] = /^(\w+)\(\)(?: returns (E[A-Z0-9]+))?/.exec(name)!;
  return { call: call!, ...(errno !== undefined && { errno }), name, ...extra, run };
}

/** Why a backend does not run a row, if it does not. */
export function exclusion({ linux, kernel, page }: Row, backend: Backend): string | undefined {
  if (backend === "linux") return linux;
  return kernel ?? (backend === "node" ? undefined : page);
}
