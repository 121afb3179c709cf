/** What survivors can see of a machine, as plain data to be compared. */
import { EINTR } from "../../assembly/abi/errno.ts";
import { IPC_NOWAIT } from "../../assembly/abi/ipc.ts";
import {
  MSG_COPY,
  MSG_INFO,
  MSG_STAT,
  MSGINFO_SIZE,
  MSQID_DS_SIZE,
} from "../../assembly/abi/msg.ts";
import {
  GETNCNT,
  GETPID,
  GETVAL,
  GETZCNT,
  SEM_INFO,
  SEM_STAT,
  SEMID_DS_NSEMS,
  SEMID_DS_SIZE,
  SEMINFO_SIZE,
} from "../../assembly/abi/sem.ts";
import { SHM_INFO, SHM_INFO_SIZE, SHM_STAT, SHMID_DS_SIZE } from "../../assembly/abi/shm.ts";
import { WNOHANG } from "../../assembly/abi/wait.ts";
import type { TestTask } from "../support/machine.ts";
import { tree } from "./files.ts";
import { locks } from "./lock-scene.ts";
import { ints, outcomeOf, sleepers, textOf } from "./outcome.ts";
import type { Scene } from "./scene.ts";

/** More than any message of the scenarios. */
const TEXT_MAX = 400;
/** More pids than a scene has. */
const PID_MAX = 20;
const INIT = 1;
const WORD = 4;

/** Every live object's id by its slot: `stat` asks for one of the *_STAT commands. */
function ids(count: number, stat: (index: number) => number): number[] {
  return Array.from({ length: count }, (_, index) => stat(index)).filter((id) => id >= 0);
}

export function setIds({ observer, machine }: Scene): number[] {
  return ids(machine.limits.SEMMNI, (index) =>
    observer.call((kernel) => kernel.sys_semctl(index, 0, SEM_STAT, 0)),
  );
}

export function segmentIds({ observer, machine }: Scene): number[] {
  return ids(machine.limits.SHMMNI, (index) =>
    observer.call((kernel) => kernel.sys_shmctl(index, SHM_STAT)),
  );
}

export function queueIds({ observer, machine }: Scene): number[] {
  return ids(machine.limits.MSGMNI, (index) =>
    observer.call((kernel) => kernel.sys_msgctl(index, MSG_STAT)),
  );
}

function sets(scene: Scene): unknown[] {
  const { observer } = scene;
  const ctl = (id: number, num: number, cmd: number): number =>
    observer.call((kernel) => kernel.sys_semctl(id, num, cmd, 0));
  const found: unknown[] = setIds(scene).map((id) => {
    ctl(id & 0x7fff, 0, SEM_STAT);
    const status = ints(observer, SEMID_DS_SIZE);
    const count = status[SEMID_DS_NSEMS >> 2]!;
    const each = (cmd: number) => Array.from({ length: count }, (_, num) => ctl(id, num, cmd));
    return [id, status, [GETVAL, GETPID, GETNCNT, GETZCNT].map(each)];
  });
  ctl(0, 0, SEM_INFO);
  return [...found, ints(observer, SEMINFO_SIZE)];
}

function segments(scene: Scene): unknown[] {
  const { observer } = scene;
  const found: unknown[] = segmentIds(scene).map((id) => {
    observer.call((kernel) => kernel.sys_shmctl(id & 0x7fff, SHM_STAT));
    return [id, ints(observer, SHMID_DS_SIZE)];
  });
  observer.call((kernel) => kernel.sys_shmctl(0, SHM_INFO));
  return [...found, ints(observer, SHM_INFO_SIZE)];
}

function queues(scene: Scene): unknown[] {
  const { observer } = scene;
  const found: unknown[] = queueIds(scene).map((id) => {
    observer.call((kernel) => kernel.sys_msgctl(id & 0x7fff, MSG_STAT));
    const status = ints(observer, MSQID_DS_SIZE);
    const texts: string[] = [];
    for (let at = 0; ; at += 1) {
      const flags = IPC_NOWAIT | MSG_COPY;
      const size = observer.call((kernel) => kernel.sys_msgrcv(id, TEXT_MAX, at, flags));
      if (size < 0) break;
      texts.push(textOf(observer, size));
    }
    return [id, status, texts];
  });
  observer.call((kernel) => kernel.sys_msgctl(0, MSG_INFO));
  return [...found, ints(observer, MSGINFO_SIZE)];
}

/** Who a task is; a parked worker is nobody, and so is one that runs for a process that has ended. */
function whoIs(task: TestTask): unknown {
  const ask = (entry: (kernel: TestTask["kernel"]) => number) => task.call(entry);
  if (ask((kernel) => kernel.sys_waitpid(INIT, WNOHANG)) === -EINTR) return "nobody";
  return [
    ask((kernel) => kernel.sys_getpid()),
    ask((kernel) => kernel.sys_getppid()),
    ask((kernel) => kernel.sys_geteuid()),
    ask((kernel) => kernel.sys_getegid()),
    ints(task, WORD * ask((kernel) => kernel.sys_getgroups())),
  ];
}

/** Which processes there are, who each bystander is, and what waits to be delivered to it. */
function processes(scene: Scene): unknown[] {
  const { observer, workers } = scene;
  const ask = (entry: (kernel: TestTask["kernel"]) => number) => observer.call(entry);
  const known = Array.from({ length: PID_MAX }, (_, pid) => [
    pid === 0 ? 0 : ask((kernel) => kernel.sys_kill(pid, 0)),
    ask((kernel) => kernel.sys_getpgid(pid)),
    ask((kernel) => kernel.sys_getsid(pid)),
  ]);
  const each = [...sleepers(scene), ...workers].map(whoIs);
  return [known, each, scene.machine.root.kernel.pool_size()];
}

/** Everything that can be asked without a change. Ends the calls of those who have been completed. */
export function observe(scene: Scene): unknown {
  const slept = sleepers(scene).map(outcomeOf);
  return [
    slept,
    sets(scene),
    segments(scene),
    queues(scene),
    processes(scene),
    locks(scene),
    tree(scene.observer),
  ];
}
