/** What calls on descriptors do, on the tree of file-tree.ts: the half of a process that file-model.ts has not. */
import {
  EACCES,
  EBADF,
  EEXIST,
  EINVAL,
  EISDIR,
  ELOOP,
  EMFILE,
  ENFILE,
  ENOENT,
  ENOTDIR,
  EPERM,
} from "../../assembly/abi/errno.ts";
import {
  O_ACCMODE,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
} from "../../assembly/abi/fcntl.ts";
import { S_IFMT, S_IFREG } from "../../assembly/abi/stat.ts";
import { R_OK, SEEK_SET, W_OK, X_OK } from "../../assembly/abi/unistd.ts";
import { type Entry, type Seen, sorted } from "./file-calls.ts";
import { Content, type Description } from "./file-content.ts";
import {
  allows,
  checkPath,
  type FileTree,
  type Found,
  isDead,
  isDir,
  isFile,
  isLink,
  type Node,
  Refused,
  refuse,
  type Who,
} from "./file-tree.ts";

/** The first numbers are the standard streams. */
const FIRST = 3;
const BYTES_OF_ENTRY = 24;

/** Descriptions of the whole machine. */
export type Opened = Set<Description>;

export class DescriptorModel implements Who {
  readonly tree: FileTree;
  readonly uid: number;
  readonly gid: number;
  mask = 0o022;
  cwd: Node;
  readonly fds = new Map<number, Description>();
  readonly #opened: Opened;
  protected readonly content: Content;

  constructor(tree: FileTree, opened: Opened, uid: number) {
    this.tree = tree;
    this.#opened = opened;
    this.content = new Content(tree);
    this.uid = uid;
    this.gid = uid;
    this.cwd = tree.root;
  }

  #description(fd: number): Description {
    const found = this.fds.get(fd);
    if (found === undefined) throw new Refused(EBADF);
    return found;
  }

  #number(): number {
    let fd = FIRST;
    while (this.fds.has(fd)) fd += 1;
    refuse(EMFILE, fd >= this.tree.room.openMax);
    return fd;
  }

  open(path: string, flags: number, mode: number): number {
    const creates = (flags & O_CREAT) !== 0;
    refuse(EINVAL, creates && (flags & O_DIRECTORY) !== 0);
    checkPath(path);
    const fd = this.#number();
    refuse(ENFILE, this.#opened.size >= this.tree.room.fileMax);
    const isNew = creates && (flags & O_EXCL) !== 0;
    const stays = isNew || (flags & O_NOFOLLOW) !== 0;
    const how = creates ? (stays ? "create-new" : "create") : stays ? "stay" : "follow";
    const found = this.tree.walk(this, path, how);
    let { node } = found;
    if (node !== undefined) {
      refuse(EEXIST, isNew);
      this.#mayOpen(node, flags);
      if (isFile(node) && (flags & O_TRUNC) !== 0) this.content.cut(node, 0);
    } else {
      refuse(ENOENT, !creates || found.kind !== "name");
      this.mayMake(found);
      node = this.make(found, S_IFREG | (mode & 0o7777 & ~this.mask));
    }
    const description = { node, flags, offset: 0, refs: 1 };
    node.opens += 1;
    this.#opened.add(description);
    this.fds.set(fd, description);
    return fd;
  }

  #mayOpen(node: Node, flags: number): void {
    const access = flags & O_ACCMODE;
    const writes = access !== O_RDONLY || (flags & O_TRUNC) !== 0;
    refuse(EISDIR, isDir(node) && (flags & O_CREAT) !== 0);
    refuse(ENOTDIR, !isDir(node) && (flags & O_DIRECTORY) !== 0);
    refuse(ELOOP, isLink(node));
    refuse(EISDIR, isDir(node) && writes);
    const wanted = (access === O_WRONLY ? 0 : R_OK) | (writes ? W_OK : 0);
    refuse(EACCES, !allows(this, node, wanted));
  }

  /** Whether the name may be made in its directory, and whether it has room. */
  protected mayMake({ dir }: Found): void {
    refuse(ENOENT, isDead(dir));
    refuse(EACCES, !allows(this, dir, W_OK | X_OK));
  }

  protected wantRoom({ dir }: Found): void {
    this.tree.wantName();
    this.tree.wantEntry(dir);
  }

  protected make(found: Found, mode: number, target = ""): Node {
    this.wantRoom(found);
    return this.tree.make(this, found.dir, found.name, mode, target);
  }

  close(fd: number): number {
    const description = this.#description(fd);
    this.fds.delete(fd);
    description.refs -= 1;
    if (description.refs > 0) return 0;
    this.#opened.delete(description);
    description.node.opens -= 1;
    this.tree.leave(description.node);
    return 0;
  }

  dup(fd: number): number {
    const description = this.#description(fd);
    const next = this.#number();
    description.refs += 1;
    this.fds.set(next, description);
    return next;
  }

  read(fd: number, count: number): string {
    return this.content.read(this.#description(fd), count);
  }

  pread(fd: number, count: number, offset: number): string {
    return this.content.read(this.#description(fd), count, offset);
  }

  write(fd: number, byte: number, count: number): number {
    return this.content.write(this.#description(fd), byte, count);
  }

  pwrite(fd: number, byte: number, count: number, offset: number): number {
    return this.content.write(this.#description(fd), byte, count, offset);
  }

  lseek(fd: number, offset: number, whence: number): number {
    return this.content.seek(this.#description(fd), offset, whence);
  }

  ftruncate(fd: number, length: number): number {
    refuse(EINVAL, length < 0);
    const { node, flags } = this.#description(fd);
    refuse(EINVAL, !isFile(node) || (flags & O_ACCMODE) === O_RDONLY);
    return this.content.resize(node, length);
  }

  protected seen({ ino, mode, nlink, uid, gid, bytes, target }: Node): Seen {
    return { ino, mode, nlink, uid, gid, size: target.length + bytes.length };
  }

  fstat(fd: number): Seen {
    return this.seen(this.#description(fd).node);
  }

  protected setMode(node: Node, mode: number): number {
    refuse(EPERM, this.uid !== 0 && this.uid !== node.uid);
    node.mode = (node.mode & S_IFMT) | (mode & 0o7777);
    return 0;
  }

  fchmod(fd: number, mode: number): number {
    return this.setMode(this.#description(fd).node, mode);
  }

  protected goTo(node: Node): number {
    refuse(ENOTDIR, !isDir(node));
    refuse(EACCES, !allows(this, node, X_OK));
    const before = this.cwd;
    this.cwd = node;
    node.opens += 1;
    if (before !== this.tree.root) before.opens -= 1;
    this.tree.leave(before);
    return 0;
  }

  fchdir(fd: number): number {
    return this.goTo(this.#description(fd).node);
  }

  list(fd: number, count: number): readonly Entry[] {
    this.lseek(fd, 0, SEEK_SET);
    const { node } = this.#description(fd);
    refuse(ENOTDIR, !isDir(node));
    refuse(ENOENT, isDead(node));
    refuse(EINVAL, count < BYTES_OF_ENTRY);
    const all = [[".", node] as const, ["..", node.parent!] as const, ...node.names];
    return sorted(all.map(([name, each]) => [name, (each.mode & S_IFMT) >> 12, each.ino]));
  }
}
