/**
 * The kernel's exports, grouped by manual section, and nothing else.
 * Crash: constant.
 */
import {
  lock_busy_at,
  lock_owner,
  task_enter,
  task_park_at,
  task_transfer_at,
  task_transfer_size,
  task_wake_at,
} from "./address.ts";
import { alarm_fire, alarm_next, sys_getitimer, sys_setitimer } from "./alarm.ts";
import {
  sys_chmod,
  sys_chown,
  sys_fchmod,
  sys_fchown,
  sys_futimens,
  sys_umask,
  sys_utimensat,
} from "./attribute.ts";
import { machine_format, machine_set_time } from "./boot.ts";
import { sys_chdir, sys_fchdir, sys_getcwd } from "./chdir.ts";
import { sys_epoll_create1, sys_epoll_ctl, sys_epoll_wait } from "./epoll.ts";
import { proc_exit, proc_refuse, sys_exit, task_free } from "./exit.ts";
import { sys_fcntl } from "./fcntl.ts";
import { sys_fcntl_lock } from "./fcntl-lock.ts";
import { fd_hold, sys_close, sys_dup3 } from "./fd.ts";
import { sys_flock } from "./flock.ts";
import { machine_services } from "./fs-format.ts";
import { sys_getdents } from "./getdents.ts";
import { sys_getpgid, sys_getsid, sys_setpgid, sys_setsid } from "./group.ts";
import {
  sys_getegid,
  sys_geteuid,
  sys_getgid,
  sys_getgroups,
  sys_getpid,
  sys_getppid,
  sys_getuid,
} from "./identity.ts";
import { snapshot_path } from "./inode-path.ts";
import { sys_link, sys_readlink, sys_symlink } from "./link.ts";
import { lock_sleep } from "./lock.ts";
import { volume_absent, volume_mount, volume_ready } from "./mount.ts";
import { sys_msgget } from "./msg.ts";
import { sys_msgctl } from "./msgctl.ts";
import { sys_msgrcv, sys_msgsnd } from "./msgop.ts";
import {
  sys_mutex_consistent,
  sys_mutex_destroy,
  sys_mutex_init,
  sys_mutex_lock,
  sys_mutex_pass,
  sys_mutex_trylock,
  sys_mutex_unlock,
} from "./mutex.ts";
import { sys_mkdir, sys_mkfifoat, sys_rmdir, sys_unlink } from "./name.ts";
import { open_abort, sys_openat } from "./open.ts";
import { sys_poll } from "./poll.ts";
import { pool_claim, pool_join, pool_size, pool_unclaim, task_create } from "./pool.ts";
import { sys_waitpid } from "./proc.ts";
import { sys_rename } from "./rename.ts";
import { thread_dead } from "./repair.ts";
import { sys_semget } from "./sem.ts";
import { sys_semctl } from "./semctl.ts";
import { sys_semop, sys_semop1 } from "./semop.ts";
import { sys_shmget } from "./shm.ts";
import { sys_shmctl } from "./shmctl.ts";
import { sys_shmat, sys_shmdt } from "./shmop.ts";
import {
  proc_doomed,
  proc_next_killed,
  signal_held,
  signal_ignored,
  signal_mask,
  signal_mask_set,
  signal_pending_at,
  signal_take,
  sys_kill,
  sys_sigaction,
} from "./signal.ts";
import { snapshot_next } from "./snapshot.ts";
import { proc_create, sys_spawn } from "./spawn.ts";
import { sys_access, sys_fstat, sys_stat } from "./stat.ts";
import { sys_fsync, sys_sync, sys_syncfs } from "./sync.ts";
import {
  lock_ask,
  task_serial,
  thread_alive,
  thread_new,
  thread_next_asked,
  thread_next_new,
} from "./thread.ts";
import { proc_title } from "./title.ts";
import { sys_ftruncate, sys_truncate } from "./truncate.ts";
import {
  fd_host,
  sys_lseek,
  sys_pipe2,
  sys_pread,
  sys_pwrite,
  sys_read,
  sys_write,
} from "./unistd.ts";
import {
  volume_changed,
  volume_done,
  volume_entries,
  volume_hold,
  volume_load,
  volume_look,
  volume_mark,
  volume_next,
  volume_read,
} from "./volume-serve.ts";
import { wait_cancel, wait_forever, wait_result } from "./wait.ts";
import { wake_next } from "./wake.ts";

// shmget(2), shmop(2), shmctl(2)
// semget(2), semop(2), semctl(2)
// msgget(2), msgop(2), msgctl(2)
// pthread_mutex_lock(3p)
// read(2), write(2), pipe(2), close(2), dup(2), fcntl(2), flock(2), poll(2)
// credentials(7), waitpid(2), exit(2)
// kill(2), sigaction(2), sigprocmask(2), setitimer(2)
// Threads, their tasks, the pool of workers, and death
// Waiting and waking, for runtime/wait.ts
// Volumes, for who serves them
// Looking at a live machine
// The machine
export {
  alarm_fire,
  alarm_next,
  fd_hold,
  fd_host,
  lock_ask,
  lock_busy_at,
  lock_owner,
  lock_sleep,
  machine_format,
  machine_services,
  machine_set_time,
  open_abort,
  pool_claim,
  pool_join,
  pool_size,
  pool_unclaim,
  proc_create,
  proc_doomed,
  proc_exit,
  proc_next_killed,
  proc_refuse,
  proc_title,
  signal_held,
  signal_ignored,
  signal_mask,
  signal_mask_set,
  signal_pending_at,
  signal_take,
  snapshot_next,
  snapshot_path,
  sys_access,
  sys_chdir,
  sys_chmod,
  sys_chown,
  sys_close,
  sys_dup3,
  sys_epoll_create1,
  sys_epoll_ctl,
  sys_epoll_wait,
  sys_exit,
  sys_fchdir,
  sys_fchmod,
  sys_fchown,
  sys_fcntl,
  sys_fcntl_lock,
  sys_flock,
  sys_fstat,
  sys_fsync,
  sys_ftruncate,
  sys_futimens,
  sys_getcwd,
  sys_getdents,
  sys_getegid,
  sys_geteuid,
  sys_getgid,
  sys_getgroups,
  sys_getitimer,
  sys_getpgid,
  sys_getpid,
  sys_getppid,
  sys_getsid,
  sys_getuid,
  sys_kill,
  sys_link,
  sys_lseek,
  sys_mkdir,
  sys_mkfifoat,
  sys_msgctl,
  sys_msgget,
  sys_msgrcv,
  sys_msgsnd,
  sys_mutex_consistent,
  sys_mutex_destroy,
  sys_mutex_init,
  sys_mutex_lock,
  sys_mutex_pass,
  sys_mutex_trylock,
  sys_mutex_unlock,
  sys_openat,
  sys_pipe2,
  sys_poll,
  sys_pread,
  sys_pwrite,
  sys_read,
  sys_readlink,
  sys_rename,
  sys_rmdir,
  sys_semctl,
  sys_semget,
  sys_semop,
  sys_semop1,
  sys_setitimer,
  sys_setpgid,
  sys_setsid,
  sys_shmat,
  sys_shmctl,
  sys_shmdt,
  sys_shmget,
  sys_sigaction,
  sys_spawn,
  sys_stat,
  sys_symlink,
  sys_sync,
  sys_syncfs,
  sys_truncate,
  sys_umask,
  sys_unlink,
  sys_utimensat,
  sys_waitpid,
  sys_write,
  task_create,
  task_enter,
  task_free,
  task_park_at,
  task_serial,
  task_transfer_at,
  task_transfer_size,
  task_wake_at,
  thread_alive,
  thread_dead,
  thread_new,
  thread_next_asked,
  thread_next_new,
  volume_absent,
  volume_changed,
  volume_done,
  volume_entries,
  volume_hold,
  volume_load,
  volume_look,
  volume_mark,
  volume_mount,
  volume_next,
  volume_read,
  volume_ready,
  wait_cancel,
  wait_forever,
  wait_result,
  wake_next,
};
