/** The functions of the C library that take paths, for libc.ts. koffi gives them strings in UTF-8. */

type Buffer8 = Uint8Array | null;

/** Each returns what C returns, or the negated errno. */
export interface LibcFs {
  openat(dirfd: number, path: string, flags: number, mode: number): number;
  mkfifoat(dirfd: number, path: string, mode: number): number;
  truncate(path: string, length: number): number;
  ftruncate(fd: number, length: number): number;
  fsync(fd: number): number;
  fdatasync(fd: number): number;
  syncfs(fd: number): number;
  sync(): void;
  mkdir(path: string, mode: number): number;
  rmdir(path: string): number;
  link(oldpath: string, newpath: string): number;
  symlink(target: string, linkpath: string): number;
  unlink(path: string): number;
  rename(oldpath: string, newpath: string): number;
  readlink(path: string, buf: Buffer8, size: number): number;
  getdents64(fd: number, buf: Buffer8, count: number): number;
  access(path: string, mode: number): number;
  chmod(path: string, mode: number): number;
  fchmod(fd: number, mode: number): number;
  chown(path: string, owner: number, group: number): number;
  lchown(path: string, owner: number, group: number): number;
  fchown(fd: number, owner: number, group: number): number;
  utimensat(dirfd: number, path: string, times: Buffer8, flags: number): number;
  futimens(fd: number, times: Buffer8): number;
  umask(mask: number): number;
  chdir(path: string): number;
  fchdir(fd: number): number;
}

/** openat() takes its mode like any other argument on all architectures that this folder knows. */
export const FS_PROTOTYPES: readonly string[] = [
  "int openat(int dirfd, const char *path, int flags, uint32_t mode)",
  "int mkfifoat(int dirfd, const char *path, uint32_t mode)",
  "int truncate(const char *path, int64_t length)",
  "int ftruncate(int fd, int64_t length)",
  "int fsync(int fd)",
  "int fdatasync(int fd)",
  "int syncfs(int fd)",
  "void sync(void)",
  "int mkdir(const char *path, uint32_t mode)",
  "int rmdir(const char *path)",
  "int link(const char *oldpath, const char *newpath)",
  "int symlink(const char *target, const char *linkpath)",
  "int unlink(const char *path)",
  "int rename(const char *oldpath, const char *newpath)",
  "int64_t readlink(const char *path, void *buf, int64_t size)",
  "int64_t getdents64(int fd, void *buf, int64_t count)",
  "int access(const char *path, int mode)",
  "int chmod(const char *path, uint32_t mode)",
  "int fchmod(int fd, uint32_t mode)",
  "int chown(const char *path, uint32_t owner, uint32_t group)",
  "int lchown(const char *path, uint32_t owner, uint32_t group)",
  "int fchown(int fd, uint32_t owner, uint32_t group)",
  "int utimensat(int dirfd, const char *path, void *times, int flags)",
  "int futimens(int fd, void *times)",
  "uint32_t umask(uint32_t mask)",
  "int chdir(const char *path)",
  "int fchdir(int fd)",
];
