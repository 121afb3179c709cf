/** A call at a lock whose owner does not let go of it. */
import { expect, it } from "vitest";
import { newProcess } from "../../runtime/enlist.ts";
import { boot } from "../../runtime/index.ts";
import { syscalls } from "../../runtime/syscalls/index.ts";
import { LOCK_MSG } from "../support/machine-locks.ts";

it("gives up on a thread that may not block with EAGAIN, and changes nothing", async () => {
  await using machine = await boot({ pool: 0 });
  const { module, memory } = machine.handle;
  const who = { uid: 0, gid: 0, canBlock: false };
  const [page, owner] = [
    await newProcess(module, memory, who),
    await newProcess(module, memory, who),
  ];
  const sys = syscalls(page);
  Atomics.store(page.i32, LOCK_MSG >> 2, owner.main.id);
  expect(() => sys.msgget(5, 0o1600)).toThrow(
    "msgget: Resource temporarily unavailable (EAGAIN): whoever holds a lock may just have ended",
  );
  Atomics.store(page.i32, LOCK_MSG >> 2, 0);
  expect(() => sys.msgget(5, 0)).toThrow("ENOENT");
});
