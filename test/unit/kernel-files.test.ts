/** Directories' records as they are split, joined and copied, and what only an export can show. */
import { describe, expect, it } from "vitest";
import { EEXIST, ENOENT, ENOSPC, ENXIO } from "../../assembly/abi/errno.ts";
import { O_CREAT, O_RDONLY, O_RDWR } from "../../assembly/abi/fcntl.ts";
import { close, makeFile, mkdir, one, open, tree, two } from "../crash/files.ts";
import type { TestMachine, TestTask } from "../support/machine.ts";
import { BUILDS, newMachine } from "./kernel-builds.ts";

const LIMITS = { INODES: 400, FILE_PAGES: 200 };

/** A generator of numbers that a seed repeats: Lehmer's. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 0x7fffffff;
    return state % below;
  };
}

/** The names in a directory, sorted. */
function names(task: TestTask, path: string): string[] {
  return tree(task, path).map((each) => (each as [string])[0].slice(path.length + 1));
}

function whole(machine: TestMachine): void {
  if (machine.build === "debug") expect(machine.check()).toBe(0);
}

describe.each(BUILDS)("a directory of the %s build", (build) => {
  it("has the names that a set has, whatever comes, goes and moves", () => {
    const machine = newMachine(build, LIMITS);
    const { root } = machine;
    const next = random(77);
    const sets = [new Set<string>(), new Set<string>()] as const;
    for (const index of [0, 1]) mkdir(root, `/${index}`);
    const nameOf = (number: number) => `${number}`.padEnd(1 + ((number * 37) % 250), "x");
    for (let step = 0; step < 3000; step += 1) {
      const [from, to] = [next(2), next(2)];
      const [name, other] = [nameOf(next(60)), nameOf(next(60))];
      const kind = next(3);
      if (kind === 0) {
        const made = mkdir(root, `/${from}/${name}`);
        expect(made).toBe(sets[from as 0].has(name) ? -EEXIST : 0);
        sets[from as 0].add(name);
      } else if (kind === 1) {
        const gone = one(root, "sys_rmdir", `/${from}/${name}`);
        expect(gone).toBe(sets[from as 0].delete(name) ? 0 : -ENOENT);
      } else {
        const moved = two(root, "sys_rename", `/${from}/${name}`, `/${to}/${other}`);
        expect(moved).toBe(sets[from as 0].has(name) ? 0 : -ENOENT);
        if (moved === 0) {
          sets[from as 0].delete(name);
          sets[to as 0].add(other);
        }
      }
      if (step % 100 === 0) whole(machine);
    }
    for (const index of [0, 1]) {
      expect(names(root, `/${index}`)).toEqual([...sets[index as 0]].sort());
    }
    whole(machine);
  });

  it("grows until there is no frame, and is as it was then", () => {
    const machine = newMachine(build, { INODES: 1000, FILE_PAGES: 16 });
    const { root } = machine;
    mkdir(root, "/d");
    const name = (index: number) => `/d/${String(index).padStart(250, "0")}`;
    let count = 0;
    let result = 0;
    for (; result === 0; count += 1) result = mkdir(root, name(count));
    expect(result).toBe(-ENOSPC);
    // Eight frames of fifteen names each: the next step would be to sixteen.
    expect(count - 1).toBe(8 * 15);
    expect(names(root, "/d").length).toBe(count - 1);
    whole(machine);
    expect(one(root, "sys_rmdir", name(3))).toBe(0);
    expect(mkdir(root, name(count))).toBe(0);
    whole(machine);
  });

  it("gives its frames back when it goes", () => {
    const machine = newMachine(build, { INODES: 1000, FILE_PAGES: 16 });
    const { root } = machine;
    for (let round = 0; round < 20; round += 1) {
      mkdir(root, "/d");
      for (let index = 0; index < 40; index += 1) {
        makeFile(root, `/d/${String(index).padStart(200, "0")}`);
      }
      for (let index = 0; index < 40; index += 1) {
        expect(one(root, "sys_unlink", `/d/${String(index).padStart(200, "0")}`)).toBe(0);
      }
      expect(one(root, "sys_rmdir", "/d")).toBe(0);
    }
    whole(machine);
  });
});

describe.each(BUILDS)("a file of the %s build", (build) => {
  it("takes no frames for what fails", () => {
    const machine = newMachine(build, { FILE_PAGES: 16 });
    const { root } = machine;
    // 16 frames less those of /, /dev, /proc and /proc/sysvipc.
    const most = 12 * 4096;
    const [fd, other] = ["/a", "/b"].map((path) => open(root, path, O_RDWR | O_CREAT)) as [
      number,
      number,
    ];
    const pwrite = (count: number, offset: number) =>
      root.call((kernel) => kernel.sys_pwrite(fd, root.transfer, count, offset));
    expect(pwrite(10, most)).toBe(-ENOSPC);
    expect(root.call((kernel) => kernel.sys_ftruncate(fd, most + 1))).toBe(-ENOSPC);
    expect(root.call((kernel) => kernel.sys_ftruncate(other, most))).toBe(0);
    expect(pwrite(1, 0)).toBe(-ENOSPC);
    expect(root.call((kernel) => kernel.sys_ftruncate(other, 0))).toBe(0);
    // What has room is written.
    expect(pwrite(8000, most - 4000)).toBe(4000);
    whole(machine);
  });
});

describe.each(BUILDS)("/dev/tty of the %s build", (build) => {
  it("is there for a process that has a standard stream, and ENXIO for another", () => {
    const machine = newMachine(build);
    const { main } = machine.process();
    const fd = open(main, "/dev/tty", O_RDWR);
    expect(fd).toBe(3);
    expect(main.call((kernel) => kernel.fd_host(fd))).toBe(3);
    for (const each of [0, 1, 2, fd]) expect(close(main, each)).toBe(0);
    expect(open(main, "/dev/tty", O_RDWR)).toBe(-ENXIO);
    whole(machine);
  });
});

describe.each(BUILDS)("a new machine of the %s build", (build) => {
  it("has /tmp, three devices and /proc/sysvipc", () => {
    const machine = newMachine(build);
    const { main } = machine.process();
    const paths = (of: unknown): unknown[] =>
      (of as unknown[]).flatMap((each) => {
        const [path, , , , ...below] = each as [string, ...unknown[]];
        return [path, ...paths(below.filter(Array.isArray))];
      });
    expect(paths(tree(main))).toEqual([
      ...["/dev", "/dev/null", "/dev/tty", "/dev/zero"],
      ...[
        "/proc",
        "/proc/sysvipc",
        ...["msg", "sem", "shm"].map((kind) => `/proc/sysvipc/${kind}`),
      ],
      "/tmp",
    ]);
    expect(open(main, "/tmp", O_RDONLY)).toBe(3);
    expect(open(main, "/tmp/file", O_RDWR | O_CREAT)).toBe(4);
    whole(machine);
  });
});
