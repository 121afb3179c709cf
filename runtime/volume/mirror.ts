/**
 * Keeps a disk as the machine's tree is. The kernel marks inodes that have changed; a mirror knows what
 * the disk has, by the inodes' serials, so that a renamed directory is renamed there too. Names first
 * (rearrange.ts), then contents and attributes. A mark is taken away before what it is about is read,
 * and set again when the disk refuses: nothing is lost, and the next round tries it again.
 */
import { ENOENT } from "../../assembly/abi/errno.ts";
import { LOOK_ABSENT, LOOK_DIRTY, LOOK_META, LOOK_NAMED } from "../../assembly/abi/volume.ts";
import { SystemError } from "../../host/errno.ts";
import type { Disk } from "../../host/volume.ts";
import { MirrorNode, pathOf, placePath, typeOf } from "./mirror-node.ts";
import { Rearrangement, type Wanted } from "./rearrange.ts";
import type { InodeId, Look, MachineTree } from "./tree.ts";

/** Names that others change meanwhile are looked at again; what is left then, the next round finds. */
const ROUNDS = 8;
const BITS = LOOK_DIRTY | LOOK_META;
const PERMISSIONS = 0o7777;

export class Mirror {
  readonly #tree: MachineTree;
  readonly #disk: Disk;
  /** st_dev of the volume. */
  readonly #dev: number;
  readonly #nodes = new Map<number, MirrorNode>();
  #root!: MirrorNode;

  constructor(tree: MachineTree, disk: Disk, dev: number) {
    this.#tree = tree;
    this.#disk = disk;
    this.#dev = dev;
  }

  /** The tree is as the disk is, from its root's number on. */
  async adopt(number: number): Promise<void> {
    const look = await this.#tree.look(number);
    if (look === undefined) throw new SystemError(ENOENT, "mount");
    this.#root = new MirrorNode(look, "directory");
    this.#nodes.set(this.#root.serial, this.#root);
    const left = [this.#root];
    for (let dir = left.pop(); dir !== undefined; dir = left.pop()) {
      for (const entry of (await this.#tree.entries(dir)) ?? []) {
        const type = typeOf(entry);
        if (type === undefined) continue;
        const node = new MirrorNode(entry, type);
        node.add(dir, entry.name);
        this.#nodes.set(node.serial, node);
        if (type === "directory") left.push(node);
      }
    }
  }

  /** Gives an absent file its contents. */
  async load(id: InodeId): Promise<void> {
    const look = await this.#tree.look(id.number);
    if (look?.serial !== id.serial || (look.bits & LOOK_ABSENT) === 0) return;
    const node = this.#nodes.get(id.serial);
    if (node === undefined || node.places.length === 0) throw new SystemError(ENOENT, "open");
    await this.#tree.load(id, await this.#disk.read(pathOf(node)));
  }

  /** All names, and what is in one file or directory. */
  async syncOne(id: InodeId, flush: boolean): Promise<void> {
    await this.#names();
    await this.#contents(id.number, flush);
    const node = this.#nodes.get(id.serial);
    if (flush && node !== undefined) await this.#flushNames(node);
    await this.#disk.finish?.();
  }

  /** Everything. When the disk refuses some of it, the rest is carried before the first error is thrown. */
  async sync(flush: boolean): Promise<void> {
    await this.#names();
    const errors: unknown[] = [];
    // A snapshot: what changes meanwhile is for the next round.
    for (const number of [...this.#tree.changed(this.#dev)]) {
      try {
        await this.#contents(number, flush);
      } catch (error) {
        errors.push(error);
      }
    }
    await this.#disk.finish?.();
    if (errors.length > 0) throw errors[0];
    if (flush) await this.#disk.flush?.("/");
  }

  async #flushNames(node: MirrorNode): Promise<void> {
    const dirs = node.type === "directory" ? [node] : node.places.map(({ dir }) => dir);
    for (const dir of dirs) await this.#disk.flush?.(pathOf(dir));
  }

  /** Makes the disk's names those of the machine. */
  async #names(): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      const wanted = await this.#wanted();
      if (wanted.size === 0) return;
      try {
        await new Rearrangement(this.#tree, this.#disk, this.#nodes, this.#root, wanted).run();
      } catch (error) {
        for (const dir of wanted.values()) await this.#tree.mark(dir, 0, LOOK_DIRTY);
        throw error;
      }
    }
  }

  /** The directories whose entries have changed, with what they have now. */
  async #wanted(): Promise<Map<number, Wanted>> {
    const wanted = new Map<number, Wanted>();
    for (const number of this.#tree.changed(this.#dev)) {
      const look = await this.#tree.look(number);
      if (look === undefined || typeOf({ mode: look.stat.st_mode }) !== "directory") continue;
      if ((look.bits & LOOK_DIRTY) === 0) continue;
      await this.#tree.mark(look, LOOK_DIRTY, 0);
      const entries = (look.bits & LOOK_NAMED) === 0 ? [] : await this.#tree.entries(look);
      if (entries === undefined) continue;
      const names = new Map(entries.map((entry) => [entry.name, entry]));
      wanted.set(look.serial, { number, serial: look.serial, names });
    }
    return wanted;
  }

  /** Contents and attributes of one inode, if they have changed. */
  async #contents(number: number, flush: boolean): Promise<void> {
    const look = await this.#tree.look(number);
    if (look === undefined || (look.bits & BITS) === 0) return;
    const node = this.#nodes.get(look.serial);
    if (node !== undefined && (node === this.#root || node.places.length > 0)) {
      const marks = node.type === "directory" ? LOOK_META : BITS;
      await this.#tree.mark(look, marks, 0);
      try {
        await this.#carry(node, look, flush);
      } catch (error) {
        await this.#tree.mark(look, 0, look.bits & marks);
        throw error;
      }
    } else if (node !== undefined || (look.bits & LOOK_NAMED) === 0 || isForeign(look)) {
      // No disk will ever have it: nobody has to look at it again.
      await this.#tree.mark(look, BITS, 0);
    }
  }

  async #carry(node: MirrorNode, look: Look, flush: boolean): Promise<void> {
    if (node.type === "symlink" || node === this.#root) return;
    if (node.type === "file" && (look.bits & (LOOK_DIRTY | LOOK_ABSENT)) === LOOK_DIRTY) {
      const bytes = await this.#tree.content(look);
      if (bytes === undefined) return;
      // Hard links are one file, unless the disk has none.
      const places = this.#disk.link === undefined ? node.places : node.places.slice(0, 1);
      for (const place of places) await this.#disk.write(placePath(place), bytes, flush);
    }
    // What is said of it may have changed with its contents.
    const now = (await this.#tree.look(look.number)) ?? look;
    if (now.serial !== look.serial) return;
    const { st_mode, st_atime, st_mtime } = now.stat;
    const attributes = { mode: st_mode & PERMISSIONS, atime: st_atime, mtime: st_mtime };
    for (const place of node.places) await this.#disk.setAttributes(placePath(place), attributes);
  }
}

/** A FIFO or the like. */
function isForeign({ stat }: Look): boolean {
  return typeOf({ mode: stat.st_mode }) === undefined;
}
