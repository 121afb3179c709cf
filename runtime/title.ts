/** What a process is called by ps(1): tells the kernel, see assembly/title.ts. */
import { TITLE_ARGS, TITLE_NAME } from "../assembly/abi/snapshot.ts";
import { enter } from "./steps.ts";
import type { Thread } from "./thread.ts";

const encoder = new TextEncoder();

/** @param name the program's; 15 bytes of it are kept, as in prctl(2), PR_SET_NAME */
export function setTitle(thread: Thread, name: string, args: readonly string[]): void {
  const title = encoder.encode(name).subarray(0, TITLE_NAME - 1);
  const text = encoder.encode(args.join("\0")).subarray(0, TITLE_ARGS);
  const at = thread.transfer;
  thread.u8.fill(0, at, at + TITLE_NAME);
  thread.u8.set(title, at);
  thread.u8.set(text, at + TITLE_NAME);
  // A process that has just been ended needs no name.
  enter(thread, () => thread.kernel.proc_title(text.length));
}
