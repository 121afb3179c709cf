/** ftok(3) as glibc computes it. */
import { statSync } from "node:fs";
import { ENOENT } from "../../assembly/abi/errno.ts";
import { int, path as pathArgument } from "../arguments.ts";
import { SystemError } from "../errno.ts";

/** The low bits of inode, device and project: 16, 8 and 8 of them. */
export function ftok(path: string, projId: number): number {
  const name = pathArgument(path, "ftok");
  const project = int(projId, "ftok", "projId");
  // ENOENT: the path is empty, see path_resolution(7); Node would take it for the current folder.
  if (name === "") throw new SystemError(ENOENT, "ftok");
  const { ino, dev } = statOf(name);
  return Number(ino & 0xffffn) | (Number(dev & 0xffn) << 16) | ((project & 0xff) << 24) | 0;
}

function statOf(path: string): { ino: bigint; dev: bigint } {
  try {
    return statSync(path, { bigint: true });
  } catch (error) {
    const { errno } = error as { errno?: number };
    if (errno === undefined) throw error;
    // As stat(2): EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR.
    throw new SystemError(-errno, "ftok", path);
  }
}
