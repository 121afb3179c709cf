/** Brings a volume into the machine, while boot() is the only one there. */
import { DEV_VOLUME, VOLUME_READONLY, VOLUME_SERVED } from "../../assembly/abi/volume.ts";
import { errnoOf, SystemError } from "../../host/errno.ts";
import type { Awaitable, Disk } from "../../host/volume.ts";
import { Mirror } from "./mirror.ts";
import { makeWay, type Seeding, seed } from "./seed.ts";
import type { MachineTree } from "./tree.ts";

/** A volume to be mounted. */
export interface MountPlan extends Omit<Seeding, "lazy"> {
  index: number;
  readonly: boolean;
}

/**
 * @param served whether the supervisor carries what is written, and loads what is opened
 * @throws {SystemError} what the disk said, or the machine that has no room for it
 */
export async function mount(
  tree: MachineTree,
  source: Awaitable<Disk>,
  plan: MountPlan,
  served: boolean,
): Promise<Mirror> {
  const { path, index, readonly } = plan;
  try {
    const disk = await source;
    const mirror = new Mirror(tree, disk, DEV_VOLUME + index);
    await makeWay(tree, path);
    const root = await tree.mount(path, index);
    await seed(tree, disk, { ...plan, lazy: served });
    await mirror.adopt(root);
    await tree.ready(index, (served ? VOLUME_SERVED : 0) | (readonly ? VOLUME_READONLY : 0));
    return mirror;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const text = `boot: the volume at ${path} cannot be mounted: ${why}`;
    if (!(cause instanceof Error) || !("code" in cause)) throw new Error(text, { cause });
    const error = new SystemError(errnoOf(cause), "mount");
    error.message = text;
    throw error;
  }
}
