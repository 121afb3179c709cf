/** Ten writers and three readers move 100 MiB through one FIFO while they are killed and replaced. */
import { expect, it } from "vitest";
import {
  boot,
  type Child,
  IPC_RMID,
  type Machine,
  O_CLOEXEC,
  O_RDWR,
  POLLIN,
  SIGKILL,
} from "../../runtime/index.ts";
import { FifoArena, KILLED, KILLS, NEXT, RECORDS, WRITTEN } from "./fifo-arena.ts";
import { random } from "./random.ts";

const PROGRAM = new URL("fifo-program.js", import.meta.url);
const PATH = "/tmp/records";
const WRITERS = 10;
const READERS = 3;
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

class Round {
  readonly #machine: Machine;
  readonly #arena: FifoArena;
  readonly #segment: number;
  readonly #next = random(seed);
  #number = 0;

  constructor(machine: Machine, arena: FifoArena, segment: number) {
    this.#machine = machine;
    this.#arena = arena;
    this.#segment = segment;
  }

  /** One place: a process, killed after a while and replaced, until enough was moved. @returns the last one */
  async place(role: string): Promise<Child> {
    for (;;) {
      this.#number += 1;
      const number = this.#number;
      const args = [role, PATH, String(this.#segment), String(number)];
      const child = await this.#machine.spawn(PROGRAM, args);
      let left = 100 + this.#next(1000);
      while (left > 0 && !this.#arena.isDone) {
        await new Promise((done) => setTimeout(done, 5));
        if (this.#arena.hasBegun(number)) left -= 5;
      }
      if (this.#arena.isDone) {
        // Until then the test holds the FIFO for it: a reader alone would wait for a writer for ever.
        while (!this.#arena.hasOpened(number)) await new Promise((done) => setTimeout(done, 1));
        return child;
      }
      child.kill(SIGKILL);
      const { signal, code } = await child.wait();
      if (code === 0 && this.#arena.isDone) return child;
      if (signal !== SIGKILL) throw new Error(`a ${role} has ended with ${code}`);
      Atomics.add(this.#arena.words, KILLED, 1);
    }
  }
}

it(`tears, doubles and loses no record, SEED=${seed}`, { timeout: 180_000 }, async () => {
  await using machine = await boot({ pool: 4 });
  const { sys } = machine;
  sys.mkfifo(PATH, 0o600);
  // It keeps the FIFO's bytes when nobody else has it, and is no child's: the readers are to see the end.
  const fd = sys.open(PATH, O_RDWR | O_CLOEXEC);
  const { arena, segment } = FifoArena.create(sys);
  const round = new Round(machine, arena, segment);
  const places = (count: number, role: string) =>
    Promise.all(Array.from({ length: count }, () => round.place(role)));
  const [writers, readers] = await Promise.all([
    places(WRITERS, "writer"),
    places(READERS, "reader"),
  ]);
  for (const child of writers) expect((await child.wait()).code).toBe(0);
  while (sys.poll([{ fd, events: POLLIN }], 0) > 0)
    await new Promise((done) => setTimeout(done, 1));
  sys.close(fd);
  for (const child of readers) expect((await child.wait()).code).toBe(0);

  const count = arena.words[NEXT]!;
  let [twice, unread, written] = [0, 0, 0];
  for (let id = 0; id < count; id += 1) {
    if (arena.read[id]! > 1) twice += 1;
    if (arena.said[id] !== WRITTEN) continue;
    written += 1;
    if (arena.read[id] === 0) unread += 1;
  }
  expect(twice).toBe(0);
  expect(written).toBeGreaterThanOrEqual(RECORDS);
  // At most one for each reader that died between its read() and its count.
  expect(unread).toBeLessThanOrEqual(arena.reading);
  const kills = arena.words[KILLED]!;
  expect(kills).toBeGreaterThanOrEqual(KILLS);
  process.stdout.write(
    `FIFO: ${count} records, ${kills} killed, ${unread} unread by ` +
      `${arena.reading} who died reading\n`,
  );
  sys.shmctl(segment, IPC_RMID);
  sys.unlink(PATH);
});
