/** The rows on our kernel: a machine, whose processes are workers that run kernel-agent.ts. */
import { type BootOptions, boot, type Machine } from "../../runtime/index.ts";
import type { ChildOptions } from "./kernel-agent.ts";
import { KernelGrandchild, KernelProc, TaskObserver } from "./kernel-proc.ts";
import type { Backend, Limits, ProcOptions, World } from "./row.ts";
import { WorldBase } from "./world-base.ts";

/** As many workers as most rows have processes. */
const POOL = 3;

export class KernelWorld extends WorldBase<KernelProc> {
  readonly backend: Backend;
  protected readonly base = "";
  readonly #program: string;
  readonly #machine: Machine;
  readonly #observer: TaskObserver;
  readonly #options: BootOptions;
  #count = 0;

  private constructor(backend: Backend, program: string, machine: Machine, options: BootOptions) {
    super();
    this.backend = backend;
    this.#options = options;
    this.#program = program;
    this.#machine = machine;
    this.#observer = new TaskObserver(machine);
  }

  /** `program` is the address of kernel-agent.js. */
  static async start(
    backend: Backend,
    program: string,
    options: BootOptions = {},
  ): Promise<KernelWorld> {
    const machine = await boot({ pool: POOL, ...options });
    return new KernelWorld(backend, program, machine, options);
  }

  protected async startProc(options: ProcOptions): Promise<KernelProc> {
    const { uid = 0, gid = 0, groups = [], parent } = options;
    const name = `${this.#machine.handle.bootId}-${++this.#count}`;
    const channel = new BroadcastChannel(name);
    const ready = new Promise((resolve) => {
      channel.onmessage = resolve;
    });
    const credentials = { uid, gid, groups };
    if (parent !== undefined) {
      const child: ChildOptions = { channel: name, ...credentials };
      const pid = await parent.do("spawnAgent", child);
      await ready;
      return new KernelGrandchild(this.#machine, this.#observer, channel, pid);
    }
    const child = await this.#machine.spawn(this.#program, [name], credentials);
    const ended = child.wait().then(
      ({ status }) => `status ${status}`,
      (error) => String(error),
    );
    await Promise.race([ready, ended.then(diedEarly)]);
    const proc = new KernelProc(this.#machine, this.#observer, channel, child.pid);
    void ended.then((how) => proc.hasEnded(how));
    return proc;
  }

  /** Limits are fixed when a machine boots, so the row gets one of its own. */
  async withLimits(limits: Limits, run: (world: World) => Promise<void>): Promise<void> {
    await using world = await KernelWorld.start(this.backend, this.#program, {
      ...this.#options,
      ...limits,
      pool: 1,
    });
    await run(world);
    await world.check();
  }

  protected override check(): Promise<void> {
    return this.#observer.check();
  }

  protected close(): Promise<void> {
    return this.#machine.shutdown();
  }
}

function diedEarly(how: string): never {
  throw new Error(`the agent ended before it began: ${how}`);
}
