/**
 * Pipes by one thread, over `Syscalls`: what is written is read at once, so nobody waits. What moves
 * is a private buffer, or memory of the machine, which the kernel copies from and to where it lies.
 */
import { IPC_CREAT, IPC_PRIVATE, IPC_RMID } from "../assembly/abi/ipc.ts";
import type { Syscalls } from "../host/contract.ts";
import { nowNs, type Parties, type Party } from "./party.ts";

const MARK = 0x78;

function turns(sys: Syscalls, n: number, out: Uint8Array, into: Uint8Array): number {
  const [r, w] = sys.pipe();
  out.fill(MARK);
  into.fill(0);
  const start = nowNs();
  for (let i = 0; i < n; i++) {
    sys.write(w, out);
    sys.read(r, into);
  }
  const ns = nowNs() - start;
  sys.close(r);
  sys.close(w);
  if (into[into.length - 1] !== MARK) throw new Error("the bytes did not arrive");
  return ns;
}

/** write() and read() of `size` bytes that belong to the thread alone. */
function ofPrivate(sys: Syscalls, size: number): Party {
  return (n) => turns(sys, n, new Uint8Array(size), new Uint8Array(size));
}

/** The same in a segment of shared memory. */
function ofShared(sys: Syscalls, size: number): Party {
  return (n) => {
    const shmid = sys.shmget(IPC_PRIVATE, 2 * size, IPC_CREAT | 0o600);
    const segment = sys.shmat(shmid);
    try {
      return turns(sys, n, segment.bytes.subarray(0, size), segment.bytes.subarray(size));
    } finally {
      sys.shmdt(segment);
      sys.shmctl(shmid, IPC_RMID);
    }
  };
}

const KIB = 1024;

/** Named as the rows of rows.ts and the parties of bench/native. */
export function pipeParties(sys: Syscalls): Parties {
  return {
    "pipe-64": ofPrivate(sys, 64),
    "pipe-64-shared": ofShared(sys, 64),
    "pipe-4k": ofPrivate(sys, 4 * KIB),
    "pipe-4k-shared": ofShared(sys, 4 * KIB),
    "pipe-64k": ofPrivate(sys, 64 * KIB),
    "pipe-64k-shared": ofShared(sys, 64 * KIB),
  };
}
