/** A worker that wakes whoever waits on the word that it is given. */
addEventListener("message", ({ data }: MessageEvent<Int32Array>) => {
  Atomics.store(data, 0, 1);
  Atomics.notify(data, 0);
});

export {};
