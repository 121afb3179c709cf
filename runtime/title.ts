/** What a process is called by ps(1): tells the kernel, see assembly/title.ts. */
import { TITLE_ARGS, TITLE_NAME } from "../assembly/abi/snapshot.ts";
import { enter } from "./steps.ts";
import type { Thread } from "./thread.ts";

const encoder = new TextEncoder();

/** @param name the program's; 15 bytes of it are kept, as in prctl(2), PR_SET_NAME */
export function setTitle(thread: Thread, name: string, args: readonly string[]): void {
  // encodeInto() ends before a character that has no room as a whole.
  const title = new Uint8Array(TITLE_NAME + TITLE_ARGS);
  encoder.encodeInto(name, title.subarray(0, TITLE_NAME - 1));
  const { written } = encoder.encodeInto(args.join("\0"), title.subarray(TITLE_NAME));
  thread.u8.set(title, thread.transfer);
  // A process that has just been ended needs no name.
  enter(thread, () => thread.kernel.proc_title(written));
}
