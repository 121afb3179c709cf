import assert from "node:assert/strict";
import { jsonCodec, MessageQueue, textCodec } from "../../runtime/index.ts";
import { type ApiCase, failsWith, rejectsWith } from "./case.ts";

const KEY = 0x6d7367;

export const messageQueueCases: ApiCase[] = [
  {
    name: "MessageQueue sends and receives bytes, empty ones too",
    run(sys) {
      using queue = MessageQueue.create(sys);
      queue.send(Uint8Array.of(1, 2, 3));
      queue.send(new Uint8Array(0), { type: 7 });
      assert.equal(queue.length, 2);
      const first = queue.receive();
      const second = queue.receive();
      assert.deepEqual(first, { type: 1, value: Uint8Array.of(1, 2, 3) });
      assert.deepEqual(second, { type: 7, value: new Uint8Array(0) });
    },
  },
  {
    name: "MessageQueue: what was received is not changed by the next message",
    run(sys) {
      using queue = MessageQueue.create(sys);
      queue.send(Uint8Array.of(1));
      queue.send(Uint8Array.of(2));
      const { value } = queue.receive();
      queue.receive();
      assert.deepEqual(value, Uint8Array.of(1));
    },
  },
  {
    name: "MessageQueue.receive() chooses by type, as msgrcv() does",
    run(sys) {
      using queue = MessageQueue.create(sys, { codec: textCodec });
      for (const type of [5, 3, 9]) queue.send(`m${type}`, { type });
      assert.deepEqual(queue.receive({ type: 9 }), { type: 9, value: "m9" });
      assert.deepEqual(queue.receive({ type: -9 }), { type: 3, value: "m3" });
      assert.equal(queue.tryReceive({ type: 1 }), undefined);
      assert.deepEqual(queue.tryReceive(), { type: 5, value: "m5" });
    },
  },
  {
    name: "MessageQueue carries JSON and text that is not ASCII",
    run(sys) {
      using words = MessageQueue.create(sys, { codec: jsonCodec<[string, number][]>() });
      words.send([["été", 3]]);
      assert.deepEqual(words.receive().value, [["été", 3]]);
      using text = MessageQueue.open(sys, { id: words.id, codec: textCodec });
      text.send("\ufeffé\u{1f600}");
      assert.equal(text.receive().value, "\ufeffé\u{1f600}");
      using bytes = MessageQueue.open(sys, { id: words.id });
      bytes.send(Uint8Array.of(0xff));
      assert.throws(() => text.receive(), TypeError);
      assert.throws(() => words.send(undefined as never), TypeError);
      assert.equal(words.length, 0);
    },
  },
  {
    name: "MessageQueue.receiveAsync() waits for a message without blocking the thread",
    async run(sys) {
      using queue = MessageQueue.create(sys, { codec: textCodec });
      const both = Promise.all([queue.receiveAsync({ type: 2 }), queue.receiveAsync({ type: 1 })]);
      queue.send("one", { type: 1 });
      await queue.sendAsync("two", { type: 2 });
      const values = (await both).map(({ value }) => value);
      assert.deepEqual(values, ["two", "one"]);
    },
  },
  {
    name: "MessageQueue.trySend() returns false and sendAsync() waits while the queue is full",
    async run(sys) {
      using queue = MessageQueue.create(sys);
      const half = new Uint8Array(8192);
      assert.equal(queue.trySend(half), true);
      assert.equal(queue.trySend(half), true);
      assert.equal(queue.trySend(half), false);
      await rejectsWith("ETIMEDOUT", queue.sendAsync(half, { timeoutMs: 20 }));
      assert.equal(queue.length, 2);
      const sent = queue.sendAsync(half, { type: 4 });
      queue.receive();
      await sent;
      assert.equal(queue.receive({ type: 4 }).value.byteLength, 8192);
    },
  },
  {
    name: "MessageQueue.receiveAsync() rejects with ETIMEDOUT, or the signal's reason",
    async run(sys) {
      using queue = MessageQueue.create(sys);
      await rejectsWith("ETIMEDOUT", queue.receiveAsync({ timeoutMs: 20 }));
      const controller = new AbortController();
      const received = queue.receiveAsync({ signal: controller.signal, timeoutMs: 60_000 });
      controller.abort();
      await assert.rejects(received, { name: "AbortError" });
      queue.send(Uint8Array.of(1));
      assert.equal(queue.length, 1);
    },
  },
  {
    name: "MessageQueue: `for await` receives until the queue is removed",
    async run(sys) {
      using queue = MessageQueue.create(sys, { codec: textCodec });
      for (const text of ["a", "b", "c"]) queue.send(text);
      const seen: string[] = [];
      for await (const { value } of queue) {
        seen.push(value);
        if (value === "c") queue.remove();
      }
      assert.deepEqual(seen, ["a", "b", "c"]);
    },
  },
  {
    name: "MessageQueue.messages() ends for one who waits when the queue is removed",
    async run(sys) {
      using queue = MessageQueue.create(sys);
      const next = queue.messages().next();
      await Promise.resolve();
      queue.remove();
      assert.deepEqual(await next, { done: true, value: undefined });
      failsWith("EINVAL", () => queue.receive());
    },
  },
  {
    name: "MessageQueue.messages() throws the reason of its signal",
    async run(sys) {
      using queue = MessageQueue.create(sys);
      queue.send(Uint8Array.of(1));
      const controller = new AbortController();
      const reason = new Error("enough");
      const loop = async () => {
        for await (const _message of queue.messages({ signal: controller.signal })) {
          controller.abort(reason);
        }
      };
      await assert.rejects(loop, (error) => error === reason);
    },
  },
  {
    name: "MessageQueue.openOrCreate() and open() find it by key",
    run(sys) {
      using first = MessageQueue.openOrCreate(sys, { key: KEY, codec: textCodec });
      using second = MessageQueue.openOrCreate(sys, { key: KEY, codec: textCodec });
      using third = MessageQueue.open(sys, { key: KEY, codec: textCodec });
      first.send("x");
      assert.equal(second.id, first.id);
      assert.equal(third.receive().value, "x");
      failsWith("EEXIST", () => MessageQueue.create(sys, { key: KEY }));
      third.remove();
      failsWith("ENOENT", () => MessageQueue.open(sys, { key: KEY }));
    },
  },
  {
    name: "MessageQueue.send() throws EINVAL for a type below 1 and a message past MSGMAX",
    run(sys) {
      using queue = MessageQueue.create(sys);
      failsWith("EINVAL", () => queue.send(Uint8Array.of(1), { type: 0 }));
      failsWith("EINVAL", () => queue.send(new Uint8Array(8193)));
    },
  },
  {
    name: "MessageQueue.send() and receive() refuse a time limit, which their calls do not have",
    run(sys) {
      using queue = MessageQueue.create(sys);
      const options = { timeoutMs: 5 } as object;
      assert.throws(() => queue.receive(options), /receiveAsync/);
      assert.throws(() => queue.send(Uint8Array.of(1), options), /sendAsync/);
    },
  },
];
