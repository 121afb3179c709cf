/** A program that writes a file of a volume, as its argument says. */
import { O_APPEND, O_CREAT, O_WRONLY, type Syscalls } from "../../../runtime/index.ts";

const FILE = "/v/file";

export function main(sys: Syscalls, [, action, text]: string[]): number {
  const fd = sys.open(FILE, O_WRONLY | O_CREAT | O_APPEND, 0o644);
  sys.write(fd, new TextEncoder().encode(text));
  if (action === "fsync") {
    for (let round = 0; round < 20; round += 1) sys.fsync(fd);
    return 0;
  }
  // Written, and never told to the disk.
  const [wait] = sys.pipe();
  sys.rename(FILE, "/v/written");
  sys.read(wait, new Uint8Array(1));
  return 1;
}
