import { describe, expect, it } from "vitest";
import { host as browserHost } from "../../host/browser.ts";
import { boot } from "../../runtime/index.ts";
import { settle } from "../../runtime/options.ts";

const MIB = 1024 * 1024;

describe("boot() options", () => {
  it("have Linux's defaults where the memory has room for them", () => {
    const { pages, limits, pool } = settle({});
    expect(pages * 65536).toBe(64 * MIB);
    expect(pool).toBe(4);
    const [procMax, taskMax] = limits;
    expect([procMax, taskMax]).toEqual([64, 128]);
    expect([limits[9], limits[10], limits[13]]).toEqual([500, 32767, 8192]);
    expect(limits[14]).toBe(16384);
  });

  it("grow with the memory", () => {
    const small = settle({ memory: MIB });
    const large = settle({ memory: 2048 * MIB });
    expect(small.limits[2]).toBeLessThan(large.limits[2]!);
    expect(large.limits[2]).toBe(4096);
  });

  it("round the memory up to whole pages of WebAssembly", () => {
    expect(settle({ memory: MIB + 1 }).pages).toBe(17);
  });

  it.each([
    [{ SEMMNI: 0 }, "boot: `SEMMNI` must be from 1 to 32768, not 0"],
    [{ memory: MIB - 1 }, /`memory` must be from 1048576 to 2147483648/],
    [{ memory: 2048 * MIB + 1 }, /`memory` must be from/],
    [{ PROC_MAX: 5000 }, /`PROC_MAX` must be from 2 to 1024/],
    [{ pool: -1 }, /`pool` must be from 0/],
  ])("refuse %j by a RangeError that names the range", async (options, message) => {
    await expect(boot(options)).rejects.toThrow(RangeError);
    await expect(boot(options)).rejects.toThrow(message);
  });

  it("refuse a value that is no integer", async () => {
    await expect(boot({ SEMMSL: 1.5 })).rejects.toThrow(
      "boot: `SEMMSL` must be an integer, not 1.5",
    );
    const text = { SHMMNI: "12" } as unknown as { SHMMNI: number };
    await expect(boot(text)).rejects.toThrow(TypeError);
  });

  it("refuse a name that does not exist", async () => {
    await expect(boot({ semmni: 3 } as object)).rejects.toThrow("there is no option `semmni`");
  });

  it("say so when the memory is too small for the tables", async () => {
    const boots = boot({ memory: MIB, TASK_MAX: 1024 });
    await expect(boots).rejects.toThrow(
      /1048576 bytes of memory are too small.*`memory`.*TASK_MAX/s,
    );
  });

  it("boot the smallest memory with its defaults", async () => {
    await using machine = await boot({ memory: MIB, pool: 1 });
    expect(machine.pid).toBe(2);
  });
});

describe("boot() where threads may not share memory", () => {
  it("throws an error that names the two headers", () => {
    expect(() => browserHost.requireSharedMemory()).toThrow(
      /Cross-Origin-Opener-Policy: same-origin.*Cross-Origin-Embedder-Policy: require-corp/,
    );
  });
});
