/** Names of users and groups on this computer, from /etc/passwd and /etc/group. */
import { existsSync, readFileSync } from "node:fs";
import type { Names } from "../ipcs/names.ts";

/** passwd(5) and group(5) have the name in the first field and the number in the third. */
function readNames(path: string): Map<number, string> {
  const names = new Map<number, string>();
  if (!existsSync(path)) return names;
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const [name, , number] = line.split(":");
    // The first line of a number counts, as for getpwuid(3).
    if (name && number && !names.has(Number(number))) names.set(Number(number), name);
  }
  return names;
}

/** Reads both files now; where there are none, every number stays a number. */
export function systemNames(): Names {
  const users = readNames("/etc/passwd");
  const groups = readNames("/etc/group");
  return {
    user: (uid) => users.get(uid >>> 0),
    group: (gid) => groups.get(gid >>> 0),
  };
}
