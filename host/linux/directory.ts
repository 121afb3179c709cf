/** mkdir(2), link(2), unlink(2), rename(2), readlink(2), getdents(2) of the running kernel. */
import {
  DIRENT_INO,
  DIRENT_NAME,
  DIRENT_OFF,
  DIRENT_RECLEN,
  DIRENT_TYPE,
} from "../../assembly/abi/dirent.ts";
import { PATH_MAX } from "../../assembly/abi/limits.ts";
import { int, long } from "../arguments.ts";
import { pathname } from "../arguments-files.ts";
import type { DirectoryCalls, Dirent } from "../contract-fs.ts";
import { Struct } from "./layout.ts";
import type { Libc } from "./libc.ts";
import { checked } from "./table.ts";

const GETDENTS_SIZE = 32768;
/** More than this at once nobody needs. */
const GETDENTS_MAX = 1 << 20;

function dirents(s: Struct, length: number): Dirent[] {
  const list: Dirent[] = [];
  for (let at = 0; at < length; at += s.u16(at + DIRENT_RECLEN)) {
    const name = s.bytes.subarray(at + DIRENT_NAME, at + s.u16(at + DIRENT_RECLEN));
    list.push({
      d_ino: s.ulong(at + DIRENT_INO),
      d_off: s.long(at + DIRENT_OFF),
      d_type: s.bytes[at + DIRENT_TYPE]!,
      d_name: new TextDecoder().decode(name.subarray(0, name.indexOf(0))),
    });
  }
  return list;
}

export function directoryCalls(libc: Libc): DirectoryCalls {
  /** A call of one path. */
  const one = (call: "rmdir" | "unlink") => (path: string) =>
    checked(libc[call](pathname(path, call)), call) as 0;
  /** A call of two. */
  const two = (call: "link" | "symlink" | "rename") => (from: string, to: string) =>
    checked(libc[call](pathname(from, call), pathname(to, call)), call) as 0;

  return {
    mkdir(path, mode) {
      const args = [pathname(path, "mkdir"), int(mode, "mkdir", "mode") >>> 0] as const;
      return checked(libc.mkdir(...args), "mkdir") as 0;
    },
    rmdir: one("rmdir"),
    unlink: one("unlink"),
    link: two("link"),
    symlink: two("symlink"),
    rename: two("rename"),
    readlink(path) {
      const buf = new Uint8Array(PATH_MAX);
      const name = pathname(path, "readlink");
      const length = checked(libc.readlink(name, buf, buf.length), "readlink");
      return new TextDecoder().decode(buf.subarray(0, length));
    },
    getdents(fd, count) {
      const id = int(fd, "getdents", "fd");
      const size = count === undefined ? GETDENTS_SIZE : long(count, "getdents", "count");
      const s = new Struct(Math.min(Math.max(size, 0), GETDENTS_MAX));
      return dirents(s, checked(libc.getdents64(id, s.bytes, s.bytes.length), "getdents"));
    },
  };
}
