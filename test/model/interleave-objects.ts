/** Scenarios on message queues and on segments. */
import { EINTR, EWAIT } from "../../assembly/abi/errno.ts";
import { IPC_NOWAIT, IPC_RMID } from "../../assembly/abi/ipc.ts";
import { PAGE_SIZE } from "../../assembly/abi/limits.ts";
import { SHM_REMAP } from "../../assembly/abi/shm.ts";
import { writeMessage, writePerm, writeQbytes } from "../support/machine-structs.ts";
import type { Scenario, Scene, Step } from "./interleave.ts";

const send = (queue: number, mtype: number, size: number, flags = 0): Step => ({
  prepare: (task) => writeMessage(task, mtype, size, mtype),
  call: (kernel) => kernel.sys_msgsnd(queue, size, flags),
});

const receive = (queue: number, type = 0, size = 100, flags = 0): Step => ({
  call: (kernel) => kernel.sys_msgrcv(queue, size, type, flags),
});

const removeQueue = (queue: number): Step => ({
  call: (kernel) => kernel.sys_msgctl(queue, IPC_RMID),
});

const newQueue: Step = { call: (kernel) => kernel.sys_msgget(0, 0o666) };
const cancel: Step = { call: (kernel) => kernel.wait_cancel(EINTR) };

type Pair = (id: number) => readonly [readonly Step[], readonly Step[]];

/** Two threads on one queue that holds these messages. */
function onQueue(name: string, sizes: readonly number[], steps: Pair): Scenario {
  return {
    name,
    prepare: (scene) => {
      const { root } = scene.machine;
      const queue = scene.do(root, (kernel) => kernel.sys_msgget(0, 0o666));
      for (const size of sizes) {
        writeMessage(root, 1, size, 1);
        scene.do(root, (kernel) => kernel.sys_msgsnd(queue, size, 0), 0);
      }
      const [a, b] = steps(queue);
      return { a, b };
    },
  };
}

const full = [100, 100];

const setQueue = (queue: number, mode: number, qbytes: number): Step => ({
  prepare: (task) => {
    writePerm(task, 0, 0, mode);
    writeQbytes(task, qbytes);
  },
  call: (kernel) => kernel.sys_msgctl(queue, 1),
});

export const MSG_SCENARIOS: readonly Scenario[] = [
  onQueue("two sends", [], (queue) => [[send(queue, 1, 10)], [send(queue, 2, 20)]]),
  onQueue("a send and a receive", [], (queue) => [[send(queue, 1, 10)], [receive(queue)]]),
  onQueue("two receives of one message", [5], (queue) => [[receive(queue)], [receive(queue)]]),
  onQueue("a receive that does not wait, and a send", [], (queue) => [
    [receive(queue, 0, 100, IPC_NOWAIT)],
    [send(queue, 1, 10)],
  ]),
  onQueue("a send to a full queue, and a receive", full, (queue) => [
    [send(queue, 2, 60)],
    [receive(queue)],
  ]),
  onQueue("two sends to a full queue, and two receives", full, (queue) => [
    [send(queue, 2, 60)],
    [receive(queue), receive(queue)],
  ]),
  onQueue("a receive with a small buffer, and a send", [], (queue) => [
    [receive(queue, 0, 5)],
    [send(queue, 1, 10)],
  ]),
  onQueue("receives of types, and sends of both", [], (queue) => [
    [receive(queue, 2)],
    [send(queue, 1, 10), send(queue, 2, 20)],
  ]),
  onQueue("a receive and a removal", [], (queue) => [[receive(queue)], [removeQueue(queue)]]),
  onQueue("a send and a removal with a new queue in the slot", full, (queue) => [
    [send(queue, 1, 60)],
    [removeQueue(queue), newQueue],
  ]),
  onQueue("a send and IPC_SET that makes room", full, (queue) => [
    [send(queue, 1, 60)],
    [setQueue(queue, 0o666, 400)],
  ]),
  {
    ...onQueue("a receive and IPC_SET that forbids it", [], (queue) => [
      [receive(queue)],
      [setQueue(queue, 0o600, 200)],
    ]),
    uid: 100,
  },
  {
    name: "a cancel of a receive, and a send",
    prepare: (scene) => {
      const queue = scene.do(scene.machine.root, (kernel) => kernel.sys_msgget(0, 0o666));
      scene.do(scene.a.main, (kernel) => kernel.sys_msgrcv(queue, 50, 0, 0), -EWAIT);
      return { a: [cancel], b: [send(queue, 1, 10)] };
    },
  },
  {
    name: "a cancel of a receive, and a send, with another receiver behind",
    prepare: (scene) => {
      const queue = scene.do(scene.machine.root, (kernel) => kernel.sys_msgget(0, 0o666));
      for (const { main } of [scene.a, scene.c]) {
        scene.do(main, (kernel) => kernel.sys_msgrcv(queue, 50, 0, 0), -EWAIT);
      }
      return { a: [cancel], b: [send(queue, 1, 10)], sleepers: [scene.c.main] };
    },
  },
];

const at = (segment: number, addr = 0, flags = 0): Step => ({
  call: (kernel) => Math.min(kernel.sys_shmat(segment, addr, flags), 1),
});
const dt = (addr: number): Step => ({ call: (kernel) => kernel.sys_shmdt(addr) });
const removeSegment = (segment: number): Step => ({
  call: (kernel) => kernel.sys_shmctl(segment, IPC_RMID),
});
const get = (key: number, pages: number, flags: number): Step => ({
  call: (kernel) => kernel.sys_shmget(key, pages * PAGE_SIZE, flags),
});

/** Two threads on one segment, which A has attached at the second address. */
function onSegment(
  name: string,
  steps: (id: number, addr: number) => readonly [readonly Step[], readonly Step[]],
): Scenario {
  const ready = (scene: Scene) => {
    const segment = scene.do(scene.a.main, (kernel) => kernel.sys_shmget(7, 8192, 0o1666));
    const addr = scene.do(scene.a.main, (kernel) => kernel.sys_shmat(segment, 0, 0));
    const [a, b] = steps(segment, addr);
    return { a, b };
  };
  return { name, prepare: ready };
}

export const SHM_SCENARIOS: readonly Scenario[] = [
  {
    name: "two shmgets of one key",
    prepare: () => ({ a: [get(5, 1, 0o1600)], b: [get(5, 2, 0o1600)] }),
  },
  {
    name: "two private shmgets, and removals",
    prepare: () => ({
      a: [get(0, 1, 0o600), get(0, 2, 0o600)],
      b: [get(0, 3, 0o600), removeSegment(0)],
    }),
  },
  onSegment("two attachments", (segment) => [[at(segment)], [at(segment)]]),
  onSegment("an attachment and a removal", (segment) => [[at(segment)], [removeSegment(segment)]]),
  onSegment("a detachment and a removal", (segment, addr) => [
    [dt(addr)],
    [removeSegment(segment)],
  ]),
  onSegment("the last detachment of a marked segment, and an attachment", (segment, addr) => [
    [removeSegment(segment), dt(addr)],
    [at(segment)],
  ]),
  onSegment("a removal and shmget of its key", (segment, addr) => [
    [dt(addr), removeSegment(segment)],
    [get(7, 1, 0o1666), at(32768 + segment)],
  ]),
  onSegment("a mapping over the other, and a removal", (segment, addr) => [
    [at(segment, addr + PAGE_SIZE, SHM_REMAP), dt(addr)],
    [removeSegment(segment)],
  ]),
  onSegment("two removals and a new segment of the frames", (segment, addr) => [
    [dt(addr), removeSegment(segment)],
    [removeSegment(segment), get(0, 2, 0o600)],
  ]),
];
