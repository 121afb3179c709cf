/** Our kernel, from the build folder that it is given: one thread's work, and starting programs. */
import { EAGAIN } from "../assembly/abi/errno.ts";
import { IPC_CREAT, IPC_NOWAIT, IPC_PRIVATE, IPC_RMID } from "../assembly/abi/ipc.ts";
import { bootFrom, type KernelCalls, kernelOf, type Machine } from "./build-under-test.ts";
import { fileParties } from "./files.ts";
import { type Backend, nowNs, type Party } from "./party.ts";
import { pipeParties } from "./pipes.ts";
import { processParties } from "./processes.ts";
import { systemVParties } from "./system-v.ts";

const FIRST = new URL("./program-first.js", import.meta.url);
const EMPTY = new URL("./program-empty.js", import.meta.url);

/** From the call of machine.spawn to the first instruction of a module that imports nothing. */
function spawnFirst(machine: Machine): Party {
  const { sys } = machine;
  const message = { mtype: 0, mtext: new Uint8Array(8) };
  const time = new BigInt64Array(message.mtext.buffer);
  return async (n) => {
    const msqid = sys.msgget(IPC_PRIVATE, IPC_CREAT | 0o600);
    let ns = 0;
    for (let i = 0; i < n; i++) {
      const start = process.hrtime.bigint();
      const child = await machine.spawn(FIRST, [String(msqid)]);
      sys.msgrcv(msqid, message, message.mtext.length, 0, 0);
      ns += Number((time[0] ?? 0n) - start);
      await child.wait();
    }
    sys.msgctl(msqid, IPC_RMID);
    return ns;
  };
}

function spawnWait(machine: Machine): Party {
  return async (n) => {
    const start = nowNs();
    for (let i = 0; i < n; i++) {
      const child = await machine.spawn(EMPTY);
      const { status } = await child.wait();
      if (status !== 0) throw new Error(`program-empty ended with status ${status}`);
    }
    return nowNs() - start;
  };
}

/** A P that cannot be done, as the kernel says it: a negated errno and no SystemError. */
function kernelNowait(kernel: KernelCalls): Party {
  return (n) => {
    const semid = kernel.sys_semget(IPC_PRIVATE, 1, IPC_CREAT | 0o600);
    let sum = 0;
    const start = nowNs();
    for (let i = 0; i < n; i++) sum += kernel.sys_semop1(semid, 0, -1, IPC_NOWAIT);
    const ns = nowNs() - start;
    kernel.sys_semctl(semid, 0, IPC_RMID, 0);
    if (sum !== -EAGAIN * n) throw new Error("a call did not fail with EAGAIN");
    return ns;
  };
}

export async function openOurs(build: string): Promise<Backend> {
  const machine = await bootFrom(build);
  return {
    parties: {
      ...systemVParties(machine.sys),
      ...pipeParties(machine.sys),
      ...fileParties(machine.sys, "/tmp/folder"),
      ...processParties(machine),
      "sem-nowait-kernel": kernelNowait(await kernelOf(build, machine)),
      "spawn-first": spawnFirst(machine),
      "spawn-wait": spawnWait(machine),
    },
    close: () => machine.shutdown(),
  };
}
