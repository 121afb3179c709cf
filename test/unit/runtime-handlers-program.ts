/** A program with a handler that throws. */
import { SIGUSR1, type Syscalls } from "../../runtime/index.ts";

export function main(sys: Syscalls, [, where]: string[]): Promise<number> | number {
  sys.sigaction(SIGUSR1, () => {
    throw new Error(`thrown by a handler ${where}`);
  });
  sys.write(1, new TextEncoder().encode("ready\n"));
  if (where === "asleep") sys.pause();
  if (where === "from the event loop") return new Promise(() => {});
  for (;;) sys.getpid();
}
