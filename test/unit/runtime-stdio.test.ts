import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { boot, type Machine, O_CLOEXEC, type StdioOption } from "../../runtime/index.ts";
import { codeOfAsync } from "./runtime-support.ts";

const PROGRAM = new URL("runtime-stdio-program.js", import.meta.url);
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

let machine: Machine;
beforeAll(async () => {
  machine = await boot({ pool: 1 });
});
afterAll(() => machine.shutdown());

type Stdio = StdioOption | readonly StdioOption[];
const start = (stdio: Stdio, ...args: string[]) => machine.spawn(PROGRAM, args, { stdio });

/** The lowest free numbers: the same after a failure as before it. */
function freeNumbers(): [number, number] {
  const [r, w] = machine.sys.pipe();
  machine.sys.close(r);
  machine.sys.close(w);
  return [r, w];
}

describe("stdio of a child", () => {
  it("can be pipes, of which the parent has the other ends", async () => {
    const child = await start("pipe", "copy");
    const { stdin, stdout, stderr } = child;
    stdin!.write(encode("to be "));
    stdin!.write(encode("copied"));
    stdin!.close();
    expect(decode(await stdout!.readAllAsync())).toBe("to be copied");
    expect(await stderr!.readAllAsync()).toHaveLength(0);
    expect((await child.wait()).code).toBe(0);
    for (const end of [stdout!, stderr!]) end.close();
  });

  it("are the console's and process.stdout's too", async () => {
    const child = await start(["inherit", "pipe", "pipe"], "print");
    expect(child.stdin).toBeNull();
    using stdout = child.stdout!;
    using stderr = child.stderr!;
    expect(decode(await stdout.readAllAsync())).toBe("one 1\nthree\n");
    expect(decode(await stderr.readAllAsync())).toBe("two\n");
    await child.wait();
  });

  it("hear of an uncaught error", async () => {
    const child = await start(["inherit", "inherit", "pipe"], "throw");
    using stderr = child.stderr!;
    expect(decode(await stderr.readAllAsync())).toMatch(/^Error: as planned\n {4}at /);
    expect((await child.wait()).code).toBe(1);
  });

  it("can be any descriptors of the parent, closed on exec or not, under other numbers", async () => {
    const { sys } = machine;
    const [r, w] = sys.pipe2(O_CLOEXEC);
    const [r2, w2] = sys.pipe();
    // Each number has what the other names in the parent.
    const stdio: StdioOption[] = Array<StdioOption>(30).fill("inherit");
    stdio[w2] = w;
    stdio[20] = w;
    stdio[21] = w2;
    const child = await start(stdio, "write", String(w2), "20", "21");
    expect((await child.wait()).code).toBe(0);
    sys.close(w);
    sys.close(w2);
    const buffer = new Uint8Array(64);
    expect(decode(buffer.subarray(0, sys.read(r, buffer)))).toBe(`${w2};20;`);
    expect(decode(buffer.subarray(0, sys.read(r2, buffer)))).toBe("21;");
    expect([sys.read(r, buffer), sys.read(r2, buffer)]).toEqual([0, 0]);
    sys.close(r);
    sys.close(r2);
  });

  it("can be nowhere: nothing to read, and what is written is gone", async () => {
    const before = freeNumbers();
    const child = await start(["ignore", "pipe", "ignore"], "copy");
    using stdout = child.stdout!;
    expect(await stdout.readAllAsync()).toHaveLength(0);
    expect((await child.wait()).code).toBe(0);
    expect((await (await start("ignore", "print")).wait()).code).toBe(0);
    stdout.close();
    expect(freeNumbers()).toEqual(before);
  });
});

describe("streams that a child does not have", () => {
  it("can be missing, and what is closed on exec is", async () => {
    expect((await (await start(["inherit", null], "closed", "1")).wait()).code).toBe(0);
    expect((await (await start("inherit", "closed", "1")).wait()).code).toBe(1);
    const [r, w] = machine.sys.pipe2(O_CLOEXEC);
    expect((await (await start("inherit", "closed", String(w))).wait()).code).toBe(0);
    machine.sys.close(r);
    machine.sys.close(w);
  });

  it("are refused when the parent has no such descriptor, and nothing is left open", async () => {
    const before = freeNumbers();
    expect(await codeOfAsync(start(["pipe", "pipe", 77], "copy"))).toBe("EBADF");
    expect(await codeOfAsync(start(["pipe", -1], "copy"))).toBe("EBADF");
    await expect(start(["pipe", {} as never], "copy")).rejects.toThrow(TypeError);
    await expect(start(["pipe", null, null, "pipe"], "copy")).rejects.toThrow(TypeError);
    await expect(start({} as never, "copy")).rejects.toThrow(TypeError);
    await expect(start("overlapped" as never, "copy")).rejects.toThrow(TypeError);
    const many = Array<StdioOption>(5000).fill(null);
    expect(await codeOfAsync(start(many, "copy"))).toBe("E2BIG");
    expect(freeNumbers()).toEqual(before);
  });
});
