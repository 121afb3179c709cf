/**
 * Interfaces only: a disk behind a mount point, as who serves it uses it. Paths begin with "/", the
 * volume's root, and have neither dots nor symbolic links on the way. A method fails with an error whose
 * `code` is the name of an errno, or with any other, which is EIO.
 */

/** A value, now or later: a disk in memory answers at once. */
export type Awaitable<T> = T | Promise<T>;

export interface DiskEntry {
  name: string;
  type: "file" | "directory" | "symlink";
  /** The permission bits. */
  mode: number;
  /** Bytes of a file. */
  size: number;
  /** Seconds since the Epoch. */
  mtime: number;
}

/** A file's attributes as the machine has them. */
export interface DiskAttributes {
  mode: number;
  atime: number;
  mtime: number;
}

export interface Disk {
  /** What is in a directory, but for what the machine cannot have. */
  list(path: string): Awaitable<DiskEntry[]>;
  read(path: string): Awaitable<Uint8Array>;
  readlink(path: string): Awaitable<string>;
  /** A new, empty file. */
  create(path: string): Awaitable<void>;
  /** All of a file's contents; `flush`: they survive the loss of power. */
  write(path: string, bytes: Uint8Array, flush: boolean): Awaitable<void>;
  mkdir(path: string, mode: number): Awaitable<void>;
  symlink(target: string, path: string): Awaitable<void>;
  /** A further name of a file; where there is none, each name has a file of its own. */
  link?(path: string, next: string): Awaitable<void>;
  /** What has the name `to` loses it. */
  rename(from: string, to: string): Awaitable<void>;
  remove(path: string, type: DiskEntry["type"]): Awaitable<void>;
  setAttributes(path: string, attributes: DiskAttributes): Awaitable<void>;
  /** A directory's names survive the loss of power. */
  flush?(path: string): Awaitable<void>;
  /** After all changes of one round. */
  finish?(): Awaitable<void>;
}
