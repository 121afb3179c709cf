/** Names of users and groups as /etc/passwd and /etc/group give them, if the machine has these files. */

import { O_RDONLY } from "../../assembly/abi/fcntl.ts";
import type { Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import type { Names } from "../ipcs/names.ts";
import { whole } from "./input.ts";

/** Both formats have the name in the first field and the number in the third. */
function readNames(sys: Syscalls, path: string): Map<number, string> {
  const names = new Map<number, string>();
  let fd: number;
  try {
    fd = sys.open(path, O_RDONLY);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return names;
  }
  try {
    for (const line of new TextDecoder().decode(whole(sys, fd)).split("\n")) {
      const [name, , number] = line.split(":");
      // The first line of a number counts, as for getpwuid(3).
      if (name && number && !names.has(Number(number))) names.set(Number(number), name);
    }
  } finally {
    sys.close(fd);
  }
  return names;
}

/** Reads both files when a name is first asked for; without them every number stays a number. */
export function accountNames(sys: Syscalls): Names {
  let users: Map<number, string> | undefined;
  let groups: Map<number, string> | undefined;
  return {
    user(uid) {
      users ??= readNames(sys, "/etc/passwd");
      return users.get(uid >>> 0);
    },
    group(gid) {
      groups ??= readNames(sys, "/etc/group");
      return groups.get(gid >>> 0);
    },
  };
}

/** The number of a user's name, by the first line that has it. */
export function userId(sys: Syscalls, name: string): number | undefined {
  return [...readNames(sys, "/etc/passwd")].find(([, each]) => each === name)?.[0];
}
