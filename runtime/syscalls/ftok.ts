/** ftok(3): not a system call, but the way in which programs agree on a key. */
import { host } from "#host";
import { int, path as pathOf } from "../../host/arguments.ts";

/**
 * A key made of a file's identity, as the GNU C library makes it: 8 bits of `projId`, 8 of the
 * device, 16 of the inode.
 *
 * @param path an existing file; its contents do not matter
 * @param projId the low 8 bits count, and should not be 0
 * @returns the key, for shmget(), semget() and msgget()
 * @throws {SystemError} EACCES, ELOOP, ENAMETOOLONG, ENOENT or ENOTDIR, as stat(2); in a page,
 *   which has no files, always ENOENT
 * @see ftok(3)
 * @example
 * const key = sys.ftok("/etc/passwd", 1);
 */
export function ftok(path: string, projId: number): number {
  const project = int(projId, "ftok", "proj_id");
  const { inode, device } = host.fileIdentity(pathOf(path, "ftok"));
  return Number(inode & 0xffffn) | (Number(device & 0xffn) << 16) | ((project & 0xff) << 24);
}
