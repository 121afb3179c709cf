/**
 * A machine shared with iframes and opened windows that go away with a semaphore; run by pages.test.ts.
 * The inner pages say "ready" to their parent or opener, are given a task, and answer when it is done.
 */
import { attach, boot, type MachineHandle, type SystemError } from "../../runtime/index.ts";
import type { Page } from "../support/browser-page.ts";
import type { InnerTask } from "./pages-inner.ts";

const GETVAL = 12;
const op = (sem_op: number) => [{ sem_num: 0, sem_op }];

/** Resolves with the next message from that page. */
function messageFrom(source: () => unknown): Promise<unknown> {
  return new Promise((done) => {
    const listen = (event: MessageEvent) => {
      if (event.source !== source()) return;
      removeEventListener("message", listen);
      done(event.data);
    };
    addEventListener("message", listen);
  });
}

interface Inner {
  window: Window;
  navigate(): void;
  close(): void;
}

async function frame(): Promise<Inner> {
  const element = document.createElement("iframe");
  const ready = messageFrom(() => element.contentWindow);
  element.src = "/inner.html";
  document.body.append(element);
  await ready;
  return {
    window: element.contentWindow!,
    navigate: () => {
      element.src = "/away.html";
    },
    close: () => element.remove(),
  };
}

async function opened(): Promise<Inner> {
  let window: Window | null = null;
  const ready = messageFrom(() => window);
  window = open("/inner.html", "_blank", "popup");
  if (window === null) throw new Error("no window was opened");
  await ready;
  return {
    window,
    navigate: () => window.location.assign("/away.html"),
    close: () => window.close(),
  };
}

async function give(inner: Inner, task: InnerTask): Promise<unknown> {
  const answer = messageFrom(() => inner.window);
  inner.window.postMessage(task);
  return answer;
}

/** The inner page goes away with the semaphore. @returns its value right after that. */
async function survive(
  make: () => Promise<Inner>,
  way: "navigate" | "close",
  act: "hold" | "worker",
): Promise<number> {
  await using machine = await boot({ pool: 0 });
  const { sys, handle } = machine;
  const set = sys.semget(0, 1, 0o1600);
  sys.semop(set, op(1));
  const inner = await make();
  const pid = await give(inner, { act, handle, set });
  if (!(Number(pid) > machine.pid)) throw new Error(`the inner page says ${String(pid)}`);
  if (sys.semctl(set, 0, GETVAL) !== 0) throw new Error("the inner page has no semaphore");
  inner[way]();
  const value = sys.semctl(set, 0, GETVAL);
  await sys.async.semop(set, op(-1));
  if (way === "navigate") inner.close();
  return value;
}

/** Attaches to the inner page's machine, which goes away. @returns how a sleeping call ends. */
async function outlive(handle: MachineHandle, end: () => void): Promise<string> {
  const machine = await attach(handle);
  const set = machine.sys.semget(0, 1, 0o1600);
  const call = machine.sys.async.semop(set, op(-1)).then(
    () => "no error",
    ({ code }: SystemError) => code,
  );
  end();
  const code = await call;
  await machine.shutdown();
  return code;
}

async function bootInside(make: () => Promise<Inner>, way: "navigate" | "close") {
  const inner = await make();
  const handle = (await give(inner, { act: "boot" })) as MachineHandle;
  const code = await outlive(handle, () => inner[way]());
  if (way === "navigate") inner.close();
  return code;
}

async function bootInWorker(): Promise<string> {
  const worker = new Worker("/booter.js", { type: "module" });
  const handle = await new Promise<MachineHandle>((done) => {
    worker.onmessage = ({ data }) => done(data);
  });
  return outlive(handle, () => worker.terminate());
}

/** A worker of this page is terminated, of which a page is not told when it has ended. */
async function reap(): Promise<number> {
  await using machine = await boot({ pool: 0 });
  const { sys, handle } = machine;
  const set = sys.semget(0, 1, 0o1600);
  sys.semop(set, op(1));
  const worker = new Worker("/holder.js", { type: "module" });
  const holds = new Promise((done) => {
    worker.onmessage = done;
  });
  worker.postMessage({ handle, set });
  await holds;
  if ((await machine.reap()) !== 0) throw new Error("the worker lives");
  worker.terminate();
  while (sys.semctl(set, 0, GETVAL) === 0) await machine.reap();
  return sys.semctl(set, 0, GETVAL);
}

/** A second attach on this page, which is told that the page goes away though it stays. */
async function goAway(): Promise<string[]> {
  const machine = await boot({ pool: 0 });
  const { sys } = machine;
  const set = sys.semget(0, 1, 0o1600);
  const code = sys.async.semop(set, op(-1)).catch((error: SystemError) => error.code);
  const second = await attach(machine.handle);
  dispatchEvent(new PageTransitionEvent("pagehide"));
  const codes = [String(await code)];
  for (const end of [second, machine]) {
    await end.sys.async.semop(set, op(-1)).catch((error: SystemError) => codes.push(error.code));
    await end.shutdown();
  }
  return codes;
}

export async function run(page: Page) {
  const results: Record<string, unknown> = {};
  const note = async (name: string, work: Promise<unknown>) => {
    results[name] = await work;
    await page.progress(name);
  };
  await note("iframe removed", survive(frame, "close", "hold"));
  await note(
    "iframe navigated",
    survive(frame, "navigate", "hold").then(() => "heard"),
  );
  await note(
    "window closed",
    survive(opened, "close", "hold").then(() => "heard"),
  );
  await note(
    "window navigated",
    survive(opened, "navigate", "hold").then(() => "heard"),
  );
  await note(
    "iframe with a worker removed",
    survive(frame, "close", "worker").then(() => "heard"),
  );
  await note("booting iframe removed", bootInside(frame, "close"));
  await note("booting iframe navigated", bootInside(frame, "navigate"));
  await note("booting window closed", bootInside(opened, "close"));
  await note("booting worker terminated", bootInWorker());
  await note("own worker terminated", reap());
  await note("this page", goAway());
  return results;
}
