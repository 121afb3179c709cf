/**
 * A static server on 127.0.0.1 with the headers that give a page SharedArrayBuffer. It serves files
 * from memory and from one folder, and hands on what the page POSTs to /report.
 */
import { createReadStream, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, resolve, sep } from "node:path";

/** Without the first two there is no SharedArrayBuffer; the third lets the page embed its workers. */
const ISOLATION_HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".css": "text/css; charset=utf-8",
  ".md": "text/plain; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
};

export interface ServerOptions {
  /** Files in memory by their path, such as "/index.html"; they come before the folder's. */
  files?: ReadonlyMap<string, string | Uint8Array>;
  /** A folder whose files are served. */
  folder?: string;
  /** Headers of every answer; the isolation headers when left out. */
  headers?: Readonly<Record<string, string>>;
  /** Called with the JSON of every POST to /report. */
  onReport?: (report: unknown) => void;
}

export interface Server extends AsyncDisposable {
  /** Such as "http://127.0.0.1:40123", where a page is isolated without https. */
  readonly origin: string;
}

export async function serve(options: ServerOptions): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: Error) => {
      response.writeHead(500).end(error.message);
    });
  });
  await new Promise<void>((done, fail) => {
    server.once("error", fail);
    server.listen(0, "127.0.0.1", done);
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

async function answer(request: IncomingMessage, response: ServerResponse, options: ServerOptions) {
  const path = decodeURIComponent(new URL(request.url ?? "/", "http://host").pathname);
  const headers = { "Cache-Control": "no-store", ...(options.headers ?? ISOLATION_HEADERS) };
  if (request.method === "POST" && path === "/report") {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    response.writeHead(204, headers).end();
    options.onReport?.(JSON.parse(body));
    return;
  }
  const type = TYPES[extname(path)] ?? "application/octet-stream";
  const inMemory = options.files?.get(path);
  if (inMemory !== undefined) {
    response.writeHead(200, { ...headers, "Content-Type": type }).end(inMemory);
    return;
  }
  const file = fileIn(options.folder, path);
  if (file === undefined) {
    response.writeHead(404, headers).end(`no ${path}`);
    return;
  }
  response.writeHead(200, { ...headers, "Content-Type": type });
  createReadStream(file).pipe(response);
}

/** The file that a path names, if it is one and is inside the folder. */
function fileIn(folder: string | undefined, path: string): string | undefined {
  if (folder === undefined) return undefined;
  const file = resolve(folder, `.${path}`);
  if (!file.startsWith(resolve(folder) + sep)) return undefined;
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : undefined;
}
