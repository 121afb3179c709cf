/** What the documents say that can be checked: links, commands, sizes. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const DOCUMENTS = [
  ...readdirSync(ROOT),
  ...readdirSync(join(ROOT, "demos")).map((demo) => `demos/${demo}/README.md`),
].filter((path) => path.endsWith(".md"));

/** As GitHub makes the anchor of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");

describe.each(DOCUMENTS)("%s", (document) => {
  const text = read(document).replace(/^```.*?^```/gms, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);

  it("links to what exists", () => {
    const broken = links
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [path, anchor] = link.split("#") as [string, string?];
        const file = path === "" ? document : join(dirname(document), path);
        if (!existsSync(join(ROOT, file))) return true;
        if (anchor === undefined) return false;
        const headings = [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading!);
        return !headings.map(anchorOf).includes(anchor);
      });
    expect(broken).toEqual([]);
  });

  it("names scripts of package.json and files that exist", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const runs = [...text.matchAll(/npm (?:run )?([a-z]+)/g)].map(([, name]) => name!);
    const known = [...Object.keys(scripts), "ci", "install", "pack"];
    expect(runs.filter((name) => !known.includes(name))).toEqual([]);

    const pattern = /`((?:assembly|bench|demos|host|runtime|scripts|test)\/[\w./-]*)`/g;
    const paths = [...text.matchAll(pattern)].map(([, path]) => path!);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

it("README.md says no less than the kernel's size", () => {
  const [, kib] = /kernel is below (\d+) KiB/.exec(read("README.md")) ?? [];
  expect(statSync(join(ROOT, "build/kernel.wasm")).size).toBeLessThan(Number(kib) * 1024);
});

it("CHANGELOG.md has the version of package.json", () => {
  const { version } = JSON.parse(read("package.json")) as { version: string };
  expect(read("CHANGELOG.md")).toContain(`\n## [${version}] - `);
});

it("SECURITY.md names the package's dependencies", () => {
  const { dependencies } = JSON.parse(read("package.json")) as { dependencies: object };
  const names = Object.keys(dependencies).map((name) => `\`${name}\``);
  expect(read("SECURITY.md")).toContain(`dependencies are ${names.join(" and ")}.`);
});
