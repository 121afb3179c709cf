/** Codecs: how a MessageQueue turns values into the bytes of a message, and back. */

/** Turns values of one type into bytes and back. */
export interface Codec<T> {
  encode(value: T): Uint8Array;
  /** @param bytes - the message's own copy, which may be kept. */
  decode(bytes: Uint8Array): T;
}

/** Bytes as they are. */
export const bytesCodec: Codec<Uint8Array> = {
  encode: (value) => value,
  decode: (bytes) => bytes,
};

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Strings as UTF-8. Decoding bytes that are not UTF-8 throws TypeError. */
export const textCodec: Codec<string> = {
  encode: (value) => encoder.encode(value),
  decode: (bytes) => decoder.decode(bytes),
};

/**
 * What JSON can say, as UTF-8. The type is the caller's word: a message is parsed, not checked.
 *
 * @example
 * ```ts
 * using queue = MessageQueue.create(sys, { codec: jsonCodec<{ word: string; count: number }>() });
 * queue.send({ word: "ipc", count: 3 });
 * queue.receive().value.count; // => 3
 * ```
 */
export function jsonCodec<T>(): Codec<T> {
  return {
    encode(value) {
      const text = JSON.stringify(value);
      if (text === undefined) throw new TypeError(`message is ${typeof value}, wanted: JSON`);
      return encoder.encode(text);
    },
    decode: (bytes) => JSON.parse(decoder.decode(bytes)) as T,
  };
}
