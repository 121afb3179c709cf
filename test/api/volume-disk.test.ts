/** Directories of the host that have changed, are full, or may only be read. */
import { execFileSync } from "node:child_process";
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { O_CREAT, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, W_OK } from "../../runtime/index.ts";
import { codeOf, codeOfAsync } from "../unit/runtime-support.ts";
import { hostFolder, mounted, openWith, readText, writeText } from "./volume-support.ts";

describe("a directory() that is not what it was", () => {
  it("refuses a file that was swapped for a symbolic link", async () => {
    await using v = await mounted((path) => {
      for (const name of ["read", "write"]) writeFileSync(join(path, name), "mine");
    });
    using outside = hostFolder();
    const secret = join(outside.path, "secret");
    writeFileSync(secret, "not yours");
    const fd = v.sys.open("/v/write", O_RDWR);
    v.sys.write(fd, new TextEncoder().encode("overwrite"));
    for (const name of ["read", "write"]) {
      rmSync(v.on(name));
      symlinkSync(secret, v.on(name));
    }
    expect(codeOf(() => v.sys.open("/v/read", O_RDONLY))).toBe("ELOOP");
    expect(codeOf(() => v.sys.fsync(fd))).toBe("ELOOP");
    expect(readFileSync(secret, "utf8")).toBe("not yours");
    rmSync(v.on("write"));
    writeFileSync(v.on("write"), "");
    v.sys.fsync(fd);
    expect(v.text("write")).toBe("overwrite");
  });

  it("refuses a directory that was swapped for a symbolic link", async () => {
    await using v = await mounted((path) => {
      mkdirSync(join(path, "sub"));
      writeFileSync(join(path, "sub", "file"), "mine");
    });
    using outside = hostFolder();
    writeFileSync(join(outside.path, "file"), "not yours");
    renameSync(v.on("sub"), v.on("gone"));
    symlinkSync(outside.path, v.on("sub"));
    expect(codeOf(() => v.sys.open("/v/sub/file", O_RDONLY))).toBe("ELOOP");
    expect(codeOf(() => writeText(v.sys, "/v/sub/new", "x"))).toBe("ELOOP");
    expect(readdirSync(outside.path)).toEqual(["file"]);
    rmSync(v.on("sub"));
    renameSync(v.on("gone"), v.on("sub"));
  });

  it("follows no symbolic link of the host, and no dots", async () => {
    using outside = hostFolder();
    await using v = await mounted((path) => {
      symlinkSync(join(outside.path, "new"), join(path, "outside"));
      symlinkSync("/etc/passwd", join(path, "absolute"));
      symlinkSync("../../../../../etc/passwd", join(path, "relative"));
      symlinkSync("/etc", join(path, "dir"));
    });
    const ways = ["absolute", "relative", "dir/passwd", "../../../etc/passwd"];
    for (const way of ways) expect(codeOf(() => v.sys.open(`/v/${way}`, O_RDONLY))).toBe("ENOENT");
    // There is no such directory in the machine.
    expect(codeOf(() => writeText(v.sys, "/v/outside", "x"))).toBe("ENOENT");
    expect(readdirSync(outside.path)).toEqual([]);
    expect(lstatSync(v.on("absolute")).isSymbolicLink()).toBe(true);
  });
});

describe("a directory() that others change", () => {
  it("says EIO for a file that has become a directory, and ENOENT for one that has gone", async () => {
    await using v = await mounted((path) => {
      for (const name of ["dir", "gone"]) writeFileSync(join(path, name), "mine");
    });
    for (const name of ["dir", "gone"]) rmSync(v.on(name));
    mkdirSync(v.on("dir"));
    expect(codeOf(() => v.sys.open("/v/dir", O_RDONLY))).toBe("EIO");
    expect(codeOf(() => v.sys.open("/v/gone", O_RDONLY))).toBe("ENOENT");
    expect(await codeOfAsync(v.sys.async.open("/v/dir", O_RDONLY))).toBe("EIO");
  });

  it("never overwrites what somebody else has made", async () => {
    await using v = await mounted();
    const fd = openWith(v.sys, "/v/file", "ours");
    writeFileSync(v.on("file"), "theirs");
    expect(codeOf(() => v.sys.fsync(fd))).toBe("EEXIST");
    expect(codeOf(() => v.sys.close(fd))).toBe("EEXIST");
    expect(codeOf(() => v.sys.fsync(fd))).toBe("EBADF");
    expect(v.text("file")).toBe("theirs");
    rmSync(v.on("file"));
    v.sys.sync();
    expect(v.text("file")).toBe("ours");
  });

  it("makes of two hard links of the host two files", async () => {
    await using v = await mounted((path) => {
      writeFileSync(join(path, "a"), "same");
      linkSync(join(path, "a"), join(path, "b"));
    });
    const { sys } = v;
    expect([
      sys.stat("/v/a").st_nlink,
      sys.stat("/v/a").st_ino === sys.stat("/v/b").st_ino,
    ]).toEqual([1, false]);
  });
});

describe("a directory() that is full", () => {
  it("says ENOSPC to fsync() and close(), and takes it when there is room", async () => {
    await using v = await mounted((path) => {
      mkdirSync(join(path, "small"));
      // As root; in a user namespace of its own: unshare --user --map-root-user --mount npx vitest ...
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", join(path, "small")]);
    });
    try {
      const { sys } = v;
      const fd = sys.open("/v/small/file", O_WRONLY | O_CREAT, 0o644);
      sys.write(fd, new Uint8Array(200_000));
      expect(codeOf(() => sys.fsync(fd))).toBe("ENOSPC");
      expect(codeOf(() => sys.sync())).toBe("ENOSPC");
      expect(await codeOfAsync(v.machine.sync())).toBe("ENOSPC");
      expect(codeOf(() => sys.close(fd))).toBe("ENOSPC");
      expect(codeOf(() => sys.close(fd))).toBe("EBADF");
      const again = sys.open("/v/small/file", O_WRONLY);
      expect(await codeOfAsync(sys.async.close(again))).toBe("ENOSPC");
      execFileSync("mount", ["-o", "remount,size=1m", v.on("small")]);
      sys.sync();
      expect(statSync(v.on("small/file")).size).toBe(200_000);
    } finally {
      await v.machine.shutdown();
      execFileSync("umount", [v.on("small")]);
    }
  });

  it("says ENOSPC to open() when the machine has no room for the contents", async () => {
    await using v = await mounted(
      (path) => {
        writeFileSync(join(path, "big"), new Uint8Array(1 << 20));
        writeFileSync(join(path, "little"), "fits");
      },
      { FILE_PAGES: 64 },
    );
    expect(codeOf(() => v.sys.open("/v/big", O_RDONLY))).toBe("ENOSPC");
    expect(await codeOfAsync(v.sys.async.open("/v/big", O_RDONLY))).toBe("ENOSPC");
    expect(readText(v.sys, "/v/little")).toBe("fits");
    expect(v.sys.stat("/v/big").st_size).toBe(1 << 20);
    // Only the names are needed for these.
    v.sys.rename("/v/big", "/v/moved");
    v.sys.sync();
    expect(statSync(v.on("moved")).size).toBe(1 << 20);
  });
});

describe("a directory() that may only be read", () => {
  it("says EROFS to whatever would change it", async () => {
    await using v = await mounted(
      (path) => {
        mkdirSync(join(path, "sub"));
        writeFileSync(join(path, "file"), "as it was");
      },
      { readonly: true },
    );
    const { sys } = v;
    expect(readText(sys, "/v/file")).toBe("as it was");
    const fd = sys.open("/v/file", O_RDONLY);
    const calls: (() => unknown)[] = [
      () => sys.open("/v/file", O_WRONLY),
      () => sys.open("/v/file", O_RDONLY | O_TRUNC),
      () => sys.open("/v/new", O_WRONLY | O_CREAT, 0o644),
      () => sys.truncate("/v/file", 1),
      () => sys.mkdir("/v/new", 0o755),
      () => sys.mkfifo("/v/new", 0o644),
      () => sys.symlink("x", "/v/new"),
      () => sys.link("/v/file", "/v/new"),
      () => sys.unlink("/v/file"),
      () => sys.rmdir("/v/sub"),
      () => sys.rename("/v/file", "/v/new"),
      () => sys.chmod("/v/file", 0o600),
      () => sys.fchmod(fd, 0o600),
      () => sys.chown("/v/file", 1, 1),
      () => sys.utimensat(-100, "/v/file", null),
      () => sys.access("/v/file", W_OK),
    ];
    for (const call of calls) expect([String(call), codeOf(call)]).toEqual([String(call), "EROFS"]);
    expect([sys.fsync(fd), sys.syncfs(fd), sys.sync(), sys.close(fd)]).toEqual([0, 0, 0, 0]);
    await v.machine.sync();
    expect([readdirSync(v.on()).sort(), v.text("file")]).toEqual([["file", "sub"], "as it was"]);
  });
});
