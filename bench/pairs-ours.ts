/** Round trips between two processes of our machine, from the build folder that it is given. */
import { IPC_CREAT, IPC_PRIVATE, IPC_RMID } from "../assembly/abi/ipc.ts";
import type { Syscalls } from "../host/contract.ts";
import { bindHere, bindThere, type Side } from "./affinity.ts";
import { bootFrom, type Child, type Machine } from "./build-under-test.ts";
import { PAUSE_NS, timeTurns } from "./handover.ts";
import type { Backend, Party } from "./party.ts";
import { ORDER, ORDER_BYTES, PIPES, THREAD, TURN_BYTES } from "./program-partner.ts";

const PARTNER = new URL("./program-partner.js", import.meta.url);
const MODE = IPC_CREAT | 0o600;
const V0 = [{ sem_num: 0, sem_op: 1 }];
const P1 = [{ sem_num: 1, sem_op: -1 }];

/** A process of the machine that makes the other half of each round trip. */
class Partner {
  readonly #sys: Syscalls;
  readonly #msqid: number;
  readonly #child: Child;
  readonly #there: readonly [number, number];
  readonly #back: readonly [number, number];

  static async start(machine: Machine, side: Side): Promise<Partner> {
    const { sys } = machine;
    const msqid = sys.msgget(IPC_PRIVATE, MODE);
    const there = sys.pipe();
    const back = sys.pipe();
    const child = await machine.spawn(PARTNER, [msqid, there[0], back[1]].map(String));
    const hello = { mtype: 0, mtext: new Uint8Array(4) };
    sys.msgrcv(msqid, hello, hello.mtext.length, THREAD, 0);
    bindThere(new Int32Array(hello.mtext.buffer)[0] ?? 0, side);
    return new Partner(sys, msqid, child, [there, back]);
  }

  private constructor(
    sys: Syscalls,
    msqid: number,
    child: Child,
    pipes: readonly [readonly [number, number], readonly [number, number]],
  ) {
    this.#sys = sys;
    this.#msqid = msqid;
    this.#child = child;
    [this.#there, this.#back] = pipes;
  }

  #order(semid: number, n: number, pauseNs: number): void {
    const mtext = new Uint8Array(ORDER_BYTES);
    new Int32Array(mtext.buffer).set([semid, n, pauseNs]);
    this.#sys.msgsnd(this.#msqid, { mtype: ORDER, mtext }, ORDER_BYTES, 0);
  }

  turns(pauseNs: number): Party {
    const sys = this.#sys;
    return (n) => {
      const semid = sys.semget(IPC_PRIVATE, 2, MODE);
      this.#order(semid, n, pauseNs);
      sys.semop(semid, P1);
      const ns = timeTurns(n, pauseNs, () => {
        sys.semop(semid, V0);
        sys.semop(semid, P1);
      });
      sys.semctl(semid, 0, IPC_RMID);
      return ns;
    };
  }

  trips(pauseNs: number): Party {
    const sys = this.#sys;
    const bytes = new Uint8Array(TURN_BYTES);
    const to = this.#there[1];
    const from = this.#back[0];
    return (n) => {
      this.#order(PIPES, n, pauseNs);
      sys.read(from, bytes);
      return timeTurns(n, pauseNs, () => {
        sys.write(to, bytes);
        sys.read(from, bytes);
      });
    };
  }

  async close(): Promise<void> {
    this.#order(0, 0, 0);
    await this.#child.wait();
    this.#sys.msgctl(this.#msqid, IPC_RMID);
    for (const fd of [...this.#there, ...this.#back]) this.#sys.close(fd);
  }
}

export async function openOursPairs(build: string): Promise<Backend> {
  const machine = await bootFrom(build);
  const apart = await Partner.start(machine, "apart");
  const together = await Partner.start(machine, "one-core");
  bindHere();
  return {
    parties: {
      "handover-parked": apart.turns(PAUSE_NS),
      "handover-one-core": together.turns(PAUSE_NS),
      "handover-running": apart.turns(0),
      "pipe-parked": apart.trips(PAUSE_NS),
      "pipe-running": apart.trips(0),
    },
    async close() {
      await apart.close();
      await together.close();
      await machine.shutdown();
    },
  };
}
