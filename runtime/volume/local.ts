/**
 * The volumes of the thread that boots: plain objects, and what has the methods of node:fs. They are
 * copied in at boot, and changed by machine.sync() and at shutdown alone, on that thread.
 */
import type { Disk } from "../../host/volume.ts";
import type { Mirror } from "./mirror.ts";
import { type MountPlan, mount } from "./mount.ts";
import type { MachineTree } from "./tree.ts";

export class LocalVolumes {
  readonly #tree: MachineTree;
  readonly #mirrors: Mirror[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(tree: MachineTree) {
    this.#tree = tree;
  }

  async mount(disk: Disk, plan: MountPlan): Promise<void> {
    this.#mirrors.push(await mount(this.#tree, disk, plan, false));
  }

  /** Writes what has changed back into all of them; then the first error is thrown. */
  sync(): Promise<void> {
    const done = this.#turn.then(async () => {
      const errors: unknown[] = [];
      for (const mirror of this.#mirrors) {
        await mirror.sync(false).catch((error: unknown) => errors.push(error));
      }
      if (errors.length > 0) throw errors[0];
    });
    this.#turn = Promise.allSettled([done]);
    return done;
  }
}
