/** null(4), zero(4): the devices that every machine has. /dev/tty depends on who runs the rows. */
import { O_APPEND, O_CREAT, O_RDONLY, O_RDWR, O_TRUNC } from "../../../assembly/abi/fcntl.ts";
import { POLLIN, POLLOUT } from "../../../assembly/abi/poll.ts";
import { S_IFCHR, S_IFMT } from "../../../assembly/abi/stat.ts";
import { SEEK_END, SEEK_SET } from "../../../assembly/abi/unistd.ts";
import type { Stat } from "../../../host/contract-files.ts";
import { equal, fails } from "../check.ts";
import { ready } from "../objects-files.ts";
import { ALICE, type Row, row } from "../row.ts";

export const device: readonly Row[] = [
  row("read() from /dev/null is at its end, and write() to it takes everything", async (world) => {
    const p = await world.proc(ALICE);
    const fd: number = await p.do("open", "/dev/null", O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0);
    equal(await p.do("writeRun", fd, 1, 100_000), 100_000);
    equal(await p.do<string>("readText", fd, 10), "");
    equal(await p.do<string>("preadText", fd, 10, 5), "");
    equal(await p.do("pwriteText", fd, "abc", 5), 3);
  }),
  row("read() from /dev/zero gives zeros without end", async ({ proc }) => {
    const p = await proc(ALICE);
    const fd: number = await p.do("open", "/dev/zero", O_RDWR);
    for (const count of [1, 20_000]) equal(await p.do("readRuns", fd, count), [[0, count]]);
    equal(await p.do("writeText", fd, "lost"), 4);
    equal(await p.do("readRuns", fd, 4), [[0, 4]]);
  }),
  row("lseek() of /dev/null stays at 0", async ({ proc }) => {
    const p = await proc();
    for (const path of ["/dev/null", "/dev/zero"]) {
      const fd: number = await p.do("open", path, O_RDONLY);
      for (const whence of [SEEK_SET, SEEK_END]) equal(await p.do("lseek", fd, 10, whence), 0);
    }
  }),
  row("fstat() tells the device", async ({ proc }) => {
    const p = await proc();
    for (const [path, rdev] of [
      ["/dev/null", 0x103],
      ["/dev/zero", 0x105],
    ] as const) {
      const fd: number = await p.do("open", path, O_RDONLY);
      const { st_mode, st_rdev, st_size } = await p.do<Stat>("fstat", fd);
      equal([st_mode & S_IFMT, st_rdev, st_size], [S_IFCHR, rdev, 0]);
    }
  }),
  row("ftruncate() and fsync() return EINVAL for a device", async ({ proc }) => {
    const p = await proc();
    const fd: number = await p.do("open", "/dev/null", O_RDWR);
    await fails("EINVAL", p.do("ftruncate", fd, 0));
    await fails("EINVAL", p.do("fsync", fd));
    await fails("EINVAL", p.do("truncate", "/dev/null", 0));
  }),
  row("poll() finds /dev/null ready, always", async ({ proc }) => {
    const p = await proc();
    const fd: number = await p.do("open", "/dev/null", O_RDWR);
    equal(await ready(p, fd, POLLIN | POLLOUT), POLLIN | POLLOUT);
  }),
];
