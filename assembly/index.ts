/** The kernel's exports, grouped by manual section, and nothing else. */
export { machine_format, machine_set_time } from "./boot";

// shmget(2), shmop(2), shmctl(2)
export { sys_shmat, sys_shmdt, sys_shmget } from "./shm";
export { sys_shmctl } from "./shmctl";

// semget(2), semop(2), semctl(2)
export { sys_semget } from "./sem";
export { sys_semop, sys_semop1 } from "./semop";
export { sys_semctl } from "./semctl";

// msgget(2), msgop(2), msgctl(2)
export { sys_msgget } from "./msg";
export { sys_msgrcv, sys_msgsnd } from "./msgop";
export { sys_msgctl } from "./msgctl";

// credentials(7), waitpid(2), exit(2)
export { proc_create, proc_set_groups, sys_waitpid } from "./proc";
export {
  sys_getegid,
  sys_geteuid,
  sys_getgid,
  sys_getgroups,
  sys_getpid,
  sys_getppid,
  sys_getuid,
} from "./identity";
export { proc_exit, sys_exit, task_free } from "./exit";

// kill(2), sigaction(2)
export {
  proc_next_killed,
  signal_pending_at,
  signal_take,
  sys_kill,
  sys_sigaction,
} from "./signal";

// Tasks, the pool of workers, and death
export { pool_claim, pool_join, pool_size, pool_unclaim, sys_spawn, task_create } from "./pool";
export { task_dead } from "./repair";

// Waiting and waking, for runtime/wait.ts
export { wait_cancel, wait_result } from "./wait";
export { wake_next } from "./wake";
export { lock_sleep } from "./lock";
export {
  lock_busy_at,
  lock_owner,
  task_enter,
  task_park_at,
  task_transfer_at,
  task_transfer_size,
  task_wake_at,
} from "./address";
