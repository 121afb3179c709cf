/** What a disk has, by the inodes of the machine: the state that a mirror keeps between its rounds. */
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from "../../assembly/abi/stat.ts";
import type { DiskEntry } from "../../host/volume.ts";
import { below } from "./seed.ts";
import type { InodeId, TreeEntry } from "./tree.ts";

/** A name on the disk. */
export interface Place {
  dir: MirrorNode;
  name: string;
}

export class MirrorNode implements InodeId {
  readonly number: number;
  readonly serial: number;
  readonly type: DiskEntry["type"];
  /** Its names on the disk: of a directory one, of a file more when it has hard links. */
  readonly places: Place[] = [];
  /** Of a directory. */
  readonly entries = new Map<string, MirrorNode>();

  constructor({ number, serial }: InodeId, type: DiskEntry["type"]) {
    this.number = number;
    this.serial = serial;
    this.type = type;
  }

  add(dir: MirrorNode, name: string): void {
    dir.entries.set(name, this);
    this.places.push({ dir, name });
  }

  take(dir: MirrorNode, name: string): void {
    dir.entries.delete(name);
    const index = this.places.findIndex((place) => place.dir === dir && place.name === name);
    this.places.splice(index, 1);
  }
}

/** The type of a disk's entry for an inode, undefined for a FIFO or another that disks of ours have not. */
export function typeOf({ mode }: Pick<TreeEntry, "mode">): DiskEntry["type"] | undefined {
  const type = mode & S_IFMT;
  if (type === S_IFREG) return "file";
  if (type === S_IFDIR) return "directory";
  return type === S_IFLNK ? "symlink" : undefined;
}

/** The path on the disk. Precondition: the node has a place, or is the root. */
export function pathOf(node: MirrorNode): string {
  const place = node.places[0];
  return place === undefined ? "/" : placePath(place);
}

export function placePath({ dir, name }: Place): string {
  return below(pathOf(dir), name);
}
