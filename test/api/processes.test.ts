/** The idiomatic layer between processes of one machine, where calls block. */
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  boot,
  type Child,
  type Machine,
  MessageQueue,
  Mutex,
  Pipe,
  Semaphore,
  SharedMemory,
  SIGKILL,
  SIGPIPE,
  textCodec,
} from "../../runtime/index.ts";

const WORKER = new URL("programs/worker.js", import.meta.url);

let machine: Machine;

beforeAll(async () => {
  machine = await boot({ pool: 3 });
});

afterAll(async () => {
  await machine.shutdown();
});

function start(action: string, ...ids: number[]): Promise<Child> {
  return machine.spawn(WORKER, [action, ...ids.map(String)]);
}

async function runToEnd(action: string, ...ids: number[]): Promise<void> {
  const child = await start(action, ...ids);
  expect((await child.wait()).code).toBe(0);
}

test("Semaphore gives back what a process held when it ended", async () => {
  using sem = Semaphore.create(machine.sys, { value: 1 });
  await runToEnd("hold", sem.id);
  expect(sem.value).toBe(1);
  await runToEnd("hold", sem.id);
});

test("Semaphore keeps what a process took without `undo`", async () => {
  using sem = Semaphore.create(machine.sys, { value: 1 });
  await runToEnd("holdWithoutUndo", sem.id);
  expect(sem.value).toBe(0);
});

test("Semaphore.acquire() blocks a process until another one releases", async () => {
  using sem = Semaphore.create(machine.sys, { value: 0, undo: false });
  const child = await start("holdWithoutUndo", sem.id);
  sem.release();
  expect((await child.wait()).code).toBe(0);
  expect(sem.value).toBe(0);
});

test("Semaphore.lock() keeps two steps of several processes together", async () => {
  const rounds = 2000;
  using sem = Semaphore.create(machine.sys);
  using memory = SharedMemory.create(machine.sys, { size: 4 });
  const workers = [1, 2, 3].map(() => runToEnd("count", sem.id, memory.id, rounds));
  await Promise.all(workers);
  expect(memory.view(Int32Array)[0]).toBe(3 * rounds);
});

test("Mutex.lock() keeps two steps of several processes together", async () => {
  const rounds = 2000;
  using memory = SharedMemory.create(machine.sys, { size: 128 });
  const mutex = Mutex.create(memory, 64);
  const workers = [1, 2, 3].map(() => runToEnd("countWithMutex", memory.id, rounds));
  const words = memory.view(Int32Array);
  for (let round = 0; round < rounds; round++) {
    using _guard = await mutex.lockAsync();
    words[0] = words[0]! + 1;
  }
  await Promise.all(workers);
  expect(words[0]).toBe(4 * rounds);
});

test("Mutex tells its next owner that the last one died", async () => {
  using memory = SharedMemory.create(machine.sys, { size: 128 });
  const mutex = Mutex.create(memory);
  await runToEnd("holdMutex", memory.id);
  {
    using guard = mutex.lock();
    expect(guard.ownerDied).toBe(true);
    guard.markConsistent();
  }
  await runToEnd("holdMutex", memory.id);
  const died = await mutex.runExclusive(({ ownerDied }) => ownerDied);
  expect(died).toBe(true);
  expect(() => mutex.lock()).toThrow("ENOTRECOVERABLE");
  expect(Mutex.create(memory).lock().ownerDied).toBe(false);
});

test("MessageQueue.receive() blocks a process until another one sends", async () => {
  using queue = MessageQueue.create(machine.sys, { codec: textCodec });
  const child = await start("answer", queue.id);
  queue.send("question");
  expect((await queue.receiveAsync({ type: 2 })).value).toBe("QUESTION");
  expect((await child.wait()).code).toBe(0);
});

test("Pipe carries bytes through a process that inherits its ends, and brings the end of the file", async () => {
  using there = Pipe.create(machine.sys);
  using back = Pipe.create(machine.sys);
  const fds = [there.reader.fd, back.writer.fd, there.writer.fd, back.reader.fd];
  const child = await start("copy", ...fds);
  there.reader.close();
  back.writer.close();
  const sent = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) & 255);
  const written = there.writer.writeAsync(sent).then(() => there.writer.close());
  expect(await back.reader.readAllAsync()).toEqual(sent);
  await written;
  expect((await child.wait()).code).toBe(0);
});

test("PipeReader meets the end of the file when the last writer is killed, even while it writes", async () => {
  using pipe = Pipe.create(machine.sys);
  const child = await start("fill", pipe.writer.fd, pipe.reader.fd);
  pipe.writer.close();
  const buffer = new Uint8Array(10);
  expect(await pipe.reader.readAsync(buffer)).toBe(10);
  child.kill(SIGKILL);
  const rest = pipe.reader.readAllAsync();
  expect((await child.wait()).signal).toBe(SIGKILL);
  expect((await rest).length).toBeLessThan(200_000);
});

test("PipeWriter ends its process by SIGPIPE when the last reader has gone", async () => {
  using pipe = Pipe.create(machine.sys);
  const child = await start("fill", pipe.writer.fd, pipe.reader.fd);
  pipe.writer.close();
  await pipe.reader.readAsync(new Uint8Array(1));
  pipe.reader.close();
  expect((await child.wait()).signal).toBe(SIGPIPE);
});
