/**
 * The machine's tree as who serves a volume sees it: inodes by number and serial. Every entry into the
 * kernel is one attempt that leaves the transfer area as it takes its answer, because others use the
 * thread while it waits for a lock.
 */

import { EEXIST, ENOENT } from "../../assembly/abi/errno.ts";
import { AT_FDCWD, O_CREAT, O_TRUNC, O_WRONLY } from "../../assembly/abi/fcntl.ts";
import {
  ENTRY_LENGTH,
  ENTRY_MODE,
  ENTRY_NAME,
  ENTRY_NUMBER,
  ENTRY_SERIAL,
  REQUEST_DEV,
  REQUEST_NUMBER,
  REQUEST_OP,
  REQUEST_SERIAL,
  REQUEST_TASK,
  REQUEST_TICKET,
} from "../../assembly/abi/volume.ts";
import type { Stat } from "../../host/contract-files.ts";
import { SystemError } from "../../host/errno.ts";
import { putPath, putSecondPath } from "../paths.ts";
import type { Thread } from "../thread.ts";
import { readStat } from "../transfer-files.ts";
import { persistAsync } from "../wait.ts";

/** An inode that may be another's by now, unless the serial is the same. */
export interface InodeId {
  number: number;
  serial: number;
}

export interface TreeEntry extends InodeId {
  name: string;
  mode: number;
}

export interface Look extends InodeId {
  /** LOOK_* */
  bits: number;
  stat: Stat;
}

export interface VolumeRequest extends InodeId {
  task: number;
  ticket: number;
  op: number;
  dev: number;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The text of a name, or undefined: a disk of ours has only names in UTF-8. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

export class MachineTree {
  readonly #thread: Thread;

  /** `thread` acts for process 1, which may do anything. */
  constructor(thread: Thread) {
    this.#thread = thread;
  }

  /** Makes a call whose failure is an error. */
  async #must(syscall: string, attempt: () => number): Promise<number> {
    const result = await persistAsync(this.#thread, attempt);
    if (result < 0) throw new SystemError(-result, syscall);
    return result;
  }

  /** Makes a call of which ENOENT says that the inode is gone. */
  async #known(syscall: string, attempt: () => number): Promise<number | undefined> {
    const result = await persistAsync(this.#thread, attempt);
    if (result === -ENOENT) return undefined;
    if (result < 0) throw new SystemError(-result, syscall);
    return result;
  }

  /** Makes a directory, if there is none. */
  async mkdir(path: string, mode: number): Promise<void> {
    const thread = this.#thread;
    const attempt = () => thread.kernel.sys_mkdir(putPath(thread, path), mode);
    const result = await persistAsync(thread, attempt);
    if (result < 0 && result !== -EEXIST) throw new SystemError(-result, "mkdir", path);
  }

  async symlink(target: string, path: string): Promise<void> {
    const thread = this.#thread;
    await this.#must("symlink", () =>
      thread.kernel.sys_symlink(putPath(thread, target), putSecondPath(thread, path)),
    );
  }

  /** Whether the machine has something there. */
  async has(path: string): Promise<boolean> {
    const thread = this.#thread;
    const attempt = () => thread.kernel.sys_access(putPath(thread, path), 0);
    return (await this.#known("access", attempt)) !== undefined;
  }

  /** Makes a file with these bytes, or gives them to the one that is there. */
  async create(path: string, bytes: Uint8Array): Promise<void> {
    const thread = this.#thread;
    const { kernel, transferSize, u8 } = thread;
    const flags = O_CREAT | O_TRUNC | O_WRONLY;
    const fd = await this.#must("open", () =>
      kernel.sys_openat(AT_FDCWD, putPath(thread, path), flags, 0o600),
    );
    try {
      for (let at = 0; at < bytes.length; ) {
        const part = bytes.subarray(at, at + transferSize);
        at += await this.#must("write", () => {
          u8.set(part, thread.transfer);
          return kernel.sys_write(fd, thread.transfer, part.length, 0);
        });
      }
    } finally {
      await this.#must("close", () => kernel.sys_close(fd, 1));
    }
  }

  /** The empty file has so many bytes, which are on the disk. */
  async setAbsent(path: string, size: number): Promise<void> {
    const thread = this.#thread;
    await this.#must("open", () => thread.kernel.volume_absent(putPath(thread, path), size));
  }

  async chmod(path: string, mode: number): Promise<void> {
    const thread = this.#thread;
    await this.#must("chmod", () => thread.kernel.sys_chmod(putPath(thread, path), mode));
  }

  /** The owner and group of what the path names, be it a symbolic link. */
  async chown(path: string, uid: number, gid: number): Promise<void> {
    const thread = this.#thread;
    await this.#must("chown", () => thread.kernel.sys_chown(putPath(thread, path), uid, gid, 0));
  }

  async setTimes(path: string, seconds: number): Promise<void> {
    const thread = this.#thread;
    await this.#must("utimensat", () =>
      thread.kernel.sys_utimensat(AT_FDCWD, putPath(thread, path), 0, seconds, seconds, 0),
    );
  }

  /** @returns the number of the root of the volume `index`, mounted there */
  mount(path: string, index: number): Promise<number> {
    const thread = this.#thread;
    return this.#must("mount", () => thread.kernel.volume_mount(putPath(thread, path), index));
  }

  async ready(index: number, flags: number): Promise<void> {
    await this.#must("mount", () => this.#thread.kernel.volume_ready(index, flags));
  }

  /** The request that has waited longest. */
  async next(): Promise<VolumeRequest | undefined> {
    const thread = this.#thread;
    let request: VolumeRequest | undefined;
    const word = (offset: number) => thread.i32[(thread.transfer + offset) >> 2]!;
    await this.#must("sync", () => {
      const found = thread.kernel.volume_next();
      if (found !== 1) return found;
      request = {
        task: word(REQUEST_TASK),
        ticket: word(REQUEST_TICKET),
        op: word(REQUEST_OP),
        number: word(REQUEST_NUMBER),
        serial: word(REQUEST_SERIAL),
        dev: word(REQUEST_DEV),
      };
      return 0;
    });
    return request;
  }

  /** Ends a request with what its call returns, or is told. */
  async done({ task, ticket }: VolumeRequest, result: number): Promise<void> {
    await this.#must("sync", () => this.#thread.kernel.volume_done(task, ticket, result));
  }

  /** The inodes of a volume that have changed, as they are found. */
  *changed(dev: number): Generator<number> {
    const { kernel } = this.#thread;
    for (let from = kernel.volume_changed(dev, 0); from !== 0; ) {
      yield from;
      from = kernel.volume_changed(dev, from);
    }
  }

  async look(number: number): Promise<Look | undefined> {
    const thread = this.#thread;
    let stat: Stat | undefined;
    const bits = await this.#known("stat", () => {
      const result = thread.kernel.volume_look(number);
      if (result >= 0) stat = readStat(thread);
      return result;
    });
    if (bits === undefined || stat === undefined) return undefined;
    return { number, serial: stat.st_ino | 0, bits, stat };
  }

  /** Takes LOOK_DIRTY and LOOK_META away, or sets them. */
  async mark({ number, serial }: InodeId, cleared: number, set: number): Promise<void> {
    await this.#known("sync", () => this.#thread.kernel.volume_mark(number, serial, cleared, set));
  }

  /** The entries of a directory whose names are text; undefined when it is gone. */
  async entries({ number, serial }: InodeId): Promise<TreeEntry[] | undefined> {
    const thread = this.#thread;
    const list: TreeEntry[] = [];
    let offset = 0;
    do {
      let next = 0;
      const filled = await this.#known("getdents", () => {
        const result = thread.kernel.volume_entries(number, serial, offset);
        if (result >= 0) next = readEntries(thread, result, list);
        return result;
      });
      if (filled === undefined) return undefined;
      offset = next;
    } while (offset !== 0);
    return list;
  }

  /** The contents of a file or symbolic link; undefined when it is gone. */
  async content({ number, serial }: InodeId): Promise<Uint8Array | undefined> {
    const { kernel, transferSize } = this.#thread;
    const thread = this.#thread;
    const parts: Uint8Array[] = [];
    let offset = 0;
    for (;;) {
      let part: Uint8Array | undefined;
      const size = await this.#known("read", () => {
        const result = kernel.volume_read(number, serial, offset, transferSize);
        if (result > 0) part = thread.u8.slice(thread.transfer, thread.transfer + result);
        return result;
      });
      if (size === undefined) return undefined;
      if (part === undefined) return joined(parts, offset);
      parts.push(part);
      offset += part.length;
    }
  }

  /** Gives a file the contents that it lacks. It may have gone meanwhile. */
  async load({ number, serial }: InodeId, bytes: Uint8Array): Promise<void> {
    const { kernel, u8 } = this.#thread;
    await this.#known("open", () => {
      if (bytes.length !== 0) {
        const at = kernel.volume_hold(bytes.length);
        if (at < 0) return at;
        u8.set(bytes, at);
      }
      return kernel.volume_load(number, serial, bytes.length);
    });
  }
}

function joined(parts: Uint8Array[], size: number): Uint8Array {
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Reads the entries in so many bytes of the transfer area. @returns where to go on, 0 at the end */
function readEntries(thread: Thread, size: number, list: TreeEntry[]): number {
  const { transfer } = thread;
  const word = (at: number) => thread.i32[at >> 2]!;
  for (let at = transfer + 4; at < transfer + size; ) {
    const length = word(at + ENTRY_LENGTH);
    const name = textOf(thread.u8.slice(at + ENTRY_NAME, at + ENTRY_NAME + length));
    const id = { number: word(at + ENTRY_NUMBER), serial: word(at + ENTRY_SERIAL) };
    if (name !== undefined) list.push({ ...id, name, mode: word(at + ENTRY_MODE) });
    at += (ENTRY_NAME + length + 3) & ~3;
  }
  return word(transfer);
}
