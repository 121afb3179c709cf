/**
 * The page of the demo on 127.0.0.1. Two headers isolate it from other origins: without them no
 * browser lets its workers share memory. The third lets isolated pages of this origin embed it.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

const TYPES = { html: "text/html", js: "text/javascript", md: "text/markdown" };

/** tsc leaves a page's HTML where it is. */
const HTML = new URL("../../../demos/01-word-count/index.html", import.meta.url);

/** Every file that the page needs, by its name: three bundles, the HTML and a text. */
export async function pageFiles(text: string): Promise<Map<string, Uint8Array>> {
  const { outputFiles } = await build({
    absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
    entryPoints: ["page.js", "splitter.js", "counter.js"],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    outdir: "/",
    write: false,
  });
  const files = new Map(outputFiles.map(({ path, contents }) => [path.slice(1), contents]));
  files.set("index.html", await readFile(HTML));
  files.set("text.md", await readFile(text));
  return files;
}

export interface PageServer extends AsyncDisposable {
  readonly origin: string;
}

/** Serves the page with the text of a file, until it is disposed of. */
export async function servePage(text: string): Promise<PageServer> {
  const files = await pageFiles(text);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    const name = pathname === "/" ? "index.html" : pathname.slice(1);
    const content = files.get(name);
    if (content === undefined) {
      response.writeHead(404, HEADERS).end();
      return;
    }
    const type = TYPES[name.split(".").at(-1) as keyof typeof TYPES];
    response.writeHead(200, { ...HEADERS, "Content-Type": `${type}; charset=utf-8` }).end(content);
  });
  await new Promise<void>((listening, failed) => {
    server.once("error", failed).listen(0, "127.0.0.1", listening);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}
