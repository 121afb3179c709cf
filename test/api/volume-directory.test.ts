/** A directory of the host as a volume: what comes in, and what is written back. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  boot,
  directory,
  O_DIRECTORY,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  SIGKILL,
} from "../../runtime/index.ts";
import { codeOf, codeOfAsync } from "../unit/runtime-support.ts";
import {
  hostFolder,
  mounted,
  namesIn,
  openWith,
  readFd,
  readText,
  writeText,
} from "./volume-support.ts";

const WRITER = new URL("programs/volume-writer.js", import.meta.url);

describe("directory() at boot", () => {
  it("shows names, types, sizes, modes and times, and reads contents when a file is opened", async () => {
    await using v = await mounted((path) => {
      mkdirSync(join(path, "sub"));
      writeFileSync(join(path, "sub", "file"), "at boot");
      chmodSync(join(path, "sub", "file"), 0o640);
      symlinkSync("sub/file", join(path, "link"));
    });
    const { sys } = v;
    expect(namesIn(sys, "/v")).toEqual(["link", "sub"]);
    const known = sys.stat("/v/sub/file");
    expect([known.st_size, known.st_mode, known.st_blocks]).toEqual([7, 0o100640, 0]);
    expect(known.st_mtime).toBeCloseTo(statSync(v.on("sub/file")).mtimeMs / 1000, 2);
    writeFileSync(v.on("sub/file"), "when opened");
    expect(readText(sys, "/v/link")).toBe("when opened");
    writeFileSync(v.on("sub/file"), "too late");
    expect(readText(sys, "/v/sub/file")).toBe("when opened");
  });

  it("leaves out what the machine cannot have", async () => {
    await using v = await mounted((path) => {
      execFileSync("mkfifo", [join(path, "fifo")]);
      writeFileSync(Buffer.concat([Buffer.from(`${path}/`), Buffer.from([0x66, 0xff])]), "x");
      writeFileSync(join(path, "ünïcode"), "yes");
    });
    expect(namesIn(v.sys, "/v")).toEqual(["ünïcode"]);
    await v.machine.sync();
    expect(readdirSync(v.on()).length).toBe(3);
  });

  it("loads for the asynchronous open() too, and for truncate()", async () => {
    await using v = await mounted((path) => {
      for (const name of ["a", "b", "c"]) writeFileSync(join(path, name), "0123456789");
    });
    const { sys } = v;
    const fd = await sys.async.open("/v/a", O_RDONLY);
    expect(new TextDecoder().decode(readFd(sys, fd))).toBe("0123456789");
    expect(await sys.async.close(fd)).toBe(0);
    sys.truncate("/v/b", 4);
    expect(readText(sys, "/v/b")).toBe("0123");
    sys.truncate("/v/c", 0);
    sys.close(sys.open("/v/a", O_WRONLY | O_TRUNC));
    sys.sync();
    expect(["a", "b", "c"].map((name) => v.text(name))).toEqual(["", "0123", ""]);
  });

  it("fails where there is no directory, and says where", async () => {
    using folder = hostFolder();
    writeFileSync(join(folder.path, "file"), "");
    const at = (name: string) => boot({ volumes: { "/v": directory(join(folder.path, name)) } });
    await expect(at("none")).rejects.toMatchObject({ code: "ENOENT" });
    await expect(at("none")).rejects.toThrow(/the volume at \/v cannot be mounted/);
    expect(await codeOfAsync(at("file"))).toBe("ENOTDIR");
  });

  it("takes a path and nothing else", () => {
    for (const path of ["", 1, null, undefined]) {
      expect(() => directory(path as string)).toThrow(TypeError);
    }
    expect(() => directory("/", { readonly: 1 as unknown as boolean })).toThrow(TypeError);
  });

  it("can be the root, and keeps /tmp and /dev in memory", async () => {
    using folder = hostFolder();
    for (const name of ["tmp", "dev", "proc", "home"]) mkdirSync(join(folder.path, name));
    writeFileSync(join(folder.path, "tmp", "hidden"), "");
    {
      await using machine = await boot({ volume: directory(folder.path), pool: 0 });
      const { sys } = machine;
      expect(namesIn(sys, "/")).toEqual(["dev", "home", "proc", "tmp"]);
      expect(namesIn(sys, "/tmp")).toEqual([]);
      writeText(sys, "/tmp/own", "");
      writeText(sys, "/home/file", "kept");
    }
    expect(readdirSync(join(folder.path, "tmp"))).toEqual(["hidden"]);
    expect(readFileSync(join(folder.path, "home", "file"), "utf8")).toBe("kept");
  });
});

describe("what is written to a directory()", () => {
  it("is on the disk after fsync(), fdatasync(), syncfs() and sync(), and their twins", async () => {
    await using v = await mounted();
    const { sys } = v;
    const fd = openWith(sys, "/v/file", "");
    const calls: (() => unknown)[] = [
      () => sys.fsync(fd),
      () => sys.fdatasync(fd),
      () => sys.syncfs(fd),
      () => sys.sync(),
      () => v.machine.sync(),
      () => sys.async.fsync(fd),
      () => sys.async.fdatasync(fd),
      () => sys.async.syncfs(fd),
      () => sys.async.sync(),
    ];
    let written = "";
    for (const [index, call] of calls.entries()) {
      sys.write(fd, new TextEncoder().encode(String(index)));
      written += index;
      await call();
      expect(v.text("file")).toBe(written);
    }
    sys.close(fd);
  });

  it("is on the disk after the last close() that could write, and not before", async () => {
    await using v = await mounted();
    const { sys } = v;
    const fd = openWith(sys, "/v/file", "text");
    const other = sys.dup(fd);
    sys.chmod("/v/file", 0o604);
    sys.close(fd);
    expect(existsSync(v.on("file"))).toBe(false);
    sys.close(other);
    expect(v.text("file")).toBe("text");
    expect(statSync(v.on("file")).mode & 0o7777).toBe(0o604);
    const again = openWith(sys, "/v/file", "twin");
    await sys.async.close(again);
    expect(v.text("file")).toBe("twin");
  });

  it("is on the disk after shutdown()", async () => {
    using folder = hostFolder();
    const machine = await boot({ volumes: { "/v": directory(folder.path) }, pool: 0 });
    openWith(machine.sys, "/v/file", "open to the end");
    await machine.shutdown();
    expect(readFileSync(join(folder.path, "file"), "utf8")).toBe("open to the end");
  });
});

describe("names of a directory()", () => {
  it("are renamed, linked, removed and made", async () => {
    await using v = await mounted((path) => {
      mkdirSync(join(path, "a/b"), { recursive: true });
      writeFileSync(join(path, "a/b/never-opened"), "only on the disk");
      writeFileSync(join(path, "one"), "1");
      writeFileSync(join(path, "two"), "2");
    });
    const { sys } = v;
    const { ino } = statSync(v.on("a/b/never-opened"));
    sys.mkdir("/v/new", 0o750);
    sys.rename("/v/a/b", "/v/new/b");
    sys.rmdir("/v/a");
    sys.rename("/v/one", "/v/swap");
    sys.rename("/v/two", "/v/one");
    sys.rename("/v/swap", "/v/two");
    sys.link("/v/one", "/v/hard");
    sys.symlink("b/never-opened", "/v/new/link");
    sys.mkfifo("/v/fifo", 0o600);
    const dir = sys.open("/v", O_RDONLY | O_DIRECTORY);
    sys.fsync(dir);
    expect(readdirSync(v.on(), { recursive: true }).sort()).toEqual([
      "hard",
      "new",
      "new/b",
      "new/b/never-opened",
      "new/link",
      "one",
      "two",
    ]);
    expect([v.text("one"), v.text("two"), v.text("hard")]).toEqual(["2", "1", "2"]);
    expect(statSync(v.on("new/b/never-opened")).ino).toBe(ino);
    expect(statSync(v.on("one")).ino).toBe(statSync(v.on("hard")).ino);
    expect(readlinkSync(v.on("new/link"))).toBe("b/never-opened");
    expect(readText(sys, "/v/new/b/never-opened")).toBe("only on the disk");
  });

  it("replace a file in one step, as its program did", async () => {
    await using v = await mounted((path) => writeFileSync(join(path, "file"), "old"));
    const { sys } = v;
    writeText(sys, "/v/file.new", "new");
    const { ino } = statSync(v.on("file.new"));
    sys.rename("/v/file.new", "/v/file");
    sys.sync();
    expect([v.text("file"), statSync(v.on("file")).ino]).toEqual(["new", ino]);
  });

  it("leave a file that is open: fsync() of it, and a new file of its name", async () => {
    await using v = await mounted((path) => writeFileSync(join(path, "file"), "x"));
    const { sys } = v;
    const fd = sys.open("/v/file", O_RDWR);
    sys.unlink("/v/file");
    sys.write(fd, new Uint8Array(10));
    expect(sys.fsync(fd)).toBe(0);
    expect(readdirSync(v.on())).toEqual([]);
    writeText(sys, "/v/file", "another");
    sys.close(fd);
    expect(v.text("file")).toBe("another");
  });
});

describe("a process that writes to a directory()", () => {
  it("may be killed before fsync(), and nothing is lost", async () => {
    await using v = await mounted(undefined, { pool: 1 });
    const child = await v.machine.spawn(WRITER, ["hang", "survives"]);
    for (;;) {
      if (codeOf(() => v.sys.stat("/v/written")) === "none") break;
      await new Promise(setImmediate);
    }
    child.kill(SIGKILL);
    expect((await child.wait()).signal).toBe(SIGKILL);
    await v.machine.sync();
    expect(v.text("written")).toBe("survives");
  });

  it("may fsync() a file with another process", async () => {
    await using v = await mounted(undefined, { pool: 2 });
    const [a, b] = ["a", "b"].map((letter) => letter.repeat(100_000));
    const children = await Promise.all(
      [a, b].map((text) => v.machine.spawn(WRITER, ["fsync", text!.slice(0, 5000)])),
    );
    const ends = await Promise.all(children.map((child) => child.wait()));
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    expect([...v.text("file")].sort().join("")).toBe(a!.slice(0, 5000) + b!.slice(0, 5000));
  });
});
