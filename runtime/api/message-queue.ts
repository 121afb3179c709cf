/**
 * MessageQueue: a System V message queue of bytes, strings or JSON. Messages have a type, a
 * positive integer, by which a receiver may choose; they keep their borders and their order, and
 * stay in the kernel until somebody takes them. msgget(2), msgop(2), msgctl(2).
 */
import { E2BIG, EAGAIN, ENOMSG } from "../../assembly/abi/errno.ts";
import { IPC_INFO, IPC_NOWAIT, IPC_RMID, IPC_STAT } from "../../assembly/abi/ipc.ts";
import type { Msgbuf, Syscalls } from "../../host/contract.ts";
import { bytesCodec, type Codec } from "./codec.ts";
import {
  type CreateOptions,
  type IpcName,
  IpcObject,
  isGone,
  keyOf,
  newFlags,
  type SharedOptions,
  sharedFlags,
} from "./ipc-object.ts";
import {
  type AsyncOptions,
  hasErrno,
  uninterrupted,
  uninterruptedAsync,
  withTimeout,
} from "./wait-options.ts";

/** How values become messages. */
export interface CodecOption<T> {
  codec: Codec<T>;
}

/** Which message. */
export interface TypeOption {
  /**
   * Sending: the message's type, 1 or more, 1 when left out. Receiving: 0 (left out) for the first
   * message, a type for the first of that type, -n for the first of the lowest type up to n.
   */
  type?: number;
}

/** A message that was received. */
export interface Message<T> {
  readonly type: number;
  readonly value: T;
}

/**
 * A queue of messages between processes.
 *
 * Handles dispose: `using` removes, at the end of the block, what `create()` made.
 *
 * @example
 * ```ts
 * using queue = MessageQueue.create(sys, { codec: textCodec });
 * queue.send("two", { type: 2 });
 * queue.send("one");
 * queue.receive({ type: 1 }); // => { type: 1, value: "one" }
 * queue.receive(); // => { type: 2, value: "two" }
 * queue.tryReceive(); // => undefined
 * await queue.sendAsync("three");
 * for await (const { value } of queue) {
 *   value; // => "three"
 *   queue.remove(); // ends the loop, in every process
 * }
 * ```
 * @see msgget(2), msgop(2)
 */
export class MessageQueue<T = Uint8Array> extends IpcObject implements AsyncIterable<Message<T>> {
  readonly #codec: Codec<T>;
  /** Bytes that msgrcv() is given room for; grows when a message is larger. */
  #roomSize: number;
  /** The room that the last call gave back; a call takes it away, as several may be pending. */
  #spare: Uint8Array | undefined;

  private constructor(sys: Syscalls, id: number, owned: boolean, codec: Codec<T>) {
    super(sys, id, owned);
    this.#codec = codec;
    this.#roomSize = sys.msgctl(0, IPC_INFO).msgmax;
  }

  /**
   * Makes a new queue, which disposing the handle removes.
   * @param options - `key` (none: only the id leads to it), `mode` (0o600), `codec` (bytes).
   * @throws {SystemError} EEXIST: the key is taken. ENOSPC, ENOMEM: no queue more.
   * @see msgget(2)
   */
  static create(sys: Syscalls, options?: CreateOptions): MessageQueue;
  static create<T>(sys: Syscalls, options: CreateOptions & CodecOption<T>): MessageQueue<T>;
  static create<T>(sys: Syscalls, options: CreateOptions & Partial<CodecOption<T>> = {}): unknown {
    const id = sys.msgget(keyOf(options), newFlags(options));
    return new MessageQueue(sys, id, true, codecOf(options));
  }

  /**
   * Opens an existing queue by key or by id. An id is not looked up before its first use.
   * @throws {SystemError} ENOENT: no such key. EACCES: its mode forbids it.
   * @see msgget(2)
   */
  static open(sys: Syscalls, name: IpcName): MessageQueue;
  static open<T>(sys: Syscalls, name: IpcName & CodecOption<T>): MessageQueue<T>;
  static open<T>(sys: Syscalls, name: IpcName & Partial<CodecOption<T>>): unknown {
    return new MessageQueue(sys, name.id ?? sys.msgget(name.key, 0), false, codecOf(name));
  }

  /**
   * Opens the queue of a key, made now if it is missing. Disposing does not remove it.
   * @throws {SystemError} as `create()` (never EEXIST) and `open()`.
   * @see msgget(2)
   */
  static openOrCreate(sys: Syscalls, options: SharedOptions): MessageQueue;
  static openOrCreate<T>(sys: Syscalls, options: SharedOptions & CodecOption<T>): MessageQueue<T>;
  static openOrCreate<T>(sys: Syscalls, options: SharedOptions & Partial<CodecOption<T>>): unknown {
    const id = sys.msgget(options.key, sharedFlags(options));
    return new MessageQueue(sys, id, false, codecOf(options));
  }

  /** How many messages are in the queue at this moment. @throws {SystemError} EACCES, EINVAL */
  get length(): number {
    return this.sys.msgctl(this.id, IPC_STAT).msg_qnum;
  }

  /**
   * Puts a message into the queue; blocks the thread while the queue is full.
   * A System V call has no time limit here: use `trySend()`, or `sendAsync()` with `timeoutMs`.
   * @throws {SystemError} EINVAL: no such queue, a type below 1, or a message past MSGMAX. EIDRM:
   *   removed meanwhile. EACCES: its mode forbids it.
   * @see msgsnd(2)
   */
  send(value: T, options: TypeOption = {}): void {
    refuseTimeout(options, "sendAsync");
    const message = this.#encode(value, options);
    uninterrupted(() => this.sys.msgsnd(this.id, message, message.mtext.byteLength, 0));
  }

  /** `send()` if there is room for the message, and says whether there was. */
  trySend(value: T, options: TypeOption = {}): boolean {
    const message = this.#encode(value, options);
    try {
      this.sys.msgsnd(this.id, message, message.mtext.byteLength, IPC_NOWAIT);
      return true;
    } catch (error) {
      if (hasErrno(error, EAGAIN)) return false;
      throw error;
    }
  }

  /**
   * `send()` without blocking the thread.
   * @param options - `type` (1), `timeoutMs` (none), `signal`.
   * @throws as `send()`; {SystemError} ETIMEDOUT; the signal's reason when it aborts. In both
   *   cases nothing was sent.
   */
  async sendAsync(value: T, options: TypeOption & AsyncOptions = {}): Promise<void> {
    const message = this.#encode(value, options);
    const size = message.mtext.byteLength;
    await withTimeout("msgsnd", options, (call) =>
      uninterruptedAsync(() => this.sys.async.msgsnd(this.id, message, size, 0, call)),
    );
  }

  /**
   * Takes a message; blocks the thread until there is one.
   * A System V call has no time limit here: use `tryReceive()`, or `receiveAsync()` with `timeoutMs`.
   * @param options - `type`: which message, the first one when left out.
   * @throws {SystemError} EIDRM: removed meanwhile. EINVAL: no such queue. EACCES: its mode
   *   forbids it. What the codec throws for a message that it cannot decode, which is then gone.
   * @see msgrcv(2)
   */
  receive(options: TypeOption = {}): Message<T> {
    refuseTimeout(options, "receiveAsync");
    return this.#receive(options.type ?? 0, 0);
  }

  /** Takes a message if there is one. */
  tryReceive(options: TypeOption = {}): Message<T> | undefined {
    try {
      return this.#receive(options.type ?? 0, IPC_NOWAIT);
    } catch (error) {
      if (hasErrno(error, ENOMSG)) return undefined;
      throw error;
    }
  }

  /**
   * `receive()` without blocking the thread.
   * @param options - `type` (0, the first), `timeoutMs` (none), `signal`.
   * @throws as `receive()`; {SystemError} ETIMEDOUT; the signal's reason when it aborts. In both
   *   cases no message was taken.
   */
  async receiveAsync(options: TypeOption & AsyncOptions = {}): Promise<Message<T>> {
    const type = options.type ?? 0;
    return await withTimeout("msgrcv", options, async (call) => {
      for (;;) {
        const room = this.#room();
        try {
          const size = room.mtext.byteLength;
          const got = await uninterruptedAsync(() =>
            this.sys.async.msgrcv(this.id, room, size, type, 0, call),
          );
          return this.#decode(room, got);
        } catch (error) {
          this.#growOrThrow(error, room);
        }
      }
    });
  }

  /**
   * Receives one message after another until the queue is removed, which ends the loop.
   * `for await (const message of queue)` is the same without options.
   * @param options - `type`, `signal`; `timeoutMs` for each message.
   * @throws as `receiveAsync()`, but not for a removed queue.
   */
  async *messages(options: TypeOption & AsyncOptions = {}): AsyncGenerator<Message<T>, void, void> {
    for (;;) {
      let message: Message<T>;
      try {
        message = await this.receiveAsync(options);
      } catch (error) {
        if (isGone(error)) return;
        throw error;
      }
      yield message;
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<Message<T>, void, void> {
    return this.messages();
  }

  protected override removeId(): void {
    this.sys.msgctl(this.id, IPC_RMID);
  }

  #encode(value: T, options: TypeOption): Msgbuf {
    return { mtype: options.type ?? 1, mtext: this.#codec.encode(value) };
  }

  #decode(room: Msgbuf, size: number): Message<T> {
    const bytes = room.mtext.slice(0, size);
    this.#spare = room.mtext;
    return { type: room.mtype, value: this.#codec.decode(bytes) };
  }

  #room(): Msgbuf {
    const mtext = this.#spare ?? new Uint8Array(this.#roomSize);
    this.#spare = undefined;
    return { mtype: 0, mtext };
  }

  #receive(type: number, msgflg: number): Message<T> {
    for (;;) {
      const room = this.#room();
      const { mtext } = room;
      try {
        const size = uninterrupted(() =>
          this.sys.msgrcv(this.id, room, mtext.byteLength, type, msgflg),
        );
        return this.#decode(room, size);
      } catch (error) {
        this.#growOrThrow(error, room);
      }
    }
  }

  /**
   * E2BIG leaves the message where it is, and only a queue whose MSGMAX was raised after this
   * handle was made has one larger than the room: then the room doubles.
   */
  #growOrThrow(error: unknown, room: Msgbuf): void {
    if (!hasErrno(error, E2BIG)) throw error;
    this.#roomSize = Math.max(this.#roomSize, room.mtext.byteLength * 2);
  }
}

/** Only the overloads without a codec reach the default, and those have T = Uint8Array. */
function codecOf<T>(options: Partial<CodecOption<T>>): Codec<T> {
  return options.codec ?? (bytesCodec as unknown as Codec<T>);
}

/** A time limit that is not kept would be worse than an error. */
function refuseTimeout(options: TypeOption & { timeoutMs?: unknown }, twin: string): void {
  if (options.timeoutMs === undefined) return;
  throw new TypeError(`timeoutMs needs the asynchronous form: ${twin}()`);
}
