/**
 * A plain object as a disk: paths and contents, as memfs's fromJSON() takes them. A directory of which
 * nothing else tells is a path with null. Modes, times and symbolic links are not kept.
 */
import { EEXIST, ENOENT } from "../../assembly/abi/errno.ts";
import { SystemError } from "../../host/errno.ts";
import type { Disk, DiskEntry } from "../../host/volume.ts";

/** Contents by path: text in UTF-8, or bytes; null for a directory. */
export type VolumeObject = Record<string, string | Uint8Array | null>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes as text, when they are UTF-8. */
function textOr(bytes: Uint8Array): string | Uint8Array {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return bytes;
    throw error;
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** "/a/b" of "a/b", "/a//b/" and the like. @throws {TypeError} for a path with dots, or NUL */
function pathOfKey(key: string): string {
  const parts = key.split("/").filter((part) => part !== "");
  if (key === "" || key.includes("\0") || parts.some((part) => part === "." || part === "..")) {
    throw new TypeError(
      `boot: a volume's path must have no dots and no NUL, not ${JSON.stringify(key)}`,
    );
  }
  return `/${parts.join("/")}`;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

export class ObjectDisk implements Disk {
  readonly #object: VolumeObject;
  /** Bytes of files, null for directories, undefined in `target` for what no object keeps. */
  readonly #files = new Map<string, Uint8Array | null>([["/", null]]);
  readonly #links = new Map<string, string>();
  /** The object's own spelling of a path. */
  readonly #keys = new Map<string, string>();
  /** Paths that were given as bytes. */
  readonly #binary = new Set<string>();

  /** @throws {TypeError} for a key that is no path, a value that is no contents, or a file with entries */
  constructor(object: VolumeObject) {
    this.#object = object;
    for (const [key, value] of Object.entries(object)) {
      const path = pathOfKey(key);
      if (value !== null && typeof value !== "string" && !(value instanceof Uint8Array)) {
        throw new TypeError(
          `boot: a volume's contents must be text, a Uint8Array or null, not ${typeof value}: ${key}`,
        );
      }
      if (value instanceof Uint8Array) this.#binary.add(path);
      this.#keys.set(path, key);
      if (value === null) this.#makeWay(path);
      else this.#addFile(path, typeof value === "string" ? encoder.encode(value) : value.slice());
    }
  }

  #addFile(path: string, bytes: Uint8Array): void {
    this.#makeWay(parentOf(path));
    if (this.#files.has(path)) throw new TypeError(`boot: a volume has ${path} twice`);
    this.#files.set(path, bytes);
  }

  #makeWay(path: string): void {
    if (this.#files.get(path) === null) return;
    if (this.#files.has(path))
      throw new TypeError(`boot: a volume has ${path} as file and directory`);
    this.#makeWay(parentOf(path));
    this.#files.set(path, null);
  }

  list(path: string): DiskEntry[] {
    const now = Math.floor(Date.now() / 1000);
    const entries: DiskEntry[] = [];
    for (const [at, bytes] of this.#files) {
      if (at === "/" || parentOf(at) !== path) continue;
      const name = at.slice(at.lastIndexOf("/") + 1);
      const common = { name, mtime: now };
      if (bytes === null) entries.push({ ...common, type: "directory", mode: 0o755, size: 0 });
      else entries.push({ ...common, type: "file", mode: 0o644, size: bytes.length });
    }
    return entries;
  }

  read(path: string): Uint8Array {
    const bytes = this.#files.get(path);
    if (bytes === undefined || bytes === null) throw new SystemError(ENOENT, "open", path);
    return bytes;
  }

  readlink(path: string): string {
    const target = this.#links.get(path);
    if (target === undefined) throw new SystemError(ENOENT, "readlink", path);
    return target;
  }

  create(path: string): void {
    this.#mustBeNew(path);
    this.#files.set(path, new Uint8Array(0));
  }

  #mustBeNew(path: string): void {
    if (this.#files.has(path) || this.#links.has(path)) throw new SystemError(EEXIST, "open", path);
  }

  write(path: string, bytes: Uint8Array): void {
    this.#files.set(path, bytes);
  }

  mkdir(path: string): void {
    this.#mustBeNew(path);
    this.#files.set(path, null);
  }

  symlink(target: string, path: string): void {
    this.#mustBeNew(path);
    this.#links.set(path, target);
  }

  rename(from: string, to: string): void {
    for (const map of [this.#files, this.#links] as Map<string, unknown>[]) {
      map.delete(to);
      for (const [path, value] of [...map]) {
        if (path !== from && !path.startsWith(`${from}/`)) continue;
        map.delete(path);
        map.set(to + path.slice(from.length), value);
      }
    }
  }

  remove(path: string): void {
    this.#files.delete(path);
    this.#links.delete(path);
  }

  /** An object keeps none. */
  setAttributes(): void {}

  /** Brings the object up to date, touching what has changed alone. */
  finish(): void {
    const parents = new Set([...this.#files.keys(), ...this.#links.keys()].map(parentOf));
    for (const [path, key] of [...this.#keys]) {
      const bytes = this.#files.get(path);
      if (bytes !== undefined && (bytes !== null || this.#object[key] === null)) continue;
      delete this.#object[key];
      this.#keys.delete(path);
    }
    for (const [path, bytes] of this.#files) {
      if (bytes !== null) this.#put(path, bytes);
      else if (path !== "/" && !parents.has(path) && !this.#keys.has(path)) {
        this.#keys.set(path, path);
        this.#object[path] = null;
      }
    }
  }

  #put(path: string, bytes: Uint8Array): void {
    const key = this.#keys.get(path) ?? path;
    const old = this.#object[key];
    if (
      typeof old === "string"
        ? isSame(encoder.encode(old), bytes)
        : old instanceof Uint8Array && isSame(old, bytes)
    )
      return;
    this.#keys.set(path, key);
    this.#object[key] = this.#binary.has(path) ? bytes : textOr(bytes);
  }
}
