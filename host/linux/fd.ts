/**
 * Descriptors of the running kernel: those of the Node process, whose own are among them. Node opens
 * its descriptors with O_CLOEXEC and keeps SIGPIPE ignored until sigaction() says otherwise.
 */
import { F_GETFL, F_SETFL } from "../../assembly/abi/fcntl.ts";
import { int, intOr0, long } from "../arguments.ts";
import { isLockCommand, span } from "../arguments-files.ts";
import type { DescriptorCalls, ReadWriteCalls } from "../contract-files.ts";
import type { Flock } from "../contract-locks.ts";
import { makeIo, makeVectorIo } from "./io.ts";
import type { Libc } from "./libc.ts";
import { lockCall } from "./locks.ts";
import { genericFlags, nativeFlags } from "./open-flags.ts";
import { pipe2 } from "./pipe.ts";
import { fstat } from "./stat.ts";
import { checked } from "./table.ts";

export function readWriteCalls(libc: Libc): ReadWriteCalls {
  return {
    close: (fd) => checked(libc.close(int(fd, "close", "fd")), "close") as 0,
    read: (fd, buf, count) => checked(makeIo(libc, "read", fd, buf, count), "read"),
    write: (fd, buf, count) => checked(makeIo(libc, "write", fd, buf, count), "write"),
    readv: (fd, iov) => checked(makeVectorIo(libc, "readv", fd, iov), "readv"),
    writev: (fd, iov) => checked(makeVectorIo(libc, "writev", fd, iov), "writev"),
    pread(fd, buf, count, offset) {
      const id = int(fd, "pread", "fd");
      const data = span(buf, long(count, "pread", "count"), "pread");
      const at = long(offset, "pread", "offset");
      return checked(libc.pread(id, data.buf, data.count, at), "pread");
    },
    pwrite(fd, buf, count, offset) {
      const id = int(fd, "pwrite", "fd");
      const data = span(buf, long(count, "pwrite", "count"), "pwrite");
      const at = long(offset, "pwrite", "offset");
      return checked(libc.pwrite(id, data.buf, data.count, at), "pwrite");
    },
    lseek(fd, offset, whence) {
      const id = int(fd, "lseek", "fd");
      const at = long(offset, "lseek", "offset");
      return checked(libc.lseek(id, at, int(whence, "lseek", "whence")), "lseek");
    },
    fstat: (fd) => fstat(libc, int(fd, "fstat", "fd")),
  };
}

export function descriptorCalls(libc: Libc): DescriptorCalls {
  /** Status flags are the only argument and result whose numbers differ between processors. */
  function fcntl(fd: number, cmd: number, arg?: unknown): number | Flock {
    const id = int(fd, "fcntl", "fd");
    const command = int(cmd, "fcntl", "cmd");
    if (isLockCommand(command)) return lockCall(libc, id, command, arg);
    const value = intOr0(arg, "fcntl", "arg");
    const given = command === F_SETFL ? nativeFlags(value) : value;
    const result = checked(libc.fcntl(id, command, given), "fcntl");
    return command === F_GETFL ? genericFlags(result) : result;
  }

  return {
    dup: (oldfd) => checked(libc.dup(int(oldfd, "dup", "oldfd")), "dup"),
    dup2(oldfd, newfd) {
      const args = [int(oldfd, "dup2", "oldfd"), int(newfd, "dup2", "newfd")] as const;
      return checked(libc.dup2(...args), "dup2");
    },
    dup3(oldfd, newfd, flags) {
      const args = [
        int(oldfd, "dup3", "oldfd"),
        int(newfd, "dup3", "newfd"),
        nativeFlags(int(flags, "dup3", "flags")),
      ] as const;
      return checked(libc.dup3(...args), "dup3");
    },
    fcntl: fcntl as DescriptorCalls["fcntl"],
    pipe: () => pipe2(libc, "pipe", 0),
    pipe2: (flags) => pipe2(libc, "pipe2", nativeFlags(int(flags, "pipe2", "flags"))),
  };
}
