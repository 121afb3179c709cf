/** The script of an inner page of pages-page.ts: an iframe, or a window that it opened. */
import { attach, boot, type MachineHandle, SEM_UNDO } from "../../runtime/index.ts";

export type InnerTask =
  /** Takes the semaphore, itself or by a worker, and says its pid. */
  | { act: "hold" | "worker"; handle: MachineHandle; set: number }
  /** Boots a machine and hands it out. */
  | { act: "boot" };

const outer = (window.opener ?? window.parent) as Window;

async function act(task: InnerTask): Promise<unknown> {
  if (task.act === "boot") return (await boot({ pool: 1 })).handle;
  if (task.act === "hold") {
    const { sys, pid } = await attach(task.handle);
    sys.semop(task.set, [{ sem_num: 0, sem_op: -1, sem_flg: SEM_UNDO }]);
    return pid;
  }
  const worker = new Worker("/holder.js", { type: "module" });
  worker.postMessage(task);
  return new Promise((done) => {
    worker.onmessage = ({ data }) => done(data);
  });
}

addEventListener("message", async ({ data }: MessageEvent<InnerTask>) => {
  outer.postMessage(await act(data));
});
outer.postMessage("ready");
