/**
 * A tree of files, plainly: nodes with names between them, who may do what, how a path is walked, and
 * what room there is. The order of the checks is Linux's: path_resolution(7), and fs/namei.c.
 */
import {
  EACCES,
  EISDIR,
  ELOOP,
  ENAMETOOLONG,
  ENOENT,
  ENOSPC,
  ENOTDIR,
} from "../../assembly/abi/errno.ts";
import { NAME_MAX, PATH_MAX, SYMLOOP_MAX } from "../../assembly/abi/limits.ts";
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from "../../assembly/abi/stat.ts";
import { X_OK } from "../../assembly/abi/unistd.ts";

const FRAME = 4096;
/** Directories that a new machine has: no command names them. */
export const SYSTEM: readonly string[] = ["tmp", "dev", "proc"];

export interface Room {
  /** Inodes and further names that there may be beyond those of a new machine. */
  readonly inodes: number;
  /** Page frames; Infinity where those of directories and links are not counted. */
  readonly frames: number;
  readonly openMax: number;
  /** Descriptions. */
  readonly fileMax: number;
  /** proc_sys_fs(5): who may not write another's file may give it no name. */
  readonly protectedLinks: boolean;
}

export interface Node {
  readonly ino: number;
  readonly uid: number;
  readonly gid: number;
  mode: number;
  nlink: number;
  /** Descriptions, and processes whose current directory it is. */
  opens: number;
  bytes: Uint8Array<ArrayBuffer>;
  frames: number;
  /** Of a directory. */
  readonly names: Map<string, Node>;
  parent: Node | undefined;
  /** Of a symbolic link. */
  readonly target: string;
}

/** Who asks. */
export interface Who {
  readonly uid: number;
  readonly gid: number;
  mask: number;
  cwd: Node;
}

/** A call that fails, with its errno. */
export class Refused extends Error {
  readonly errno: number;

  constructor(errno: number) {
    super(`errno ${errno}`);
    this.errno = errno;
  }
}

export function refuse(errno: number, when = true): void {
  if (when) throw new Refused(errno);
}

export const isDir = (node: Node) => (node.mode & S_IFMT) === S_IFDIR;
export const isLink = (node: Node) => (node.mode & S_IFMT) === S_IFLNK;
export const isFile = (node: Node) => (node.mode & S_IFMT) === S_IFREG;
/** A directory that was removed and is in use. */
export const isDead = (node: Node) => isDir(node) && node.nlink === 0;

/** FOLLOW: a link at the end too. PARENT: the name itself is wanted. CREATE: as open(O_CREAT) does. */
export type How = "follow" | "stay" | "parent" | "create" | "create-new";

export interface Found {
  readonly dir: Node;
  readonly name: string;
  readonly kind: "name" | "dot" | "dotdot" | "root";
  readonly node: Node | undefined;
  readonly slash: boolean;
}

export function allows(who: Who, node: Node, wanted: number): boolean {
  if (who.uid === 0) return (wanted & X_OK) === 0 || isDir(node) || (node.mode & 0o111) !== 0;
  const shift = who.uid === node.uid ? 6 : who.gid === node.gid ? 3 : 0;
  return (wanted & ~(node.mode >> shift)) === 0;
}

/** What is asked of a name at the end of a path to it, when it is looked at. */
export function checkName({ dir, name }: Pick<Found, "dir" | "name">): void {
  // In a directory that was removed nothing is looked for.
  refuse(ENAMETOOLONG, name.length > NAME_MAX && !isDead(dir));
}

/** What is asked of every path before anything is looked at. */
export function checkPath(path: string): void {
  refuse(ENOENT, path === "");
  refuse(ENAMETOOLONG, path.length >= PATH_MAX);
}

export class FileTree {
  readonly room: Room;
  readonly root: Node;
  readonly #live = new Set<Node>();
  #made = 0;

  constructor(room: Room) {
    this.room = room;
    this.root = this.#fresh(S_IFDIR | 0o777, { uid: 0, gid: 0 }, "");
    this.root.nlink = 2;
    this.root.parent = this.root;
    // What a new machine has is counted already.
    this.root.frames = 1;
    for (const name of SYSTEM) {
      const node = this.#fresh(S_IFDIR | 0o755, { uid: 0, gid: 0 }, "");
      Object.assign(node, { nlink: 2, parent: this.root });
      this.root.names.set(name, node);
      this.root.nlink += 1;
    }
    this.#live.clear();
  }

  #fresh(mode: number, { uid, gid }: Pick<Who, "uid" | "gid">, target: string): Node {
    this.#made += 1;
    return {
      ...{ ino: this.#made, uid, gid, mode, nlink: 1, opens: 0, frames: 0, target },
      bytes: new Uint8Array(0),
      names: new Map(),
      parent: undefined,
    };
  }

  /** All names that have been made, as paths. */
  paths(dir = this.root, path = ""): string[] {
    return [...dir.names].flatMap(([name, node]) => {
      if (SYSTEM.includes(name)) return [];
      const below = `${path}/${name}`;
      return [below, ...this.paths(node, below)];
    });
  }

  #spent(): { inodes: number; frames: number } {
    let [inodes, frames] = [0, this.root.frames - 1];
    for (const node of this.#live) {
      inodes += isDir(node) ? 1 : Math.max(node.nlink, 1);
      frames += node.frames;
    }
    return { inodes, frames };
  }

  /** Frames that may still be had. */
  get framesLeft(): number {
    return this.room.frames - this.#spent().frames;
  }

  /** One name more, of a new inode or of one that has a name. */
  wantName(): void {
    refuse(ENOSPC, this.#spent().inodes >= this.room.inodes);
  }

  /** Room for one entry: few enough are made for one frame, which a directory keeps. */
  wantEntry(dir: Node): void {
    if (dir.frames > 0) return;
    refuse(ENOSPC, this.framesLeft < 1);
    dir.frames = 1;
  }

  make(who: Who, dir: Node, name: string, mode: number, target = ""): Node {
    const node = this.#fresh(mode, who, target);
    this.#live.add(node);
    dir.names.set(name, node);
    if (isDir(node)) {
      node.parent = dir;
      node.nlink = 2;
      dir.nlink += 1;
    }
    return node;
  }

  /** A name goes; of a directory all of it. */
  unname(dir: Node, name: string): void {
    const node = dir.names.get(name)!;
    dir.names.delete(name);
    if (isDir(node)) {
      node.nlink = 0;
      dir.nlink -= 1;
      // It leads there while it is in use.
      dir.opens += 1;
    } else {
      node.nlink -= 1;
    }
    this.leave(node);
  }

  /** Nobody may have it any more. */
  leave(node: Node): void {
    if (node.nlink > 0 || node.opens > 0 || !this.#live.delete(node)) return;
    if (!isDir(node)) return;
    node.parent!.opens -= 1;
    this.leave(node.parent!);
  }

  /** Whether `dir` is `above` or below it. */
  isBelow(dir: Node, above: Node): boolean {
    let node = dir;
    while (node !== above && node !== this.root && !isDead(node)) node = node.parent!;
    return node === above;
  }

  walk(who: Who, path: string, how: How): Found {
    checkPath(path);
    return this.#walk(who, who.cwd, path, how, { links: 0 });
  }

  /** A walk to what must be there. */
  existing(who: Who, path: string, how: "follow" | "stay"): Node {
    const { node } = this.walk(who, path, how);
    if (node === undefined) throw new Refused(ENOENT);
    return node;
  }

  #walk(who: Who, start: Node, path: string, how: How, count: { links: number }): Found {
    const names = path.split("/").filter((name) => name !== "");
    let dir = path.startsWith("/") ? this.root : start;
    const last = names.pop();
    const follow = (link: Node, next: How): Found => {
      count.links += 1;
      refuse(ELOOP, count.links > SYMLOOP_MAX);
      return this.#walk(who, dir, link.target, next, count);
    };
    for (const name of names) {
      let node = this.#step(who, dir, name);
      if (node !== undefined && isLink(node)) node = follow(node, "follow").node;
      if (node === undefined) throw new Refused(ENOENT);
      refuse(ENOTDIR, !isDir(node));
      dir = node;
    }
    if (last === undefined) return { dir, name: "", kind: "root", node: dir, slash: false };
    const kind = last === "." ? "dot" : last === ".." ? "dotdot" : "name";
    const slash = path.endsWith("/");
    refuse(EACCES, !allows(who, dir, X_OK));
    const creates = how === "create" || how === "create-new";
    refuse(EISDIR, creates && kind === "name" && slash);
    if (how === "parent" && last.length > NAME_MAX) {
      return { dir, name: last, kind, node: undefined, slash };
    }
    const node = this.#step(who, dir, last);
    const found: Found = { dir, name: last, kind, node, slash };
    if (node === undefined || how === "parent") return found;
    const follows = how === "follow" || how === "create" || (how === "stay" && slash);
    const end = isLink(node) && follows ? follow(node, how === "stay" ? "follow" : how) : found;
    refuse(ENOTDIR, slash && !creates && end.node !== undefined && !isDir(end.node));
    return end;
  }

  #step(who: Who, dir: Node, name: string): Node | undefined {
    refuse(EACCES, !allows(who, dir, X_OK));
    checkName({ dir, name });
    if (name === ".") return dir;
    return name === ".." ? dir.parent : dir.names.get(name);
  }
}

export function framesOf(bytes: number): number {
  return Math.ceil(bytes / FRAME);
}
