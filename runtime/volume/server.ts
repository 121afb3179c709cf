/**
 * The volumes that the supervisor serves: directories of the host. It takes one request after the other
 * from the kernel, waits for the disk without blocking, and completes them. What nobody asks for is
 * carried every few seconds.
 */
import { ERETRY } from "../../assembly/abi/errno.ts";
import {
  DEV_VOLUME,
  VOLUME_CLOSE,
  VOLUME_LOAD,
  VOLUME_SYNC_ALL,
} from "../../assembly/abi/volume.ts";
import { errnoOf } from "../../host/errno.ts";
import type { Disk } from "../../host/volume.ts";
import type { Thread } from "../thread.ts";
import type { Mirror } from "./mirror.ts";
import { type MountPlan, mount } from "./mount.ts";
import { MachineTree, type VolumeRequest } from "./tree.ts";

const CARRY_MS = 5000;

export class VolumeServer {
  readonly #tree: MachineTree;
  readonly #report: (error: unknown) => void;
  /** By st_dev. */
  readonly #mirrors = new Map<number, Mirror>();
  /** Those that may change. */
  readonly #writable: Mirror[] = [];
  /** Settles after all that was begun. */
  #turn: Promise<unknown> = Promise.resolve();
  #asked = false;
  #stopped = false;
  #serving = false;
  /** Settles when the queue has been looked through. */
  #served: Promise<void> = Promise.resolve();
  #carriedAt = 0;
  /** What went wrong last when nobody had asked, so that it is reported once. */
  #reported = "";

  constructor(thread: Thread, report: (error: unknown) => void) {
    this.#tree = new MachineTree(thread);
    this.#report = report;
  }

  async mount(disk: Promise<Disk>, plan: MountPlan): Promise<void> {
    const mirror = await mount(this.#tree, disk, plan, true);
    this.#mirrors.set(DEV_VOLUME + plan.index, mirror);
    if (!plan.readonly) this.#writable.push(mirror);
  }

  /** Serves whoever waits. To be called after every change of the supervisor's word. */
  serve(): void {
    this.#asked = this.#mirrors.size > 0 && !this.#stopped;
    if (this.#serving || !this.#asked) return;
    this.#serving = true;
    this.#served = this.#serve()
      .catch(this.#report)
      .finally(() => {
        this.#serving = false;
        // Somebody asked after the last look.
        if (this.#asked) this.serve();
      });
  }

  async #serve(): Promise<void> {
    this.#asked = false;
    while (!this.#stopped) {
      const request = await this.#tree.next();
      if (request === undefined) return;
      await this.#tree.done(request, await this.#answer(request));
    }
  }

  /** What the call returns, or is told. */
  async #answer(request: VolumeRequest): Promise<number> {
    try {
      await this.#inTurn(() => this.#perform(request));
      return request.op === VOLUME_LOAD ? -ERETRY : 0;
    } catch (error) {
      return -errnoOf(error);
    }
  }

  async #perform(request: VolumeRequest): Promise<void> {
    const { op, dev } = request;
    if (op === VOLUME_SYNC_ALL) return this.#syncAll(true);
    const mirror = this.#mirrors.get(dev);
    // The file went while its call waited: there is nothing to carry.
    if (mirror === undefined) return;
    if (op === VOLUME_LOAD) return mirror.load(request);
    if (!this.#writable.includes(mirror)) return;
    if (op <= VOLUME_CLOSE) return mirror.syncOne(request, op !== VOLUME_CLOSE);
    return mirror.sync(true);
  }

  /** Each in turn; the first error, after all had theirs. */
  async #syncAll(flush: boolean): Promise<void> {
    const errors: unknown[] = [];
    for (const mirror of this.#writable) {
      await mirror.sync(flush).catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw errors[0];
  }

  sync(): Promise<void> {
    return this.#inTurn(() => this.#syncAll(true));
  }

  /** Begins nothing more; resolves when what was begun has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#served;
    await this.#turn;
  }

  /** Once a second: carries what has waited long enough. The disk's error is everybody's who asks. */
  tick(): void {
    const now = performance.now();
    if (this.#stopped || this.#writable.length === 0 || now - this.#carriedAt < CARRY_MS) return;
    this.#carriedAt = now;
    this.#inTurn(() => this.#syncAll(false)).then(
      () => {
        this.#reported = "";
      },
      (error: unknown) => {
        if (String(error) !== this.#reported) this.#report(error);
        this.#reported = String(error);
      },
    );
  }

  /** One after the other, because each finds the disk as the one before it left it. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = Promise.allSettled([done]);
    return done;
  }
}
