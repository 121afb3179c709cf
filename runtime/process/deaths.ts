/**
 * The dead of a machine, for its supervisor, the only one that buries. A thread's end is heard from the
 * platform (see host/host.ts), and time only makes somebody ask: who waits long on a lock, or reap().
 * A burial may have to wait for locks, and its owner may be dead in turn, so any number is in flight.
 */
import { SB_REAP_ASKED, SB_REAP_DONE } from "../../assembly/abi/layout.ts";
import type { ThreadWatch } from "../../host/host.ts";
import type { Thread } from "../thread.ts";
import { persistAsync } from "../wait.ts";

export class Deaths {
  readonly #thread: Thread;
  readonly #watch: ThreadWatch;
  readonly #report: (error: unknown) => void;
  /** Threads whose end is heard without the watch: the supervisor's, the booter's, and its workers. */
  readonly #own = new Set<number>();
  /** Threads that came by themselves, and that the watch listens for. */
  readonly #attached = new Set<number>();
  readonly #burials = new Map<number, Promise<void>>();
  #answering = false;

  constructor(thread: Thread, watch: ThreadWatch, report: (error: unknown) => void) {
    this.#thread = thread;
    this.#watch = watch;
    this.#report = report;
    this.own(thread.kernel.task_serial(thread.main.id));
  }

  /** Says that somebody else hears of this thread's end, and calls bury(). */
  own(serial: number): void {
    this.#own.add(serial);
  }

  /** The thread has ended: the kernel repairs what it left, and ends its process. */
  bury(serial: number): Promise<void> {
    const known = this.#burials.get(serial);
    if (known !== undefined) return known;
    const burial = this.#bury(serial).catch(this.#report);
    this.#burials.set(serial, burial);
    return burial.finally(() => this.#burials.delete(serial));
  }

  async #bury(serial: number): Promise<void> {
    await persistAsync(this.#thread, () => this.#thread.kernel.thread_dead(serial));
    this.#own.delete(serial);
    this.#attached.delete(serial);
    this.#watch.forget(serial);
  }

  /** Whenever the supervisor's word has changed: who is new, who is asked about. */
  serve(): void {
    const { kernel, i32 } = this.#thread;
    for (let one = kernel.thread_next_new(); one !== 0; one = kernel.thread_next_new()) {
      if (this.#own.has(one) || this.#attached.has(one)) continue;
      this.#attached.add(one);
      this.#watch.listen(one);
    }
    const asked: number[] = [];
    for (let one = kernel.thread_next_asked(); one !== 0; one = kernel.thread_next_asked()) {
      if (this.#attached.has(one)) asked.push(one);
    }
    if (asked.length > 0) this.#watch.look(asked).catch(this.#report);
    if (Atomics.load(i32, SB_REAP_ASKED >> 2) !== Atomics.load(i32, SB_REAP_DONE >> 2)) {
      void this.#answer();
    }
  }

  /** Once a second. */
  tick(): void {
    this.#watch.tick();
    this.serve();
  }

  /** Looks at every thread, and answers who had asked by then when the dead are buried. */
  async #answer(): Promise<void> {
    if (this.#answering) return;
    this.#answering = true;
    const { i32 } = this.#thread;
    const asked = Atomics.load(i32, SB_REAP_ASKED >> 2);
    try {
      await this.#watch.look([...this.#attached]);
      await Promise.all(this.#burials.values());
      Atomics.store(i32, SB_REAP_DONE >> 2, asked);
      Atomics.notify(i32, SB_REAP_DONE >> 2);
    } catch (error) {
      this.#report(error);
    } finally {
      this.#answering = false;
    }
    if (Atomics.load(i32, SB_REAP_ASKED >> 2) !== asked) this.serve();
  }
}
