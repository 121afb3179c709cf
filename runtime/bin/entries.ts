/** Names in a directory. */
import type { Syscalls } from "../../host/contract.ts";

/** Every name, "." and ".." among them, in the directory's own order. */
export function entryNames(sys: Syscalls, fd: number): string[] {
  const names: string[] = [];
  for (let batch = sys.getdents(fd); batch.length > 0; batch = sys.getdents(fd)) {
    for (const { d_name } of batch) names.push(d_name);
  }
  return names;
}
