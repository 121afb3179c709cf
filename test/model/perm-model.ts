/** struct ipc_perm as sysvipc(7) and credentials(7) say, in plain TypeScript. */
import type { Credentials } from "../support/machine.ts";
import type { Perm } from "../support/machine-structs.ts";

export const READ = 0o444;
export const WRITE = 0o222;

function inGroup(who: Credentials, gid: number): boolean {
  return who.gid === gid || (who.groups ?? []).includes(gid);
}

/** Whether `who` is granted the access in the low nine bits of `flags`, whichever class they name. */
export function permits(who: Credentials, perm: Perm, flags: number): boolean {
  if (who.uid === 0) return true;
  const wanted = (flags | (flags >> 3) | (flags >> 6)) & 0o7;
  let shift = 0;
  if (who.uid === perm.uid || who.uid === perm.cuid) shift = 6;
  else if (inGroup(who, perm.gid) || inGroup(who, perm.cgid)) shift = 3;
  return (wanted & ~(perm.mode >> shift)) === 0;
}

/** Whether `who` may IPC_SET and IPC_RMID. */
export function owns(who: Credentials, perm: Perm): boolean {
  return who.uid === 0 || who.uid === perm.uid || who.uid === perm.cuid;
}

export function newPerm(who: Credentials, key: number, flags: number): Perm {
  const { uid, gid } = who;
  return { key, uid, gid, cuid: uid, cgid: gid, mode: flags & 0o777 };
}
