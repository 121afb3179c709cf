/** Comlink ships this module's types beside its CommonJS build only. */
declare module "comlink/dist/esm/node-adapter.mjs" {
  import type { Endpoint } from "comlink";
  import type { NodeEndpoint } from "comlink/dist/umd/node-adapter.js";
  export default function nodeEndpoint(port: NodeEndpoint): Endpoint;
}
