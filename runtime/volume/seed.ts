/** What is on a disk comes into the machine, at boot: names and attributes, and contents unless they wait. */
import type { Disk, DiskEntry } from "../../host/volume.ts";
import type { MachineTree } from "./tree.ts";

/** How files come in. */
export interface Seeding {
  /** Where the volume is mounted. */
  path: string;
  /** Whether contents stay on the disk until somebody opens the file. */
  lazy: boolean;
  /** Whose everything on the volume is. */
  uid: number;
  gid: number;
}

/** A path below a directory. */
export function below(dir: string, name: string): string {
  return dir === "/" ? `/${name}` : `${dir}/${name}`;
}

/** Makes every directory on the way to a mount point. */
export async function makeWay(tree: MachineTree, path: string): Promise<void> {
  let way = "";
  for (const name of path.split("/").filter((part) => part !== "")) {
    way += `/${name}`;
    await tree.mkdir(way, 0o755);
  }
}

/** Fills the machine's directory, which is mounted and empty. */
export async function seed(tree: MachineTree, disk: Disk, seeding: Seeding): Promise<void> {
  const { path, uid, gid } = seeding;
  const owned = uid !== 0 || gid !== 0;
  if (owned) await tree.chown(path, uid, gid);
  const left = ["/"];
  for (let dir = left.pop(); dir !== undefined; dir = left.pop()) {
    for (const entry of await disk.list(dir)) {
      const from = below(dir, entry.name);
      const to = path === "/" ? from : path + from;
      // As on Linux, what is mounted in the machine hides what is below it.
      if (seeding.lazy && path === "/" && dir === "/" && (await tree.has(to))) continue;
      await make(tree, disk, entry, from, to, seeding.lazy);
      if (owned) await tree.chown(to, uid, gid);
      if (entry.type === "directory") left.push(from);
    }
  }
}

async function make(
  tree: MachineTree,
  disk: Disk,
  entry: DiskEntry,
  from: string,
  to: string,
  lazy: boolean,
): Promise<void> {
  const { type, mode, size, mtime } = entry;
  if (type === "symlink") {
    await tree.symlink(await disk.readlink(from), to);
    return;
  }
  if (type === "directory") {
    await tree.mkdir(to, mode);
  } else {
    await tree.create(to, lazy ? new Uint8Array(0) : await disk.read(from));
    if (lazy) await tree.setAbsent(to, size);
  }
  await tree.chmod(to, mode);
  await tree.setTimes(to, mtime);
}
