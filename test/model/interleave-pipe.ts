/** Scenarios on pipes: who reads, writes, closes and polls at once, and who is woken for what. */
import { EINTR, EWAIT } from "../../assembly/abi/errno.ts";
import { O_CLOEXEC } from "../../assembly/abi/fcntl.ts";
import { POLLIN, POLLOUT } from "../../assembly/abi/poll.ts";
import { CAPACITY, fill, fillBytes, pipe, share } from "../crash/descriptors.ts";
import type { TestTask } from "../support/machine.ts";
import type { Scenario, Scene, Step } from "./interleave.ts";

/** A pipe's two ends, under the same numbers for everybody who has them. */
interface Ends {
  r: number;
  w: number;
}

/** Who is woken calls again, as the runtime does. */
function repeated(call: Step["call"], prepare?: Step["prepare"]): Step {
  return { call, again: call, ...(prepare && { prepare }) };
}

const read = (task: TestTask, fd: number, count: number): Step =>
  repeated((kernel) => kernel.sys_read(fd, task.transfer, count, 0));
const write = (task: TestTask, fd: number, count: number, first: number): Step =>
  repeated(
    (kernel) => kernel.sys_write(fd, task.transfer, count, 0),
    () => fillBytes(task, count, first),
  );
const close = (fd: number): Step => ({ call: (kernel) => kernel.sys_close(fd) });
const poll = (fd: number, events: number): Step =>
  repeated(
    (kernel) => kernel.sys_poll(1, 1),
    (task) => task.machine.i32.set([fd, events], task.transfer >> 2),
  );
/** For a task that sleeps when the threads begin. */
const goOn = (again: Step["call"]): Step => ({ call: (kernel) => kernel.wait_result(), again });

/** What is in the pipe, read by root. */
function contents({ machine: { root } }: Scene, { r }: Ends): unknown {
  const size = root.call((kernel) => kernel.sys_read(r, root.transfer, 512, 1));
  const { u8 } = root.machine;
  return size <= 0 ? size : Array.from(u8.subarray(root.transfer, root.transfer + size));
}

type Steps = readonly [readonly Step[], readonly Step[]];

interface Begin {
  /** Bytes in the pipe, of 4096. */
  filled?: number;
  /** Whether root has both ends too, and looks at what is left. */
  isWatched?: boolean;
  /** What C sleeps in, and A does. */
  c?: (ends: Ends, c: TestTask) => Step;
  a?: (ends: Ends, a: TestTask) => Step;
}

function scenario(
  name: string,
  { filled = 0, isWatched = true, c, a }: Begin,
  steps: (ends: Ends, a: TestTask, b: TestTask) => Steps,
): Scenario {
  return {
    name,
    prepare(scene) {
      const [first, second, third] = [scene.a.main, scene.b.main, scene.c.main];
      const [r, w] = pipe(first);
      const ends = { r, w };
      share(scene, first, second, r, w);
      if (c !== undefined) share(scene, first, third, r, w);
      if (isWatched) share(scene, first, scene.machine.root, r, w);
      if (filled > 0) fill(first, w, filled);
      const sleep = (task: TestTask, { prepare, call }: Step) => {
        prepare?.(task);
        scene.do(task, call, -EWAIT);
      };
      if (a !== undefined) sleep(first, a(ends, first));
      if (c !== undefined) sleep(third, c(ends, third));
      const [one, two] = steps(ends, first, second);
      return {
        a: one,
        b: two,
        ...(c !== undefined && { sleepers: [third] }),
        ...(isWatched && { also: () => contents(scene, ends) }),
      };
    },
  };
}

export const PIPE_SCENARIOS: readonly Scenario[] = [
  scenario("read and write", {}, ({ r, w }, a, b) => [[read(a, r, 10)], [write(b, w, 5, 1)]]),
  scenario("two who write", {}, ({ w }, a, b) => [[write(a, w, 5, 1)], [write(b, w, 7, 100)]]),
  scenario("two who read", { filled: 12 }, ({ r }, a, b) => [[read(a, r, 8)], [read(b, r, 8)]]),
  scenario("two who read what one has for one", { filled: 8 }, ({ r }, a, b) => [
    [read(a, r, 8)],
    [read(b, r, 8)],
  ]),
  scenario("write to a full pipe, and read", { filled: CAPACITY }, ({ r, w }, a, b) => [
    [write(a, w, 100, 1)],
    [read(b, r, 200), read(b, r, 200)],
  ]),
  scenario(
    "write while another sleeps in read()",
    { c: ({ r }, c) => read(c, r, 4) },
    (e, a, b) => [[write(a, e.w, 4, 1)], [read(b, e.r, 4)]],
  ),
  scenario(
    "read while another sleeps in write()",
    { filled: CAPACITY, c: ({ w }, c) => write(c, w, 300, 1) },
    ({ r, w }, a, b) => [[read(a, r, 400)], [write(b, w, 200, 60)]],
  ),
  scenario("close of the last writer, and read", { isWatched: false }, ({ r, w }, _a, b) => [
    [close(w)],
    [close(w), read(b, r, 10)],
  ]),
  scenario("close of the last writer after a write", { isWatched: false }, ({ r, w }, a, b) => [
    [write(a, w, 5, 1), close(w)],
    [close(w), read(b, r, 10), read(b, r, 10)],
  ]),
  scenario("close of the last reader, and write", { isWatched: false }, ({ r, w }, _a, b) => [
    [close(r), close(w)],
    [close(r), write(b, w, 10, 1)],
  ]),
  scenario("close of both ends by both", { isWatched: false }, ({ r, w }) => [
    [close(r), close(w)],
    [close(w), close(r)],
  ]),
  scenario("poll and write", {}, ({ r, w }, _a, b) => [[poll(r, POLLIN)], [write(b, w, 5, 1)]]),
  scenario("poll of a full pipe, and read", { filled: CAPACITY }, ({ r, w }, _a, b) => [
    [poll(w, POLLOUT)],
    [read(b, r, 512)],
  ]),
  scenario("poll and close of the last writer", { isWatched: false }, ({ r, w }) => [
    [close(w), poll(r, POLLIN)],
    [close(w)],
  ]),
  scenario("poll, read and write", { filled: 4 }, ({ r, w }, a, b) => [
    [poll(r, POLLIN), read(a, r, 9)],
    [read(b, r, 9), write(b, w, 5, 1)],
  ]),
  scenario(
    "a reader that gives up, and a write",
    { a: ({ r }, a) => read(a, r, 4), c: ({ r }, c) => read(c, r, 4) },
    ({ r, w }, a, b) => [
      [
        {
          call: (kernel) => kernel.wait_cancel(EINTR),
          again: read(a, r, 4).call,
        },
      ],
      [write(b, w, 4, 1)],
    ],
  ),
  scenario(
    "a reader that is woken, and another that takes the bytes",
    { a: ({ r }, a) => read(a, r, 4) },
    ({ r, w }, a, b) => [[goOn(read(a, r, 4).call)], [write(b, w, 4, 1), read(b, r, 4)]],
  ),
  scenario("two who make pipes", {}, () => [
    [{ call: (kernel) => kernel.sys_pipe2(0) }],
    [{ call: (kernel) => kernel.sys_pipe2(O_CLOEXEC) }],
  ]),
  scenario("dup3 over the writer, and read", { isWatched: false }, ({ r, w }, _a, b) => [
    [{ call: (kernel) => kernel.sys_dup3(r, w, 0) }],
    [close(w), read(b, r, 10)],
  ]),
];
