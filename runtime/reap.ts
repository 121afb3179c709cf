/** The question who lives: asked by any thread of a machine, answered by its supervisor. */
import { host } from "#host";
import { ECANCELED } from "../assembly/abi/errno.ts";
import { SB_DEATHS, SB_REAP_ASKED, SB_REAP_DONE, SB_SUPERVISOR } from "../assembly/abi/layout.ts";
import { SystemError } from "../host/errno.ts";
import type { Thread } from "./thread.ts";
import { elapse } from "./wait.ts";

/** See Machine.reap(). Questions are counted, and the answer names the last one that it answers. */
export async function reap(thread: Thread): Promise<number> {
  const { i32 } = thread;
  const before = Atomics.load(i32, SB_DEATHS >> 2);
  const mine = Atomics.add(i32, SB_REAP_ASKED >> 2, 1) + 1;
  Atomics.add(i32, SB_SUPERVISOR >> 2, 1);
  Atomics.notify(i32, SB_SUPERVISOR >> 2);
  const index = SB_REAP_DONE >> 2;
  const letGo = host.keepAlive();
  try {
    for (;;) {
      // The word is loaded first: whoever ends the machine changes it after the state.
      const value = Atomics.load(i32, index);
      if (thread.isDown()) throw new SystemError(ECANCELED, "reap", "the machine was shut down");
      if (((value - mine) | 0) >= 0) return (Atomics.load(i32, SB_DEATHS >> 2) - before) | 0;
      await elapse(thread, { index, value, until: Number.POSITIVE_INFINITY });
    }
  } finally {
    letGo();
  }
}
