/** /etc/services of a new machine. */
import { expect, it } from "vitest";
import { boot, O_CREAT, O_RDONLY, O_WRONLY, type Syscalls } from "../../runtime/index.ts";
import { codeOf } from "./runtime-support.ts";

const FILE = "/etc/services";

function textOf(sys: Syscalls): string {
  const fd = sys.open(FILE, O_RDONLY);
  const bytes = new Uint8Array(8192);
  const size = sys.read(fd, bytes);
  sys.close(fd);
  return new TextDecoder().decode(bytes.subarray(0, size));
}

it("/etc/services has one service a line, in the format of services(5)", async () => {
  await using machine = await boot({ pool: 1 });
  const text = textOf(machine.sys);
  expect(text.length).toBe(machine.sys.stat(FILE).st_size);
  const lines = text.split("\n");
  expect(lines.pop()).toBe("");
  const services = lines.filter((line) => !line.startsWith("#"));
  for (const line of services) expect(line).toMatch(/^[a-z0-9-]+\t\d+\/(tcp|udp)(\t[a-z0-9 -]+)?$/);
  const keys = services.map((line) => line.split("\t").slice(0, 2).join(" "));
  expect(new Set(keys).size).toBe(keys.length);
  const known = ["echo 7/tcp", "domain 53/udp", "http 80/tcp", "ntp 123/udp", "https 443/tcp"];
  expect(keys).toEqual(expect.arrayContaining(known));
});

it("/etc/services is root's, whoever boots, and others may only read it", async () => {
  await using machine = await boot({ pool: 1, uid: 1000, gid: 1000 });
  const { sys } = machine;
  const { st_mode, st_uid, st_gid, st_nlink } = sys.stat(FILE);
  expect([st_mode, st_uid, st_gid, st_nlink]).toEqual([0o100644, 0, 0, 1]);
  expect(sys.stat("/etc").st_mode).toBe(0o40755);
  expect(textOf(sys)).toContain("http\t80/tcp");
  expect(codeOf(() => sys.open(FILE, O_WRONLY))).toBe("EACCES");
  expect(codeOf(() => sys.open("/etc/hosts", O_WRONLY | O_CREAT, 0o644))).toBe("EACCES");
});

it("/etc/services fits into the smallest machine, and root may replace it", async () => {
  await using machine = await boot({ pool: 1, INODES: 16, FILE_PAGES: 16, uid: 0, gid: 0 });
  const { sys } = machine;
  expect(textOf(sys)).toContain("http\t80/tcp");
  sys.unlink(FILE);
  expect(codeOf(() => sys.stat(FILE))).toBe("ENOENT");
});
