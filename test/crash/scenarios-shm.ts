/** Shared memory calls to be cut off. */
import { IPC_PRIVATE, IPC_RMID } from "../../assembly/abi/ipc.ts";
import { PAGE_SIZE } from "../../assembly/abi/limits.ts";
import { SHM_REMAP } from "../../assembly/abi/shm.ts";
import type { TestTask } from "../support/machine.ts";
import { made, type Scenario, SHARED } from "./scenario.ts";
import type { Scene } from "./scene.ts";

const get = (task: TestTask, key: number, size: number): number =>
  task.call((kernel) => kernel.sys_shmget(key, size, SHARED));
const attach = (task: TestTask, id: number, addr = 0, flags = 0): number =>
  task.call((kernel) => kernel.sys_shmat(id, addr, flags));
const remove = (task: TestTask, id: number): number =>
  task.call((kernel) => kernel.sys_shmctl(id, IPC_RMID));
const detach = (task: TestTask, addr: number): number =>
  task.call((kernel) => kernel.sys_shmdt(addr));

function segment(scene: Scene): void {
  scene.id = made(get(scene.b, 5, 5000));
}

function attached(scene: Scene): void {
  segment(scene);
  scene.addr = made(attach(scene.a, scene.id));
}

export const SHM_SCENARIOS: readonly Scenario[] = [
  {
    name: "shmget() of a new segment from fresh frames",
    prepare: segment,
    call: (s) => get(s.a, 6, 9000),
  },
  {
    name: "shmget() of a new segment from recycled frames",
    prepare(s) {
      const first = made(get(s.b, 5, 20000));
      s.id = made(get(s.b, IPC_PRIVATE, PAGE_SIZE));
      remove(s.b, first);
    },
    call: (s) => get(s.a, 6, 9000),
  },
  { name: "shmat()", prepare: segment, call: (s) => attach(s.a, s.id) },
  { name: "shmdt()", prepare: attached, call: (s) => detach(s.a, s.addr) },
  {
    name: "shmdt() of the last attachment of a marked segment",
    prepare(s) {
      attached(s);
      remove(s.b, s.id);
    },
    call: (s) => detach(s.a, s.addr),
  },
  {
    name: "shmctl(IPC_RMID) between two free neighbours",
    prepare(s) {
      const ids = [1, 2, 3].map((key) => made(get(s.b, key, 8192)));
      s.id = ids[1]!;
      remove(s.b, ids[0]!);
      remove(s.b, ids[2]!);
    },
    call: (s) => remove(s.a, s.id),
  },
  {
    name: "shmctl(IPC_RMID) of an attached segment",
    prepare(s) {
      segment(s);
      made(attach(s.b, s.id));
    },
    call: (s) => remove(s.a, s.id),
  },
  {
    name: "shmat(SHM_REMAP) over the middle of an attachment",
    prepare(s) {
      s.id = made(get(s.a, IPC_PRIVATE, 4 * PAGE_SIZE));
      s.addr = made(attach(s.a, s.id));
      s.other = made(get(s.a, IPC_PRIVATE, PAGE_SIZE));
    },
    call: (s) => attach(s.a, s.other, s.addr + PAGE_SIZE, SHM_REMAP),
  },
  {
    name: "shmat(SHM_REMAP) of a marked segment over its own last attachment",
    prepare(s) {
      attached(s);
      remove(s.b, s.id);
    },
    call: (s) => attach(s.a, s.id, s.addr, SHM_REMAP),
  },
];
