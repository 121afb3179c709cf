/**
 * The two worker entries, each bundled for Node and for a page, and the programs of /bin that workers
 * run, bundled once: as text in runtime/generated, so that no bundler of a user has to find a worker
 * file (esbuild emits nothing for `new URL("./worker.js", import.meta.url)`), and as files in
 * build/workers for a page whose Content-Security-Policy forbids code from a Blob. The programs are a
 * module of their own, which a bundler can leave out of what a page loads first.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { ROOT, replaceText } from "./files.mjs";

const WORKERS = {
  worker: "runtime/process/worker.ts",
  supervisor: "runtime/process/supervisor.ts",
};
const PROGRAMS = "runtime/bin/index.ts";

/** Node starts and evaluates text that is CommonJS; a page imports a module from a Blob. */
const PLATFORMS = {
  node: {
    extension: "node.cjs",
    options: { platform: "node", format: "cjs", target: "node20.19" },
  },
  browser: {
    extension: "browser.js",
    options: {
      platform: "browser",
      format: "esm",
      target: ["chrome111", "firefox128", "safari17"],
    },
  },
};

/** A script that both platforms evaluate, whose value is in `programs`: it needs nothing of either. */
const NEUTRAL = {
  options: { platform: "neutral", format: "iife", globalName: "programs", target: "es2023" },
};

async function bundle(entry, platform, { options } = PLATFORMS[platform]) {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    outfile: "worker.js",
    // package.json's `imports` name what tsc makes; the bundles come first, so from the sources.
    alias: platform === "neutral" ? {} : { "#host": `./host/${platform}.ts` },
    // Names stay whole: a stack trace from a worker should read like the source.
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: "warning",
    ...options,
  });
  check(result.metafile, entry, platform);
  return result.outputFiles[0].text;
}

/** A worker is given the compiled kernel by message, and must run where its platform says. */
function check(metafile, entry, platform) {
  for (const path of Object.keys(metafile.inputs)) {
    if (path.startsWith("runtime/generated/")) {
      throw new Error(`${entry} (${platform}): reaches ${path}, which would embed it once more`);
    }
  }
  for (const { imports } of Object.values(metafile.outputs)) {
    for (const { path, external } of imports) {
      if (platform !== "node" || (external && !path.startsWith("node:"))) {
        throw new Error(`${entry} (${platform}): imports ${path} at run time`);
      }
    }
  }
}

export async function buildWorkers() {
  const sizes = [];
  for (const [platform, { extension }] of Object.entries(PLATFORMS)) {
    const texts = {};
    for (const [name, entry] of Object.entries(WORKERS)) {
      texts[name] = await bundle(entry, platform);
      await replaceText(join("build/workers", `${name}.${extension}`), texts[name]);
      sizes.push(`${name}.${extension} ${texts[name].length}`);
    }
    await generate(`workers-${platform}`, texts);
  }
  const programs = `${await bundle(PROGRAMS, "neutral", NEUTRAL)}${await notice("unbash")}`;
  await replaceText("build/workers/programs.js", `${programs}export default programs;\n`);
  await generate("programs", { programs });
  sizes.push(`programs.js ${programs.length}`);
  return sizes.join(", ");
}

/** The licence of a library that is in a bundle, which wants to go with every copy. */
async function notice(library) {
  const text = await readFile(join(ROOT, "node_modules", library, "LICENSE"), "utf8");
  return `/*! ${library}: ${text.trim()} */\n`;
}

/** A module of runtime/generated, whose exports are these texts. */
async function generate(file, texts) {
  let module = "/** Made by scripts/build-workers.mjs: code, bundled. */\n";
  for (const [name, code] of Object.entries(texts)) {
    module += `export const ${name.toUpperCase()}: string =\n  ${JSON.stringify(code)};\n`;
  }
  await replaceText(`runtime/generated/${file}.ts`, module);
}
