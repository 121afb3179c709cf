/**
 * The functions of the C library that this folder calls, through koffi: an optional peer dependency
 * that ships prebuilt binaries. Each returns what C returns, or the negated errno.
 */

import { FILE_PROTOTYPES, type LibcFiles } from "./libc-files.ts";
import { FS_PROTOTYPES, type LibcFs } from "./libc-fs.ts";

/** What of koffi is used here; its own types would make it a dependency of every user. */
interface Koffi {
  load(path: null): { func(definition: string): Native; symbol(name: string): unknown };
  errno(): number;
  address(value: unknown): bigint;
}
type Native = (...args: unknown[]) => number;
type Buffer8 = Uint8Array | null;

export interface Libc extends LibcFiles, LibcFs {
  shmget(key: number, size: number, shmflg: number): number;
  shmat(shmid: number, addr: number, shmflg: number): number;
  shmdt(addr: number): number;
  shmctl(shmid: number, cmd: number, buf: Buffer8): number;
  semget(key: number, nsems: number, semflg: number): number;
  semop(semid: number, sops: Buffer8, nsops: number): number;
  semtimedop(semid: number, sops: Buffer8, nsops: number, timeout: Buffer8): number;
  /** The fourth argument of semctl() as a number, or as a pointer. */
  semctl(semid: number, semnum: number, cmd: number, val: number): number;
  semctlAt(semid: number, semnum: number, cmd: number, buf: Uint8Array): number;
  msgget(key: number, msgflg: number): number;
  msgsnd(msqid: number, msgp: Buffer8, msgsz: number, msgflg: number): number;
  msgrcv(msqid: number, msgp: Buffer8, msgsz: number, msgtyp: number, msgflg: number): number;
  msgctl(msqid: number, cmd: number, buf: Buffer8): number;
  getpid(): number;
  getppid(): number;
  getuid(): number;
  geteuid(): number;
  getgid(): number;
  getegid(): number;
  getpgid(pid: number): number;
  getsid(pid: number): number;
  setpgid(pid: number, pgid: number): number;
  setsid(): number;
  getgroups(size: number, list: Buffer8): number;
  kill(pid: number, sig: number): number;
  waitpid(pid: number, status: Buffer8, options: number): number;
  sigaction(sig: number, act: Buffer8, old: Buffer8): number;
  pthread_sigmask(how: number, set: Buffer8, old: Buffer8): number;
  sigpending(set: Uint8Array): number;
  sigsuspend(mask: Uint8Array): number;
  pause(): number;
  setitimer(which: number, value: Uint8Array, old: Uint8Array): number;
  getitimer(which: number, value: Uint8Array): number;
  alarm(seconds: number): number;
  /** Mutexes by their address; these return their errno as it is. */
  pthread_mutexattr_init(attr: Uint8Array): number;
  pthread_mutexattr_settype(attr: Uint8Array, type: number): number;
  pthread_mutexattr_setpshared(attr: Uint8Array, pshared: number): number;
  pthread_mutexattr_setrobust(attr: Uint8Array, robust: number): number;
  pthread_mutex_init(mutex: number, attr: Uint8Array): number;
  pthread_mutex_destroy(mutex: number): number;
  pthread_mutex_lock(mutex: number): number;
  pthread_mutex_trylock(mutex: number): number;
  pthread_mutex_timedlock(mutex: number, abstime: Uint8Array): number;
  pthread_mutex_unlock(mutex: number): number;
  pthread_mutex_consistent(mutex: number): number;
  mmap(addr: number, size: number, prot: number, flags: number, fd: number, at: number): number;
  sysconf(name: number): number;
  syscall(number: number, a: number, b: number, c: number): number;

  /** The address of a view's first byte. */
  addressOf(view: Uint8Array<ArrayBufferLike>): number;
  /** The address of a function of the C library. */
  addressOfFunction(name: string): number;
}

/** Addresses and sizes are below 2^53, so they go as int64_t and come back as numbers. */
const PROTOTYPES: readonly string[] = [
  "int shmget(int key, int64_t size, int shmflg)",
  "int64_t shmat(int shmid, int64_t shmaddr, int shmflg)",
  "int shmdt(int64_t shmaddr)",
  "int shmctl(int shmid, int cmd, void *buf)",
  "int semget(int key, int nsems, int semflg)",
  "int semop(int semid, void *sops, int64_t nsops)",
  "int semtimedop(int semid, void *sops, int64_t nsops, void *timeout)",
  "int msgget(int key, int msgflg)",
  "int msgsnd(int msqid, void *msgp, int64_t msgsz, int msgflg)",
  "int64_t msgrcv(int msqid, void *msgp, int64_t msgsz, int64_t msgtyp, int msgflg)",
  "int msgctl(int msqid, int cmd, void *buf)",
  "int getpid()",
  "int getppid()",
  "uint32_t getuid()",
  "uint32_t geteuid()",
  "uint32_t getgid()",
  "uint32_t getegid()",
  "int getpgid(int pid)",
  "int getsid(int pid)",
  "int setpgid(int pid, int pgid)",
  "int setsid()",
  "int getgroups(int size, void *list)",
  "int kill(int pid, int sig)",
  "int waitpid(int pid, void *status, int options)",
  "int sigaction(int sig, void *act, void *old)",
  "int sigpending(void *set)",
  "int sigsuspend(void *mask)",
  "int pause()",
  "int setitimer(int which, void *value, void *old)",
  "int getitimer(int which, void *value)",
  "uint32_t alarm(uint32_t seconds)",
  "int pthread_mutexattr_init(void *attr)",
  "int pthread_mutexattr_settype(void *attr, int type)",
  "int pthread_mutexattr_setpshared(void *attr, int pshared)",
  "int pthread_mutexattr_setrobust(void *attr, int robust)",
  "int pthread_mutex_init(int64_t mutex, void *attr)",
  "int pthread_mutex_destroy(int64_t mutex)",
  "int pthread_mutex_lock(int64_t mutex)",
  "int pthread_mutex_trylock(int64_t mutex)",
  "int pthread_mutex_timedlock(int64_t mutex, void *abstime)",
  "int pthread_mutex_unlock(int64_t mutex)",
  "int pthread_mutex_consistent(int64_t mutex)",
  "int64_t mmap(int64_t addr, int64_t size, int prot, int flags, int fd, int64_t offset)",
  "int64_t sysconf(int name)",
  "int64_t syscall(int64_t number, int64_t a, int64_t b, int64_t c)",
];

async function importKoffi(): Promise<Koffi> {
  try {
    const module = (await import("koffi")) as unknown as { default: Koffi };
    return module.default;
  } catch (cause) {
    if ((cause as { code?: string }).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new Error("wasm-ipc/linux calls the C library through koffi: run `npm install koffi`", {
      cause,
    });
  }
}

/** @throws {Error} when this is no 64-bit Linux whose structures are known, or koffi is missing. */
export async function loadLibc(): Promise<Libc> {
  if (process.platform !== "linux") {
    throw new Error(
      `wasm-ipc/linux makes the system calls of Linux, and this is ${process.platform}: ` +
        "use boot() of wasm-ipc, which needs no operating system's help",
    );
  }
  if (!["x64", "arm64", "riscv64", "loong64"].includes(process.arch)) {
    throw new Error(
      `wasm-ipc/linux knows the structures of x64, arm64, riscv64 and loong64, not ${process.arch}`,
    );
  }
  const koffi = await importKoffi();
  const library = koffi.load(null);
  const native = (definition: string): Native => {
    const raw = library.func(definition);
    return (...args) => {
      const result = raw(...args);
      return result === -1 ? -koffi.errno() : result;
    };
  };
  const functions: Record<string, Native> = {};
  for (const definition of [...PROTOTYPES, ...FILE_PROTOTYPES, ...FS_PROTOTYPES]) {
    functions[/(\w+)\(/.exec(definition)![1]!] = native(definition);
  }
  functions.semctl = native("int semctl(int semid, int semnum, int cmd, int64_t val)");
  functions.semctlAt = native("int semctl(int semid, int semnum, int cmd, void *buf)");
  functions.fcntlAt = native("int fcntl(int fd, int cmd, void *lock)");
  // This one returns its errno.
  functions.pthread_sigmask = library.func("int pthread_sigmask(int how, void *set, void *old)");
  return {
    ...(functions as unknown as Libc),
    addressOf: (view) => Number(koffi.address(view)),
    addressOfFunction: (name) => Number(koffi.address(library.symbol(name))),
  };
}
