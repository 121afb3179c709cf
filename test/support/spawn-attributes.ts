/** The structure of sys_spawn(), as the tests that enter the kernel themselves write it. */
import * as abi from "../../assembly/abi/spawn.ts";

export interface KernelAttributes {
  uid?: number;
  gid?: number;
  groups?: readonly number[];
  /** The child's descriptor and the parent's, by turns. */
  pairs?: readonly number[];
  umask?: number;
  /** Bytes of a second path that stands in the transfer area. */
  cwd?: number;
  pgroup?: number;
  session?: boolean;
  sigmask?: number;
  sigdefault?: number;
}

/** Writes them into the transfer area at `transfer`. @returns the flags of those that are given */
export function writeAttributes(
  i32: Int32Array,
  transfer: number,
  attributes: KernelAttributes,
): number {
  const { groups = [], pairs = [] } = attributes;
  const fields: readonly (readonly [number, number, number | undefined])[] = [
    [abi.SPAWN_SETUID, abi.SPAWN_UID, attributes.uid],
    [abi.SPAWN_SETGID, abi.SPAWN_GID, attributes.gid],
    [abi.SPAWN_SETGROUPS, abi.SPAWN_GROUPS, attributes.groups?.length],
    [abi.SPAWN_SETFDS, abi.SPAWN_FDS, attributes.pairs && pairs.length / 2],
    [abi.SPAWN_SETUMASK, abi.SPAWN_UMASK, attributes.umask],
    [abi.SPAWN_SETCWD, abi.SPAWN_CWD, attributes.cwd],
    [abi.SPAWN_SETPGROUP, abi.SPAWN_PGROUP, attributes.pgroup],
    [abi.SPAWN_SETSIGMASK, abi.SPAWN_SIGMASK, attributes.sigmask],
    [abi.SPAWN_SETSIGDEF, abi.SPAWN_SIGDEF, attributes.sigdefault],
  ];
  let flags = attributes.session === true ? abi.SPAWN_SETSID : 0;
  for (const [flag, field, value] of fields) {
    if (value === undefined) continue;
    flags |= flag;
    i32[(transfer + field) >> 2] = value;
  }
  i32.set([...groups, ...pairs], (transfer + abi.SPAWN_SIZE) >> 2);
  return flags;
}
