/**
 * struct ipc_perm for all three System V kinds: permission checks, IPC_SET's part, and copying it
 * out. Guard: the object's lock (semaphore sets) or its table's. See sysvipc(7), capabilities(7).
 * Crash: journalled, part of the caller's transaction.
 */
import { EINVAL, EPERM } from "./abi/errno.ts";
import {
  IPC_KEEP_GID,
  IPC_KEEP_MODE,
  IPC_KEEP_UID,
  IPC_PERM_CGID,
  IPC_PERM_CUID,
  IPC_PERM_GID,
  IPC_PERM_KEEP,
  IPC_PERM_KEY,
  IPC_PERM_MODE,
  IPC_PERM_SEQ,
  IPC_PERM_UID,
  S_IRWXUGO,
  S_IWUGO,
} from "./abi/ipc.ts";
import { IPCMNI } from "./abi/limits.ts";
import { put32 } from "./journal.ts";
import { Proc, proc_current, proc_group } from "./proc.ts";
import { IpcObject, object_id } from "./table.ts";

function proc_in_group(proc: Proc, gid: i32): bool {
  if (proc.egid == gid) return true;
  for (let index = 0; index < proc.groups_count; index++) {
    if (proc_group(proc, index) == gid) return true;
  }
  return false;
}

/**
 * Whether `proc` may have the access in `flags`: permission bits for user, group and others, which
 * are folded together as Linux's ipcperms does. Root (CAP_IPC_OWNER) may do everything.
 */
export function perm_allows(proc: Proc, object: IpcObject, flags: i32): bool {
  const wanted = ((flags >> 6) | (flags >> 3) | flags) & 7;
  let granted = object.mode;
  if (proc.euid == object.uid || proc.euid == object.cuid) granted >>= 6;
  else if (proc_in_group(proc, object.gid) || proc_in_group(proc, object.cgid)) granted >>= 3;
  return (wanted & ~granted & 7) == 0 || proc.euid == 0;
}

/** Whether `proc` may write: the owner's own bit first, which is the common answer. */
export function perm_alters(proc: Proc, object: IpcObject): bool {
  if (proc.euid == object.uid && (object.mode & 0o200) != 0) return true;
  return perm_allows(proc, object, S_IWUGO);
}

/** Fills a free slot's ipc_perm for the current process. */
export function perm_init(object: IpcObject, key: i32, flags: i32): void {
  const proc = proc_current();
  object.key = key;
  object.uid = proc.euid;
  object.cuid = proc.euid;
  object.gid = proc.egid;
  object.cgid = proc.egid;
  object.mode = flags & S_IRWXUGO;
}

/** IPC_SET: owner, group and permission bits from the ipc_perm at `from`. Part of a transaction. */
export function perm_set(object: IpcObject, from: usize): i32 {
  const keep = load<i32>(from, IPC_PERM_KEEP);
  const uid = (keep & IPC_KEEP_UID) != 0 ? object.uid : load<i32>(from, IPC_PERM_UID);
  const gid = (keep & IPC_KEEP_GID) != 0 ? object.gid : load<i32>(from, IPC_PERM_GID);
  // EINVAL: -1 is no valid id, as Linux's make_kuid() decides.
  if (uid == -1 || gid == -1) return -EINVAL;
  const at = changetype<usize>(object);
  put32(at + offsetof<IpcObject>("uid"), uid);
  put32(at + offsetof<IpcObject>("gid"), gid);
  if ((keep & IPC_KEEP_MODE) != 0) return 0;
  const mode = (object.mode & ~S_IRWXUGO) | (load<i32>(from, IPC_PERM_MODE) & S_IRWXUGO);
  put32(at + offsetof<IpcObject>("mode"), mode);
  return 0;
}

/** IPC_SET and IPC_RMID are for the owner, the creator, and CAP_SYS_ADMIN. @returns 0 or -EPERM. */
export function perm_control(object: IpcObject): i32 {
  const euid = proc_current().euid;
  return euid == object.uid || euid == object.cuid || euid == 0 ? 0 : -EPERM;
}

/** Copies the ipc_perm out to `to`. */
export function perm_copy(object: IpcObject, to: usize): void {
  store<i32>(to, object.key, IPC_PERM_KEY);
  store<i32>(to, object.uid, IPC_PERM_UID);
  store<i32>(to, object.gid, IPC_PERM_GID);
  store<i32>(to, object.cuid, IPC_PERM_CUID);
  store<i32>(to, object.cgid, IPC_PERM_CGID);
  store<i32>(to, object.mode, IPC_PERM_MODE);
  store<i32>(to, object_id(object) / IPCMNI, IPC_PERM_SEQ);
}
