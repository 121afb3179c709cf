/** The volumes of a machine, to the thread that boots: its own, and those that the supervisor serves. */
import type { Remote } from "comlink";
import { host } from "#host";
import { ECANCELED } from "../../assembly/abi/errno.ts";
import { SystemError } from "../../host/errno.ts";
import type { HostWorker } from "../../host/host.ts";
import { lend } from "../enlist.ts";
import { instantiate } from "../instance.ts";
import type { Failure, MachineHandle, SupervisorCalls } from "../process/protocol.ts";
import type { Thread } from "../thread.ts";
import { LocalVolumes } from "./local.ts";
import { MachineTree } from "./tree.ts";
import { DirectoryVolume, type Mount } from "./volume.ts";

export class MachineVolumes {
  readonly #local: LocalVolumes;
  readonly #supervisor: Remote<SupervisorCalls>;
  /** Rejects when nobody will answer any more. */
  readonly #ended: Promise<never>;

  /** `thread` is the booting one, of which a second task acts for process 1, and goes when it does. */
  constructor(
    thread: Thread,
    { module, memory }: Pick<MachineHandle, "module" | "memory">,
    supervisor: Remote<SupervisorCalls>,
    worker: HostWorker,
  ) {
    const serial = thread.kernel.task_serial(thread.main.id);
    const own = lend(instantiate(module, memory), memory, serial, thread.canBlock);
    this.#local = new LocalVolumes(new MachineTree(own));
    this.#supervisor = supervisor;
    this.#ended = worker.ended().then(() => {
      throw new SystemError(ECANCELED, "sync", "the supervisor has ended");
    });
    // Whoever asks is told; nobody has to.
    this.#ended.catch(() => undefined);
  }

  /** @throws {Error} what the disk said, or the machine that has no room for it */
  async mount(mounts: readonly Mount[], uid: number, gid: number): Promise<void> {
    for (const { path, index, source } of mounts) {
      const plan = { path, index, uid, gid, readonly: false };
      if (source instanceof DirectoryVolume) {
        const served = { ...plan, readonly: source.readonly };
        await this.#ask(this.#supervisor.mount(source.path, served));
      } else {
        await this.#local.mount(source, plan);
      }
    }
  }

  /** Writes the booting thread's own volumes back. */
  sync(): Promise<void> {
    return this.#local.sync();
  }

  /** Writes all back, without a call of the process, which may have ended; then the first error is thrown. */
  async syncAll(): Promise<void> {
    const done = [this.#local.sync(), this.#ask(this.#supervisor.sync())];
    for (const result of await Promise.allSettled(done)) {
      if (result.status === "rejected") throw result.reason;
    }
  }

  async #ask(answer: Promise<Failure | undefined>): Promise<void> {
    const letGo = host.keepAlive();
    try {
      const failure = await Promise.race([answer, this.#ended]);
      if (failure !== undefined) throw errorOf(failure);
    } finally {
      letGo();
    }
  }
}

function errorOf({ errno, syscall, message }: Failure): Error {
  if (errno === 0) return new Error(message);
  const error = new SystemError(errno, syscall);
  error.message = message;
  return error;
}
