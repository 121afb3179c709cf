/** shmget(2), shmat(2), shmdt(2), shmctl(2) of the running kernel. */
import { IPC_INFO, IPC_SET, IPC_STAT } from "../../assembly/abi/ipc.ts";
import { SHM_INFO, SHM_STAT, SHM_STAT_ANY } from "../../assembly/abi/shm.ts";
import { address, int, intOr0, long, setUpdate } from "../arguments.ts";
import type { Attachment, ShmCalls } from "../contract.ts";
import { AddressSpace } from "./arena.ts";
import { putPerm, Struct, shmInfo, shmidDs, shminfo } from "./layout.ts";
import type { Libc } from "./libc.ts";
import { checked, statAny } from "./table.ts";

export function shmCalls(libc: Libc): ShmCalls {
  const space = new AddressSpace(libc);
  const stat = (id: number, cmd: number, s: Struct) => libc.shmctl(id, cmd, s.bytes);

  function shmget(key: number, size: number, shmflg: number): number {
    const args = [
      int(key, "shmget", "key"),
      long(size, "shmget", "size"),
      int(shmflg, "shmget", "shmflg"),
    ] as const;
    return checked(libc.shmget(...args), "shmget");
  }

  /** The view's size comes from IPC_STAT, which asks for no more permission than shmat() does. */
  function shmat(shmid: number, shmaddr?: number | null, shmflg?: number): Attachment {
    const id = int(shmid, "shmat", "shmid");
    const addr = address(shmaddr, "shmat", "shmaddr");
    const flags = intOr0(shmflg, "shmat", "shmflg");
    const s = new Struct();
    const status = libc.shmctl(id, IPC_STAT, s.bytes);
    if (status < 0) checked(status, "shmat");
    return space.attach(id, shmidDs(s).shm_segsz, addr, flags);
  }

  function shmdt(shmaddr: number | Attachment): 0 {
    space.detach(address(shmaddr, "shmdt", "shmaddr"));
    return 0;
  }

  function shmctl(shmid: number, cmd: number, buf?: unknown): unknown {
    const id = int(shmid, "shmctl", "shmid");
    const command = int(cmd, "shmctl", "cmd");
    if (command === IPC_SET) {
      const update = setUpdate(buf, "shm_perm", "shmctl");
      const s = statAny(id, "shmctl", SHM_STAT_ANY, stat);
      putPerm(s, update);
      return checked(libc.shmctl(id, IPC_SET, s.bytes), "shmctl");
    }
    const s = new Struct();
    const result = checked(libc.shmctl(id, command, s.bytes), "shmctl");
    if (command === IPC_STAT) return shmidDs(s);
    if (command === SHM_STAT || command === SHM_STAT_ANY) return { ...shmidDs(s), id: result };
    if (command === IPC_INFO) return { ...shminfo(s), index: result };
    if (command === SHM_INFO) return { ...shmInfo(s), index: result };
    return result; // IPC_RMID, SHM_LOCK, SHM_UNLOCK
  }

  return { shmget, shmat, shmdt, shmctl: shmctl as ShmCalls["shmctl"] };
}
