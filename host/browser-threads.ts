/**
 * Who lives, in a page: a thread holds a Web Lock of its serial from before its first task, and the
 * browser releases the lock when the thread ends, however it ends. Who wants to know asks for it.
 * See the Web Locks API, "agent termination".
 */
import type { Pledge, PledgeOptions, ThreadWatch } from "./host.ts";

const lockName = (bootId: string, who: number | string) => `wasm-ipc ${bootId} ${who}`;

/** Holds the lock for the rest of this thread's life, or until `release` resolves. */
export function holdLock(name: string, release = new Promise<void>(() => {})): Promise<void> {
  return new Promise((held, failed) => {
    const holding = navigator.locks.request(name, () => {
      held();
      return release;
    });
    holding.catch(failed);
  });
}

export function watchThreads(bootId: string, onDeath: (serial: number) => void): ThreadWatch {
  return {
    address: null,
    listen(serial) {
      void navigator.locks.request(lockName(bootId, serial), () => onDeath(serial));
    },
    async look(serials) {
      const { held = [] } = await navigator.locks.query();
      const names = new Set(held.map(({ name }) => name));
      for (const serial of serials) {
        if (!names.has(lockName(bootId, serial))) onDeath(serial);
      }
    },
    tick() {},
    forget() {},
  };
}

export async function pledge(options: PledgeOptions): Promise<Pledge> {
  const { bootId, serial, onSupervisorEnd } = options;
  let release: () => void = () => {};
  const released = new Promise<void>((done) => {
    release = done;
  });
  await holdLock(lockName(bootId, serial), released);
  const listening = new AbortController();
  // Shared: all who ask are answered when the supervisor, which holds it alone, has ended.
  navigator.locks
    .request(
      lockName(bootId, "supervisor"),
      { mode: "shared", signal: listening.signal },
      onSupervisorEnd,
    )
    .catch((error) => {
      if (!listening.signal.aborted) options.onFailure(error);
    });
  return {
    withdraw() {
      listening.abort();
      release();
    },
  };
}
