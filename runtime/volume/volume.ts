/** What boot() can be told of volumes: the disks behind mount points. */

import { NAME_MAX, PATH_MAX } from "../../assembly/abi/limits.ts";
import { VOLUME_MAX } from "../../assembly/abi/volume.ts";
import type { Disk } from "../../host/volume.ts";
import { FsDisk, looksLikeFs, missingMethods, type VolumeFs } from "./fs-disk.ts";
import { ObjectDisk, type VolumeObject } from "./object-disk.ts";

/** Options of directory(). */
export interface DirectoryOptions {
  /** Nothing in it may be changed: EROFS. Default false. */
  readonly?: boolean;
}

/** Marks one of any copy of this module. */
const BRAND = Symbol.for("wasm-ipc.DirectoryVolume");

/** A directory of the host as a volume; directory() makes it. */
export class DirectoryVolume {
  static [Symbol.hasInstance](value: unknown): value is DirectoryVolume {
    return typeof value === "object" && value !== null && BRAND in value;
  }

  readonly path: string;
  readonly readonly: boolean;

  /** @internal */
  constructor(path: string, readonly: boolean) {
    this.path = path;
    this.readonly = readonly;
  }
}

Object.defineProperty(DirectoryVolume.prototype, BRAND, { value: true });

/**
 * A directory of the host's file system as a volume, on Node. Names are read when the machine boots, and
 * contents when a file is first opened. What the machine writes is carried to the disk by fsync(), by
 * the close() of the last descriptor that could write, by sync(), every few seconds, and at shutdown;
 * names by the same. What others change in the directory meanwhile is not seen.
 *
 * Symbolic links are links in the machine, and never lead out of the directory. Sockets, devices and
 * FIFOs are left out. Files belong to the user of boot(); owners are not written back.
 *
 * @param path relative to the working directory
 * @throws {TypeError} `path` is no string
 * @example
 * await using machine = await boot({ volumes: { "/work": directory("./work") } });
 */
export function directory(path: string, options: DirectoryOptions = {}): DirectoryVolume {
  if (typeof path !== "string" || path === "") {
    throw new TypeError(`directory: \`path\` must be the path of a directory, not ${String(path)}`);
  }
  const { readonly = false } = options;
  if (typeof readonly !== "boolean") {
    throw new TypeError(`directory: \`readonly\` must be true or false, not ${String(readonly)}`);
  }
  return new DirectoryVolume(path, readonly);
}

/**
 * A disk behind a mount point: a plain object of paths and contents; anything with the synchronous part
 * of node:fs, such as a volume of memfs; or a directory().
 */
export type Volume = VolumeObject | VolumeFs | DirectoryVolume;

/** A volume and where it goes. */
export interface Mount {
  path: string;
  index: number;
  source: DirectoryVolume | Disk;
}

/** Mount points in the order in which they are mounted. @throws {TypeError} saying what was wanted */
export function planMounts(volume: unknown, volumes: unknown): Mount[] {
  const list: [string, unknown][] = [];
  if (volume !== undefined) list.push(["/", volume]);
  if (volumes !== undefined) {
    if (typeof volumes !== "object" || volumes === null) {
      throw new TypeError(`boot: \`volumes\` must be an object of volumes, not ${String(volumes)}`);
    }
    list.push(...Object.entries(volumes));
  }
  const mounts = list.map(([path, value]) => ({
    path: mountPoint(path),
    source: sourceOf(path, value),
  }));
  mounts.sort((one, other) => (one.path < other.path ? -1 : 1));
  for (const [index, { path }] of mounts.entries()) {
    if (path === mounts[index - 1]?.path) {
      throw new TypeError(`boot: only one volume can be mounted at ${path}`);
    }
  }
  if (mounts.length > VOLUME_MAX) {
    throw new TypeError(`boot: at most ${VOLUME_MAX} volumes can be mounted, not ${mounts.length}`);
  }
  return mounts.map((mount, index) => ({ ...mount, index }));
}

function mountPoint(path: string): string {
  const parts = path.split("/").filter((part) => part !== "");
  const isPath =
    path.startsWith("/") &&
    path.length < PATH_MAX &&
    !path.includes("\0") &&
    parts.every((part) => part !== "." && part !== ".." && part.length <= NAME_MAX);
  if (isPath && parts[0] !== "dev" && parts[0] !== "proc") return `/${parts.join("/")}`;
  throw new TypeError(
    `boot: a volume is mounted at an absolute path without dots, outside of /dev and /proc, not at ${JSON.stringify(path)}`,
  );
}

function sourceOf(path: string, value: unknown): DirectoryVolume | Disk {
  if (value instanceof DirectoryVolume) return value;
  if (isNodeFs(value)) {
    throw new TypeError(
      `boot: the volume at ${path} is node:fs, which is all of the host's files; use directory(path)`,
    );
  }
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject && typeof value !== "function") {
    throw new TypeError(
      `boot: the volume at ${path} must be an object of paths, have the methods of node:fs, or be a directory(), not ${String(value)}`,
    );
  }
  if (looksLikeFs(value)) {
    const missing = missingMethods(value);
    if (missing.length === 0) return new FsDisk(value as VolumeFs);
    throw new TypeError(`boot: the volume at ${path} lacks ${missing.join(", ")} of node:fs`);
  }
  return new ObjectDisk(value as VolumeObject);
}

/** What a Node that has it says of its own modules. */
interface NodeProcess {
  getBuiltinModule?: (name: string) => { default?: unknown } | undefined;
}

function isNodeFs(value: unknown): boolean {
  const { process } = globalThis as { process?: NodeProcess };
  const fs = process?.getBuiltinModule?.("fs");
  if (fs === undefined || typeof value !== "object" || value === null) return false;
  return value === fs || (value as { default?: unknown }).default === fs;
}
