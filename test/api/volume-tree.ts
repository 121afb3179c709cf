/** What a disk has: paths, with permissions and contents, of a link where it leads. */
import * as fs from "node:fs";
import { join } from "node:path";
import type { VolumeFs } from "../../runtime/index.ts";

export function treeOf(path: string, disk = fs as VolumeFs, below = ""): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const name of disk.readdirSync(path) as string[]) {
    const [at, key] = [join(path, name), `${below}/${name}`];
    const stats = disk.lstatSync(at) as fs.Stats;
    const mode = (Number(stats.mode) & 0o7777).toString(8);
    if (stats.isSymbolicLink()) tree[key] = `link ${disk.readlinkSync(at)}`;
    else if (stats.isFile()) tree[key] = `${mode} ${disk.readFileSync(at)}`;
    else Object.assign(tree, { [key]: "directory" }, treeOf(at, disk, key));
  }
  return tree;
}
