/** What a child has of its parent's descriptors: execve(2), posix_spawn(3). */
import {
  F_DUPFD,
  F_GETFD,
  F_GETFL,
  F_SETFD,
  FD_CLOEXEC,
  O_CLOEXEC,
  O_NONBLOCK,
  O_WRONLY,
} from "../../../assembly/abi/fcntl.ts";
import { equal } from "../check.ts";
import { closeAll, family, HIGH, highPipe, isClosed } from "../objects-files.ts";
import { type Proc, type Row, row } from "../row.ts";

export const inherit: readonly Row[] = [
  row("fcntl() shows a child its parent's descriptors under their numbers", async ({ proc }) => {
    const { pipe, kids } = await family(proc, 1, O_NONBLOCK);
    const [kid] = kids as [Proc];
    for (const fd of pipe) equal(await kid.do("fcntl", fd, F_GETFD), 0);
    equal(await kid.do("fcntl", pipe[1], F_GETFL), O_WRONLY | O_NONBLOCK);
  }),
  row("pipe2() with O_CLOEXEC keeps a pipe from children", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 1, O_CLOEXEC);
    for (const fd of pipe) {
      await isClosed(kids[0]!, fd);
      equal(await parent.do("fcntl", fd, F_GETFD), FD_CLOEXEC, "the parent keeps it");
    }
  }),
  row("fcntl() with F_SETFD decides until the child is started", async ({ proc }) => {
    const parent = await proc({ fresh: true });
    const [r, w] = await highPipe(parent);
    await parent.do("fcntl", r, F_SETFD, FD_CLOEXEC);
    const first = await proc({ parent });
    await isClosed(first, r);
    equal(await first.do("fcntl", w, F_GETFD), 0);
    await parent.do("fcntl", r, F_SETFD, 0);
    const second = await proc({ parent });
    equal(await second.do("fcntl", r, F_GETFD), 0);
    await isClosed(first, r);
  }),
  row("dup2() gives a child a descriptor that its parent keeps to itself", async ({ proc }) => {
    const parent = await proc({ fresh: true });
    const [r, w] = await highPipe(parent, O_CLOEXEC);
    await parent.do("dup2", w, HIGH + 20);
    const kid = await proc({ parent });
    await parent.do("close", HIGH + 20);
    await isClosed(kid, w);
    await kid.do("writeText", HIGH + 20, "from the child");
    equal(await parent.do<string>("readText", r, 100), "from the child");
  }),
  row("close() in the parent does not reach the child, nor the other way", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 1);
    const [kid] = kids as [Proc];
    await closeAll(parent, pipe[0]);
    await closeAll(kid, pipe[1]);
    await parent.do("writeText", pipe[1], "down");
    equal(await kid.do<string>("readText", pipe[0], 10), "down");
    await closeAll(parent, pipe[1]);
    equal(await kid.do<string>("readText", pipe[0], 10), "", "the only writer is gone");
  }),
  row("pipe() connects two children when the parent has let go", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 2);
    const [a, b] = kids as [Proc, Proc];
    await closeAll(parent, ...pipe);
    await closeAll(a, pipe[0]);
    await closeAll(b, pipe[1]);
    const text = b.start<string>("readText", pipe[0], 100);
    await b.asleep();
    await a.do("writeText", pipe[1], "between children");
    equal(await text, "between children");
    await a.exit();
    equal(await b.do<string>("readText", pipe[0], 100), "");
  }),
  row("pipe() reaches a grandchild through a child", async ({ proc }) => {
    const parent = await proc({ fresh: true });
    const [r, w] = await highPipe(parent);
    const child = await proc({ parent });
    const own = await highPipe(child);
    const grandchild = await proc({ parent: child });
    await grandchild.do("writeText", w, "hello");
    equal(await parent.do<string>("readText", r, 10), "hello");
    await isClosed(parent, own[1]);
    await grandchild.do("writeText", own[1], "child");
    equal(await child.do<string>("readText", own[0], 10), "child");
  }),
  row("fcntl() with F_DUPFD in a child gives numbers of its own", async ({ proc }) => {
    const { parent, pipe, kids } = await family(proc, 1);
    const [kid] = kids as [Proc];
    const fd: number = await kid.do("fcntl", pipe[0], F_DUPFD, HIGH + 30);
    equal(fd, HIGH + 30);
    await isClosed(parent, fd);
  }),
];
