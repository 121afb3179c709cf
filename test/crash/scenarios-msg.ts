/** Message queue calls to be cut off. */
import { IPC_PERM_MODE, IPC_RMID, IPC_SET } from "../../assembly/abi/ipc.ts";
import { MSQID_DS_QBYTES, MSQID_DS_SIZE } from "../../assembly/abi/msg.ts";
import { made, receive, type Scenario, SHARED, send, text } from "./scenario.ts";
import type { Scene } from "./scene.ts";

function queue(scene: Scene): void {
  scene.id = made(scene.b.call((kernel) => kernel.sys_msgget(3, SHARED)));
}

function queueOfOne(scene: Scene): void {
  queue(scene);
  send(scene.b, scene.id, 2, text(10, 1));
}

/** Full, with B's long and C's short message waiting for room. */
function fullQueue(scene: Scene): void {
  queue(scene);
  send(scene.observer, scene.id, 2, text(300, 1));
  send(scene.observer, scene.id, 2, text(300, 1));
  send(scene.b, scene.id, 3, text(200, 1));
  send(scene.c, scene.id, 3, text(50, 1));
}

export const MSG_SCENARIOS: readonly Scenario[] = [
  {
    name: "msgget() of a new queue",
    prepare: () => undefined,
    call: (s) => s.a.call((kernel) => kernel.sys_msgget(3, SHARED)),
  },
  { name: "msgsnd()", prepare: queueOfOne, call: (s) => send(s.a, s.id, 1, text(40, 5)) },
  {
    name: "msgsnd() of a message of three blocks",
    prepare: queueOfOne,
    call: (s) => send(s.a, s.id, 1, text(290, 5)),
  },
  {
    name: "msgsnd() past a receiver with too small a buffer to the next",
    prepare(s) {
      queue(s);
      receive(s.b, s.id, 10, 1);
      receive(s.c, s.id, 100, 1);
    },
    call: (s) => send(s.a, s.id, 1, text(40, 5)),
  },
  {
    name: "msgsnd() that waits for room",
    prepare: fullQueue,
    call: (s) => send(s.a, s.id, 1, text(40, 5)),
  },
  {
    name: "msgrcv() out of the middle",
    prepare(s) {
      queueOfOne(s);
      send(s.b, s.id, 5, text(200, 1));
      send(s.b, s.id, 2, text(10, 9));
    },
    call: (s) => receive(s.a, s.id, 300, 5),
  },
  {
    name: "msgrcv() that makes room for two senders",
    prepare: fullQueue,
    call: (s) => receive(s.a, s.id, 300, 0),
  },
  {
    name: "msgrcv() that waits for a message",
    prepare: queueOfOne,
    call: (s) => receive(s.a, s.id, 300, 7),
  },
  {
    name: "msgctl(IPC_RMID) with messages and senders asleep",
    prepare: fullQueue,
    call: (s) => s.a.call((kernel) => kernel.sys_msgctl(s.id, IPC_RMID)),
  },
  {
    name: "msgctl(IPC_SET) that makes room",
    prepare: fullQueue,
    call(s) {
      const { u8, view } = s.machine;
      u8.fill(0, s.a.transfer, s.a.transfer + MSQID_DS_SIZE);
      view.setInt32(s.a.transfer + IPC_PERM_MODE, 0o666, true);
      view.setInt32(s.a.transfer + MSQID_DS_QBYTES, 900, true);
      return s.a.call((kernel) => kernel.sys_msgctl(s.id, IPC_SET));
    },
  },
];
