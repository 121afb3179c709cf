/** Every portable constant, for `wasm-ipc/abi`. */
export * from "./dirent.ts";
export * from "./epoll.ts";
export * from "./errno.ts";
export * from "./fcntl.ts";
export * from "./ipc.ts";
export * from "./layout.ts";
export * from "./limits.ts";
export * from "./msg.ts";
export * from "./mutex.ts";
export * from "./poll.ts";
export * from "./select.ts";
export * from "./sem.ts";
export * from "./shm.ts";
export * from "./signal.ts";
export * from "./stat.ts";
export * from "./unistd.ts";
export * from "./wait.ts";
