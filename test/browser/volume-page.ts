/** Volumes in a page: an object, and a small file system with the methods of node:fs; run by volume.test.ts. */
import {
  boot,
  directory,
  O_CREAT,
  O_RDONLY,
  O_WRONLY,
  type VolumeFs,
} from "../../runtime/index.ts";

type Entry = Uint8Array | null;

/** Files and directories by path, with neither links nor modes. */
class SmallFs implements VolumeFs {
  readonly entries = new Map<string, Entry>([["/", null]]);

  readdirSync(path: string): string[] {
    const start = path === "/" ? "/" : `${path}/`;
    return [...this.entries.keys()]
      .filter((at) => at !== "/" && at.startsWith(start) && !at.slice(start.length).includes("/"))
      .map((at) => at.slice(start.length));
  }

  lstatSync(path: string) {
    const entry = this.entries.get(path);
    const isDirectory = entry === null;
    return {
      isFile: () => !isDirectory,
      isDirectory: () => isDirectory,
      isSymbolicLink: () => false,
      mode: isDirectory ? 0o40755 : 0o100644,
      size: entry?.length ?? 0,
      mtimeMs: 0,
    };
  }

  readFileSync(path: string): Entry {
    return this.entries.get(path) ?? null;
  }

  readlinkSync(path: string): never {
    throw new Error(`there are no links: ${path}`);
  }

  symlinkSync(_target: string, path: string): never {
    return this.readlinkSync(path);
  }

  writeFileSync(path: string, bytes: Uint8Array): void {
    this.entries.set(path, bytes.slice());
  }

  mkdirSync(path: string): void {
    this.entries.set(path, null);
  }

  renameSync(from: string, to: string): void {
    for (const [path, entry] of [...this.entries]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      this.entries.delete(path);
      this.entries.set(to + path.slice(from.length), entry);
    }
  }

  unlinkSync(path: string): void {
    this.entries.delete(path);
  }

  rmdirSync(path: string): void {
    this.entries.delete(path);
  }

  chmodSync(): void {}
  utimesSync(): void {}
}

export async function run() {
  const volume: Record<string, string | null> = { "/a/text": "seed", "/gone": "" };
  const small = new SmallFs();
  small.mkdirSync("/sub");
  small.writeFileSync("/sub/file", new TextEncoder().encode("small"));
  const machine = await boot({ volume, volumes: { "/fs": small }, pool: 1 });
  const { sys } = machine;
  const buffer = new Uint8Array(10);
  const read = (path: string) => {
    const fd = sys.open(path, O_RDONLY);
    const size = sys.read(fd, buffer);
    sys.close(fd);
    return new TextDecoder().decode(buffer.slice(0, size));
  };
  const write = async (path: string, text: string) => {
    const fd = sys.open(path, O_WRONLY | O_CREAT, 0o644);
    sys.write(fd, new TextEncoder().encode(text));
    sys.fsync(fd);
    await sys.async.close(fd);
  };
  const seeded = [read("/a/text"), read("/fs/sub/file")];
  await write("/a/new", "new");
  await write("/fs/sub/file", "SMALL");
  sys.unlink("/gone");
  sys.rename("/fs/sub", "/fs/moved");
  sys.sync();
  await machine.sync();
  const synced = { ...volume };
  await write("/a/last", "last");
  await machine.shutdown();
  const refused = await boot({ volumes: { "/v": directory("/") }, pool: 0 }).catch(String);
  return {
    seeded,
    synced,
    ended: volume,
    small: [...small.entries.keys()],
    moved: new TextDecoder().decode(small.readFileSync("/moved/file") ?? undefined),
    refused,
  };
}
