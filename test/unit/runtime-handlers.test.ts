import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  boot,
  type Machine,
  SIG_BLOCK,
  SIG_DFL,
  SIGTERM,
  SIGUSR1,
  SIGUSR2,
} from "../../runtime/index.ts";

const PROGRAM = new URL("runtime-handlers-program.js", import.meta.url);

let machine: Machine;
beforeAll(async () => {
  machine = await boot({ pool: 2 });
});
afterAll(() => machine.shutdown());

describe("a handler that throws", () => {
  it("throws out of the call at whose end it ran, and its signal is blocked no more", () => {
    const { sys } = machine;
    sys.sigaction(SIGUSR1, {
      sa_handler: () => {
        throw new Error("thrown by a handler");
      },
      sa_mask: [SIGTERM],
    });
    for (let turn = 0; turn < 2; turn += 1) {
      expect(() => sys.kill(sys.getpid(), SIGUSR1)).toThrow("thrown by a handler");
      expect(sys.sigprocmask(SIG_BLOCK, [])).toEqual([]);
    }
    sys.sigaction(SIGUSR1, SIG_DFL);
  });

  it("leaves the signals that came with its own to the next call", () => {
    const { sys } = machine;
    const seen: number[] = [];
    sys.sigaction(SIGUSR1, () => {
      throw new Error("thrown by a handler");
    });
    sys.sigaction(SIGUSR2, (signal) => void seen.push(signal));
    const before = sys.sigprocmask(SIG_BLOCK, [SIGUSR1, SIGUSR2]);
    sys.kill(sys.getpid(), SIGUSR1);
    sys.kill(sys.getpid(), SIGUSR2);
    expect(() => sys.sigprocmask(2, before)).toThrow("thrown by a handler");
    sys.getpid();
    expect(seen).toEqual([SIGUSR2]);
    expect(sys.sigprocmask(SIG_BLOCK, [])).toEqual([]);
    for (const signal of [SIGUSR1, SIGUSR2]) sys.sigaction(signal, SIG_DFL);
  });

  it.each(["in a call", "asleep", "from the event loop"])(
    "ends a program that does not catch it, %s, with its stack",
    async (where) => {
      const child = await machine.spawn(PROGRAM, [where], { stdio: [0, "pipe", "pipe"] });
      const ready = new Uint8Array(6);
      await child.stdout!.readAsync(ready);
      child.kill(SIGUSR1);
      const text = new TextDecoder().decode(await child.stderr!.readAllAsync());
      for (const end of [child.stdout, child.stderr]) end!.close();
      expect(text).toContain(`thrown by a handler ${where}`);
      expect(text).toContain("runtime-handlers-program.js");
      expect(await child.wait()).toMatchObject({ code: 1 });
    },
  );
});
