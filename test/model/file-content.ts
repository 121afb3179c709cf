/** What is in files, and how it grows: as the calls on descriptions see it. */
import { EBADF, EINVAL, EISDIR, ENOSPC } from "../../assembly/abi/errno.ts";
import { O_ACCMODE, O_APPEND, O_RDONLY, O_WRONLY } from "../../assembly/abi/fcntl.ts";
import { SEEK_CUR, SEEK_END } from "../../assembly/abi/unistd.ts";
import { runs } from "./file-calls.ts";
import { type FileTree, framesOf, isDir, type Node, refuse } from "./file-tree.ts";

export interface Description {
  readonly node: Node;
  readonly flags: number;
  offset: number;
  refs: number;
}

const FRAME = 4096;

export class Content {
  readonly #tree: FileTree;

  constructor(tree: FileTree) {
    this.#tree = tree;
  }

  /** At the description's own offset when there is no other. */
  read(description: Description, count: number, at?: number): string {
    const { node, flags, offset } = description;
    refuse(EBADF, (flags & O_ACCMODE) === O_WRONLY);
    refuse(EISDIR, isDir(node));
    const from = at ?? offset;
    const bytes = node.bytes.subarray(from, from + count);
    if (at === undefined) description.offset += bytes.length;
    return runs(bytes);
  }

  write(description: Description, byte: number, count: number, at?: number): number {
    const { node, flags, offset } = description;
    refuse(EBADF, (flags & O_ACCMODE) === O_RDONLY);
    if (count === 0) return 0;
    const start = (flags & O_APPEND) !== 0 ? node.bytes.length : (at ?? offset);
    const end = start + this.#fits(node, start, count);
    if (end > node.bytes.length) this.#setSize(node, end);
    node.bytes.fill(byte, start, end);
    if (at === undefined) description.offset = end;
    return end - start;
  }

  /** How many of the bytes have room: a file grows to twice its frames, as far as there are any. */
  #fits(node: Node, start: number, count: number): number {
    const most = node.frames + this.#tree.framesLeft;
    refuse(ENOSPC, most * FRAME <= start);
    const need = framesOf(start + count);
    if (need > node.frames) {
      const wanted = Math.min(Math.max(need, 2 * node.frames), most);
      node.frames = Math.max(node.frames, wanted);
    }
    return Math.min(count, node.frames * FRAME - start);
  }

  #setSize(node: Node, size: number): void {
    const bytes = new Uint8Array(size);
    bytes.set(node.bytes.subarray(0, size));
    node.bytes = bytes;
  }

  cut(node: Node, length: number): void {
    this.#setSize(node, length);
    node.frames = framesOf(length);
  }

  resize(node: Node, length: number): number {
    if (length <= node.bytes.length) {
      this.cut(node, length);
      return 0;
    }
    const need = framesOf(length);
    refuse(ENOSPC, need > node.frames + this.#tree.framesLeft);
    node.frames = Math.max(node.frames, need);
    this.#setSize(node, length);
    return 0;
  }

  seek(description: Description, offset: number, whence: number): number {
    const from =
      whence === SEEK_CUR
        ? description.offset
        : whence === SEEK_END
          ? description.node.bytes.length
          : 0;
    refuse(EINVAL, from + offset < 0);
    description.offset = from + offset;
    return description.offset;
  }
}
