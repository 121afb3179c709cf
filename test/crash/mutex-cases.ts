/** Calls on robust mutexes to be cut off. */
import { EOWNERDEAD, ERETRY, ETIMEDOUT } from "../../assembly/abi/errno.ts";
import { SHMAT_OFFSET } from "../../assembly/abi/shm.ts";
import type { TestTask } from "../support/machine.ts";
import { made, type Scenario, SHARED } from "./scenario.ts";
import type { Scene } from "./scene.ts";

export const lock = (task: TestTask, at: number): number =>
  task.call((kernel) => kernel.sys_mutex_lock(at));
const unlock = (task: TestTask, at: number): number =>
  task.call((kernel) => kernel.sys_mutex_unlock(at));

/** A mutex in a segment, of B unless said otherwise, free. */
export function mutex(s: Scene, of: TestTask = s.b): void {
  const id = made(of.call((kernel) => kernel.sys_shmget(5, 100, SHARED)));
  made(of.call((kernel) => kernel.sys_shmat(id, 0, 0)));
  s.mutex = s.machine.i32[(of.transfer + SHMAT_OFFSET) >> 2]!;
}

/** Its last owner has died, and `task` has it now. */
function inherited(s: Scene, task: TestTask): void {
  mutex(s);
  const { task: dead } = s.child(1);
  lock(dead, s.mutex);
  s.bury(s.machine.root, [dead.serial]);
  if (lock(task, s.mutex) !== EOWNERDEAD) throw new Error("the owner has not died");
}

/** B and C sleep on the mutex, which `owner` holds. */
function contended(s: Scene, owner: TestTask): void {
  mutex(s);
  lock(owner, s.mutex);
  lock(s.b, s.mutex);
  lock(s.c, s.mutex);
}

export const MUTEX_SCENARIOS: readonly Scenario[] = [
  {
    name: "pthread_mutex_init()",
    prepare: (s) => mutex(s),
    call: (s) => s.a.call((kernel) => kernel.sys_mutex_init(s.mutex)),
  },
  {
    name: "pthread_mutex_init() of one that others wait for",
    prepare: (s) => contended(s, s.d),
    call: (s) => s.a.call((kernel) => kernel.sys_mutex_init(s.mutex)),
  },
  {
    name: "pthread_mutex_destroy()",
    prepare: (s) => mutex(s),
    call: (s) => s.a.call((kernel) => kernel.sys_mutex_destroy(s.mutex)),
  },
  { name: "pthread_mutex_lock()", prepare: (s) => mutex(s), call: (s) => lock(s.a, s.mutex) },
  {
    name: "pthread_mutex_lock() of one whose owner has died",
    prepare(s) {
      mutex(s);
      const { task } = s.child(1);
      lock(task, s.mutex);
      s.bury(s.machine.root, [task.serial]);
    },
    call: (s) => lock(s.a, s.mutex),
  },
  {
    name: "pthread_mutex_lock() that waits first",
    prepare(s) {
      mutex(s);
      lock(s.d, s.mutex);
    },
    call: (s) => lock(s.a, s.mutex),
  },
  {
    name: "pthread_mutex_lock() that waits behind others",
    prepare: (s) => contended(s, s.d),
    call: (s) => lock(s.a, s.mutex),
  },
  {
    name: "pthread_mutex_lock() that was woken looks again",
    prepare(s) {
      mutex(s);
      lock(s.d, s.mutex);
      lock(s.a, s.mutex);
      lock(s.b, s.mutex);
      unlock(s.d, s.mutex);
    },
    call: (s) => (s.a.waitResult() === -ERETRY ? lock(s.a, s.mutex) : 0),
  },
  {
    name: "pthread_mutex_timedlock() whose time is up",
    prepare(s) {
      contended(s, s.d);
      lock(s.a, s.mutex);
    },
    call: (s) => s.a.waitCancel(ETIMEDOUT),
  },
  {
    name: "pthread_mutex_timedlock() that was woken when its time is up",
    prepare(s) {
      mutex(s);
      lock(s.d, s.mutex);
      lock(s.a, s.mutex);
      lock(s.b, s.mutex);
      unlock(s.d, s.mutex);
    },
    call(s) {
      const result = s.a.waitCancel(ETIMEDOUT);
      return result === -ERETRY ? s.a.call((kernel) => kernel.sys_mutex_pass(s.mutex)) : result;
    },
  },
  {
    name: "pthread_mutex_trylock() of one that is held",
    prepare: (s) => contended(s, s.d),
    call: (s) => s.a.call((kernel) => kernel.sys_mutex_trylock(s.mutex)),
  },
  {
    name: "pthread_mutex_unlock()",
    prepare(s) {
      mutex(s);
      lock(s.a, s.mutex);
    },
    call: (s) => unlock(s.a, s.mutex),
  },
  {
    name: "pthread_mutex_unlock() of one that others wait for",
    prepare: (s) => contended(s, s.a),
    call: (s) => unlock(s.a, s.mutex),
  },
  {
    name: "pthread_mutex_unlock() of one that is inconsistent",
    prepare: (s) => inherited(s, s.a),
    call: (s) => unlock(s.a, s.mutex),
  },
  {
    name: "pthread_mutex_unlock() of one that is inconsistent and that others wait for",
    prepare(s) {
      inherited(s, s.a);
      lock(s.b, s.mutex);
      lock(s.c, s.mutex);
    },
    call: (s) => unlock(s.a, s.mutex),
  },
  {
    name: "pthread_mutex_consistent()",
    prepare(s) {
      inherited(s, s.a);
      lock(s.b, s.mutex);
    },
    call: (s) => s.a.call((kernel) => kernel.sys_mutex_consistent(s.mutex)),
  },
  {
    name: "_exit() of who holds a mutex that others wait for",
    prepare: (s) => contended(s, s.a),
    call: (s) => s.a.call((kernel) => kernel.sys_exit(0x900)),
  },
];
