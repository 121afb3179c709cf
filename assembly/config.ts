/**
 * Compile-time switches. The debug build passes `--use IPC_DEBUG=1`; the release build drops asserts.
 * Crash: constant.
 */
export const DEBUG: bool = isDefined(IPC_DEBUG);
