/** ipcs and ipcrm as functions over Syscalls. */
export type { SizeUnit } from "./format.ts";
export { type IpcrmResult, type IpcrmTarget, ipcrm } from "./ipcrm.ts";
export { type IpcKind, type IpcsOptions, ipcs, ipcsDetail } from "./ipcs.ts";
export { type Names, numericNames } from "./names.ts";
export type { ExactLimits, IpcsFormat } from "./section.ts";
