/** A machine in a page, end to end; run by machine.test.ts. */
import {
  attach,
  boot,
  IPC_CREAT,
  type Machine,
  SIGTERM,
  type SystemError,
} from "../../runtime/index.ts";
import type { Page } from "../support/browser-page.ts";

const PROGRAM = "machine-program.js";
const V = (sem_num: number, sem_op: number) => [{ sem_num, sem_op, sem_flg: 0 }];

/** What a snapshot tells of a process once it sleeps. */
async function seen(machine: Machine, pid: number) {
  for (;;) {
    const process = machine.snapshot().processes.find((each) => each.pid === pid)!;
    if (process.state === "sleeping") return [process.command, process.waits];
    await new Promise((done) => setTimeout(done));
  }
}

export async function run(page: Page) {
  await using machine = await boot({ pool: 2 });
  const { sys } = machine;
  const set = sys.semget(0, 2, IPC_CREAT | 0o600);

  const answering = await machine.spawn(PROGRAM, ["answer", String(set)]);
  sys.semop(set, V(0, 1));
  await sys.async.semop(set, V(1, -1));
  const answer = await answering.wait();
  await page.progress("answered");

  const thrown = await (await machine.spawn(PROGRAM, ["throw"])).wait();
  const parent = await machine.spawn(`/${PROGRAM}`, ["parent", String(set)]);
  sys.semop(set, V(0, 1));
  await sys.async.semop(set, V(1, -1));
  const grandparent = await parent.wait();
  await page.progress("parent");

  const sleeper = await machine.spawn(PROGRAM, ["sleep", String(set)]);
  const asleep = await seen(machine, sleeper.pid);
  sleeper.kill();
  const killed = await sleeper.wait();
  const spinner = await machine.spawn(PROGRAM, ["spin", String(set)]);
  await sys.async.semop(set, V(1, -1));
  spinner.kill(SIGTERM);
  const spun = await spinner.wait();
  await page.progress("killed");

  let blocking = "";
  try {
    sys.semop(set, V(0, -1));
  } catch (error) {
    blocking = (error as Error).message;
  }

  const blob = new Blob(["export const main = (sys, argv) => argv.length"], {
    type: "text/javascript",
  });
  const fromBlob = await (await machine.spawn(URL.createObjectURL(blob), ["a", "b"])).wait();
  const missing = await (await machine.spawn("no-such-module.js")).wait();

  const attached = new Worker("/machine-attached.js", { type: "module" });
  const hello = new Promise<number>((done) => {
    attached.onmessage = (event) => done(event.data);
  });
  attached.postMessage({ handle: machine.handle, set });
  const attachedPid = await hello;
  attached.terminate();
  // SEM_UNDO of the dead worker's process makes the semaphore 0 again.
  await sys.async.semop(set, V(1, 0));
  await page.progress("attached worker dead");

  const second = await attach(machine.handle);
  const pids = [machine.pid, second.pid];
  await second.shutdown();
  const pending = sys.async.semop(set, V(0, -1)).catch((error: SystemError) => error.code);
  await machine.shutdown();
  return {
    asleep,
    answer: answer.code === answering.pid,
    thrown: thrown.code,
    grandparent: grandparent.code,
    killed: killed.signal,
    spun: spun.signal,
    blocking,
    fromBlob: fromBlob.code,
    missing: missing.code,
    attached: attachedPid > machine.pid,
    pids: new Set(pids).size,
    pending: await pending,
  };
}
