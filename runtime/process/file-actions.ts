/**
 * What a child does with descriptors before its program begins: posix_spawn_file_actions_addopen(3),
 * _adddup2(3) and _addclose(3). It does nothing itself: the actions are followed here, in order, until it is
 * known which of the parent's descriptors each number of the child's is.
 */
import { EBADF } from "../../assembly/abi/errno.ts";
import { O_CLOEXEC } from "../../assembly/abi/fcntl.ts";
import { int } from "../../host/arguments.ts";
import type { Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";

/** `open`: the child's number, a path, flags and a mode; `dup2`: from which number to which; `close`: a number. */
export type FileAction =
  | { open: readonly [fd: number, path: string, flags: number, mode?: number] }
  | { dup2: readonly [from: number, to: number] }
  | { close: number };

const NOTHING = -1;

/** Which of the parent's descriptors the child has under a number; -1: none. */
export class ChildDescriptors {
  readonly #sources = new Map<number, number>();
  /** Opened for the child alone. */
  readonly #opened: number[] = [];
  readonly #sys: Syscalls;
  readonly #cwd: string | undefined;

  /** `cwd` is the child's own directory, if it has one. */
  constructor(sys: Syscalls, pairs: readonly number[], cwd: string | undefined) {
    this.#sys = sys;
    this.#cwd = cwd;
    for (let index = 0; index < pairs.length; index += 2) {
      this.#sources.set(pairs[index]!, pairs[index + 1]!);
    }
  }

  /**
   * @throws {SystemError} EBADF a negative number, or dup2 from one that is closed; of open(2), what it throws
   * @throws {TypeError} an action that is none
   */
  async follow(actions: readonly FileAction[]): Promise<void> {
    for (const action of actions) {
      if ("open" in action) await this.#open(action.open);
      else if ("dup2" in action) this.#dup2(action.dup2);
      else if ("close" in action) this.#sources.set(descriptor(action.close), NOTHING);
      else throw new TypeError("spawn: a file action is none of open, dup2 and close");
    }
  }

  async #open([fd, path, flags, mode]: readonly [number, string, number, number?]): Promise<void> {
    const number = descriptor(fd);
    const isRelative = this.#cwd !== undefined && !path.startsWith("/");
    const name = isRelative ? `${this.#cwd}/${path}` : path;
    const opened = await this.#sys.async.open(name, flags | O_CLOEXEC, mode);
    this.#opened.push(opened);
    this.#sources.set(number, opened);
  }

  #dup2([from, to]: readonly [number, number]): void {
    const source = this.#sources.get(descriptor(from)) ?? from;
    if (source === NOTHING)
      throw new SystemError(EBADF, "spawn", `dup2 of ${from}, which is closed`);
    this.#sources.set(descriptor(to), source);
  }

  /** As Attributes takes them. */
  pairs(): number[] {
    return [...this.#sources].flat();
  }

  /** A number that the child has not been given yet. */
  give(fd: number, source: number): boolean {
    if (this.#sources.has(fd)) return false;
    this.#sources.set(fd, source);
    return true;
  }

  /** The child has what was opened, or there is none. */
  close(): void {
    for (const fd of this.#opened.splice(0)) this.#sys.close(fd);
  }
}

function descriptor(value: unknown): number {
  const fd = int(value, "spawn", "a file action's descriptor");
  if (fd < 0) throw new SystemError(EBADF, "spawn", `a file action names descriptor ${fd}`);
  return fd;
}
