/**
 * documented.ts for calls with paths (man-pages 6.9: open(2), mkfifo(3), truncate(2), fsync(2),
 * mkdir(2), rmdir(2), link(2), symlink(2), unlink(2), rename(2), readlink(2), getdents(2), stat(2),
 * access(2), chmod(2), chown(2), utimensat(2), chdir(2), getcwd(3)).
 */
import type { DocumentedCall } from "./row.ts";

/** Reasons that many calls share, by errno. */
const REASONS: Readonly<Record<string, string>> = {
  EDQUOT: "there are no quotas",
  EFAULT: "strings and structures are objects here, and an object is always accessible",
  EIO: "the bytes are in the machine, so nothing can go wrong below them",
  EMLINK: "a file may have more names than a machine has room for",
  ENOMEM: "there is nothing to allocate but a slot, whose shortage is ENOSPC or ENFILE",
  EROFS: "no part of a row's machine is mounted read-only; test/api/volume-disk.test.ts has it",
  ETXTBSY: "programs are not run from the machine's files",
  EOVERFLOW: "sizes have 64 bits on both sides",
};
const BY_PATH = "only the variant that takes a directory's descriptor has it";
const FLAGS = "it is for flags of the variant that takes a directory's descriptor";

type More = Readonly<Record<string, string>>;

/** `shared` names errnos whose reason is in REASONS. */
function entry(call: string, errnos: string, shared: string, more: More = {}): DocumentedCall {
  const reasons = shared.split(" ").filter((errno) => errno !== "");
  return {
    call,
    errnos: errnos.split(" "),
    unreachable: { ...Object.fromEntries(reasons.map((each) => [each, REASONS[each]!])), ...more },
  };
}

const PATH = "EACCES ELOOP ENAMETOOLONG ENOENT ENOTDIR";

export const DOCUMENTED_FS: readonly DocumentedCall[] = [
  entry(
    "open",
    `${PATH} EEXIST EINTR EINVAL EISDIR EMFILE ENFILE ENOSPC ENXIO EPERM`,
    "EDQUOT EFAULT ENOMEM EOVERFLOW EROFS ETXTBSY",
    {
      EBADF: BY_PATH,
      EBUSY: "it is for block devices that are mounted",
      EFBIG: "sizes have 64 bits on both sides",
      ENODEV: "there are no device files without a device",
      EOPNOTSUPP: "it is for O_TMPFILE where a file system has none",
      EWOULDBLOCK: "it is for leases, which do not exist here",
    },
  ),
  entry("openat", `${PATH} EBADF`, ""),
  entry("mkfifo", `${PATH} EEXIST ENOSPC`, "EDQUOT EROFS", { EBADF: BY_PATH }),
  entry("mkfifoat", "EBADF EEXIST ENOTDIR", "EDQUOT EROFS"),
  entry("truncate", `${PATH} EINVAL EISDIR`, "EFAULT EIO EROFS ETXTBSY", {
    EBADF: "ftruncate() has the row",
    EFBIG: "a length past the largest file is past the safe integers on tmpfs",
    EINTR: "nothing that truncates a file waits",
    EPERM: "there are no append-only files and no seals",
  }),
  entry("ftruncate", "EBADF EINVAL", ""),
  entry("fsync", "EBADF EINVAL", "EDQUOT EIO EROFS", {
    EINTR: "the rows' files have no volume to wait for",
    ENOSPC: "the rows' files have no volume that could be full",
  }),
  entry("fdatasync", "EBADF EINVAL", "EDQUOT EIO EROFS", {
    EINTR: "the rows' files have no volume to wait for",
    ENOSPC: "the rows' files have no volume that could be full",
  }),
  entry("syncfs", "EBADF", "EDQUOT EIO", {
    ENOSPC: "the rows' files have no volume that could be full",
  }),
  { call: "sync", errnos: [] },
  entry("mkdir", `${PATH} EEXIST ENOSPC`, "EDQUOT EFAULT EMLINK ENOMEM EROFS", {
    EBADF: BY_PATH,
    EINVAL: "it is for names that a file system cannot hold",
    EPERM: "it is for file systems without directories",
  }),
  entry("rmdir", `${PATH} EBUSY EINVAL ENOTEMPTY EPERM`, "EFAULT ENOMEM EROFS"),
  entry("link", `${PATH} EEXIST ENOSPC EPERM EXDEV`, "EDQUOT EFAULT EIO EMLINK ENOMEM EROFS", {
    EBADF: BY_PATH,
    EINVAL: FLAGS,
  }),
  entry("symlink", `${PATH} EEXIST ENOSPC`, "EDQUOT EFAULT EIO ENOMEM EROFS", {
    EBADF: BY_PATH,
    EPERM: "it is for file systems without symbolic links",
  }),
  entry("unlink", `${PATH} EISDIR EPERM`, "EFAULT EIO ENOMEM EROFS", {
    EBADF: BY_PATH,
    EBUSY: "Linux has it for mounts only, and those are directories",
    EINVAL: FLAGS,
  }),
  entry(
    "rename",
    `${PATH} EBUSY EINVAL EISDIR ENOTEMPTY EPERM`,
    "EDQUOT EFAULT EMLINK ENOMEM EROFS",
    {
      EBADF: BY_PATH,
      EEXIST: "Linux answers a directory with entries with ENOTEMPTY",
      ENOSPC: "a name gives its place to the new one",
      EXDEV: "the row of link() shows it for both calls",
    },
  ),
  entry("readlink", `${PATH} EINVAL`, "EFAULT EIO ENOMEM", { EBADF: BY_PATH }),
  entry("getdents", "EBADF EINVAL ENOENT ENOTDIR", "EFAULT"),
  entry("stat", PATH, "EFAULT ENOMEM EOVERFLOW", { EBADF: "fstat() has the row", EINVAL: FLAGS }),
  entry("lstat", PATH, "EFAULT ENOMEM EOVERFLOW"),
  entry("access", `${PATH} EINVAL`, "EFAULT EIO ENOMEM EROFS ETXTBSY", {
    EBADF: BY_PATH,
    EPERM: "there are no immutable files",
  }),
  entry("chmod", `${PATH} EPERM`, "EFAULT EIO ENOMEM EROFS", {
    EBADF: "fchmod() has the row",
    EINVAL: FLAGS,
    ENOTSUP: FLAGS,
  }),
  entry("fchmod", "EBADF EPERM", "EIO EROFS"),
  entry("chown", `${PATH} EPERM`, "EFAULT EIO ENOMEM EROFS", {
    EBADF: "fchown() has the row",
    EINVAL: FLAGS,
  }),
  entry("lchown", `${PATH} EPERM`, "EFAULT EIO ENOMEM EROFS"),
  entry("fchown", "EBADF EPERM", "EIO EROFS"),
  entry("utimensat", `${PATH} EBADF EINVAL EPERM`, "EFAULT EROFS", {
    ESRCH: "a directory that is in the way is EACCES on Linux as it is today",
  }),
  entry("futimens", "EBADF", ""),
  entry("chdir", PATH, "EFAULT EIO ENOMEM", { EBADF: "fchdir() has the row" }),
  entry("fchdir", "EACCES EBADF ENOTDIR", ""),
  entry("getcwd", "ENOENT", "EFAULT ENOMEM", {
    EACCES: "the kernel knows the path without a look into the directories",
    EINVAL: "there is no buffer whose size could be 0",
    ENAMETOOLONG: "a path past PATH_MAX takes more directories than a row should make",
    ERANGE: "there is no buffer that could be too small",
  }),
];
