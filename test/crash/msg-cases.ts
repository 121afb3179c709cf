/** Message queue calls to be cut off. */
import { EINTR } from "../../assembly/abi/errno.ts";
import {
  IPC_INFO,
  IPC_NOWAIT,
  IPC_PERM_MODE,
  IPC_RMID,
  IPC_SET,
  IPC_STAT,
} from "../../assembly/abi/ipc.ts";
import {
  MSG_COPY,
  MSG_EXCEPT,
  MSG_INFO,
  MSG_NOERROR,
  MSG_STAT,
  MSQID_DS_QBYTES,
  MSQID_DS_SIZE,
} from "../../assembly/abi/msg.ts";
import type { TestTask } from "../support/machine.ts";
import { made, receive, type Scenario, SHARED, send, sleepOnBusy, text } from "./scenario.ts";
import type { Scene } from "./scene.ts";

const get = (task: TestTask, key: number): number =>
  task.call((kernel) => kernel.sys_msgget(key, SHARED));
const ctl = (task: TestTask, id: number, cmd: number): number =>
  task.call((kernel) => kernel.sys_msgctl(id, cmd));

function queue(scene: Scene): void {
  scene.id = made(get(scene.b, 3));
}

function queueOfOne(scene: Scene): void {
  queue(scene);
  send(scene.b, scene.id, 2, text(10, 1));
}

function queueOfThree(s: Scene): void {
  queueOfOne(s);
  send(s.b, s.id, 5, text(200, 1));
  send(s.b, s.id, 2, text(10, 9));
}

/** Full, with B's long and C's short message waiting for room. */
function fullQueue(scene: Scene): void {
  queue(scene);
  send(scene.observer, scene.id, 2, text(300, 1));
  send(scene.observer, scene.id, 2, text(300, 1));
  send(scene.b, scene.id, 3, text(200, 1));
  send(scene.c, scene.id, 3, text(50, 1));
}

/** Two queues share the blocks; `free` are left, of which some were used before. */
function poolFull(s: Scene, free: number): void {
  queue(s);
  s.other = made(get(s.b, 4));
  send(s.b, s.other, 1, text(300, 1));
  receive(s.b, s.other, 300, 0);
  for (let used = free; used < s.machine.limits.MSGSEG; used += 1) {
    send(s.b, used % 2 === 0 ? s.id : s.other, 1, text(10, used));
  }
}

function set(task: TestTask, id: number, mode: number, qbytes: number): number {
  const { u8, view } = task.machine;
  u8.fill(0, task.transfer, task.transfer + MSQID_DS_SIZE);
  view.setInt32(task.transfer + IPC_PERM_MODE, mode, true);
  view.setInt32(task.transfer + MSQID_DS_QBYTES, qbytes, true);
  return ctl(task, id, IPC_SET);
}

/** A process of an ordinary user, whose permissions can be taken away. */
function user(s: Scene): TestTask {
  return s.child(1, { uid: 7, gid: 7 }).task;
}

const SEND: readonly Scenario[] = [
  { name: "msgsnd()", prepare: queueOfOne, call: (s) => send(s.a, s.id, 1, text(40, 5)) },
  { name: "msgsnd() of no bytes", prepare: queue, call: (s) => send(s.a, s.id, 1, text(0, 0)) },
  {
    name: "msgsnd() of a message of three blocks",
    prepare: queueOfOne,
    call: (s) => send(s.a, s.id, 1, text(290, 5)),
  },
  {
    name: "msgsnd() of a message of three blocks that were used before",
    prepare(s) {
      queueOfThree(s);
      receive(s.b, s.id, 300, 5);
      send(s.b, s.id, 2, text(10, 9));
      receive(s.b, s.id, 300, 2);
    },
    call: (s) => send(s.a, s.id, 1, text(290, 5)),
  },
  {
    name: "msgsnd() of the last blocks",
    prepare: (s) => poolFull(s, 2),
    call: (s) => send(s.a, s.id, 1, text(130, 5)),
  },
  {
    name: "msgsnd() with too few blocks",
    prepare: (s) => poolFull(s, 1),
    call: (s) => send(s.a, s.id, 1, text(130, 5)),
  },
  {
    name: "msgsnd() of an asynchronous call, the thread asleep in another",
    prepare(s) {
      queueOfOne(s);
      receive(s.a, s.id, 10, 9);
      s.call();
    },
    caller: (s) => s.more[0]!,
    call: (s) => send(s.more[0]!, s.id, 1, text(40, 5)),
  },
  {
    name: "msgsnd() past a receiver with too small a buffer to the next",
    prepare(s) {
      queue(s);
      receive(s.b, s.id, 10, 1);
      receive(s.c, s.id, 100, 1);
      receive(s.d, s.id, 100, 1);
    },
    call: (s) => send(s.a, s.id, 1, text(40, 5)),
  },
  {
    name: "msgsnd() past receivers with too small buffers to the queue",
    prepare(s) {
      queue(s);
      receive(s.b, s.id, 10, 1);
      receive(s.c, s.id, 10, -3);
      receive(s.d, s.id, 100, 2);
    },
    call: (s) => send(s.a, s.id, 1, text(40, 5)),
  },
  {
    name: "msgsnd() to a receiver that takes a part",
    prepare(s) {
      queue(s);
      receive(s.b, s.id, 100, 2, MSG_NOERROR);
      receive(s.c, s.id, 20, 2, MSG_NOERROR | MSG_EXCEPT);
    },
    call: (s) => send(s.a, s.id, 1, text(40, 5)),
  },
  {
    name: "msgsnd() that waits for room",
    prepare: fullQueue,
    call: (s) => send(s.a, s.id, 1, text(40, 5)),
  },
  {
    name: "msgsnd() that fails with IPC_NOWAIT",
    prepare: fullQueue,
    call: (s) => send(s.a, s.id, 1, text(40, 5), IPC_NOWAIT),
  },
  {
    name: "msgsnd() that is interrupted among other senders",
    prepare(s) {
      fullQueue(s);
      send(s.a, s.id, 1, text(40, 5));
      send(s.d, s.id, 1, text(40, 5));
    },
    call: (s) => s.a.waitCancel(EINTR),
  },
  {
    name: "msgsnd() that was completed takes its result",
    prepare(s) {
      fullQueue(s);
      send(s.a, s.id, 1, text(40, 5));
      receive(s.observer, s.id, 300, 0);
      receive(s.observer, s.id, 300, 0);
    },
    call: (s) => s.a.waitResult(),
  },
];

const RECEIVE: readonly Scenario[] = [
  {
    name: "msgrcv() of the only message",
    prepare: queueOfOne,
    call: (s) => receive(s.a, s.id, 300, 0),
  },
  {
    name: "msgrcv() of the last message",
    prepare: queueOfThree,
    call: (s) => receive(s.a, s.id, 300, -5, MSG_NOERROR),
  },
  {
    name: "msgrcv() out of the middle",
    prepare: queueOfThree,
    call: (s) => receive(s.a, s.id, 300, 5),
  },
  {
    name: "msgrcv(MSG_NOERROR) of a part",
    prepare: queueOfThree,
    call: (s) => receive(s.a, s.id, 120, 5, MSG_NOERROR),
  },
  {
    name: "msgrcv(MSG_EXCEPT)",
    prepare: queueOfThree,
    call: (s) => receive(s.a, s.id, 300, 2, MSG_EXCEPT),
  },
  {
    name: "msgrcv(MSG_COPY)",
    prepare: queueOfThree,
    call: (s) => receive(s.a, s.id, 300, 1, MSG_COPY | IPC_NOWAIT),
  },
  {
    name: "msgrcv() that makes room for two senders",
    prepare: fullQueue,
    call: (s) => receive(s.a, s.id, 300, 0),
  },
  {
    name: "msgrcv() that makes room for a sender whose message another receiver takes",
    prepare(s) {
      fullQueue(s);
      receive(s.d, s.id, 300, 3);
    },
    call: (s) => receive(s.a, s.id, 300, 0),
  },
  {
    name: "msgrcv() that makes room in the queue but has no blocks for the sender",
    prepare(s) {
      poolFull(s, 0);
      set(s.observer, s.id, 0o666, 60);
      send(s.b, s.id, 3, text(30, 1));
      // Two blocks, where one has come free.
      send(s.c, s.id, 3, text(130, 1));
      set(s.observer, s.id, 0o666, 180);
    },
    call: (s) => receive(s.a, s.id, 300, 0),
  },
  {
    name: "msgrcv() that waits for a message",
    prepare: queueOfOne,
    call: (s) => receive(s.a, s.id, 300, 7),
  },
  {
    name: "msgrcv() that waits behind another",
    prepare(s) {
      queue(s);
      receive(s.b, s.id, 300, 8);
    },
    call: (s) => receive(s.a, s.id, 300, 7),
  },
  {
    name: "msgrcv() that was completed takes its result",
    prepare(s) {
      queue(s);
      receive(s.a, s.id, 300, 7);
      send(s.b, s.id, 7, text(100, 1));
    },
    call: (s) => s.a.waitResult(),
  },
  {
    name: "msgrcv() that was woken for nothing",
    prepare(s) {
      queue(s);
      receive(s.a, s.id, 300, 7);
    },
    call: (s) => s.a.waitResult(),
  },
  {
    name: "msgrcv() that is interrupted between others",
    prepare(s) {
      queue(s);
      receive(s.b, s.id, 300, 8);
      receive(s.a, s.id, 300, 7);
      receive(s.c, s.id, 300, 6);
    },
    call: (s) => s.a.waitCancel(EINTR),
  },
];

/** They change nothing but the caller's transfer area. */
const QUESTIONS: readonly Scenario[] = [
  ["IPC_STAT", IPC_STAT],
  ["MSG_STAT", MSG_STAT],
  ["IPC_INFO", IPC_INFO],
  ["MSG_INFO", MSG_INFO],
].map(([name, cmd]) => ({
  name: `msgctl(${name})`,
  prepare: fullQueue,
  call: (s) => ctl(s.a, s.id, Number(cmd)),
}));

const CONTROL: readonly Scenario[] = [
  { name: "msgget() of a new queue", prepare: () => undefined, call: (s) => get(s.a, 3) },
  { name: "msgget() of a queue that is there", prepare: queue, call: (s) => get(s.a, 3) },
  {
    name: "msgget() of the last queue",
    prepare: (s) => void [1, 2, 3].map((key) => made(get(s.b, key))),
    call: (s) => get(s.a, 6),
  },
  {
    name: "msgget() with every slot in use",
    prepare: (s) => void [1, 2, 3, 4].map((key) => made(get(s.b, key))),
    call: (s) => get(s.a, 6),
  },
  {
    name: "msgctl(IPC_RMID) of an empty queue",
    prepare: queue,
    call: (s) => ctl(s.a, s.id, IPC_RMID),
  },
  {
    name: "msgctl(IPC_RMID) with messages and senders asleep",
    prepare: fullQueue,
    call: (s) => ctl(s.a, s.id, IPC_RMID),
  },
  {
    name: "msgctl(IPC_RMID) with receivers asleep, between other queues",
    prepare(s) {
      for (const key of [1, 2, 3]) made(get(s.b, key));
      s.id = made(get(s.b, 2));
      send(s.b, s.id, 9, text(300, 1));
      receive(s.b, s.id, 10, 1);
      receive(s.c, s.id, 10, 1);
    },
    call: (s) => ctl(s.a, s.id, IPC_RMID),
  },
  {
    name: "msgctl(IPC_RMID) of a queue whose remover has died",
    prepare(s) {
      fullQueue(s);
      const { task } = s.child(1);
      task.dies({ store: 40 }, () => ctl(task, s.id, IPC_RMID));
    },
    call(s) {
      ctl(s.a, s.id, IPC_RMID);
      return sleepOnBusy(s.a);
    },
    dead: (s) => [s.a, s.more[0]!],
  },
  {
    name: "msgctl(IPC_SET) that makes room",
    prepare: fullQueue,
    call: (s) => set(s.a, s.id, 0o666, 900),
  },
  {
    name: "msgctl(IPC_SET) that takes the permission from receivers",
    prepare(s) {
      queue(s);
      receive(user(s), s.id, 10, 1);
      receive(s.b, s.id, 10, 1);
      receive(user(s), s.id, 10, 1);
    },
    call: (s) => set(s.a, s.id, 0o600, 600),
  },
  {
    name: "msgctl(IPC_SET) that makes room for a sender and takes its permission",
    prepare(s) {
      fullQueue(s);
      send(user(s), s.id, 3, text(40, 1));
    },
    call: (s) => set(s.a, s.id, 0o600, 900),
  },
];

export const MSG_SCENARIOS: readonly Scenario[] = [...SEND, ...RECEIVE, ...CONTROL, ...QUESTIONS];
