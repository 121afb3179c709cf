/** System V shared memory over the kernel: shmget(2), shmop(2), shmctl(2). */
import { IPC_INFO, IPC_SET, IPC_STAT } from "../../assembly/abi/ipc.ts";
import {
  SHM_INFO,
  SHM_REMAP,
  SHM_STAT,
  SHM_STAT_ANY,
  SHMAT_OFFSET,
  SHMAT_SEGSZ,
} from "../../assembly/abi/shm.ts";
import { address, int, intOr0, long, setUpdate } from "../../host/arguments.ts";
import { SegmentAttachment } from "../../host/attachment.ts";
import type { Attachment, ShmCalls } from "../../host/contract.ts";
import { finish } from "../finish.ts";
import type { Thread } from "../thread.ts";
import { readShmInfo, readShmidDs, readShminfo, writeSet } from "../transfer.ts";
import { same, zero } from "./result.ts";

/**
 * Finds the segment of a key, or creates one of `size` zero bytes.
 *
 * @param key IPC_PRIVATE (0) for a new segment, or a number that processes agree on, see ftok()
 * @param size bytes, 1 to SHMMAX for a new segment; at most the size of one that exists
 * @param shmflg IPC_CREAT, IPC_EXCL and nine permission bits
 * @returns the segment's id
 * @throws {SystemError} EACCES the segment exists and denies what the permission bits ask for;
 *   EEXIST IPC_CREAT and IPC_EXCL were given and the key exists; EINVAL `size` is 0, past SHMMAX,
 *   or past the size of the segment that exists; ENOENT the key does not exist and IPC_CREAT was
 *   not given; ENOMEM no room for the segment; ENOSPC SHMMNI ids or SHMALL pages are taken
 * @see shmget(2)
 * @example
 * const shmid = sys.shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0o600);
 */
function shmget(thread: Thread, key: number, size: number, shmflg: number): number {
  const keyInt = int(key, "shmget", "key");
  const bytes = long(size, "shmget", "size");
  const flags = int(shmflg, "shmget", "shmflg");
  const attempt = () => thread.kernel.sys_shmget(keyInt, bytes, flags);
  return finish(thread, "shmget", attempt(), attempt, same);
}

/**
 * Attaches a segment to this process.
 *
 * @param shmaddr the address, a multiple of 4096 unless SHM_RND is given; left out: the kernel's choice
 * @param shmflg SHM_RDONLY, SHM_RND, SHM_REMAP, SHM_EXEC
 * @returns the attachment; `bytes` is the segment itself, without a copy
 * @throws {SystemError} EACCES no permission for this kind of attach; EINVAL there is no such
 *   segment, or the address is not aligned, not in the address space or taken, or SHM_REMAP without
 *   an address; ENOMEM no room in the address space or in the table of attachments
 * @see shmop(2)
 * @example
 * const { bytes } = sys.shmat(shmid);
 * bytes[0] = 1;
 */
function shmat(
  thread: Thread,
  shmid: number,
  shmaddr?: number | null,
  shmflg?: number,
): Attachment {
  const id = int(shmid, "shmat", "shmid");
  const at = address(shmaddr, "shmat", "shmaddr");
  const flags = intOr0(shmflg, "shmat", "shmflg");
  const attempt = () => thread.kernel.sys_shmat(id, at, flags);
  return finish(thread, "shmat", attempt(), attempt, (addr) => {
    const offset = thread.u32[(thread.transfer + SHMAT_OFFSET) >> 2]!;
    const size = thread.u32[(thread.transfer + SHMAT_SEGSZ) >> 2]!;
    if ((flags & SHM_REMAP) !== 0) endCovered(thread, addr, size);
    const attachment = new SegmentAttachment(addr, id, thread.buffer, offset, size);
    thread.attachments.set(addr, attachment);
    return attachment;
  });
}

/** SHM_REMAP took the place of what was attached there. */
function endCovered(thread: Thread, addr: number, size: number): void {
  for (const [start, attachment] of thread.attachments) {
    if (start < addr || start >= addr + size) continue;
    attachment.detached();
    thread.attachments.delete(start);
  }
}

/**
 * Detaches a segment. Its `bytes` throw from now on; a view that the caller kept still aliases the
 * machine's memory and must not be used.
 *
 * @param shmaddr what shmat() returned, or its address
 * @throws {SystemError} EINVAL nothing is attached there
 * @see shmop(2)
 * @example
 * sys.shmdt(attachment);
 */
function shmdt(thread: Thread, shmaddr: number | Attachment): 0 {
  const at = address(shmaddr, "shmdt", "shmaddr");
  const attempt = () => thread.kernel.sys_shmdt(at);
  finish(thread, "shmdt", attempt(), attempt, zero);
  thread.attachments.get(at)?.detached();
  thread.attachments.delete(at);
  return 0;
}

/**
 * Looks at a segment, changes it or removes it.
 *
 * @param shmid the id; for SHM_STAT and SHM_STAT_ANY an index in the kernel's table
 * @param cmd IPC_STAT, IPC_SET, IPC_RMID, IPC_INFO, SHM_INFO, SHM_STAT, SHM_STAT_ANY, SHM_LOCK,
 *   SHM_UNLOCK
 * @param buf for IPC_SET: `{ shm_perm: { uid, gid, mode } }`; what is left out stays
 * @returns 0, or the structure that the command names
 * @throws {SystemError} EACCES IPC_STAT or SHM_STAT without read permission; EINVAL no such
 *   segment, index or command; EPERM IPC_SET or IPC_RMID by another than owner, creator or root
 * @see shmctl(2)
 * @example
 * sys.shmctl(shmid, IPC_RMID);
 */
function shmctl(thread: Thread, shmid: number, cmd: number, buf?: unknown): unknown {
  const id = int(shmid, "shmctl", "shmid");
  const command = int(cmd, "shmctl", "cmd");
  const update = command === IPC_SET ? setUpdate(buf, "shm_perm", "shmctl") : undefined;
  const attempt = () => {
    if (update !== undefined) writeSet(thread, update);
    return thread.kernel.sys_shmctl(id, command);
  };
  return finish(thread, "shmctl", attempt(), attempt, (result) => {
    switch (command) {
      case IPC_STAT:
        return readShmidDs(thread);
      case SHM_STAT:
      case SHM_STAT_ANY:
        return { ...readShmidDs(thread), id: result };
      case IPC_INFO:
        return { ...readShminfo(thread), index: result };
      case SHM_INFO:
        return { ...readShmInfo(thread), index: result };
      default:
        return 0;
    }
  });
}

/** The shared memory calls of one thread. */
export function shmCalls(thread: Thread): ShmCalls {
  return {
    shmget: (key, size, shmflg) => shmget(thread, key, size, shmflg),
    shmat: (shmid, shmaddr, shmflg) => shmat(thread, shmid, shmaddr, shmflg),
    shmdt: (shmaddr) => shmdt(thread, shmaddr),
    shmctl: ((shmid, cmd, buf) => shmctl(thread, shmid, cmd, buf)) as ShmCalls["shmctl"],
  };
}
