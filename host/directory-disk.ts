/**
 * A directory of node:fs as the disk of a volume. Nothing outside of it can be reached: the machine's
 * paths have no dots, every directory on the way is what its real path says, and a symbolic link at the
 * end is never followed. Somebody who changes directories of the host between the look and the use can
 * still mislead it, as with any program that knows a file by its path.
 *
 * Left out of the machine: sockets, devices and FIFOs, which belong to the host's processes, and names
 * that are not UTF-8. A file with several names on the disk is several files in the machine.
 */
import { constants } from "node:fs";
import {
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  rmdir,
  symlink,
  unlink,
} from "node:fs/promises";
import { join, resolve } from "node:path";
import { EIO, ELOOP, ENOTDIR } from "../assembly/abi/errno.ts";
import { SystemError } from "./errno.ts";
import type { Disk, DiskAttributes, DiskEntry } from "./volume.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
/** Never through a link, and never waiting for a FIFO's other end. */
const SAFELY = O_NOFOLLOW | O_NONBLOCK;
const MS = 1000;

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The text of a name in UTF-8, or undefined. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

class DirectoryDisk implements Disk {
  /** Its real path. */
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Where a path is, whose directory is a real one below the root. @throws {SystemError} ELOOP */
  async #at(path: string): Promise<string> {
    const slash = path.lastIndexOf("/");
    const dir = join(this.#root, path.slice(0, slash));
    if ((await realpath(dir)) !== dir) throw new SystemError(ELOOP, "open", `${dir} is a link`);
    return join(dir, path.slice(slash + 1));
  }

  /** Uses the regular file, or directory, of a path. */
  async #with<T>(path: string, flags: number, use: (file: FileHandle) => Promise<T>): Promise<T> {
    const file = await open(await this.#at(path), flags | SAFELY);
    try {
      return await use(file);
    } finally {
      await file.close();
    }
  }

  async list(path: string): Promise<DiskEntry[]> {
    const dir = path === "/" ? this.#root : await this.#at(path);
    const entries: DiskEntry[] = [];
    for (const bytes of await readdir(dir, { encoding: "buffer" })) {
      const name = textOf(bytes);
      if (name === undefined) continue;
      const stats = await lstat(join(dir, name));
      const type = stats.isFile()
        ? "file"
        : stats.isDirectory()
          ? "directory"
          : stats.isSymbolicLink()
            ? "symlink"
            : undefined;
      if (type === undefined) continue;
      const { mode, size, mtimeMs } = stats;
      entries.push({ name, type, mode: mode & 0o7777, size, mtime: mtimeMs / MS });
    }
    return entries;
  }

  read(path: string): Promise<Uint8Array> {
    return this.#with(path, O_RDONLY, async (file) => {
      await mustBeFile(file, path);
      return file.readFile();
    });
  }

  async readlink(path: string): Promise<string> {
    return readlink(await this.#at(path));
  }

  async create(path: string): Promise<void> {
    const file = await open(await this.#at(path), O_CREAT | O_EXCL | O_WRONLY | SAFELY, 0o600);
    await file.close();
  }

  write(path: string, bytes: Uint8Array, flush: boolean): Promise<void> {
    return this.#with(path, O_WRONLY, async (file) => {
      await mustBeFile(file, path);
      for (let at = 0; at < bytes.length; ) {
        at += (await file.write(bytes, at, bytes.length - at, at)).bytesWritten;
      }
      await file.truncate(bytes.length);
      if (flush) await file.sync();
    });
  }

  async mkdir(path: string, mode: number): Promise<void> {
    await mkdir(await this.#at(path), mode);
  }

  async symlink(target: string, path: string): Promise<void> {
    await symlink(target, await this.#at(path));
  }

  async link(path: string, next: string): Promise<void> {
    await link(await this.#at(path), await this.#at(next));
  }

  async rename(from: string, to: string): Promise<void> {
    await rename(await this.#at(from), await this.#at(to));
  }

  async remove(path: string, type: DiskEntry["type"]): Promise<void> {
    const at = await this.#at(path);
    await (type === "directory" ? rmdir(at) : unlink(at));
  }

  setAttributes(path: string, { mode, atime, mtime }: DiskAttributes): Promise<void> {
    return this.#with(path, O_RDONLY, async (file) => {
      await file.chmod(mode);
      await file.utimes(atime, mtime);
    });
  }

  flush(path: string): Promise<void> {
    if (path === "/") return flushDirectory(this.#root);
    return this.#with(path, O_RDONLY, (file) => file.sync());
  }
}

async function flushDirectory(path: string): Promise<void> {
  const file = await open(path, O_RDONLY);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** @throws {SystemError} EIO: somebody has put something else there. */
async function mustBeFile(file: FileHandle, path: string): Promise<void> {
  if (!(await file.stat()).isFile())
    throw new SystemError(EIO, "open", `${path} is no file any more`);
}

/** @throws {Error} the path is no directory, or cannot be read */
export async function openDirectory(path: string): Promise<Disk> {
  const root = await realpath(resolve(path));
  if (!(await lstat(root)).isDirectory()) throw new SystemError(ENOTDIR, "open", path);
  return new DirectoryDisk(root);
}
