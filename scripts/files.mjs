/** Files of the repository as the build steps read and write them. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder, with a slash at the end. */
export const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Every file below a folder of the repository, as paths relative to the repository. */
export async function filesBelow(folder) {
  const absolute = join(ROOT, folder);
  if (!existsSync(absolute)) return [];
  const entries = await readdir(absolute, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .sort();
}

/** Replaces a file in one step, so that whoever reads it meanwhile sees the old or the new one. */
async function replaceFile(path, content) {
  const absolute = join(ROOT, path);
  const draft = `${absolute}.${process.pid}`;
  await mkdir(dirname(absolute), { recursive: true });
  await writeFile(draft, content);
  await rename(draft, absolute);
}

/** Replaces a file if its text differs: an untouched time keeps the steps after this one idle. */
export async function replaceText(path, text) {
  const absolute = join(ROOT, path);
  if (existsSync(absolute) && (await readFile(absolute, "utf8")) === text) return false;
  await replaceFile(path, text);
  return true;
}

/** Whether every output exists and none is older than any of the inputs. */
export async function isFresh(outputs, inputs) {
  if (!outputs.every((path) => existsSync(join(ROOT, path)))) return false;
  const times = (paths) => Promise.all(paths.map(async (p) => (await stat(join(ROOT, p))).mtimeMs));
  return Math.min(...(await times(outputs))) > Math.max(...(await times(inputs)));
}
