/** getpid(2), getuid(2), getgroups(2), setpgid(2), waitpid(2) of the running kernel. */
import { int, intOr0 } from "../arguments.ts";
import type { ProcessCalls } from "../contract.ts";
import { Struct } from "./layout.ts";
import type { Libc } from "./libc.ts";
import { checked } from "./table.ts";

/** A checked waitpid(), as the C library takes it; the status comes into `status`. */
export interface WaitRequest {
  pid: number;
  options: number;
  status: Uint8Array<ArrayBuffer>;
}

export function waitRequest(pid: unknown, options: unknown): WaitRequest {
  return {
    pid: int(pid, "waitpid", "pid"),
    options: intOr0(options, "waitpid", "options"),
    status: new Uint8Array(4),
  };
}

/** @returns the child's pid, 0 with WNOHANG, or a negated errno. */
export function makeWait(libc: Libc, { pid, options, status }: WaitRequest): number {
  return libc.waitpid(pid, status, options);
}

/** What waitpid() returns, from a finished request. */
export function waited(pid: number, status: Uint8Array): { pid: number; status: number } {
  const view = new DataView(status.buffer, status.byteOffset);
  return { pid, status: pid > 0 ? view.getInt32(0, true) : 0 };
}

export function processCalls(libc: Libc): ProcessCalls {
  return {
    getpid: () => libc.getpid(),
    getppid: () => libc.getppid(),
    getuid: () => libc.getuid(),
    geteuid: () => libc.geteuid(),
    getgid: () => libc.getgid(),
    getegid: () => libc.getegid(),
    getgroups() {
      const count = checked(libc.getgroups(0, null), "getgroups");
      const s = new Struct(4 * Math.max(count, 1));
      checked(libc.getgroups(count, s.bytes), "getgroups");
      return Array.from({ length: count }, (_, index) => s.u32(4 * index));
    },
    getpgid: (pid) => checked(libc.getpgid(int(pid, "getpgid", "pid")), "getpgid"),
    getpgrp: () => libc.getpgid(0),
    getsid: (pid) => checked(libc.getsid(int(pid, "getsid", "pid")), "getsid"),
    setpgid(pid, pgid) {
      const request = [int(pid, "setpgid", "pid"), int(pgid, "setpgid", "pgid")] as const;
      return checked(libc.setpgid(...request), "setpgid") as 0;
    },
    setsid: () => checked(libc.setsid(), "setsid"),
    waitpid(pid, options) {
      const request = waitRequest(pid, options);
      return waited(checked(makeWait(libc, request), "waitpid"), request.status);
    },
  };
}
