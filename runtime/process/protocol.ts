/** Types only: what booter, supervisor and workers say to each other, and what a spawn leaves. */
import type { WorkerSource } from "../../host/host.ts";
import type { MountPlan } from "../volume/mount.ts";

/**
 * What attach() needs to enter a machine from another thread; structured-cloneable, so it can be
 * posted to a Worker of the user's own. Its fields are for attach() only.
 */
export interface MachineHandle {
  readonly abiVersion: number;
  readonly bootId: string;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** How the host's threads reach the supervisor. */
  readonly supervisor: unknown;
  /** What the address of a program is relative to. */
  readonly base: string;
  readonly poolWaitMs: number;
  /** Workers that are kept ready. */
  readonly pool: number;
  /** The code of the programs of /bin: its bytes, or where it is; undefined: there are none. */
  readonly programs: SharedArrayBuffer | string | undefined;
  readonly uid: number;
  readonly gid: number;
}

/** What the booter tells its supervisor. */
export interface SupervisorInit {
  handle: Omit<MachineHandle, "supervisor">;
  /** The booter's own thread, with which the supervisor ends as well. */
  booter: number;
  pool: number;
  worker: WorkerSource;
}

/** An error on its way to another thread, where Comlink leaves its message alone; errno 0 for none. */
export interface Failure {
  errno: number;
  syscall: string;
  message: string;
}

/** The supervisor, to the booter. */
export interface SupervisorCalls {
  /** Resolves when the pool is filled, with the address for MachineHandle.supervisor. */
  start(init: SupervisorInit): Promise<unknown>;
  /** Mounts a directory of the host. */
  mount(path: string, plan: MountPlan): Promise<Failure | undefined>;
  /** Carries everything that was written to the disks. */
  sync(): Promise<Failure | undefined>;
  /** Ends every worker; resolves when they have ended. */
  stop(): Promise<void>;
}

/** A worker, to the supervisor. */
export interface WorkerCalls {
  /** Resolves when this worker's end can be heard. */
  announce(): Promise<void>;
  /** Joins the pool as the thread `serial`. */
  prepare(handle: MachineHandle, serial: number): Promise<void>;
}

/** What a program is: a module at an address, one of /bin, or a module in the machine's own tree. */
export type ProgramImage = { url: string } | { builtin: string } | { file: string };

/** What the spawner leaves for the child, see record.ts. */
export interface ProgramRecord {
  image: ProgramImage;
  /** What ps(1) calls it. */
  name: string;
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Whether its system calls are printed. */
  strace?: boolean;
}
