/** The asynchronous twins of open(2), fsync(2), sync(2) and close(2), on the workers of pool.ts. */
import { AT_FDCWD } from "../../assembly/abi/fcntl.ts";
import { abortSignal, int } from "../arguments.ts";
import type { CallOptions } from "../contract.ts";
import type { AsyncFsCalls } from "../contract-fs.ts";
import { openRequest } from "./open.ts";
import type { CallPool } from "./pool.ts";
import type { FdCall } from "./pool-protocol.ts";

export function asyncFsCalls(pool: CallPool): AsyncFsCalls {
  async function sync(call: FdCall, fd: number, options: CallOptions | undefined) {
    const args = { fd: int(fd, call, "fd") };
    await pool.call({ call, args }, abortSignal(options, call));
    return 0 as const;
  }

  return {
    async open(path, flags, mode, options) {
      const args = openRequest("open", AT_FDCWD, path, flags, mode);
      return (await pool.call({ call: "open", args }, abortSignal(options, "open"))).result;
    },
    async openat(dirfd, path, flags, mode, options) {
      const args = openRequest("openat", dirfd, path, flags, mode);
      return (await pool.call({ call: "openat", args }, abortSignal(options, "openat"))).result;
    },
    fsync: (fd, options) => sync("fsync", fd, options),
    fdatasync: (fd, options) => sync("fdatasync", fd, options),
    syncfs: (fd, options) => sync("syncfs", fd, options),
    close: (fd, options) => sync("close", fd, options),
    async sync(options) {
      await pool.call({ call: "sync", args: {} }, abortSignal(options, "sync"));
      return 0 as const;
    },
  };
}
