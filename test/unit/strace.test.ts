import { describe, expect, it } from "vitest";
import { EAGAIN, EBADF, EIDRM } from "../../assembly/abi/errno.ts";
import type { Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import * as abi from "../../runtime/constants.ts";
import { strace } from "../../runtime/index.ts";
import { Tracer } from "../../runtime/strace/strace.ts";

const ascii = (text: string) => new TextEncoder().encode(text);

/** The lines of one call of a kernel that answers as it is told. */
function lines(name: string, args: readonly unknown[], answer: () => unknown): string[] {
  const printed: string[] = [];
  const sys = strace({ [name]: answer, async: {} } as unknown as Syscalls, (line) => {
    printed.push(line);
  });
  const call = (sys as unknown as Record<string, (...args: readonly unknown[]) => unknown>)[name]!;
  try {
    call(...args);
  } catch (error) {
    if (!(error instanceof SystemError) && !(error instanceof TypeError)) throw error;
  }
  return printed;
}

type Name = Exclude<keyof Syscalls, "async">;
const RETURNS: readonly [Name, readonly unknown[], unknown, string][] = [
  ["semget", [0x1234, 2, 0o1600], 7, "semget(0x1234, 2, IPC_CREAT|0600) = 7"],
  ["semget", [0, 1, 0o3640], 7, "semget(IPC_PRIVATE, 1, IPC_CREAT|IPC_EXCL|0640) = 7"],
  ["shmget", [-1, 9, 0], 7, "shmget(0xffffffff, 9, 0000) = 7"],
  [
    "semop",
    [
      3,
      [
        { sem_num: 0, sem_op: -1, sem_flg: 0x1800 },
        { sem_num: 1, sem_op: 2 },
      ],
    ],
    0,
    "semop(3, [{0, -1, IPC_NOWAIT|SEM_UNDO}, {1, 2, 0}]) = 0",
  ],
  [
    "semtimedop",
    [3, [{ sem_num: 0, sem_op: 0 }], { tv_sec: 1, tv_nsec: 5 }],
    0,
    "semtimedop(3, [{0, 0, 0}], {tv_sec=1, tv_nsec=5}) = 0",
  ],
  ["semctl", [3, 0, abi.SETVAL, 5], 0, "semctl(3, 0, SETVAL, 5) = 0"],
  ["semctl", [3, 0, abi.GETALL], Uint16Array.of(1, 2), "semctl(3, 0, GETALL) = [1, 2]"],
  ["semctl", [3, 0, 99], 0, "semctl(3, 0, 99) = 0"],
  [
    "shmat",
    [3, null, abi.SHM_RDONLY],
    { addr: 4096, shmid: 3 },
    "shmat(3, NULL, SHM_RDONLY) = 0x1000",
  ],
  ["shmdt", [{ addr: 4096, shmid: 3 }], 0, "shmdt(0x1000) = 0"],
  ["msgsnd", [1, { mtype: 2, mtext: ascii("ab\n") }, 2, 0], 0, 'msgsnd(1, {2, "ab"}, 2, 0) = 0'],
  [
    "msgrcv",
    [1, { mtype: 5, mtext: ascii("abcd") }, 4, -9, abi.MSG_NOERROR],
    3,
    'msgrcv(1, {5, "abc"}, 4, -9, MSG_NOERROR) = 3',
  ],
  ["msgctl", [1, abi.IPC_STAT], { mode: 0o640, n: 1 }, "msgctl(1, IPC_STAT) = {mode=0640, n=1}"],
  [
    "pthread_mutex_lock",
    [{ attachment: { addr: 4096, shmid: 3 }, offset: 64 }],
    0,
    "pthread_mutex_lock(0x1000+64) = 0",
  ],
  ["kill", [5, 15], 0, "kill(5, SIGTERM) = 0"],
  ["kill", [5, 0], 0, "kill(5, 0) = 0"],
  ["sigaction", [13, () => {}], 1, "sigaction(SIGPIPE, {handler}) = SIG_IGN"],
  ["waitpid", [-1, 1], { pid: 0, status: 0 }, "waitpid(-1, WNOHANG) = 0"],
  ["waitpid", [-1], { pid: 4, status: 0x300 }, "waitpid(-1) = 4 (exited with 3)"],
  ["waitpid", [4, 0], { pid: 4, status: 9 }, "waitpid(4, 0) = 4 (killed by SIGKILL)"],
  ["read", [0, ascii("hello\0"), 6], 6, 'read(0, "hello\\0", 6) = 6'],
  ["read", [0, ascii("hello")], 0, 'read(0, "") = 0'],
  ["write", [1, ascii("12345"), 2], 2, 'write(1, "12", 2) = 2'],
  ["write", [1, ascii('"\t\\')], 3, 'write(1, "\\"\\t\\\\") = 3'],
  ["write", [1, ascii("x".repeat(40))], 40, `write(1, "${"x".repeat(32)}"...) = 40`],
  ["readv", [0, [ascii("ab"), ascii("cd")]], 3, 'readv(0, [{"ab", 2}, {"c", 2}]) = 3'],
  ["writev", [0, [ascii("ab"), ascii("")]], 2, 'writev(0, [{"ab", 2}, {"", 0}]) = 2'],
  ["lseek", [3, -4, 2], 8, "lseek(3, -4, SEEK_END) = 8"],
  ["fcntl", [3, abi.F_SETFD, 1], 0, "fcntl(3, F_SETFD, FD_CLOEXEC) = 0"],
  ["fcntl", [3, abi.F_GETFD], 1, "fcntl(3, F_GETFD) = 0x1 (FD_CLOEXEC)"],
  ["fcntl", [3, abi.F_GETFL], 0x801, "fcntl(3, F_GETFL) = 0x801 (O_WRONLY|O_NONBLOCK)"],
  ["fcntl", [3, abi.F_DUPFD, 10], 10, "fcntl(3, F_DUPFD, 10) = 10"],
  ["pipe2", [abi.O_CLOEXEC], [3, 4], "pipe2(O_CLOEXEC) = [3, 4]"],
  [
    "poll",
    [
      [
        { fd: 3, events: 5, revents: 1 },
        { fd: 4, events: 1, revents: 0 },
      ],
      -1,
    ],
    1,
    "poll([{fd=3, events=POLLIN|POLLOUT}, {fd=4, events=POLLIN}], -1) = 1 ([{fd=3, revents=POLLIN}])",
  ],
  ["poll", [[], 10], 0, "poll([], 10) = 0 (Timeout)"],
  ["select", [4, new Set([3]), null], 1, "select(4, [3], NULL) = 1"],
  [
    "epoll_ctl",
    [5, 1, 3, { events: 0x80000001, data: 7 }],
    0,
    "epoll_ctl(5, EPOLL_CTL_ADD, 3, {events=EPOLLIN|EPOLLET, data=7}) = 0",
  ],
  [
    "epoll_wait",
    [5, 8, -1],
    [{ events: 1, data: 7 }],
    "epoll_wait(5, 8, -1) = [{events=EPOLLIN, data=7}]",
  ],
  ["open", ["/tmp/a b", 0x241, 0o644], 3, 'open("/tmp/a b", O_WRONLY|O_CREAT|O_TRUNC, 0644) = 3'],
  ["openat", [-100, "é", 0], 3, 'openat(AT_FDCWD, "\\303\\251", O_RDONLY) = 3'],
  ["access", ["/", 0], 0, 'access("/", F_OK) = 0'],
  ["access", ["/", 6], 0, 'access("/", W_OK|R_OK) = 0'],
  ["getcwd", [], "/tmp", 'getcwd() = "/tmp"'],
  ["umask", [0o22], 0o77, "umask(0022) = 0077"],
];

describe("strace", () => {
  it.each(RETURNS)("prints %s(%j)", (name, args, result, line) => {
    expect(lines(name, args, () => result)).toEqual([line]);
  });

  const fails = (errno: number) => () => {
    throw new SystemError(errno, "semop");
  };

  it("prints a failure with its errno and its text", () => {
    expect(lines("semop", [1, []], fails(EAGAIN))).toEqual([
      "semop(1, []) = -1 EAGAIN (Resource temporarily unavailable)",
    ]);
    expect(lines("semop", [1, []], fails(EIDRM))).toEqual([
      "semop(1, []) = -1 EIDRM (Identifier removed)",
    ]);
  });

  it("prints no bytes that a failed call has not filled in", () => {
    expect(lines("read", [9, ascii("secret"), 6], fails(EBADF))).toEqual([
      "read(9, {6 bytes}, 6) = -1 EBADF (Bad file descriptor)",
    ]);
  });

  const refuses = () => {
    throw new TypeError("read: fd is no number");
  };
  const WRONG: readonly [Name, readonly unknown[], string][] = [
    ["read", ["x", null, {}], 'read("x", null, [object Object])'],
    ["semop", [null, 5], "semop(null, 5)"],
    ["open", [7, "x"], 'open(7, "x")'],
    ["msgsnd", [1, null, 3], "msgsnd(1, {undefined, undefined}, 3)"],
    ["poll", ["ab", 1], 'poll("ab", 1)'],
    ["pthread_mutex_lock", [undefined], "pthread_mutex_lock()"],
    ["select", [1, 7], "select(1, 7)"],
  ];
  it.each(WRONG)("prints arguments of %s() that no kernel takes: %j", (name, args, text) => {
    expect(lines(name, args, refuses)).toEqual([`${text} = ? TypeError: read: fd is no number`]);
  });
});

describe("strace of calls that take their time", () => {
  it("prints a call that sleeps in two lines, and only once that it sleeps", () => {
    const printed: string[] = [];
    const tracer = new Tracer((line) => printed.push(line));
    const sys = tracer.trace({
      read(_fd: number, buf: Uint8Array) {
        tracer.sleeps();
        tracer.sleeps();
        buf.set(ascii("hi"));
        return 2;
      },
      async: {},
    } as unknown as Syscalls);
    sys.read(3, new Uint8Array(8), 8);
    tracer.sleeps();
    expect(printed).toEqual(["read(3 <unfinished ...>", '<... read resumed>, "hi", 8) = 2']);
  });

  it("prints a handler's calls between those of the call that it interrupts", () => {
    const printed: string[] = [];
    const tracer = new Tracer((line) => printed.push(line));
    const sys: Syscalls = tracer.trace({
      semop() {
        tracer.sleeps();
        sys.getpid();
        throw new SystemError(4, "semop");
      },
      getpid: () => 3,
      async: {},
    } as unknown as Syscalls);
    expect(() => sys.semop(1, [])).toThrow("EINTR");
    expect(printed).toEqual([
      "semop(1, [] <unfinished ...>",
      "getpid() = 3",
      "<... semop resumed>) = -1 EINTR (Interrupted system call)",
    ]);
  });

  it("prints a twin when it settles, without its options, and gives the caller its promise", async () => {
    const printed: string[] = [];
    const calls = {
      semop: async (semid: number) => {
        if (semid < 0) throw new SystemError(22, "semop");
        return 0;
      },
    };
    const sys = strace({ async: calls } as unknown as Syscalls, (line) => printed.push(line));
    const { signal } = new AbortController();
    expect(await sys.async.semop(1, [], { signal })).toBe(0);
    await expect(sys.async.semop(-1, [])).rejects.toThrow("EINVAL");
    expect(printed).toEqual([
      "async semop(1, []) = 0",
      "async semop(-1, []) = -1 EINVAL (Invalid argument)",
    ]);
  });
});
