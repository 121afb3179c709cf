import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  boot,
  EPOLL_CTL_ADD,
  EPOLLIN,
  F_OFD_SETLK,
  F_SETLKW,
  F_WRLCK,
  type Machine,
  O_CREAT,
  O_RDONLY,
  O_RDWR,
  POLLIN,
} from "../../runtime/index.ts";
import { asleep, end, processIn, start } from "./runtime-snapshot-support.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await boot({ pool: 3 });
});
afterAll(() => machine.shutdown());

describe("a snapshot's locks", () => {
  it("are those on files with their owners, and mutexes for which somebody waits", async () => {
    const { sys } = machine;
    const fd = sys.open("/tmp/locked", O_RDWR | O_CREAT, 0o644);
    const range = { l_type: F_WRLCK, l_start: 10, l_len: 5 };
    sys.fcntl(fd, F_OFD_SETLK, range);
    const shmid = sys.shmget(0, 4096, 0o600);
    const attachment = sys.shmat(shmid);
    const mutex = { attachment, offset: 64 };
    sys.pthread_mutex_init(mutex);
    sys.pthread_mutex_lock(mutex);
    const a = await start(machine, [
      ["open", "/tmp/locked", O_RDWR],
      ["fcntl", fd + 1, F_SETLKW, { l_type: F_WRLCK, l_start: 12, l_len: 0 }],
    ]);
    const b = await start(machine, [["pthread_mutex_lock", { mutex: [shmid, 64] }]]);
    const calls = [
      [a.pid, "fcntl"],
      [b.pid, "pthread_mutex_lock"],
    ] as const;
    const snapshot = await asleep(machine, new Map(calls));
    const { st_ino } = sys.fstat(fd);
    expect(snapshot.locks).toMatchObject([
      {
        file: st_ino,
        path: "/tmp/locked",
        type: "write",
        kind: "description",
        start: 10,
        end: 14,
        owners: [machine.pid, a.pid, b.pid],
        waiters: [a.pid],
      },
    ]);
    expect(processIn(snapshot, a.pid).waits).toMatchObject([
      { call: "fcntl", lock: { kind: "process", owner: a.pid, start: 12, end: null } },
    ]);
    const [wait] = processIn(snapshot, b.pid).waits;
    expect(snapshot.mutexes).toEqual([
      {
        mutex: (wait as { mutex: number }).mutex,
        shmid,
        offset: 64,
        owner: machine.pid,
        waiters: [b.pid],
      },
    ]);
    sys.pthread_mutex_unlock(mutex);
    await b.wait();
    expect(machine.snapshot().mutexes).toEqual([]);
    await end(a);
    sys.shmdt(attachment);
    sys.close(fd);
  });
});

describe("a snapshot's waits", () => {
  it("tell what poll() and epoll_wait() look at", async () => {
    const { sys } = machine;
    const [r, w] = sys.pipe();
    const epfd = sys.epoll_create1(0);
    sys.epoll_ctl(epfd, EPOLL_CTL_ADD, r, { events: EPOLLIN, data: 1 });
    const a = await start(machine, [["poll", [{ fd: r, events: POLLIN }], -1]]);
    const b = await start(machine, [["epoll_wait", epfd, 4, -1]]);
    const calls = [
      [a.pid, "poll"],
      [b.pid, "epoll_wait"],
    ] as const;
    const snapshot = await asleep(machine, new Map(calls));
    const { descriptors, waits } = processIn(snapshot, a.pid);
    const { description } = descriptors.find(({ fd }) => fd === r)!;
    const entries = [{ fd: r, events: POLLIN, description }];
    expect(waits).toEqual([{ call: "poll", entries, blocks: true, forever: true }]);
    expect(processIn(snapshot, b.pid).waits).toMatchObject([{ call: "epoll_wait", entries }]);
    await end(a, b);
    for (const fd of [r, w, epfd]) sys.close(fd);
  });

  it("tell of asynchronous calls that they do not block, and of an open() which end it wants", async () => {
    const { sys } = machine;
    sys.mkfifo("/tmp/fifo", 0o600);
    const stop = new AbortController();
    const opening = sys.async.open("/tmp/fifo", O_RDONLY, 0, { signal: stop.signal });
    const { processes } = machine.snapshot();
    const { st_ino: ino } = sys.stat("/tmp/fifo");
    expect(processes.find(({ pid }) => pid === machine.pid)).toMatchObject({
      state: "running",
      waits: [{ call: "open", ino, until: "writer", blocks: false }],
    });
    stop.abort();
    await expect(opening).rejects.toThrow();
    sys.unlink("/tmp/fifo");
  });
});
