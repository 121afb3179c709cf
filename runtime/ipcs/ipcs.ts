/**
 * ipcs(): the System V objects of whatever `Syscalls` it is given, as text in the format of
 * util-linux's ipcs(1). It runs in a program, in a page and in the command line alike.
 */
import { PAGE_SIZE } from "../../assembly/abi/limits.ts";
import type { Syscalls } from "../../host/contract.ts";
import type { SizeUnit } from "./format.ts";
import { msgSection } from "./msg-section.ts";
import { type Names, numericNames } from "./names.ts";
import type { ExactLimits, IpcsFormat, Section, SectionStyle } from "./section.ts";
import { semSection } from "./sem-section.ts";
import { shmSection } from "./shm-section.ts";

/** The three kinds of System V objects. */
export type IpcKind = "shm" | "sem" | "msg";

/** All of them, as `ipcrm --all` goes through them. */
export const IPC_KINDS: readonly IpcKind[] = ["shm", "sem", "msg"];

export function isIpcKind(text: string): text is IpcKind {
  return (IPC_KINDS as readonly string[]).includes(text);
}

/** What ipcs() shows and how. */
export interface IpcsOptions {
  /** All three when left out. They are shown in util-linux's order, whatever the order here. */
  kinds?: readonly IpcKind[];
  /** "default" (what `ipcs -a` shows) when left out. */
  format?: IpcsFormat;
  /** "default" when left out. */
  unit?: SizeUnit;
  /** Names of users and groups; numbers when left out. */
  names?: Names;
  /** In place of what IPC_INFO tells of shared memory, for a kernel with limits past 2^53. */
  limits?: ExactLimits;
  /** Bytes of one page, in which SHMALL counts; 4096 when left out. */
  pageSize?: number;
}

const SECTIONS: Readonly<Record<IpcKind, Section>> = {
  msg: msgSection,
  shm: shmSection,
  sem: semSection,
};
const KINDS = Object.keys(SECTIONS) as IpcKind[];

function styleOf(options: IpcsOptions): SectionStyle {
  return {
    format: options.format ?? "default",
    unit: options.unit ?? "default",
    names: options.names ?? numericNames,
    limits: options.limits,
    pageSize: options.pageSize ?? PAGE_SIZE,
  };
}

/**
 * Lists System V objects as ipcs(1) does.
 * @returns the text, with a newline at the end.
 * @throws {SystemError} what `sys` throws; objects that the caller may not read are listed too.
 * @see ipcs(1)
 * @example
 * ```ts
 * ipcs(sys, { kinds: ["sem"], format: "summary" }).split("\n")[2]; // => "used arrays = 0"
 * ```
 */
export function ipcs(sys: Syscalls, options: IpcsOptions = {}): string {
  const style = styleOf(options);
  const wanted = KINDS.filter((kind) => options.kinds?.includes(kind) ?? true);
  return `\n${wanted.map((kind) => `${SECTIONS[kind].list(sys, style)}\n`).join("")}`;
}

/**
 * Describes one object as `ipcs -i ID` does.
 * @returns the text; undefined when there is no object of that kind with that id.
 * @throws {SystemError} EACCES: a semaphore set that the caller may not read.
 * @see ipcs(1)
 * @example
 * ```ts
 * ipcsDetail(sys, "shm", 12345); // => undefined
 * ```
 */
export function ipcsDetail(
  sys: Syscalls,
  kind: IpcKind,
  id: number,
  options: IpcsOptions = {},
): string | undefined {
  return SECTIONS[kind].detail(sys, id, styleOf(options));
}
