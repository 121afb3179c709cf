/** What the three kinds of System V objects have in common when `ipcs` lists them. */
import { EIDRM, EINVAL } from "../../assembly/abi/errno.ts";
import type { IpcPerm, Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import { columns, left, permsText, type SizeUnit } from "./format.ts";
import { groupText, type Names, userText } from "./names.ts";

/** What is shown of each object, or of all of one kind: the output options of ipcs(1). */
export type IpcsFormat = "default" | "time" | "pid" | "creator" | "limits" | "summary";

/** Limits past 2^53, which `Syscalls` can only round. */
export interface ExactLimits {
  shmmax: bigint;
  shmall: bigint;
}

/** How a section is printed. */
export interface SectionStyle {
  readonly format: IpcsFormat;
  readonly unit: SizeUnit;
  readonly names: Names;
  readonly limits: ExactLimits | undefined;
  readonly pageSize: number;
}

/** One kind of objects: `list` prints all of them, `detail` one. */
export interface Section {
  list(sys: Syscalls, style: SectionStyle): string;
  /** @returns undefined when there is no object with that id. */
  detail(sys: Syscalls, id: number, style: SectionStyle): string | undefined;
}

/** A *_STAT call fails so at an unused index, and for an object removed at that moment. */
const UNUSED: readonly number[] = [EINVAL, EIDRM];

/**
 * What a *_STAT call returns for every index in use from 0 to the highest one that *_INFO told.
 * @param skipped - the errnos of an index to pass over.
 */
export function statAll<T>(
  highest: number,
  stat: (index: number) => T,
  skipped: readonly number[] = UNUSED,
): T[] {
  const found: T[] = [];
  for (let index = 0; index <= highest; index++) {
    try {
      found.push(stat(index));
    } catch (error) {
      if (!(error instanceof SystemError && skipped.includes(error.errno))) throw error;
    }
  }
  return found;
}

/** Prints every object between a heading and the blank line that `ipcs` ends a section with. */
export function table<T>(heading: string, head: string, objects: T[], row: (o: T) => string) {
  return `------ ${heading} --------\n${head}${objects.map(row).join("")}`;
}

/** The owner's column, `%-10.10s`. */
export function ownerColumn(style: SectionStyle, perm: IpcPerm): string {
  return left(userText(style.names, perm.uid), 10, 10);
}

/** The head of every "Creators/Owners" table. */
export function creatorHead(idName: string): string {
  return columns([idName, "perms", "cuid", "cgid", "uid", "gid"].map((name) => [name, 10]));
}

/** A row of one; names are not cut here. */
export function creatorRow(style: SectionStyle, id: number, perm: IpcPerm): string {
  const { names } = style;
  return columns([
    [id, 10],
    [permsText(perm.mode), 10],
    [userText(names, perm.cuid), 10],
    [groupText(names, perm.cgid), 10],
    [userText(names, perm.uid), 10],
    [groupText(names, perm.gid), 10],
  ]);
}

/** "uid=0", "gid=0", "cuid=0", "cgid=0", joined as each kind joins them. */
export function ownersText(perm: IpcPerm, separator: string): string {
  const owners = { uid: perm.uid, gid: perm.gid, cuid: perm.cuid, cgid: perm.cgid };
  return Object.entries(owners)
    .map(([name, value]) => `${name}=${value >>> 0}`)
    .join(separator);
}
