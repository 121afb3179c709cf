/** What a new machine's /bin has in it: a file for each program, which names it. */
import { O_CLOEXEC, O_CREAT, O_EXCL, O_WRONLY } from "../assembly/abi/fcntl.ts";
import { writeAll } from "./api/descriptor.ts";
import { BUILTIN_MODE, builtinText } from "./bin/mark.ts";
import { BUILTIN_NAMES } from "./bin/names.ts";
import { initThread } from "./enlist.ts";
import { syscalls } from "./syscalls/index.ts";

/** Makes them as process 1, root's, in a machine that no other thread has joined. */
export function seedPrograms(module: WebAssembly.Module, memory: WebAssembly.Memory): void {
  const thread = initThread(module, memory);
  const sys = syscalls(thread);
  const text = new TextEncoder();
  sys.mkdir("/bin", 0o755);
  for (const name of BUILTIN_NAMES) {
    const fd = sys.open(`/bin/${name}`, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, BUILTIN_MODE);
    writeAll(sys, fd, text.encode(builtinText(name)));
    sys.close(fd);
  }
  thread.freeTasks();
}
