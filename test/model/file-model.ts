/** What calls on names do, on the tree of file-tree.ts: a process of the model, as FileCalls. */
import {
  EACCES,
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  ENOENT,
  ENOSPC,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
} from "../../assembly/abi/errno.ts";
import { S_IFDIR, S_IFLNK, S_ISVTX } from "../../assembly/abi/stat.ts";
import { R_OK, W_OK, X_OK } from "../../assembly/abi/unistd.ts";
import type { FileCalls, Seen } from "./file-calls.ts";
import { DescriptorModel } from "./file-descriptors.ts";
import {
  allows,
  checkName,
  checkPath,
  type Found,
  isDead,
  isDir,
  isFile,
  isLink,
  type Node,
  Refused,
  refuse,
} from "./file-tree.ts";

export class FileModel extends DescriptorModel {
  /** The calls, whose failures are results. */
  get calls(): FileCalls {
    const refusable =
      (call: (...args: never[]) => unknown) =>
      (...args: never[]) => {
        try {
          return call.apply(this, args);
        } catch (error) {
          if (error instanceof Refused) return -error.errno;
          throw error;
        }
      };
    return new Proxy(this as unknown as FileCalls, {
      get: (_, name: keyof FileCalls) => refusable(this[name] as (...args: never[]) => unknown),
    });
  }

  /** Where a name is to be that is not there. */
  #newName(path: string, isDirectory = false): Found {
    const found = this.tree.walk(this, path, "parent");
    refuse(EEXIST, found.kind !== "name");
    checkName(found);
    refuse(EEXIST, found.node !== undefined);
    refuse(ENOENT, found.slash && !isDirectory);
    return found;
  }

  truncate(path: string, length: number): number {
    refuse(EINVAL, length < 0);
    const node = this.tree.existing(this, path, "follow");
    refuse(EISDIR, isDir(node));
    refuse(EACCES, !allows(this, node, W_OK));
    return this.content.resize(node, length);
  }

  mkdir(path: string, mode: number): number {
    const found = this.#newName(path, true);
    this.mayMake(found);
    this.make(found, S_IFDIR | (mode & (0o777 | S_ISVTX) & ~this.mask));
    return 0;
  }

  symlink(target: string, path: string): number {
    checkPath(target);
    const found = this.#newName(path);
    this.mayMake(found);
    this.wantRoom(found);
    refuse(ENOSPC, this.tree.framesLeft < 1);
    const link = this.tree.make(this, found.dir, found.name, S_IFLNK | 0o777, target);
    link.frames = 1;
    return 0;
  }

  link(from: string, to: string): number {
    const node = this.tree.existing(this, from, "stay");
    const found = this.#newName(to);
    const { protectedLinks } = this.tree.room;
    const mine = this.uid === 0 || this.uid === node.uid;
    const safe = mine || (isFile(node) && allows(this, node, R_OK | W_OK));
    refuse(ENOENT, isDead(found.dir));
    refuse(EPERM, protectedLinks && !safe);
    this.mayMake(found);
    refuse(EPERM, isDir(node));
    this.wantRoom(found);
    node.nlink += 1;
    found.dir.names.set(found.name, node);
    return 0;
  }

  unlink(path: string): number {
    const found = this.tree.walk(this, path, "parent");
    const { dir, name, kind, node, slash } = found;
    refuse(EISDIR, kind !== "name");
    checkName(found);
    if (node === undefined) throw new Refused(ENOENT);
    if (slash) throw new Refused(isDir(node) ? EISDIR : ENOTDIR);
    refuse(EACCES, !allows(this, dir, W_OK | X_OK));
    refuse(EISDIR, isDir(node));
    this.tree.unname(dir, name);
    return 0;
  }

  rmdir(path: string): number {
    const found = this.tree.walk(this, path, "parent");
    const { dir, name, kind, node } = found;
    refuse(ENOTEMPTY, kind === "dotdot");
    refuse(EINVAL, kind === "dot");
    refuse(EBUSY, kind === "root");
    checkName(found);
    if (node === undefined) throw new Refused(ENOENT);
    refuse(EACCES, !allows(this, dir, W_OK | X_OK));
    refuse(ENOTDIR, !isDir(node));
    refuse(ENOTEMPTY, node.names.size > 0);
    this.tree.unname(dir, name);
    return 0;
  }

  rename(from: string, to: string): number {
    const old = this.tree.walk(this, from, "parent");
    const next = this.tree.walk(this, to, "parent");
    refuse(EBUSY, old.kind !== "name" || next.kind !== "name");
    checkName(old);
    if (old.node === undefined) throw new Refused(ENOENT);
    refuse(ENOENT, isDead(next.dir));
    checkName(next);
    if (!isDir(old.node)) refuse(ENOTDIR, old.slash || next.slash);
    else refuse(EINVAL, this.tree.isBelow(next.dir, old.node));
    refuse(ENOTEMPTY, next.node !== undefined && this.tree.isBelow(old.dir, next.node));
    if (next.node === old.node) return 0;
    this.#mayRename(old, next, old.node);
    if (next.node === undefined) this.tree.wantEntry(next.dir);
    else this.tree.unname(next.dir, next.name);
    old.dir.names.delete(old.name);
    next.dir.names.set(next.name, old.node);
    if (isDir(old.node)) {
      old.node.parent = next.dir;
      old.dir.nlink -= 1;
      next.dir.nlink += 1;
    }
    return 0;
  }

  #mayRename(old: Found, next: Found, node: Node): void {
    refuse(EACCES, !allows(this, old.dir, W_OK | X_OK));
    refuse(EACCES, !allows(this, next.dir, W_OK | X_OK));
    if (next.node !== undefined) {
      refuse(ENOTDIR, isDir(node) && !isDir(next.node));
      refuse(EISDIR, !isDir(node) && isDir(next.node));
    }
    refuse(EACCES, isDir(node) && old.dir !== next.dir && !allows(this, node, W_OK));
    refuse(ENOTEMPTY, next.node !== undefined && next.node.names.size > 0);
  }

  readlink(path: string): string {
    const node = this.tree.existing(this, path, "stay");
    refuse(EINVAL, !isLink(node));
    return node.target;
  }

  stat(path: string): Seen {
    return this.seen(this.tree.existing(this, path, "follow"));
  }

  lstat(path: string): Seen {
    return this.seen(this.tree.existing(this, path, "stay"));
  }

  chmod(path: string, mode: number): number {
    return this.setMode(this.tree.existing(this, path, "follow"), mode);
  }

  umask(mask: number): number {
    const before = this.mask;
    this.mask = mask & 0o777;
    return before;
  }

  chdir(path: string): number {
    return this.goTo(this.tree.existing(this, path, "follow"));
  }

  getcwd(): string {
    let path = "";
    for (let node = this.cwd; node !== this.tree.root; node = node.parent!) {
      refuse(ENOENT, isDead(node));
      const [name] = [...node.parent!.names].find(([, each]) => each === node)!;
      path = `/${name}${path}`;
    }
    return path || "/";
  }
}
