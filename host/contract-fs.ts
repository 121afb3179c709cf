/**
 * The part of `Syscalls` that is about names: files, directories, symbolic links and FIFOs. Interfaces
 * only, as in contract.ts.
 *
 * A path is a string without NUL, in the file system's bytes UTF-8; a relative one begins at the current
 * directory, which a child inherits with the umask. What every call with a path may throw, in the manual's
 * order (path_resolution(7)):
 *
 * - EACCES: a directory on the way may not be searched, or the call's own permission is missing
 * - ELOOP: more than SYMLOOP_MAX symbolic links on the way
 * - ENAMETOOLONG: a component is longer than NAME_MAX bytes, or the path than PATH_MAX with its NUL
 * - ENOENT: the path is empty, or something on the way does not exist
 * - ENOTDIR: something on the way is no directory
 *
 * Calls that make an entry also throw ENOSPC when the machine is full.
 */
import type { CallOptions, Timespec } from "./contract.ts";
import type { Stat } from "./contract-files.ts";

/** struct dirent. */
export interface Dirent {
  d_ino: number;
  /** The directory's offset after this entry, for lseek(). */
  d_off: number;
  /** DT_REG and its like. */
  d_type: number;
  d_name: string;
}

/** atime and mtime; UTIME_NOW and UTIME_OMIT may stand for tv_nsec. */
export type FileTimes = readonly [atime: Timespec, mtime: Timespec];

/** open(2), mkfifo(3), fsync(2), truncate(2). */
export interface OpenCalls {
  /**
   * Opens a file, or makes one with O_CREAT. A FIFO is waited for until its other end is open, unless
   * O_RDWR or O_NONBLOCK is asked for.
   * @param flags O_RDONLY, O_WRONLY or O_RDWR, with other O_* flags; unknown ones are ignored
   * @param mode permissions of a new file, without those in the umask; 0 when left out
   * @returns the lowest free number
   * @throws {SystemError} EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR: above. EACCES also: the file's
   *   permissions forbid it. ELOOP also: O_NOFOLLOW, and it is a symbolic link. ENOTDIR also:
   *   O_DIRECTORY, and it is none
   * @throws {SystemError} EEXIST: O_CREAT and O_EXCL, and it exists, be it a symbolic link to nothing
   * @throws {SystemError} EINTR: a signal handler ran while a FIFO was waited for
   * @throws {SystemError} EINVAL: O_CREAT and O_DIRECTORY together
   * @throws {SystemError} EISDIR: a directory, and writing or O_CREAT is asked for
   * @throws {SystemError} EMFILE, ENFILE: as pipe()
   * @throws {SystemError} ENOSPC: O_CREAT, and the machine is full
   * @throws {SystemError} ENXIO: O_WRONLY and O_NONBLOCK, and nobody reads the FIFO; or it is a socket
   * @see open(2), fifo(7)
   */
  open(path: string, flags: number, mode?: number): number;
  /** open(); a relative path begins at the directory `dirfd`, AT_FDCWD: at the current one. EBADF. */
  openat(dirfd: number, path: string, flags: number, mode?: number): number;

  /**
   * Makes a FIFO: a pipe that has a name.
   * @param mode permissions, without those in the umask
   * @throws {SystemError} EEXIST: the path exists, be it a symbolic link to nothing
   * @see mkfifo(3)
   */
  mkfifo(path: string, mode: number): 0;
  /** mkfifo(); a relative path begins at the directory `dirfd`. EBADF. */
  mkfifoat(dirfd: number, path: string, mode: number): 0;

  /**
   * Makes a file `length` bytes long: cuts it off, or adds zeros.
   * @throws {SystemError} EFBIG: too long. EINVAL: `length` is negative, or it is a FIFO. EISDIR
   * @see truncate(2)
   */
  truncate(path: string, length: number): 0;
  /**
   * truncate() of a file that is open.
   * @throws {SystemError} EBADF: `fd` is not open. EFBIG. EINVAL: also not open for writing
   */
  ftruncate(fd: number, length: number): 0;

  /**
   * Carries what was written to the volume.
   * @throws {SystemError} EBADF, EINVAL: a pipe or a FIFO has no volume, EIO, ENOSPC and others: from
   *   the volume
   * @see fsync(2)
   */
  fsync(fd: number): 0;
  fdatasync(fd: number): 0;
  /** Carries everything that was written to the volume of an open file. @see syncfs(2) */
  syncfs(fd: number): 0;
  /**
   * Carries everything that was written to every volume.
   * @throws {SystemError} in a machine, what the first volume said that refused something
   * @see sync(2)
   */
  sync(): 0;
}

/** mkdir(2), rmdir(2), link(2), symlink(2), unlink(2), rename(2), readlink(2), getdents(2). */
export interface DirectoryCalls {
  /** @throws {SystemError} EEXIST; see mkdir(2) */
  mkdir(path: string, mode: number): 0;
  /**
   * @throws {SystemError} EBUSY: the root, or mounted on. EINVAL: the last component is ".".
   *   ENOTEMPTY: it has entries, or the last component is ".."
   * @see rmdir(2)
   */
  rmdir(path: string): 0;
  /**
   * Another name for a file; a symbolic link is not followed.
   * @throws {SystemError} EEXIST: `newpath` exists. EMLINK. EPERM: a directory. EXDEV: another mount
   * @see link(2)
   */
  link(oldpath: string, newpath: string): 0;
  /** @throws {SystemError} EEXIST: `linkpath` exists. ENOENT: also when `target` is empty; see symlink(2) */
  symlink(target: string, linkpath: string): 0;
  /**
   * Takes a name away; the file goes with its last name and its last open description.
   * @throws {SystemError} EISDIR: a directory. EPERM: the directory has S_ISVTX and neither is yours
   * @see unlink(2)
   */
  unlink(path: string): 0;
  /**
   * Gives a file another name, in one step; what had that name loses it.
   * @throws {SystemError} EBUSY: a mount. EEXIST or ENOTEMPTY: `newpath` is a directory with entries.
   *   EINVAL: a directory would come below itself, or a last component is "." or "..". EISDIR: `newpath`
   *   is a directory and `oldpath` is none. ENOTDIR: the other way round. EPERM: S_ISVTX. EXDEV
   * @see rename(2)
   */
  rename(oldpath: string, newpath: string): 0;
  /** @throws {SystemError} EINVAL: no symbolic link; see readlink(2) */
  readlink(path: string): string;
  /**
   * The next entries of an open directory, "." and ".." among them.
   * @param count bytes that struct linux_dirent64 of all entries may take, 32768 when left out
   * @returns at least one entry; none at the end
   * @throws {SystemError} EBADF, EINVAL: `count` is too small, ENOENT: removed, ENOTDIR
   * @see getdents(2)
   */
  getdents(fd: number, count?: number): Dirent[];
}

/** stat(2), access(2), chmod(2), chown(2), utimensat(2), umask(2), chdir(2), getcwd(3). */
export interface AttributeCalls {
  stat(path: string): Stat;
  /** stat() that does not follow a symbolic link at the end. */
  lstat(path: string): Stat;
  /**
   * Whether the real user may: R_OK, W_OK, X_OK together, or F_OK.
   * @throws {SystemError} EACCES: no. EINVAL: another `mode`; see access(2)
   */
  access(path: string, mode: number): 0;
  /** @throws {SystemError} EPERM: neither owner nor root; see chmod(2) */
  chmod(path: string, mode: number): 0;
  fchmod(fd: number, mode: number): 0;
  /**
   * -1 leaves owner or group. Clears S_ISUID and S_ISGID of what can be executed.
   * @throws {SystemError} EPERM: only root gives away, an owner may choose among the own groups
   * @see chown(2)
   */
  chown(path: string, owner: number, group: number): 0;
  lchown(path: string, owner: number, group: number): 0;
  fchown(fd: number, owner: number, group: number): 0;
  /**
   * Sets atime and mtime, both to now when `times` is null.
   * @param flags 0 or AT_SYMLINK_NOFOLLOW
   * @throws {SystemError} EACCES, EPERM: neither owner nor root; with now, write permission will do.
   *   EBADF, EINVAL: a bad tv_nsec or flag
   * @see utimensat(2)
   */
  utimensat(dirfd: number, path: string, times?: FileTimes | null, flags?: number): 0;
  futimens(fd: number, times?: FileTimes | null): 0;
  /** Permissions that new files do not get. @returns the mask before; see umask(2) */
  umask(mask: number): number;
  chdir(path: string): 0;
  /** @throws {SystemError} EACCES, EBADF, ENOTDIR; see fchdir(2) */
  fchdir(fd: number): 0;
  /** @throws {SystemError} ENOENT: the current directory was removed; see getcwd(3) */
  getcwd(): string;
}

/** Every call on names. */
export interface FsCalls extends OpenCalls, DirectoryCalls, AttributeCalls {}

/** The asynchronous twins of those that can wait: for a FIFO's other end, for a volume. */
export interface AsyncFsCalls {
  open(path: string, flags: number, mode?: number, options?: CallOptions): Promise<number>;
  openat(
    dirfd: number,
    path: string,
    flags: number,
    mode?: number,
    options?: CallOptions,
  ): Promise<number>;
  fsync(fd: number, options?: CallOptions): Promise<0>;
  fdatasync(fd: number, options?: CallOptions): Promise<0>;
  syncfs(fd: number, options?: CallOptions): Promise<0>;
  sync(options?: CallOptions): Promise<0>;
  /** close(), which waits for the volume when it is the last of a file that was written. */
  close(fd: number, options?: CallOptions): Promise<0>;
}
