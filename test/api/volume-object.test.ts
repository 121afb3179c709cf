/** Volumes of the thread that boots: plain objects, and what has the methods of node:fs. */
import fs from "node:fs";
import { Volume as Memfs } from "memfs";
import { describe, expect, it } from "vitest";
import { type BootOptions, boot, O_RDONLY, type VolumeFs } from "../../runtime/index.ts";
import { codeOf, codeOfAsync } from "../unit/runtime-support.ts";
import { namesIn, readBytes, readText, writeText } from "./volume-support.ts";

describe("a plain object as a volume", () => {
  it("seeds the machine, and has its tree after sync()", async () => {
    const volume = { "/a/b.txt": "text", "/raw": new Uint8Array([1, 255]), "/empty/": null, c: "" };
    await using machine = await boot({ volume, pool: 0 });
    const { sys } = machine;
    expect(namesIn(sys, "/")).toEqual(["a", "c", "dev", "empty", "proc", "raw", "tmp"]);
    expect([readText(sys, "/a/b.txt"), readText(sys, "/c")]).toEqual(["text", ""]);
    expect([...readBytes(sys, "/raw")]).toEqual([1, 255]);
    writeText(sys, "/a/new", "new");
    writeText(sys, "/raw", "now text");
    sys.mkdir("/made", 0o755);
    sys.rmdir("/empty");
    sys.unlink("/c");
    sys.rename("/a/b.txt", "/made/moved");
    sys.symlink("new", "/a/link");
    writeText(sys, "/tmp/own", "the machine's own");
    await machine.sync();
    expect(volume).toEqual({
      "/a/new": "new",
      "/made/moved": "text",
      "/raw": new TextEncoder().encode("now text"),
    });
  });

  it("is written back at shutdown, and keeps what is no text as bytes", async () => {
    const volume: Record<string, string | Uint8Array | null> = {};
    const machine = await boot({ volumes: { "/deep/er": volume }, pool: 0 });
    const { sys } = machine;
    const fd = sys.open("/deep/er/file", 0o101, 0o644);
    sys.write(fd, new Uint8Array([0xff, 0xfe]));
    sys.mkdir("/deep/er/empty", 0o755);
    await machine.shutdown();
    expect(volume).toEqual({ "/file": new Uint8Array([0xff, 0xfe]), "/empty": null });
  });

  it("is a mount of its own", async () => {
    await using machine = await boot({ volumes: { "/v": { "/f": "x" }, "/w": {} }, pool: 0 });
    const { sys } = machine;
    const devices = ["/", "/v", "/v/f", "/w"].map((path) => sys.stat(path).st_dev);
    expect(new Set(devices).size).toBe(3);
    expect(codeOf(() => sys.rename("/v/f", "/w/f"))).toBe("EXDEV");
    expect(codeOf(() => sys.link("/v/f", "/f"))).toBe("EXDEV");
    expect(codeOf(() => sys.rmdir("/w"))).toBe("EBUSY");
    expect(codeOf(() => sys.rename("/w", "/x"))).toBe("EBUSY");
  });

  it("belongs to the user that boots", async () => {
    await using machine = await boot({ volume: { "/a/b": "x" }, uid: 7, gid: 8, pool: 0 });
    const { st_uid, st_gid } = machine.sys.stat("/a/b");
    expect([st_uid, st_gid]).toEqual([7, 8]);
    writeText(machine.sys, "/a/c", "mine");
    expect(readText(machine.sys, "/a/c")).toBe("mine");
  });

  it("ends the machine before it says that it cannot be written", async () => {
    const volume = Object.freeze({ "/a": "x" });
    const machine = await boot({ volume, pool: 0 });
    writeText(machine.sys, "/a", "y");
    await expect(machine.sync()).rejects.toThrow(TypeError);
    await expect(machine.shutdown()).rejects.toThrow(TypeError);
    expect(codeOf(() => machine.sys.open("/a", O_RDONLY))).toBe("ECANCELED");
  });
});

describe("a volume of memfs", () => {
  it("is copied in, and has the machine's tree after sync()", async () => {
    const memfs = Memfs.fromJSON({ "/a/b": "one", "/a/c": "two", "/empty": null });
    memfs.symlinkSync("b", "/a/link");
    memfs.chmodSync("/a/b", 0o600);
    await using machine = await boot({ volumes: { "/v": memfs as unknown as VolumeFs }, pool: 0 });
    const { sys } = machine;
    expect(readText(sys, "/v/a/link")).toBe("one");
    expect(sys.stat("/v/a/b").st_mode & 0o7777).toBe(0o600);
    sys.rename("/v/a", "/v/empty/moved");
    writeText(sys, "/v/empty/moved/c", "changed");
    sys.chmod("/v/empty/moved/c", 0o640);
    sys.link("/v/empty/moved/c", "/v/again");
    sys.symlink("again", "/v/to");
    await machine.sync();
    expect(memfs.toJSON()).toMatchObject({
      "/again": "changed",
      "/empty/moved/b": "one",
      "/empty/moved/c": "changed",
    });
    expect(memfs.existsSync("/a")).toBe(false);
    expect(memfs.readlinkSync("/empty/moved/link")).toBe("b");
    expect(memfs.readlinkSync("/to")).toBe("again");
    expect(Number(memfs.statSync("/empty/moved/c").mode) & 0o7777).toBe(0o640);
  });

  it("is written where it differs alone, and again after it has refused", async () => {
    const memfs = Memfs.fromJSON({ "/one": "1", "/two": "2" });
    const written: string[] = [];
    let full = false;
    const writeFileSync = (path: string, bytes: Uint8Array) => {
      if (full) throw Object.assign(new Error("no room"), { code: "ENOSPC" });
      written.push(path);
      memfs.writeFileSync(path, bytes);
    };
    const volume = new Proxy(memfs as unknown as VolumeFs, {
      get(target, name) {
        if (name === "writeFileSync") return writeFileSync;
        const value = target[name as keyof VolumeFs];
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    await using machine = await boot({ volume, pool: 0 });
    await machine.sync();
    expect(written).toEqual([]);
    writeText(machine.sys, "/two", "changed");
    full = true;
    expect(await codeOfAsync(machine.sync())).toBe("ENOSPC");
    full = false;
    await machine.sync();
    expect(written).toEqual(["/two"]);
    expect(memfs.toJSON()).toEqual({ "/one": "1", "/two": "changed" });
  });
});

describe("boot() refuses", () => {
  const wrong: readonly [string, BootOptions | Record<string, unknown>, RegExp][] = [
    ["a volume that is a number", { volume: 1 }, /must be an object of paths/],
    ["a volume that is null", { volume: null }, /must be an object of paths/],
    ["a volume that is a list", { volume: [] }, /must be an object of paths/],
    [
      "contents that are no contents",
      { volume: { "/a": 1 } },
      /must be text, a Uint8Array or null/,
    ],
    ["a path that leaves", { volume: { "/../a": "" } }, /must have no dots/],
    ["a path with NUL", { volume: { "/a\0": "" } }, /no NUL/],
    ["a file with entries", { volume: { "/a": "", "/a/b": "" } }, /as file and directory/],
    ["the same file twice", { volume: { "/a": "", a: "" } }, /twice/],
    ["half a file system", { volume: { readdirSync() {} } }, /lacks lstatSync, /],
    ["all files of the host", { volume: fs }, /use directory\(path\)/],
    ["volumes that are no object", { volumes: 3 }, /`volumes` must be an object/],
    ["a relative mount point", { volumes: { a: {} } }, /absolute path without dots/],
    ["a mount point with dots", { volumes: { "/a/../b": {} } }, /absolute path without dots/],
    ["a mount point in /dev", { volumes: { "/dev/x": {} } }, /outside of \/dev/],
    ["two at one place", { volumes: { "/a": {}, "/a/": {} } }, /only one volume/],
    ["two roots", { volume: {}, volumes: { "/": {} } }, /only one volume/],
  ];
  it.each(wrong)("%s", async (_what, options, message) => {
    const refused = boot(options as BootOptions);
    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.toThrow(message);
  });

  it("seventeen volumes", async () => {
    const volumes = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`/${index}`, {}]));
    await expect(boot({ volumes })).rejects.toThrow(/at most 16 volumes/);
  });

  it("a volume for which the machine has no room, by the call and its errno", async () => {
    const volume = { "/big": new Uint8Array(1 << 20) };
    const refused = boot({ volume, FILE_PAGES: 20, pool: 0 });
    await expect(refused).rejects.toThrow(/the volume at \/ cannot be mounted: write: .*ENOSPC/);
  });
});
