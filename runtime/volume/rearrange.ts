/**
 * One round of a mirror's names: entries of the disk that the machine has elsewhere are moved, those that
 * it has no more removed, those that are new made. A file that took another's name is renamed over it,
 * in one step, as its program did it. What cannot go straight to its place (a cycle; a place in a directory that moves
 * itself) is parked under a name of its own in the volume's root meanwhile. What is alive and not where
 * it was, nor where it is looked for, has moved on since: it is parked too, and the next round places it.
 * Nothing that the machine still has is ever removed.
 */
import { LOOK_NAMED } from "../../assembly/abi/volume.ts";
import type { Disk } from "../../host/volume.ts";
import { MirrorNode, type Place, pathOf, placePath, typeOf } from "./mirror-node.ts";
import { below } from "./seed.ts";
import type { InodeId, MachineTree, TreeEntry } from "./tree.ts";

/** A directory's entries in the machine. */
export interface Wanted extends InodeId {
  names: Map<string, TreeEntry>;
}

interface Displaced extends Place {
  node: MirrorNode;
}

const PARKED = ".wasm-ipc-parked-";

export class Rearrangement {
  readonly #tree: MachineTree;
  readonly #disk: Disk;
  readonly #nodes: Map<number, MirrorNode>;
  readonly #root: MirrorNode;
  readonly #wanted: Map<number, Wanted>;
  /** Where the machine has the inode of a serial. */
  readonly #targets = new Map<number, { dir: number; name: string }[]>();
  readonly #displaced: Displaced[] = [];
  /** Directories that leave their place. */
  readonly #leaving = new Set<MirrorNode>();

  constructor(
    tree: MachineTree,
    disk: Disk,
    nodes: Map<number, MirrorNode>,
    root: MirrorNode,
    wanted: Map<number, Wanted>,
  ) {
    this.#tree = tree;
    this.#disk = disk;
    this.#nodes = nodes;
    this.#root = root;
    this.#wanted = wanted;
  }

  async run(): Promise<void> {
    for (const [dir, { names }] of this.#wanted) {
      for (const [name, { serial }] of names) {
        const places = this.#targets.get(serial) ?? [];
        this.#targets.set(serial, [...places, { dir, name }]);
      }
    }
    for (const { serial } of this.#wanted.values()) await this.#displace(this.#nodes.get(serial));
    let before: number;
    do {
      before = this.#displaced.length;
      await this.#moveStraight();
    } while (this.#displaced.length < before);
    await this.#clear();
    await this.#place();
  }

  /** Finds the entries of a directory of the disk that the machine has not there. */
  async #displace(dir: MirrorNode | undefined): Promise<void> {
    if (dir === undefined) return;
    const names = this.#wanted.get(dir.serial)?.names;
    for (const [name, node] of dir.entries) {
      if (names?.get(name)?.serial === node.serial) continue;
      if (this.#displaced.some((place) => place.dir === dir && place.name === name)) continue;
      this.#displaced.push({ dir, name, node });
      if (node.type !== "directory") continue;
      this.#leaving.add(node);
      // A directory that is gone had lost its entries before.
      if (!this.#wanted.has(node.serial) && !(await this.#isAlive(node)))
        await this.#displace(node);
    }
  }

  async #isAlive(node: MirrorNode): Promise<boolean> {
    if (this.#targets.has(node.serial)) return true;
    const look = await this.#tree.look(node.number);
    return look?.serial === node.serial && (look.bits & LOOK_NAMED) !== 0;
  }

  /** Whether the directory and all above it stay where they are. */
  #stays(dir: MirrorNode): boolean {
    for (let node = dir; node !== this.#root; node = node.places[0]!.dir) {
      if (this.#leaving.has(node) || node.places.length === 0) return false;
    }
    return true;
  }

  /** Renames what may go to its place in one step, over what has the name and is gone. */
  async #moveStraight(): Promise<void> {
    for (const place of [...this.#displaced]) {
      const target = this.#freeTarget(place.node);
      if (target === undefined) continue;
      const { dir, name } = target;
      const occupant = dir.entries.get(name);
      if (occupant !== undefined) {
        if (occupant.type !== "file" || place.node.type !== "file") continue;
        if (await this.#isAlive(occupant)) continue;
      }
      await this.#disk.rename(placePath(place), below(pathOf(dir), name));
      if (occupant !== undefined) {
        this.#settle(dir, name);
        this.#lose(occupant, dir, name);
      }
      this.#settle(place.dir, place.name);
      place.node.take(place.dir, place.name);
      place.node.add(dir, name);
      this.#leaving.delete(place.node);
    }
  }

  /** A wanted place of the node that is not yet its own, in a directory that stays. */
  #freeTarget(node: MirrorNode): Place | undefined {
    for (const { dir: serial, name } of this.#targets.get(node.serial) ?? []) {
      const dir = this.#nodes.get(serial);
      if (dir === undefined || dir.entries.get(name) === node) continue;
      if (this.#stays(dir)) return { dir, name };
    }
    return undefined;
  }

  /** The place is displaced no more. */
  #settle(dir: MirrorNode, name: string): void {
    const index = this.#displaced.findIndex((place) => place.dir === dir && place.name === name);
    if (index >= 0) this.#displaced.splice(index, 1);
  }

  /** The disk has the node there no more. */
  #lose(node: MirrorNode, dir: MirrorNode, name: string): void {
    node.take(dir, name);
    if (node.places.length === 0) this.#nodes.delete(node.serial);
  }

  /** Parks what lives, then removes what does not; directories after what was in them. */
  async #clear(): Promise<void> {
    const dead: Displaced[] = [];
    const going = (node: MirrorNode) => dead.filter((place) => place.node === node).length;
    for (const place of this.#displaced) {
      const { dir, name, node } = place;
      // A hard link's last name stays until it has another.
      const elsewhere = node.places.length - going(node) > 1;
      if (elsewhere || !(await this.#isAlive(node))) {
        dead.push(place);
        continue;
      }
      const parked = `${PARKED}${node.serial}`;
      await this.#disk.rename(placePath(place), below("/", parked));
      node.take(dir, name);
      node.add(this.#root, parked);
    }
    for (const { dir, name, node } of dead.reverse()) {
      await this.#disk.remove(placePath({ dir, name }), node.type);
      this.#lose(node, dir, name);
    }
  }

  /** Gives every entry its place, a directory before what is in it. */
  async #place(): Promise<void> {
    const left = new Set(this.#wanted.values());
    let before: number;
    do {
      before = left.size;
      for (const wanted of left) {
        const dir = this.#nodes.get(wanted.serial);
        if (dir === undefined || !this.#isPlaced(dir)) continue;
        for (const entry of wanted.names.values()) await this.#placeEntry(dir, entry);
        left.delete(wanted);
      }
    } while (left.size < before);
  }

  #isPlaced(dir: MirrorNode): boolean {
    for (let node = dir; node !== this.#root; node = node.places[0]!.dir) {
      if (isParked(this.#root, node)) return false;
    }
    return true;
  }

  async #placeEntry(dir: MirrorNode, entry: TreeEntry): Promise<void> {
    const { name, serial } = entry;
    if (dir.entries.get(name)?.serial === serial) return;
    const type = typeOf(entry);
    if (type === undefined) return;
    const to = below(pathOf(dir), name);
    const known = this.#nodes.get(serial);
    if (known === undefined) {
      const node = new MirrorNode(entry, type);
      if (!(await this.#make(node, to, entry.mode))) return;
      node.add(dir, name);
      this.#nodes.set(serial, node);
    } else if (isParked(this.#root, known)) {
      const parked = known.places[0]!;
      await this.#disk.rename(placePath(parked), to);
      known.take(parked.dir, parked.name);
      known.add(dir, name);
    } else {
      await this.#link(known, to);
      known.add(dir, name);
    }
  }

  /** @returns whether it was there to be made */
  async #make(node: MirrorNode, path: string, mode: number): Promise<boolean> {
    if (node.type === "directory") {
      await this.#disk.mkdir(path, mode & 0o7777);
    } else if (node.type === "file") {
      await this.#disk.create(path);
    } else {
      const target = await this.#tree.content(node);
      if (target === undefined) return false;
      await this.#disk.symlink(new TextDecoder().decode(target), path);
    }
    return true;
  }

  /** A further name of a file, or a file of its own where the disk has no such names. */
  async #link(node: MirrorNode, path: string): Promise<void> {
    const from = pathOf(node);
    if (this.#disk.link !== undefined) {
      await this.#disk.link(from, path);
      return;
    }
    if (node.type === "symlink") {
      await this.#disk.symlink(await this.#disk.readlink(from), path);
      return;
    }
    await this.#disk.create(path);
    await this.#disk.write(path, await this.#disk.read(from), false);
  }
}

function isParked(root: MirrorNode, node: MirrorNode): boolean {
  const place = node.places[0];
  return place?.dir === root && place.name.startsWith(PARKED);
}
