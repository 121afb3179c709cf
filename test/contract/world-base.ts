/**
 * What both worlds do: keep processes for the next row by their credentials, and leave no object
 * behind. A row gets each process once.
 */
import { IPC_INFO, IPC_RMID } from "../../assembly/abi/ipc.ts";
import { MSG_INFO, MSG_STAT_ANY } from "../../assembly/abi/msg.ts";
import { SEM_INFO, SEM_STAT_ANY } from "../../assembly/abi/sem.ts";
import { SHM_INFO, SHM_STAT_ANY } from "../../assembly/abi/shm.ts";
import { SIGKILL } from "../../assembly/abi/signal.ts";
import type { ProcBase } from "./proc-base.ts";
import type { Backend, Limits, Proc, ProcOptions, World } from "./row.ts";
import { StepError } from "./wire.ts";

export abstract class WorldBase<P extends ProcBase> implements World {
  abstract readonly backend: Backend;
  readonly #idle = new Map<string, P[]>();
  readonly #used: { proc: P; credentials: string }[] = [];
  readonly #folders: string[] = [];
  #folderCount = 0;

  /** Where the rows' directories are made. */
  protected abstract readonly base: string;
  protected abstract startProc(options: ProcOptions): Promise<P>;
  /** Calls `run` with a world whose machine has these limits. */
  abstract withLimits(limits: Limits, run: (world: World) => Promise<void>): Promise<void>;
  protected abstract close(): Promise<void>;
  /** Looks for damage after a row. */
  protected async check(): Promise<void> {}

  /** A property, because rows take it out of the world. */
  readonly proc = async (options: ProcOptions = {}): Promise<Proc> => {
    const { parent, fresh = false } = options;
    const credentials = credentialsOf(options);
    const isNew = fresh || parent !== undefined;
    const proc =
      (isNew ? undefined : this.#idle.get(credentials)?.pop()) ?? (await this.startProc(options));
    proc.dirty = isNew;
    this.#used.push({ proc, credentials });
    return proc;
  };

  readonly folder = async (): Promise<string> => {
    const root = await this.proc();
    const path = `${this.base}/${++this.#folderCount}`;
    this.#folders.push(path);
    await root.do("mkdir", path, 0o777);
    await root.do("chmod", path, 0o777);
    return path;
  };

  /** After a row: every object is removed, processes are kept or ended. */
  async tidy(): Promise<void> {
    for (const { proc, credentials } of this.#used.splice(0)) {
      if (!proc.alive) continue;
      if (proc.dirty || proc.pending > 0) {
        await end(proc);
        continue;
      }
      await proc.do("reset");
      this.#keep(proc, credentials);
    }
    const root = (await this.proc()) as P;
    for (const path of this.#folders.splice(0)) await root.do("removeTree", path);
    await removeAll(root, "shmctl", SHM_INFO, SHM_STAT_ANY);
    await removeAll(root, "semctl", SEM_INFO, SEM_STAT_ANY);
    await removeAll(root, "msgctl", MSG_INFO, MSG_STAT_ANY);
    this.#used.length = 0;
    this.#keep(root, credentialsOf({}));
    await this.check();
  }

  #keep(proc: P, credentials: string): void {
    this.#idle.set(credentials, [...(this.#idle.get(credentials) ?? []), proc]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const used = this.#used.map(({ proc }) => proc);
    for (const proc of [...used, ...this.#idle.values()].flat()) {
      if (!proc.alive) continue;
      await end(proc);
    }
    await this.close();
  }
}

/** Ends a process that may be gone already, when another one is its parent. */
async function end(proc: ProcBase): Promise<void> {
  await proc.kill(SIGKILL).catch((error: { code?: string }) => {
    if (error.code !== "ESRCH") throw error;
  });
  await proc.ended();
}

function credentialsOf({ uid = 0, gid = 0, groups = [] }: ProcOptions): string {
  return JSON.stringify([uid, gid, groups]);
}

async function removeAll(root: Proc, call: string, info: number, statAny: number): Promise<void> {
  const num = call === "semctl" ? [0] : [];
  const { index } = await root.do<{ index: number }>(call, 0, ...num, IPC_INFO);
  const used = await root.do<{ index: number }>(call, 0, ...num, info);
  for (let slot = 0; slot <= Math.max(index, used.index); slot++) {
    try {
      const { id } = await root.do<{ id: number }>(call, slot, ...num, statAny);
      await root.do(call, id, ...num, IPC_RMID);
    } catch (error) {
      // An empty slot, or a segment that is removed and only waits for its last detach.
      if (!(error instanceof StepError) || error.code !== "EINVAL") throw error;
    }
  }
}
