/**
 * Anything with the synchronous part of node:fs as a disk, such as a volume of memfs: all of it, from
 * its root on.
 */
import type { Disk, DiskAttributes, DiskEntry } from "../../host/volume.ts";
import { below } from "./seed.ts";

interface FsStats {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  mode: number | bigint;
  size: number | bigint;
  mtimeMs: number | bigint;
}

/** What a volume must have of node:fs. */
export interface VolumeFs {
  readdirSync(path: string): unknown;
  lstatSync(path: string): unknown;
  readFileSync(path: string): unknown;
  readlinkSync(path: string): unknown;
  writeFileSync(path: string, bytes: Uint8Array): unknown;
  mkdirSync(path: string): unknown;
  symlinkSync(target: string, path: string): unknown;
  renameSync(from: string, to: string): unknown;
  unlinkSync(path: string): unknown;
  rmdirSync(path: string): unknown;
  chmodSync(path: string, mode: number): unknown;
  utimesSync(path: string, atime: number, mtime: number): unknown;
}

const METHODS = [
  "readdirSync",
  "lstatSync",
  "readFileSync",
  "readlinkSync",
  "writeFileSync",
  "mkdirSync",
  "symlinkSync",
  "renameSync",
  "unlinkSync",
  "rmdirSync",
  "chmodSync",
  "utimesSync",
] as const satisfies readonly (keyof VolumeFs)[];

/** The methods that a value lacks to be such a volume. */
export function missingMethods(value: object): string[] {
  return METHODS.filter((name) => typeof (value as Record<string, unknown>)[name] !== "function");
}

/** Whether it has any of them, and so is meant to be one. */
export function looksLikeFs(value: object): boolean {
  return missingMethods(value).length < METHODS.length;
}

export class FsDisk implements Disk {
  readonly #fs: VolumeFs;

  constructor(fs: VolumeFs) {
    this.#fs = fs;
  }

  list(path: string): DiskEntry[] {
    const entries: DiskEntry[] = [];
    for (const name of (this.#fs.readdirSync(path) as unknown[]).map(String)) {
      const stats = this.#fs.lstatSync(below(path, name)) as FsStats;
      const type = stats.isFile()
        ? "file"
        : stats.isDirectory()
          ? "directory"
          : stats.isSymbolicLink()
            ? "symlink"
            : undefined;
      // Sockets, devices and FIFOs: the machine's own are no files of a volume.
      if (type === undefined) continue;
      const mode = Number(stats.mode) & 0o7777;
      entries.push({
        name,
        type,
        mode,
        size: Number(stats.size),
        mtime: Number(stats.mtimeMs) / 1000,
      });
    }
    return entries;
  }

  read(path: string): Uint8Array {
    return this.#fs.readFileSync(path) as Uint8Array;
  }

  readlink(path: string): string {
    return String(this.#fs.readlinkSync(path));
  }

  create(path: string): void {
    this.#fs.writeFileSync(path, new Uint8Array(0));
  }

  write(path: string, bytes: Uint8Array): void {
    this.#fs.writeFileSync(path, bytes);
  }

  mkdir(path: string): void {
    this.#fs.mkdirSync(path);
  }

  symlink(target: string, path: string): void {
    this.#fs.symlinkSync(target, path);
  }

  rename(from: string, to: string): void {
    if (!(this.#fs.lstatSync(from) as FsStats).isSymbolicLink()) {
      this.#fs.renameSync(from, to);
      return;
    }
    // memfs would rename what the link leads to.
    this.#fs.symlinkSync(String(this.#fs.readlinkSync(from)), to);
    this.#fs.unlinkSync(from);
  }

  remove(path: string, type: DiskEntry["type"]): void {
    if (type === "directory") this.#fs.rmdirSync(path);
    else this.#fs.unlinkSync(path);
  }

  setAttributes(path: string, { mode, atime, mtime }: DiskAttributes): void {
    this.#fs.chmodSync(path, mode);
    this.#fs.utimesSync(path, atime, mtime);
  }
}
