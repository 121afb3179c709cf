/** Every portable constant, for `wasm-ipc/abi`. */
export * from "./errno.ts";
export * from "./ipc.ts";
export * from "./layout.ts";
export * from "./limits.ts";
export * from "./msg.ts";
export * from "./mutex.ts";
export * from "./sem.ts";
export * from "./shm.ts";
export * from "./signal.ts";
export * from "./wait.ts";
