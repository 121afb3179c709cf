/**
 * One instance of the kernel: a thread's own, over the machine's memory. Every export returns an
 * i32 >= 0 or a negated errno; EWAIT, ELOCK and ERETRY are for runtime/wait.ts alone.
 */
import {
  ABI_VERSION,
  SB_ABI_VERSION,
  SB_MAGIC,
  SB_STATE,
  STATE_DOWN,
  STATE_RUNNING,
  SUPERBLOCK_MAGIC,
} from "../assembly/abi/layout.ts";

/** What assembly/index.ts exports. */
export interface KernelExports {
  machine_services(size: number): void;
  machine_format(nowSeconds: number, bootIdLow: number, bootIdHigh: number): number;
  machine_set_time(nowSeconds: number): void;

  lock_busy_at(): number;
  lock_sleep(): number;
  lock_owner(): number;
  lock_ask(): void;
  wake_next(): number;
  wait_result(): number;
  wait_cancel(errno: number): number;
  wait_forever(): void;

  thread_new(): number;
  thread_alive(serial: number): number;
  thread_dead(serial: number): number;
  thread_next_new(): number;
  thread_next_asked(): number;

  task_create(pid: number, serial: number): number;
  task_serial(task: number): number;
  task_enter(task: number): void;
  task_free(task: number): number;
  task_park_at(task: number): number;
  task_wake_at(task: number): number;
  task_transfer_at(task: number): number;
  task_transfer_size(): number;

  proc_create(ppid: number, uid: number, gid: number, groups: number): number;
  proc_exit(pid: number, status: number): number;
  proc_refuse(pid: number, status: number): number;
  proc_next_killed(): number;
  proc_doomed(): number;
  proc_title(argsSize: number): number;

  snapshot_next(table: number, from: number): number;
  snapshot_path(number: number): number;

  pool_join(serial: number): number;
  pool_claim(): number;
  pool_size(): number;
  pool_unclaim(task: number): number;

  sys_spawn(task: number, flags: number): number;
  sys_exit(status: number): number;
  sys_waitpid(pid: number, options: number): number;
  sys_getpid(): number;
  sys_getppid(): number;
  sys_getuid(): number;
  sys_geteuid(): number;
  sys_getgid(): number;
  sys_getegid(): number;
  sys_getpgid(pid: number): number;
  sys_getsid(pid: number): number;
  sys_setpgid(pid: number, pgid: number): number;
  sys_setsid(): number;
  sys_getgroups(): number;
  sys_kill(pid: number, sig: number): number;
  sys_sigaction(sig: number, disposition: number, flags: number): number;
  signal_pending_at(): number;
  signal_take(): number;
  signal_mask(): number;
  signal_mask_set(set: number): number;
  signal_held(): number;
  signal_ignored(): number;
  sys_getitimer(nowMs: number): number;
  sys_setitimer(valueMs: number, everyMs: number, nowMs: number): number;
  alarm_next(): number;
  alarm_fire(nowMs: number): number;

  sys_read(fd: number, at: number, count: number, nowait: number): number;
  sys_write(fd: number, at: number, count: number, rest: number): number;
  sys_pread(fd: number, at: number, count: number, offset: number): number;
  sys_pwrite(fd: number, at: number, count: number, offset: number): number;
  sys_lseek(fd: number, offset: number, whence: number): number;
  sys_fstat(fd: number): number;
  sys_close(fd: number, synced?: number): number;
  sys_dup3(oldfd: number, newfd: number, flags: number): number;
  sys_fcntl(fd: number, cmd: number, arg: number): number;
  sys_fcntl_lock(fd: number, cmd: number): number;
  sys_flock(fd: number, operation: number): number;
  sys_pipe2(flags: number): number;
  sys_poll(nfds: number, wait: number): number;
  sys_epoll_create1(flags: number): number;
  sys_epoll_ctl(epfd: number, op: number, fd: number, events: number, data: number): number;
  sys_epoll_wait(epfd: number, maxevents: number, wait: number): number;
  fd_host(fd: number): number;
  fd_hold(fd: number): number;

  sys_openat(dirfd: number, length: number, flags: number, mode: number): number;
  open_abort(): number;
  sys_truncate(length: number, size: number): number;
  sys_ftruncate(fd: number, size: number): number;
  sys_fsync(fd: number, closes?: number): number;
  sys_syncfs(fd: number): number;
  sys_sync(): number;
  sys_mkdir(length: number, mode: number): number;
  sys_mkfifoat(dirfd: number, length: number, mode: number): number;
  sys_rmdir(length: number): number;
  sys_unlink(length: number): number;
  sys_link(first: number, second: number): number;
  sys_symlink(first: number, second: number): number;
  sys_rename(first: number, second: number): number;
  sys_readlink(length: number): number;
  sys_getdents(fd: number, count: number): number;
  sys_stat(length: number, follow: number): number;
  sys_access(length: number, mode: number): number;
  sys_chmod(length: number, mode: number): number;
  sys_fchmod(fd: number, mode: number): number;
  sys_chown(length: number, uid: number, gid: number, follow: number): number;
  sys_fchown(fd: number, uid: number, gid: number): number;
  sys_utimensat(
    dirfd: number,
    length: number,
    flags: number,
    atime: number,
    mtime: number,
    how: number,
  ): number;
  sys_futimens(fd: number, atime: number, mtime: number, how: number): number;
  sys_umask(mask: number): number;
  sys_chdir(length: number): number;
  sys_fchdir(fd: number): number;
  sys_getcwd(): number;

  volume_mount(length: number, index: number): number;
  volume_absent(length: number, size: number): number;
  volume_ready(index: number, flags: number): number;
  volume_next(): number;
  volume_done(task: number, ticket: number, result: number): number;
  volume_hold(size: number): number;
  volume_load(number: number, serial: number, size: number): number;
  volume_changed(dev: number, from: number): number;
  volume_look(number: number): number;
  volume_mark(number: number, serial: number, cleared: number, set: number): number;
  volume_read(number: number, serial: number, offset: number, count: number): number;
  volume_entries(number: number, serial: number, offset: number): number;

  sys_shmget(key: number, size: number, shmflg: number): number;
  sys_shmat(shmid: number, shmaddr: number, shmflg: number): number;
  sys_shmdt(shmaddr: number): number;
  sys_shmctl(shmid: number, cmd: number): number;

  sys_semget(key: number, nsems: number, semflg: number): number;
  sys_semop(semid: number, nsops: number): number;
  sys_semop1(semid: number, semNum: number, semOp: number, semFlg: number): number;
  sys_semctl(semid: number, semnum: number, cmd: number, arg: number): number;

  sys_msgget(key: number, msgflg: number): number;
  sys_msgsnd(msqid: number, msgsz: number, msgflg: number): number;
  sys_msgrcv(msqid: number, msgsz: number, msgtyp: number, msgflg: number): number;
  sys_msgctl(msqid: number, cmd: number): number;

  sys_mutex_init(at: number): number;
  sys_mutex_destroy(at: number): number;
  sys_mutex_lock(at: number): number;
  sys_mutex_trylock(at: number): number;
  sys_mutex_unlock(at: number): number;
  sys_mutex_consistent(at: number): number;
  sys_mutex_pass(at: number): number;
}

/** Instantiates the kernel on this thread. The module is the one that boot compiled. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): KernelExports {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
}

/**
 * Checks that the memory holds a running machine of this ABI version.
 * @throws {Error} naming what it holds instead; both versions when those differ.
 */
export function checkMachine(memory: WebAssembly.Memory): void {
  const words = new Int32Array(memory.buffer);
  const magic = words[SB_MAGIC >> 2];
  if (magic !== SUPERBLOCK_MAGIC) {
    throw new Error("attach: this memory holds no wasm-ipc machine");
  }
  checkVersion(words[SB_ABI_VERSION >> 2]);
  const state = Atomics.load(words, SB_STATE >> 2);
  if (state === STATE_DOWN) throw new Error("attach: this machine was shut down");
  if (state !== STATE_RUNNING) throw new Error("attach: this machine is still being formatted");
}

/** @throws {Error} naming both versions when they differ. */
export function checkVersion(version: unknown): void {
  if (version === ABI_VERSION) return;
  throw new Error(
    `attach: the machine has ABI version ${version}, this copy of wasm-ipc has ${ABI_VERSION}; ` +
      "load the same release of the package on both sides",
  );
}
